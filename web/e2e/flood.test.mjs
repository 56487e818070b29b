// What a person notices while a service floods the page.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage, startGateway } from "./harness.mjs";

const RATE = 20_000;
const SECONDS = Number(process.env.FLOOD_SECONDS ?? 3);
const TOTAL = (RATE * SECONDS).toLocaleString("en");

async function startFlood(t) {
  const script = fileURLToPath(new URL("flood.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, RATE, SECONDS], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const [port] = await once(child.stdout, "data");
  return `127.0.0.1:${String(port).trim()}`;
}

/** Counts frames and long tasks in the page, from now on. */
function watch() {
  window.watched = { longest: 0, frames: 0, start: performance.now() };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.watched.longest = Math.max(window.watched.longest, duration);
    }
  }).observe({ entryTypes: ["longtask"] });
  const frame = () => {
    window.watched.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Presses a button; resolves to how long it took until it said something else. */
async function press(button) {
  const start = performance.now();
  const before = button.textContent;
  button.click();
  while (button.textContent === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}

test("a flood loses nothing before the cap, and the page answers", { timeout: 120_000 }, async (t) => {
  const gateway = await startGateway(t, { more: ["--upstream", await startFlood(t)] });
  const { page, button, choice, message, messages, statistics } = await openPage(t, { gateway });
  await choice("Keep").selectOption("100,000 messages");
  await page.evaluate(watch);
  const heap = () => page.evaluate(() => performance.memory.usedJSHeapSize >> 20);
  const before = await heap();
  await message.fill("go");
  await message.press("Enter");
  await messages.getByRole("option").nth(9).waitFor();

  const pause = await button("Pause").elementHandle();
  const answered = await page.evaluate(press, pause);
  await button("Resume").click();

  await statistics.getByText(`${TOTAL} · `).waitFor({ timeout: 60_000 });
  const watched = await page.evaluate(() => {
    const { longest, frames, start } = window.watched;
    return { longest, rate: (frames * 1000) / (performance.now() - start) };
  });
  t.diagnostic(`longest task ${watched.longest.toFixed()} ms`);
  t.diagnostic(`${watched.rate.toFixed()} frames a second`);
  t.diagnostic(`JavaScript heap ${before} MiB before, ${await heap()} MiB after`);
  t.diagnostic(`Pause answered after ${answered.toFixed()} ms`);

  const kept = Math.min(RATE * SECONDS + 1, 100_000);
  const last = messages.getByRole("option").last();
  await messages.getByText(`message ${RATE * SECONDS - 1}`, { exact: true }).waitFor();
  assert.equal(await last.getAttribute("aria-setsize"), String(kept));
  // Generous: how fast it is says the diagnostic above, on a machine that is quiet.
  assert.ok(answered < 5000, `the button answered after ${answered} ms`);
});
