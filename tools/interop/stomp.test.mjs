// STOMP: @stomp/stompjs with RabbitMQ.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@stomp/stompjs";
import { WebSocket } from "ws";
import { startGateway } from "./gateway.mjs";
import { startRabbitMq } from "./servers.mjs";

/** Bodies with several bytes a character, and longer than any buffer on the way. */
const BODIES = ["hello", "日本語\nline", "é".repeat(200_000)];

test("RabbitMQ: stompjs sends and receives", { timeout: 180_000 }, async (t) => {
  const broker = await startRabbitMq(t);
  if (!broker) return;
  const bridge = await startGateway(t, [
    `any=${broker.stomp}?framing=raw`,
    `listed=${broker.stomp}?framing=raw&subprotocol=v12.stomp`,
  ]);
  for (const name of ["any", "listed"]) {
    assert.deepEqual(await exchange(bridge + name), BODIES);
  }
});

/** Sends all bodies to a queue; returns those that are received from it. */
function exchange(url) {
  return new Promise((resolve, reject) => {
    const received = [];
    const fail = (what) => reject(new Error(`${what}`));
    const client = new Client({
      // As a browser does, ws fails if no offered subprotocol is confirmed.
      webSocketFactory: () => new WebSocket(url, client.stompVersions.protocolVersions()),
      connectHeaders: { login: "guest", passcode: "guest", host: "/" },
      reconnectDelay: 0,
      onConnect: () => {
        client.subscribe("/queue/interop", ({ body }) => {
          received.push(body);
          if (received.length < BODIES.length) return;
          client.onWebSocketClose = () => resolve(received);
          client.deactivate();
        });
        for (const body of BODIES) client.publish({ destination: "/queue/interop", body });
      },
      onStompError: ({ headers, body }) => fail(`${headers.message} ${body}`),
      onWebSocketError: ({ message }) => fail(message),
      onWebSocketClose: ({ code, reason }) => fail(`closed: ${code} ${reason}`),
    });
    client.activate();
  });
}
