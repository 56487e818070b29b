// Sessions of the real gateway: FRAMEGATE_BIN.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { Framegate } from "../module/client.js";
import { startGateway } from "../../web/e2e/gateway.mjs";
import { event, seeded, startCutter } from "./fake-gateway.mjs";
import { sendAtRandom } from "./traffic.mjs";

const SEEDS = Number(process.env.SEEDS ?? 100);
const AT_ONCE = 20;
const MESSAGES = 60;

async function opened(port, options = {}) {
  const url = `ws://127.0.0.1:${port}/ws`;
  for (;;) {
    const socket = new Framegate(url, [], { WebSocket, ...options });
    // The first connection fails as a WebSocket's does.
    const { type } = await Promise.race([event(socket, "open"), event(socket, "close")]);
    if (type === "open") return socket;
  }
}

/** Sends messages through a proxy that cuts by seed; returns the number of connections. */
async function run(t, gateway, seed) {
  const random = seeded(seed);
  const cutter = await startCutter(t, gateway.port, () => 500 + random() * 4000);
  const socket = await opened(cutter.port);
  assert.ok(socket.resumable);
  const sent = sendAtRandom(socket, MESSAGES, seed, random);
  const received = [];
  for await (const { data } of socket) {
    received.push(data);
    if (received.length === MESSAGES) break;
  }
  assert.deepEqual(received, sent.map((message) => `echo : ${message}`));
  socket.close();
  await event(socket, "close");
  return cutter.connections;
}

test(`nothing is lost or doubled in ${SEEDS} runs`, { timeout: 300_000 }, async (t) => {
  const gateway = await startGateway(t);
  let connections = 0;
  for (let first = 1; first <= SEEDS; first += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, SEEDS - first + 1) }, (_, it) => first + it);
    const counts = seeds.map((seed) =>
      run(t, gateway, seed).catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      }),
    );
    connections = (await Promise.all(counts)).reduce((sum, count) => sum + count, connections);
  }
  t.diagnostic(`${SEEDS * MESSAGES} messages each way, ${connections} connections`);
  assert.ok(connections > 2 * SEEDS, "the connections are cut");
});

test("a reply has the service's time", async (t) => {
  const gateway = await startGateway(t);
  const socket = await opened(gateway.port);
  socket.send("x");
  const { serviceTime } = await event(socket, "message");
  assert.ok(serviceTime >= 0 && serviceTime < 1000, String(serviceTime));
  socket.close();
});

test("a killed gateway has lost the session, and the next one says so at once", async (t) => {
  const gateway = await startGateway(t);
  const cutter = await startCutter(t, gateway.port);
  const socket = await opened(cutter.port);
  const restarting = await opened(cutter.port, { restart: true });
  const detached = Promise.all([event(socket, "detached"), event(restarting, "detached")]);
  await gateway.stop("SIGKILL");
  await detached;
  socket.send("perhaps");
  const begun = event(restarting, "open");
  const lost = event(restarting, "lost");
  const closed = event(socket, "close");
  await startGateway(t, { port: gateway.port });
  const { code, wasClean, unacknowledged } = await closed;
  assert.deepEqual([code, wasClean, unacknowledged], [4404, false, ["perhaps"]]);
  assert.equal((await lost).code, 4404);
  await begun;
  restarting.send("anew");
  assert.equal((await event(restarting, "message")).data, "echo : anew");
  restarting.close();
  await event(restarting, "close");
});

test("a drain ends the session as a WebSocket's", async (t) => {
  const gateway = await startGateway(t);
  const socket = await opened(gateway.port);
  socket.send("last");
  await event(socket, "message");
  const closed = event(socket, "close");
  await gateway.stop("SIGTERM");
  const { code, wasClean, unacknowledged } = await closed;
  assert.deepEqual([code, wasClean, unacknowledged], [1001, true, []]);
});

test("without resumable sessions it is a plain WebSocket", async (t) => {
  const gateway = await startGateway(t, { more: ["--resume-timeout", "0"] });
  const socket = await opened(gateway.port);
  assert.deepEqual([socket.resumable, socket.protocol], [false, ""]);
  socket.send("x");
  const { data, serviceTime } = await event(socket, "message");
  assert.deepEqual([data, serviceTime], ["echo : x", null]);
  socket.close(3000);
  assert.equal((await event(socket, "close")).code, 3000);
});

test("a slow consumer holds a fast service back", async (t) => {
  const line = `${"x".repeat(1000)}\n`;
  let written = 0;
  const service = createServer((connection) => {
    connection.on("error", () => {});
    const write = () => {
      while (!connection.destroyed) {
        written += line.length;
        if (!connection.write(line)) break;
      }
    };
    connection.on("drain", write);
    write();
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  t.after(() => service.close());
  const more = ["--upstream", `127.0.0.1:${service.address().port}?framing=lines`];
  const gateway = await startGateway(t, { more });
  const socket = await opened(gateway.port);
  const consumer = socket[Symbol.asyncIterator]();
  let received = 0;
  const read = async (count) => {
    for (let index = 0; index < count; index += 1) received += (await consumer.next()).value.data.length;
  };
  await read(1);
  // The service stops once the window and the buffers between are full.
  let before = -1;
  while (written !== before) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await read(50_000);
  assert.equal(received, 50_001 * 1000);
  assert.ok(written > before, "the service goes on");
  socket.close();
});
