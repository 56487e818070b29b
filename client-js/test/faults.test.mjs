// Each message arrives once and in order over connections that are cut at any byte, by seed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { Framegate } from "../module/client.js";
import { event, seeded, startCutter, startFakeGateway } from "./fake-gateway.mjs";
import { sendAtRandom } from "./traffic.mjs";

const SEEDS = Number(process.env.SEEDS ?? 200);
const AT_ONCE = 50;
const MESSAGES = 60;

/** Runs one seed; returns the number of connections that its session had. */
async function run(t, seed) {
  const random = seeded(seed);
  const gateway = await startFakeGateway(t, { window: 200 + Math.floor(random() * 2000), random });
  // The handshake alone takes some 500 bytes: a part of the connections is cut in it.
  const cutter = await startCutter(t, gateway.port, () => 300 + random() * 6000);
  const url = `ws://127.0.0.1:${cutter.port}/ws?as=text`;
  let socket = new Framegate(url, [], { WebSocket });
  // The first connection fails as a WebSocket's does.
  for (;;) {
    const { type } = await Promise.race([event(socket, "open"), event(socket, "close")]);
    if (type === "open") break;
    socket = new Framegate(url, [], { WebSocket });
  }
  const sent = sendAtRandom(socket, MESSAGES, seed, random);
  const received = [];
  if (seed % 2 === 0) {
    for await (const { data } of socket) {
      received.push(data);
      if (received.length === MESSAGES) break;
      if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 5));
    }
  } else {
    await new Promise((resolve) => {
      socket.onmessage = async ({ data }) => {
        received.push(data);
        if (received.length === MESSAGES) resolve();
        if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 5));
      };
    });
  }
  const session = gateway.sessions.find((it) => it.received.length > 0);
  assert.deepEqual(session.received, sent, "what the service has received");
  assert.deepEqual(received, sent, "what the page has received");
  assert.deepEqual(session.violations, []);
  assert.ok(session.inFlightMax <= Math.max(gateway.window, 1600), "the window");
  socket.close();
  await event(socket, "close");
  return session.connections;
}

test(`nothing is lost or doubled in ${SEEDS} runs`, { timeout: 300_000 }, async (t) => {
  let connections = 0;
  for (let first = 1; first <= SEEDS; first += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, SEEDS - first + 1) }, (_, it) => first + it);
    await t.test(`seeds from ${first} on`, async (part) => {
      const runs = seeds.map(async (seed) => {
        try {
          const count = await run(part, seed);
          connections += count;
        } catch (error) {
          throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
        }
      });
      await Promise.all(runs);
    });
  }
  t.diagnostic(`${SEEDS * MESSAGES} messages each way, ${connections} connections`);
  assert.ok(connections > 2 * SEEDS, "the connections are cut");
});
