// Round trips: nothing of the page's drawing is in them, and a hidden page keeps its rate.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { exportAll } from "./files.mjs";
import { openUntracedPage } from "./engines/engines.mjs";
import { assertAccessible, listen, openPage, startGateway } from "./harness.mjs";

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

/** Opens a connected page that is not traced, with the draft "hello". */
async function openWithDraft(t, gateway) {
  const page = await openUntracedPage(t, gateway.page);
  await page.until(() => document.querySelector(".status.open") !== null);
  await page.evaluate(() => document.querySelector(".composer textarea").focus());
  await page.insertText("hello");
  return page;
}

/** Fills in a repetition of "hello", and starts it. */
function startRepeating({ rate, count }) {
  const set = (control, value) => {
    control.value = value;
    for (const name of ["input", "change"]) control.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const composer = document.querySelector(".composer");
  const isRate = ({ text }) => text === `${rate.toLocaleString("en")}/s`;
  const rates = [...composer.querySelectorAll("select")].find(({ options }) => [...options].some(isRate));
  set(rates, [...rates.options].find(isRate).value);
  set(composer.querySelector("input[type=number]"), count);
  const start = [...composer.querySelectorAll("button")].find(({ textContent }) => textContent.trim() === "Start");
  // The page draws what was set in its next frame.
  requestAnimationFrame(() => requestAnimationFrame(() => start.click()));
}

/** The number behind a label of the statistics, such as `p50`, in milliseconds. */
function statistic(label) {
  const row = [...document.querySelectorAll(".stats div")].find((row) => row.textContent.startsWith(label));
  const [number, unit] = row.querySelector("dd").textContent.split(/\s/);
  return Number(number) * { s: 1000, ms: 1, µs: 0.001 }[unit];
}

/** A condition: the statistics count so many messages as received. */
const isReceived = (count) => document.querySelectorAll(".stats dd")[1].textContent.startsWith(`${count} `);

/** The rates: one that leaves the page idle, and one that keeps it drawing. */
const RATES = [
  ["idle", 100, 300],
  ["flood", 1000, 4000],
];

for (const [label, rate, count] of RATES) {
  const name = `a round trip is as short as a bare WebSocket's in a worker of the same tab: ${label}`;
  test(name, options, async (t) => {
    const gateway = await startGateway(t);
    const { evaluate, until } = await openWithDraft(t, gateway);
    const url = new URL("ws", gateway.page.replace(/^http/, "ws")).href;
    // At once, so that both have the same machine.
    const bare = evaluate(timeBare, { url, rate, count });
    await evaluate(startRepeating, { rate, count });
    const trips = (await bare).sort((a, b) => a - b);
    await until(isReceived, count.toLocaleString("en"));
    const own = await evaluate(statistic, "p50");
    const p50 = trips[trips.length >> 1];
    t.diagnostic(`p50: page ${own} ms, bare ${p50.toFixed(2)} ms`);
    // A generous limit, for busy machines; the diagnostics have the measured times.
    assert.ok(own < 2 * p50 + 5, `${own} ms, bare ${p50} ms`);
  });
}

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

test("a batch keeps its rate in a hidden tab", options, async (t) => {
  const [rate, count, framed] = [100, 500, 4 + "hello".length];
  const times = [];
  let length = 0;
  const service = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      times.push(performance.now());
      length += chunk.length;
      socket.write(chunk);
      if (length === count * framed) service.emit("complete");
    });
  });
  const complete = once(service, "complete");
  const port = await listen(t, service);
  const gateway = await startGateway(t, { more: ["--upstream", `127.0.0.1:${port}`] });
  const { evaluate, hide, until } = await openWithDraft(t, gateway);
  await evaluate(startRepeating, { rate, count });
  await until(() => !document.querySelector(".stats dd").textContent.startsWith("0 "));
  await hide();
  await complete;
  const gaps = times.slice(1).map((time, at) => time - times[at]);
  const seconds = (times.at(-1) - times[0]) / 1000;
  t.diagnostic(`${seconds.toFixed(1)} s for ${count / rate} s, longest gap ${Math.max(...gaps).toFixed()} ms`);
  // The timers of a hidden page's main thread run once a second: all would come in five parts or so.
  assert.ok(times.length > 50, `in ${times.length} parts`);
  // What came meanwhile is shown, though the page is still hidden.
  await until(isReceived, count.toLocaleString("en"));
  assert.equal(await evaluate(() => document.visibilityState), "hidden");
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
  // The reply is some seconds ago, and goes on to the left; the message may be of the second before.
  let second = await spoken();
  for (let age = 0; age < 59 && !second.includes("received 1"); age += 1) {
    await slider.press("ArrowLeft");
    second = await spoken();
  }
  assert.match(second, /sent [01], received 1 · round trip .* ms: service .* ms, way .* ms$/);
  await slider.press("Home");
  assert.match(await spoken(), /^59 s ago: sent 0, received 0 · no reply$/);
  const { x, y, width } = await charts.evaluate((charts) =>
    charts.querySelector(".plot svg").getBoundingClientRect().toJSON(),
  );
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
