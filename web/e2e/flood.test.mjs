// Responsiveness and memory while a service floods the page, for FLOOD_SECONDS.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportAll } from "./files.mjs";
import { openUntracedPage } from "./engines/engines.mjs";
import { listen, openPage, startGateway } from "./harness.mjs";

const RATE = 20_000;
const SECONDS = Number(process.env.FLOOD_SECONDS ?? 3);
const TOTAL = RATE * SECONDS;
const CAP = 100_000;

async function startFlood(t) {
  const script = fileURLToPath(new URL("flood-server.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, RATE, SECONDS], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const [port] = await once(child.stdout, "data");
  return `127.0.0.1:${String(port).trim()}`;
}

/** Keeps the page's program at hand, to measure its memory. */
const prepare = (page) =>
  page.addInitScript(() => {
    addEventListener("TrunkApplicationStarted", ({ detail }) => (window.program = detail.wasm));
  });

/** Clicks a button; resolves to the time until its label changes, in milliseconds. */
async function timeClick(button) {
  const start = performance.now();
  const before = button.textContent;
  button.click();
  while (button.textContent === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}

/** Records the longest task, and counts frames, from now on. */
function observe() {
  [window.longest, window.frameCount] = [0, 0];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.longest = Math.max(window.longest, duration);
    }
  }).observe({ entryTypes: ["longtask"] });
  const count = () => {
    window.frameCount += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
}

/** What the browser counts of the page's main thread, in seconds. */
async function mainThread(cdp) {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** The parts of the main thread's time between two counts, in percent. */
function shares(before, after) {
  const seconds = after.Timestamp - before.Timestamp;
  const parts = ["Task", "Script", "Layout", "RecalcStyle"];
  const share = (part) => (100 * (after[`${part}Duration`] - before[`${part}Duration`])) / seconds;
  return parts.map((part) => `${part} ${share(part).toFixed()} %`).join(", ");
}

test("a flood below the cap loses no message, and the page stays responsive", { timeout: 300_000 }, async (t) => {
  const gateway = await startGateway(t, { more: ["--upstream", await startFlood(t)] });
  const parts = await openPage(t, { gateway, prepare });
  const { page, button, choice, message, messages, statistics } = parts;
  // Long enough for a busy machine.
  page.setDefaultTimeout(120_000);
  await choice("Keep").selectOption("100,000 messages");
  const memory = () =>
    page.evaluate(() => ({
      heap: performance.memory.usedJSHeapSize >> 20,
      wasm: window.program.memory.buffer.byteLength >> 20,
    }));
  const before = await memory();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  await message.fill("go");
  await page.evaluate(observe);
  const begin = await mainThread(cdp);
  await message.press("Enter");
  await messages.getByRole("option").nth(9).waitFor();

  const clickTimes = [];
  for (const name of ["Pause", "Resume"]) {
    clickTimes.push(await page.evaluate(timeClick, await button(name).elementHandle()));
  }
  await statistics.getByText(`${TOTAL.toLocaleString("en")} · `).waitFor();
  const end = await mainThread(cdp);
  const { longest, frames } = await page.evaluate(() => ({ longest: window.longest, frames: window.frameCount }));
  const took = end.Timestamp - begin.Timestamp;
  const after = await memory();
  t.diagnostic(`${SECONDS} s: longest task ${longest.toFixed()} ms (0: none over 50)`);
  t.diagnostic(`${(TOTAL / took).toFixed()} messages/s, ${(frames / took).toFixed()} frames/s`);
  t.diagnostic(`main thread: ${shares(begin, end)}`);
  t.diagnostic(`JavaScript heap ${before.heap} MiB before, ${after.heap} MiB after`);
  t.diagnostic(`WebAssembly memory ${before.wasm} MiB before, ${after.wasm} MiB after`);
  const slowest = Math.max(...clickTimes);
  t.diagnostic(`Pause and Resume took at most ${slowest.toFixed()} ms`);

  // The page's own "go" is the first row.
  const kept = Math.min(TOTAL + 1, CAP);
  const lines = (await exportAll(parts, "Text")).trimEnd().split("\n");
  const numbers = lines.slice(-Math.min(TOTAL, CAP)).map((line) => Number(line.split(" ").at(-1)));
  assert.equal(lines.length, kept);
  assert.ok(numbers.every((number, at) => number === TOTAL - numbers.length + at));
  assert.ok(after.heap < 64 && after.wasm < 64, "memory is bounded");
  // A generous limit, for busy machines; the diagnostics above have the measured times.
  assert.ok(slowest < 5000, `a button took ${slowest} ms`);
  assert.ok(frames / took > 5, `${frames} frames in ${took} s`);
});

test("a flood arrives at its rate, and the page draws meanwhile", { timeout: 300_000 }, async (t) => {
  const gateway = await startGateway(t, { more: ["--upstream", await startFlood(t)] });
  const { evaluate, until, insertText, pressEnter } = await openUntracedPage(t, gateway.page);
  await until(() => document.querySelector(".status.open") !== null);
  await evaluate(() => document.querySelector(".composer textarea").focus());
  await insertText("go");
  await evaluate(observe);
  const begin = await evaluate(() => performance.now());
  await pressEnter();
  const isReceived = (total) => document.querySelectorAll(".stats dd")[1].textContent.startsWith(`${total} `);
  const end = await until(isReceived, TOTAL.toLocaleString("en"));
  const { longest, frames } = await evaluate(() => ({ longest: window.longest, frames: window.frameCount }));
  const took = (end - begin) / 1000;
  const rates = `${(TOTAL / took).toFixed()} messages/s, ${(frames / took).toFixed()} frames/s`;
  t.diagnostic(`${rates}, longest task ${longest.toFixed()} ms (0: none over 50)`);
  // A generous limit, for busy machines; the diagnostics have the measured rates.
  assert.ok(took < 10 * SECONDS, `${took} s for ${SECONDS} s of messages`);
  assert.ok(frames / took > 5, `${frames} frames in ${took} s`);
});

/** Frames of the service, more than a log keeps. */
const FRAMES = 400;
const FRAME_BYTES = 256 * 1024;

function longFrame(number) {
  const frame = Buffer.alloc(4 + FRAME_BYTES, "x");
  frame.writeUInt32LE(FRAME_BYTES);
  frame.write(`${number} `, 4);
  return frame;
}

test("a stalled page without a session keeps what its log does, and tells what it dropped", { timeout: 300_000 }, async (t) => {
  let written = 0;
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  const server = createServer((client) => {
    t.after(() => client.destroy());
    client.on("error", () => {}).once("data", async () => {
      for (; written < FRAMES && !client.destroyed; written += 1) {
        if (!client.write(longFrame(written))) await once(client, "drain");
      }
      finish();
    });
  });
  const port = await listen(t, server);
  const upstream = ["--upstream", `127.0.0.1:${port}`, "--resume-timeout", "0"];
  const parts = await openPage(t, { gateway: await startGateway(t, { more: upstream }), prepare });
  const { page, message, messages, statistics } = parts;
  page.setDefaultTimeout(120_000);
  // A request that the page waits for stalls it until the service has written all.
  await page.route("**/stall", async (route) => {
    await done;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.fulfill({ status: 200 });
  });
  await message.fill("go");
  await message.press("Enter");
  await page.evaluate(() => {
    const request = new XMLHttpRequest();
    request.open("GET", "stall", false);
    request.send();
  });
  await messages.getByText(`${FRAMES - 1} xxx`).first().waitFor();
  const number = (text) => Number(text.replaceAll(",", "").split(" ")[0]);
  const received = number(await statistics.locator("dd").nth(1).innerText());
  const notKept = statistics.locator("div", { has: page.getByText("not kept", { exact: true }) });
  const dropped = number(await notKept.locator("dd").innerText());
  t.diagnostic(`${received} messages taken, ${dropped} not kept`);
  assert.equal(received + dropped, FRAMES, "each is counted once");
  const wasm = await page.evaluate(() => window.program.memory.buffer.byteLength >> 20);
  t.diagnostic(`WebAssembly memory ${wasm} MiB`);
  assert.ok(wasm < 256, "memory is bounded");
});
