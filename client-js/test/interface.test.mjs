// A WebSocket's own interface: what a page relies on that swaps Framegate for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { Framegate } from "../module/client.js";
import { closeAtEnd, event, messages, startCutter, startFakeGateway } from "./fake-gateway.mjs";

const options = { WebSocket };

async function opened(t, { protocols, ...gatewayOptions } = {}) {
  const closing = closeAtEnd(t);
  const gateway = await startFakeGateway(t, gatewayOptions);
  const socket = closing(new Framegate(gateway.url, protocols, options));
  await event(socket, "open");
  return { gateway, socket };
}

const named = (name) => (error) => error instanceof DOMException && error.name === name;

for (const subprotocol of ["framegate.1", "framegate"]) {
  test(`text and binary messages are echoed under ${subprotocol}`, async (t) => {
    const { socket } = await opened(t, { subprotocol });
    assert.equal(socket.resumable, subprotocol === "framegate.1");
    assert.equal(socket.protocol, "", "as without offers");
    const echo = async (data) => {
      socket.send(data);
      return (await event(socket, "message")).data;
    };
    assert.equal(await echo("héllo \ufeff"), "héllo \ufeff");
    assert.equal(await echo(""), "");
    assert.equal(await echo(17), "17");
    const blob = await echo(new Blob(["bl", "ob"]));
    assert.equal(await blob.text(), "blob", "a Blob by default");
    socket.binaryType = "arraybuffer";
    const bytes = (data) => [...new Uint8Array(data)];
    assert.deepEqual(bytes(await echo(new Uint8Array([1, 2, 255]))), [1, 2, 255]);
    assert.deepEqual(bytes(await echo(new Uint8Array([1, 2, 255]).buffer)), [1, 2, 255]);
    assert.deepEqual(bytes(await echo(new DataView(new Uint8Array([9, 8, 7]).buffer, 1, 1))), [8]);
    assert.deepEqual(bytes(await echo(new Uint16Array([258]))), [2, 1]);
    assert.deepEqual(bytes(await echo(new Uint8Array())), []);
  });
}

test("a message that is changed after send is sent as it was", async (t) => {
  const { socket } = await opened(t);
  socket.binaryType = "arraybuffer";
  const bytes = new Uint8Array([1]);
  socket.send(bytes);
  bytes[0] = 2;
  assert.deepEqual([...new Uint8Array((await event(socket, "message")).data)], [1]);
});

test("a Blob keeps its place among other messages", async (t) => {
  const { socket, gateway } = await opened(t);
  socket.send("1");
  socket.send(new Blob(["2"]));
  socket.send("3");
  await messages(socket, 3);
  assert.deepEqual(gateway.sessions[0].received.map(String), ["1", "2", "3"]);
});

test("constants are those of a WebSocket, on the class and on instances", async (t) => {
  const { socket } = await opened(t);
  for (const name of ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]) {
    assert.equal(Framegate[name], WebSocket[name]);
    assert.equal(socket[name], WebSocket[name]);
  }
  assert.ok(socket instanceof EventTarget);
});

test("readyState, url and events follow the connection", async (t) => {
  const gateway = await startFakeGateway(t);
  const socket = new Framegate(gateway.url, undefined, options);
  assert.equal(socket.readyState, Framegate.CONNECTING);
  assert.equal(socket.url, gateway.url);
  await event(socket, "open");
  assert.equal(socket.readyState, Framegate.OPEN);
  socket.close(3001, "enough");
  assert.equal(socket.readyState, Framegate.CLOSING);
  const { code, reason, wasClean, unacknowledged } = await event(socket, "close");
  assert.deepEqual({ code, reason, wasClean }, { code: 3001, reason: "enough", wasClean: true });
  assert.deepEqual(unacknowledged, []);
  assert.equal(socket.readyState, Framegate.CLOSED);
  socket.close();
});

