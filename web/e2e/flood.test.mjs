// Responsiveness and memory while a service floods the page, for FLOOD_SECONDS.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportAll } from "./files.mjs";
import { openPage, startGateway } from "./harness.mjs";

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

/** Clicks a button; resolves to the time until its label changes, in milliseconds. */
async function timeClick(button) {
  const start = performance.now();
  const before = button.textContent;
  button.click();
  while (button.textContent === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}

const TRACED = ["disabled-by-default-devtools.timeline"];

/** The traced part of the flood: a second of trace takes a hundred megabytes. */
const TRACED_MS = 1500;

/** Records the longest task from now on. */
function recordLongestTask() {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.longest = Math.max(window.longest, duration);
    }
  }).observe({ entryTypes: ["longtask"] });
}

/** Summarises the browser's trace: tasks of the page's main thread, and frames. */
function readTrace(buffer) {
  const { traceEvents } = JSON.parse(buffer);
  const named = (name) => traceEvents.filter((event) => event.name === name);
  const thread = ({ pid, tid }) => `${pid} ${tid}`;
  const main = named("thread_name").filter(({ args }) => args.name === "CrRendererMain").map(thread);
  const tasks = named("RunTask").filter((event) => main.includes(thread(event)));
  const durations = tasks.map(({ dur = 0 }) => dur / 1000);
  const times = tasks.map(({ ts }) => ts);
  const seconds = (times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b))) / 1e6;
  return {
    longest: durations.reduce((a, b) => Math.max(a, b)),
    long: durations.filter((ms) => ms > 50).length,
    busy: durations.reduce((a, b) => a + b) / seconds / 10,
    rate: named("Commit").length / seconds,
  };
}

test("a flood below the cap loses no message, and the page stays responsive", { timeout: 300_000 }, async (t) => {
  const gateway = await startGateway(t, { more: ["--upstream", await startFlood(t)] });
  const prepare = (page) =>
    page.addInitScript(() => {
      addEventListener("TrunkApplicationStarted", ({ detail }) => (window.program = detail.wasm));
    });
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
  await page.evaluate(recordLongestTask);
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: TRACED });
  await message.fill("go");
  await message.press("Enter");
  await page.waitForTimeout(TRACED_MS);
  const trace = readTrace(await browser.stopTracing());
  await messages.getByRole("option").nth(9).waitFor();

  const clickTimes = [];
  for (const name of ["Pause", "Resume"]) {
    clickTimes.push(await page.evaluate(timeClick, await button(name).elementHandle()));
  }
  await statistics.getByText(`${TOTAL.toLocaleString("en")} · `).waitFor();
  const longest = await page.evaluate(() => window.longest);
  const after = await memory();
  t.diagnostic(`${SECONDS} s: longest task ${longest.toFixed()} ms (0: none over 50)`);
  t.diagnostic(`traced: longest task ${trace.longest.toFixed()} ms, ${trace.long} over 50 ms`);
  t.diagnostic(`traced: main thread busy ${trace.busy.toFixed()} %, ${trace.rate.toFixed()} frames/s`);
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
});
