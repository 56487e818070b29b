// Round trips: nothing of the page's drawing is in them, and a hidden page keeps its rate.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exportAll } from "./files.mjs";
import { assertAccessible, openPage } from "./harness.mjs";

const options = { timeout: 120_000 };

/** Times round trips of a bare WebSocket in a worker of this tab, in milliseconds. */
function timeBare({ url, rate, count }) {
  const program = `onmessage = ({ data: { url, rate, count } }) => {
    const [sent, trips] = [[], []];
    const socket = new WebSocket(url);
    socket.onopen = () => {
      const start = performance.now();
      const timer = setInterval(() => {
        while (sent.length < Math.min(count, (performance.now() - start) * rate / 1000)) {
          sent.push(performance.now());
          socket.send("hello");
        }
        if (sent.length === count) clearInterval(timer);
      }, 4);
    };
    socket.onmessage = () => {
      trips.push(performance.now() - sent[trips.length]);
      if (trips.length === count) postMessage(trips);
    };
  }`;
  const worker = new Worker(URL.createObjectURL(new Blob([program])));
  worker.postMessage({ url, rate, count });
  return new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
}

function percentiles(trips) {
  const sorted = [...trips].sort((a, b) => a - b);
  const at = (percent) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
  return { p50: at(50), p99: at(99) };
}

/** Sends `count` messages by the page and as many by a bare WebSocket, at once. */
async function compare(t, parts, label, rate, count) {
  const { page, gateway, count: box, message, repeat, statistics } = parts;
  await message.fill("hello");
  await box.fill(String(count));
  await repeat.getByRole("combobox").selectOption(`${rate.toLocaleString("en")}/s`);
  const url = new URL("ws", gateway.page.replace(/^http/, "ws")).href;
  const bare = page.evaluate(timeBare, { url, rate, count });
  await repeat.getByRole("button", { name: "Start" }).click();
  const trips = await bare;
  await statistics.getByText(`${count.toLocaleString("en")} · `).nth(1).waitFor();
  const rows = (await exportAll(parts, "NDJSON")).trimEnd().split("\n").map((line) => JSON.parse(line));
  const own = rows.filter((row) => row.direction === "received").map((row) => row.round_trip_us / 1000);
  assert.equal(own.length, count);
  const figures = { page: percentiles(own), bare: percentiles(trips) };
  for (const [name, { p50, p99 }] of Object.entries(figures)) {
    t.diagnostic(`${label}, ${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  }
  return figures;
}

/** The rates: one that leaves the page idle, and one that keeps it drawing. */
const RATES = [
  ["idle", 100, 300],
  ["flood", 1000, 4000],
];

test("a round trip is as short as a bare WebSocket's in a worker of the same tab", options, async (t) => {
  for (const [label, rate, count] of RATES) {
    const parts = await openPage(t, { bypassCSP: true });
    const { page, bare } = await compare(t, parts, label, rate, count);
    // A generous limit, for busy machines; the diagnostics have the measured times.
    assert.ok(page.p50 < 2 * bare.p50 + 5, `${label}: ${page.p50} ms, bare ${bare.p50} ms`);
  }
});

test("a round trip leaves out the time for which the page is busy", options, async (t) => {
  const parts = await openPage(t);
  const { page, received, sent, message } = parts;
  const STALL_MS = 300;
  await message.fill("hello");
  await page.evaluate((ms) => {
    addEventListener("keyup", () => {
      for (const start = performance.now(); performance.now() - start < ms; );
    });
  }, STALL_MS);
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
  await sent.first().waitFor();
  const rows = (await exportAll(parts, "NDJSON")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(rows[1].round_trip_us < (STALL_MS * 1000) / 2, rows[1].round_trip_us);
});

test("a batch keeps its rate while the browser slows the page's timers down", options, async (t) => {
  // Browsers do so in a hidden page, which gets no animation frames either.
  const prepare = (page) =>
    page.addInitScript(() => {
      const { setInterval, setTimeout } = window;
      window.hide = () => {
        window.setInterval = (run, ms, ...rest) => setInterval(run, Math.max(ms, 1000), ...rest);
        window.setTimeout = (run, ms, ...rest) => setTimeout(run, Math.max(ms, 1000), ...rest);
        window.requestAnimationFrame = () => 0;
      };
    });
  const parts = await openPage(t, { prepare });
  const { page, count, message, repeat, statistics } = parts;
  await message.fill("hello");
  await count.fill("500");
  await repeat.getByRole("combobox").selectOption("100/s");
  await page.evaluate(() => window.hide());
  const start = performance.now();
  await repeat.getByRole("button", { name: "Start" }).click();
  await statistics.getByText("500 · ").nth(1).waitFor();
  const rows = (await exportAll(parts, "NDJSON")).trimEnd().split("\n").map((line) => JSON.parse(line));
  const times = rows.filter((row) => row.direction === "received").map((row) => Date.parse(row.time));
  const gaps = times.slice(1).map((time, at) => time - times[at]);
  t.diagnostic(`${((performance.now() - start) / 1000).toFixed(1)} s, longest gap ${Math.max(...gaps)} ms`);
  assert.ok(Math.max(...gaps) < 500, `a gap of ${Math.max(...gaps)} ms`);
});

test("the charts have axes, and the values of each second by pointer and by key", options, async (t) => {
  const { page, message, received, statistics } = await openPage(t);
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
  const opener = statistics.getByRole("button", { name: "Longest round trip of each second" });
  await opener.click();
  const charts = page.getByRole("dialog", { name: "Charts" });
  await charts.getByText("2/s").first().waitFor();
  await charts.getByText("−45 s").first().waitFor();
  const cells = (name) => charts.getByRole("row", { name }).getByRole("cell").allInnerTexts();
  for (const name of ["round trip", "service", "way"]) {
    assert.equal((await cells(name)).at(-1), "1", `${name} of one reply`);
  }
  const slider = charts.getByRole("slider", { name: "Second" });
  const spoken = () => slider.getAttribute("aria-valuetext");
  await slider.focus();
  // The message is some seconds ago, and goes on to the left.
  for (let age = 0; age < 59 && !(await spoken()).includes("sent 1, received 1"); age += 1) {
    await slider.press("ArrowLeft");
  }
  assert.match(await spoken(), /sent 1, received 1 · round trip .* ms: service .* ms, way .* ms$/);
  await slider.press("Home");
  assert.match(await spoken(), /^59 s ago: sent 0, received 0 · no reply$/);
  const plot = charts.locator(".plot svg").first();
  const { x, y, width } = await plot.boundingBox();
  // The plot is drawn anew at each step: it cannot be hovered by its element.
  await page.mouse.move(x + (width * 29.5) / 60, y + 20);
  await charts.getByText("30 s ago: sent").waitFor();
  await assertAccessible(page, "the charts are open");
  await page.keyboard.press("Escape");
  await charts.waitFor({ state: "hidden" });
});

test("a page whose worker is not loaded says so, and connects once it is", options, async (t) => {
  const prepare = (page) => page.route("**/socket_worker.mjs*", (route) => route.abort());
  const { page, connect, connection } = await openPage(t, { prepare, opens: false });
  await connection.getByText("The browser did not start the page's worker").waitFor();
  await page.unroute("**/socket_worker.mjs*");
  await connect.click();
  await connection.getByText("Open").waitFor();
});