test("send before open throws InvalidStateError, and after close is dropped", async (t) => {
  const gateway = await startFakeGateway(t);
  const socket = new Framegate(gateway.url, [], options);
  assert.throws(() => socket.send("early"), named("InvalidStateError"));
  assert.throws(() => socket.send(), TypeError);
  await event(socket, "open");
  socket.close();
  socket.send("late");
  assert.equal(socket.bufferedAmount, 4);
  await event(socket, "close");
  assert.deepEqual(gateway.handshakes.length, 1);
});

test("close takes the codes and reasons of a WebSocket", async (t) => {
  const { socket } = await opened(t);
  for (const code of [0, 999, 1001, 1006, 2999, 5000]) {
    assert.throws(() => socket.close(code), named("InvalidAccessError"), String(code));
  }
  assert.throws(() => socket.close(1000, "é".repeat(62)), named("SyntaxError"));
  assert.equal(socket.readyState, Framegate.OPEN);
  socket.close(1000, "é".repeat(61));
  assert.equal((await event(socket, "close")).code, 1000);
});

test("an invalid URL throws SyntaxError", () => {
  const syntaxError = (error) => error.name === "SyntaxError";
  assert.throws(() => new Framegate("nowhere at all", [], options), syntaxError);
  assert.throws(() => new Framegate("ws://127.0.0.1/#part", [], options), syntaxError);
  assert.throws(() => Framegate("ws://127.0.0.1/"), TypeError);
});

test("a first connection that fails is an error and a close with 1006", async (t) => {
  const gateway = await startFakeGateway(t);
  const cutter = await startCutter(t, gateway.port);
  cutter.accepts = false;
  const socket = new Framegate(`ws://127.0.0.1:${cutter.port}/`, [], options);
  const events = [];
  for (const type of ["open", "error", "close"]) socket[`on${type}`] = () => events.push(type);
  const { code, wasClean } = await event(socket, "close");
  assert.deepEqual([code, wasClean, events], [1006, false, ["error", "close"]]);
});

test("close while connecting is a close with 1006", async (t) => {
  const gateway = await startFakeGateway(t);
  const socket = new Framegate(gateway.url, [], options);
  socket.close();
  assert.equal((await event(socket, "close")).code, 1006);
});

test("offers of the page are passed on, and its own subprotocol is told", async (t) => {
  const protocols = ["framegate.token.abc", "mqtt"];
  const { socket } = await opened(t, { protocols });
  assert.equal(socket.protocol, "mqtt");
  const plain = await opened(t, { protocols, subprotocol: "mqtt" });
  assert.equal(plain.socket.protocol, "mqtt");
  assert.equal(plain.socket.resumable, false);
});

test("an event handler can be replaced and removed", async (t) => {
  const { socket } = await opened(t);
  const calls = [];
  assert.equal(socket.onmessage, null);
  socket.onmessage = () => calls.push("first");
  const second = function () {
    calls.push(this === socket);
  };
  socket.onmessage = second;
  assert.equal(socket.onmessage, second);
  socket.send("x");
  await event(socket, "message");
  socket.onmessage = null;
  socket.send("x");
  await event(socket, "message");
  assert.deepEqual(calls, [true]);
});

test("a message event has its origin, and its service time in milliseconds", async (t) => {
  const { socket, gateway } = await opened(t);
  socket.send("x");
  const answer = await event(socket, "message");
  assert.equal(answer.origin, new URL(gateway.url).origin);
  assert.equal(answer.serviceTime, 0.08);
  gateway.sessions[0].reply("text", "unasked");
  assert.equal((await event(socket, "message")).serviceTime, null);
});

test("a close by the server is told with its code and reason", async (t) => {
  const { socket, gateway } = await opened(t);
  socket.send("x");
  await event(socket, "message");
  gateway.sessions[0].socket.close(1011, "upstream closed");
  const { code, reason, wasClean } = await event(socket, "close");
  assert.deepEqual([code, reason, wasClean], [1011, "upstream closed", true]);
});
