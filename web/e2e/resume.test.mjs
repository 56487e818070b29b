// Resumable sessions: outages, and a page that is too busy for its service.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { exportAll } from "./files.mjs";
import { assertAccessible, listen, openPage, startGateway, startRestartable } from "./harness.mjs";

const options = { timeout: 60_000 };

/** Starts an echo service; its clients are in `clients`, the bytes that they sent in `received`. */
async function startEcho(t) {
  const echo = { clients: [], received: "" };
  const server = createServer((client) => {
    echo.clients.push(client);
    client.on("error", () => {}).on("data", (bytes) => {
      echo.received += bytes;
      client.write(bytes);
    });
  });
  t.after(() => echo.clients.forEach((client) => client.destroy()));
  echo.port = await listen(t, server);
  return echo;
}

/** Starts an echo service with lines, a gateway behind a network that breaks, and a page. */
async function start(t, more = []) {
  const echo = await startEcho(t);
  const upstream = ["--upstream", `127.0.0.1:${echo.port}?framing=lines`];
  const gateway = await startRestartable(t, { more: [...upstream, ...more] });
  const parts = await openPage(t, { gateway });
  const type = async (text) => {
    await parts.message.fill(text);
    await parts.message.press("Enter");
  };
  const events = parts.messages.locator('[data-direction="event"]');
  return { ...parts, gateway, echo, type, events };
}

test("a lost connection is resumed, and what was typed meanwhile arrives once", options, async (t) => {
  const parts = await start(t);
  const { page, connection, echo, events, gateway, received, sent, type } = parts;
  await type("one");
  await received.getByText("one", { exact: true }).waitFor();
  gateway.cut();
  await connection.getByText("Reconnecting…").waitFor();
  await connection.getByText("session kept for").waitFor();
  await events.getByText("Connection lost · session kept for 60 s").waitFor();
  await type("two");
  await type("three");
  await sent.getByText("not sent").nth(1).waitFor();
  await assertAccessible(page, "detached");
  gateway.mend();
  await received.getByText("three", { exact: true }).waitFor();
  await connection.getByText("Open", { exact: true }).waitFor();
  await events.getByText(/^Connection kept · back after \d.* m?s, 0 messages sent again, 2 that waited$/).waitFor();
  assert.equal(await received.count(), 3);
  assert.equal(await sent.getByText("not sent").count(), 0);
  assert.equal(echo.clients.length, 1, "the service has seen one connection");
  assert.equal(echo.received, "one\ntwo\nthree\n");
  await assertAccessible(page, "resumed");
  const exported = await exportAll(parts, "NDJSON");
  assert.equal(exported.trimEnd().split("\n").length, 6, "events are not exported");
});

test("messages that were lost on their way are sent again", options, async (t) => {
  const { connection, echo, events, gateway, received, type } = await start(t);
  await type("one");
  await received.getByText("one", { exact: true }).waitFor();
  gateway.mute();
  await type("two");
  await type("three");
  gateway.cut();
  await connection.getByText("Reconnecting…").waitFor();
  gateway.mend();
  await received.getByText("three", { exact: true }).waitFor();
  await events.getByText("2 messages sent again, 0 that waited").waitFor();
  assert.equal(echo.received, "one\ntwo\nthree\n");
});

test("a connection that is lost for a moment is back without a click", options, async (t) => {
  const { connection, echo, events, gateway, received, type } = await start(t);
  await connection.getByText("Open", { exact: true }).waitFor();
  for (const text of ["one", "two", "three"]) {
    gateway.cut();
    gateway.mend();
    await events.getByText("Connection lost").last().waitFor();
    await type(text);
    await received.getByText(text, { exact: true }).waitFor();
  }
  assert.equal(echo.clients.length, 1);
  assert.equal(echo.received, "one\ntwo\nthree\n");
});

test("a session that is lost says what may have arrived, and a new one begins", options, async (t) => {
  const { connection, echo, events, gateway, received, sent, type } = await start(t);
  await type("one");
  await received.getByText("one", { exact: true }).waitFor();
  gateway.mute();
  await type("two");
  gateway.cut();
  await connection.getByText("Reconnecting…").waitFor();
  await type("three");
  await gateway.stop("SIGKILL");
  await gateway.restart();
  gateway.mend();
  // The gateway may not have acknowledged the first message yet.
  await events.getByText(/^Session lost · (1 message|2 messages) may have arrived or not, 1 not sent$/).waitFor();
  await connection.getByText("Open", { exact: true }).waitFor();
  await sent.getByText("unanswered").waitFor();
  await sent.getByText("not sent").waitFor();
  await type("four");
  await received.getByText("four", { exact: true }).waitFor();
  assert.equal(echo.received, "one\nfour\n");
  assert.equal(echo.clients.length, 2);
});

