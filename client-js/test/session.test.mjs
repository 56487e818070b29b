// A session that outlives its connections: losses, acknowledgements, ends, and beginning anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { Framegate } from "../module/client.js";
import { closeAtEnd, event, messages, startCutter, startFakeGateway } from "./fake-gateway.mjs";

/** Opens a session through a proxy that can cut it. */
async function opened(t, { restart, ...gatewayOptions } = {}) {
  const closing = closeAtEnd(t);
  const gateway = await startFakeGateway(t, gatewayOptions);
  const cutter = await startCutter(t, gateway.port);
  const url = `ws://127.0.0.1:${cutter.port}/ws`;
  const socket = closing(new Framegate(url, [], { WebSocket, restart }));
  await event(socket, "open");
  return { gateway, cutter, socket, session: gateway.sessions[0] };
}

/** Resolves once `isTrue`, which is looked at between the events of this process. */
async function until(isTrue) {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("a loss is told, and what was sent meanwhile arrives", async (t) => {
  const { cutter, socket, session } = await opened(t);
  socket.send("before");
  await event(socket, "message");
  cutter.cut();
  const { code } = await event(socket, "detached");
  assert.equal(code, 1006);
  assert.equal(socket.readyState, Framegate.OPEN);
  socket.send("meanwhile");
  assert.ok(socket.bufferedAmount >= "meanwhile".length);
  const { sentAgain, detachedTime } = await event(socket, "resumed");
  assert.ok(sentAgain <= 1 && detachedTime >= 0);
  assert.equal((await event(socket, "message")).data, "meanwhile");
  assert.deepEqual(session.received, ["before", "meanwhile"]);
  assert.equal(session.connections, 2);
});

test("messages that the gateway has not received are sent again, and counted", async (t) => {
  const { gateway, cutter, socket, session } = await opened(t);
  // Nothing of them reaches the gateway.
  gateway.sockets.forEach((it) => it._socket.pause());
  for (const message of ["1", "2", "3"]) socket.send(message);
  await until(() => socket.bufferedAmount === 0);
  cutter.cut();
  const echoes = messages(socket, 3);
  assert.equal((await event(socket, "resumed")).sentAgain, 3);
  assert.deepEqual(await echoes, ["1", "2", "3"]);
  assert.deepEqual(session.received, ["1", "2", "3"]);
});

test("messages are acknowledged once their handler has ended", async (t) => {
  const { socket, session } = await opened(t);
  let end;
  socket.onmessage = () => new Promise((resolve) => (end = resolve));
  socket.send("x");
  await until(() => end);
  // A later message whose listener has ended does not acknowledge the one before.
  socket.onmessage = () => {};
  socket.send("y");
  await event(socket, "message");
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(session.acknowledged, 0);
  end();
  await until(() => session.acknowledged === 2);
});

test("the consumer of the iterator sets the pace, and the gateway holds the rest", async (t) => {
  const { socket, session } = await opened(t, { window: 1000 });
  const iterator = socket[Symbol.asyncIterator]();
  const first = iterator.next();
  for (let index = 0; index < 100; index += 1) session.reply("text", `${index} ${"x".repeat(90)}`);
  await first;
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(session.acknowledged, 0, "the first is still in the consumer's hands");
  assert.ok(session.sent <= 10, `${session.sent} in flight`);
  for (let index = 1; index < 100; index += 1) {
    const { value } = await iterator.next();
    assert.ok(value.data.startsWith(`${index} `));
  }
  await iterator.return();
  await until(() => session.acknowledged === 100);
});

test("a loop that ends leaves the rest to the next", async (t) => {
  const { socket, session } = await opened(t);
  const collected = [];
  setTimeout(() => ["1", "2", "3"].forEach((it) => session.reply("text", it)));
  for await (const { data } of socket) {
    collected.push(data);
    break;
  }
  for await (const { data } of socket) {
    collected.push(data);
    if (data === "3") socket.close();
  }
  assert.deepEqual(collected, ["1", "2", "3"]);
});

test("an abnormal end is thrown to the iterator", async (t) => {
  const { gateway, cutter, socket } = await opened(t);
  setTimeout(() => {
    gateway.forget();
    cutter.cut();
  });
  await assert.rejects(async () => {
    for await (const _ of socket);
  }, { code: 4404, message: "closed with 4404: the session is unknown" });
});

test("a lost session is a close with the messages that may not have arrived", async (t) => {
  const { gateway, cutter, socket } = await opened(t);
  gateway.sockets.forEach((it) => it._socket.pause());
  socket.send("text");
  socket.send(new Uint8Array([1, 2]));
  gateway.forget();
  cutter.cut();
  const { code, reason, wasClean, unacknowledged } = await event(socket, "close");
  assert.deepEqual([code, reason, wasClean], [4404, "the session is unknown", false]);
  assert.equal(unacknowledged[0], "text");
  assert.deepEqual([...new Uint8Array(unacknowledged[1])], [1, 2]);
  assert.equal(unacknowledged.length, 2);
});

test("a session expires if there is no connection for its time", async (t) => {
  const { cutter, socket } = await opened(t, { keep: 1 });
  cutter.accepts = false;
  cutter.cut();
  await event(socket, "detached");
  socket.send("x");
  const { code, reason, unacknowledged } = await event(socket, "close");
  assert.deepEqual([code, reason, unacknowledged], [1006, "no connection for 1 s", ["x"]]);
});

test("with restart, a lost session is told and another one begun", async (t) => {
  const { gateway, cutter, socket } = await opened(t, { restart: true });
  gateway.sockets.forEach((it) => it._socket.pause());
  socket.send("perhaps");
  gateway.forget();
  cutter.cut();
  const { code, unacknowledged } = await event(socket, "lost");
  assert.deepEqual([code, unacknowledged], [4404, ["perhaps"]]);
  assert.equal(socket.readyState, Framegate.CONNECTING);
  await event(socket, "open");
  socket.send("anew");
  assert.equal((await event(socket, "message")).data, "anew");
  assert.deepEqual(gateway.sessions[0].received, ["anew"]);
});

test("with restart, a session that the gateway ends is begun anew", async (t) => {
  const { gateway, socket, session } = await opened(t, { restart: true });
  session.socket.send('{"resume":false}');
  session.socket.close(1001, "shutting down");
  const { code } = await event(socket, "lost");
  assert.equal(code, 1001);
  await event(socket, "open");
  assert.equal(gateway.sessions.length, 1);
});

test("a session that is closed without a connection still delivers", async (t) => {
  const { cutter, socket, session } = await opened(t);
  cutter.cut();
  await event(socket, "detached");
  socket.send("owed");
  socket.close(1000, "bye");
  assert.equal(socket.readyState, Framegate.CLOSING);
  const { code, wasClean } = await event(socket, "close");
  assert.deepEqual([code, wasClean], [1000, true]);
  assert.deepEqual(session.received, ["owed"]);
});

test("a session that owes nothing is closed at once without a connection", async (t) => {
  const { cutter, socket } = await opened(t);
  cutter.accepts = false;
  cutter.cut();
  await event(socket, "detached");
  socket.close();
  assert.equal((await event(socket, "close")).code, 1006);
});

test("a temporary refusal is tried again", async (t) => {
  const { gateway, cutter, socket } = await opened(t);
  const { accept } = gateway;
  gateway.accept = (refused) => {
    gateway.accept = accept;
    refused.close(1013, "at capacity");
  };
  cutter.cut();
  await event(socket, "resumed");
});

test("a change of the network takes over by another connection", async (t) => {
  const { addEventListener } = globalThis;
  let online;
  globalThis.addEventListener = (type, listener) => type === "online" && (online = listener);
  t.after(() => (globalThis.addEventListener = addEventListener));
  const { socket, session } = await opened(t);
  online();
  socket.send("x");
  await event(socket, "resumed");
  assert.equal((await event(socket, "message")).data, "x");
  assert.equal(session.connections, 2);
  assert.deepEqual(session.received, ["x"]);
});

for (const [name, lie] of [
  ["an acknowledgement of more than was sent", '{"ack":1}'],
  ["control that is no object", "[]"],
  ["a message without a head", Buffer.from([1])],
]) {
  test(`${name} ends the session with 1002`, async (t) => {
    const { socket, session } = await opened(t);
    session.socket.send(lie);
    const { code, reason } = await event(socket, "close");
    assert.equal(code, 1002);
    assert.notEqual(reason, "");
  });
}