test("a session is given up when its time is over", options, async (t) => {
  const { connection, events, gateway } = await start(t, ["--resume-timeout", "1s"]);
  gateway.cut();
  await events.getByText("Session lost · 0 messages may have arrived or not, 0 not sent").waitFor();
  await connection.getByText("does not answer").waitFor();
  gateway.mend();
  await connection.getByText("Open", { exact: true }).waitFor();
});

test("a service's end is not resumed", options, async (t) => {
  const { connection, echo, events } = await start(t);
  echo.clients[0].destroy();
  await connection.getByText("1011 internal error").waitFor();
  assert.equal(await events.count(), 0);
});

test("the service's part of a round trip is shown, and exported", options, async (t) => {
  const parts = await openPage(t);
  const { message, received, statistics, wireView } = parts;
  await message.fill("hello");
  await message.press("Enter");
  const times = /^service (<0\.01|\d+(\.\d+)?) ms · way (<0\.1|\d+(\.\d+)?) ms$/;
  await received.getByText(times).waitFor();
  await wireView.getByText(/^way .* ms$/).waitFor();
  await wireView.getByText(/^service .* ms$/).waitFor();
  for (const name of ["service", "way"]) {
    const stat = statistics.locator("div", { has: parts.page.getByText(name, { exact: true }) });
    await stat.getByText(/ ms$/).waitFor();
  }
  const [, reply] = (await exportAll(parts, "NDJSON")).trimEnd().split("\n");
  const { round_trip_us, service_us } = JSON.parse(reply);
  assert.ok(service_us >= 0 && service_us <= round_trip_us, reply);
});

const COUNT = 60_000;
const PADDING = "x".repeat(1000);

/** Starts a service that sends COUNT lines as fast as they are taken; counts them in `written`. */
async function startFlood(t) {
  const flood = { written: 0 };
  const server = createServer((client) => {
    t.after(() => client.destroy());
    client.on("error", () => {}).once("data", async () => {
      while (flood.written < COUNT && !client.destroyed) {
        const line = `${flood.written++} ${PADDING}\n`;
        if (!client.write(line)) await once(client, "drain");
      }
    });
  });
  flood.port = await listen(t, server);
  return flood;
}

test("a stalled page holds its service back, and loses nothing", { timeout: 120_000 }, async (t) => {
  const flood = await startFlood(t);
  const upstream = ["--upstream", `127.0.0.1:${flood.port}?framing=lines`];
  const gateway = await startGateway(t, { more: upstream });
  const prepare = (page) =>
    page.addInitScript(() => {
      addEventListener("TrunkApplicationStarted", ({ detail }) => (window.program = detail.wasm));
    });
  const parts = await openPage(t, { gateway, prepare });
  const { page, message, received, statistics } = parts;
  page.setDefaultTimeout(90_000);
  await message.fill("go");
  await message.press("Enter");
  await received.nth(1).waitFor();
  const stalled = page.evaluate(() => {
    for (const start = performance.now(); performance.now() - start < 4000; );
  });
  // The service stops as soon as the buffers on its way are full.
  const stops = [flood.written];
  const turn = () => new Promise((resolve) => setTimeout(resolve, 500));
  do {
    await turn();
    stops.push(flood.written);
  } while (stops.at(-1) !== stops.at(-2) && stops.at(-1) < COUNT);
  t.diagnostic(`written, every 0.5 s of the stall: ${stops.join(", ")} of ${COUNT}`);
  assert.ok(stops.at(-1) < COUNT, "the service was not held back");
  await stalled;
  await statistics.getByText(`${COUNT.toLocaleString("en")} · `).waitFor();
  const lines = (await exportAll(parts, "Text")).trimEnd().split("\n");
  const numbers = lines.map((line) => Number(line.split(" ")[2]));
  assert.ok(numbers.every((number, at) => number === COUNT - numbers.length + at));
  const memory = await page.evaluate(() => window.program.memory.buffer.byteLength >> 20);
  t.diagnostic(`WebAssembly memory ${memory} MiB`);
  assert.ok(memory < 64, "memory is bounded");
});
