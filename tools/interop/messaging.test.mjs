// Message by message: MQTT, AMQP 0-9-1 and 1.0, STOMP, NATS, BitTorrent.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import Wire from "bittorrent-protocol";
import rhea from "rhea";
import { bothWays } from "./gateway.mjs";
import { find, serve, serveSockets } from "./process.mjs";
import { startMosquitto, startRabbitMq } from "./servers.mjs";

const options = { timeout: 180_000 };

const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("mosquitto: packets of MQTT", options, async (t) => {
  const server = await startMosquitto(t);
  if (!server) return;
  // Longer than two bytes of a varint can tell.
  const payload = Buffer.alloc(20_000, "payload");
  const login = Buffer.from("\x10\0\x04MQTT\x04\x02\0\x3c\0\0");
  const subscribe = Buffer.from("\x82\0\x07\0\x05topic\0", "latin1");
  const publish = Buffer.concat([Buffer.from("\x30\0\x05topic"), payload]);
  await bothWays(t, server, "framing=1+varint", async (talk) => {
    const replies = await talk([login, subscribe, publish, Buffer.of(0xc0)], 4);
    // CONNACK, SUBACK, PUBLISH, PINGRESP.
    assert.deepEqual(replies, [hex("200000"), hex("90000700"), publish, Buffer.of(0xd0)]);
  });
  await bothWays(t, server, "framing=whole:1+varint", async (talk) => {
    const replies = await talk([hex("10 0c 00044d515454 04 02 003c 0000"), hex("c000")], 2);
    assert.deepEqual(replies, [hex("20020000"), hex("d000")]);
  });
});

/** A method of AMQP 0-9-1: a frame of type 1, without `whole:`. */
function method(channel, classId, methodId, fields = Buffer.alloc(0)) {
  const head = Buffer.alloc(7);
  head[0] = 1;
  head.writeUInt16BE(channel, 1);
  head.writeUInt16BE(classId, 3);
  head.writeUInt16BE(methodId, 5);
  return Buffer.concat([head, fields]);
}

/** The frame of `3+u32be...0xce`. */
function amqpFrame(message) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length - 3);
  return Buffer.concat([message.subarray(0, 3), length, message.subarray(3), Buffer.of(0xce)]);
}

/** Opens a channel on a connection of AMQP 0-9-1, and declares a queue. */
async function checkAmqp(t, server) {
  const response = Buffer.from("\0guest\0guest");
  const startOk = Buffer.concat([
    hex("00000000"),
    Buffer.from("\x05PLAIN\0\0\0\x0c"),
    response,
    Buffer.from("\x05en_US"),
  ]);
  const messages = [
    method(0, 10, 11, startOk),
    method(0, 10, 31, hex("07ff 00020000 0000")),
    method(0, 10, 40, hex("012f 00 00")),
    method(1, 20, 10, hex("00")),
    method(1, 50, 10, hex("0000 01 71 00 00000000")),
  ];
  const check = (replies) => {
    const methods = replies.map((reply) => [reply.readUInt16BE(3), reply.readUInt16BE(5)]);
    assert.deepEqual(methods, [[10, 10], [10, 30], [10, 41], [20, 11], [50, 11]]);
    // Queue "q", without messages and consumers.
    assert.deepEqual(replies[4].subarray(7), hex("0171 00000000 00000000"));
  };
  const opening = Buffer.from("AMQP\0\0\x09\x01");
  await bothWays(t, server, "framing=whole:3+u32be...0xce", async (talk) => {
    const frames = await talk([opening, ...messages.map(amqpFrame)], 5);
    for (const frame of frames) assert.equal(frame.readUInt32BE(3), frame.length - 8);
    check(frames.map((frame) => Buffer.concat([frame.subarray(0, 3), frame.subarray(7, -1)])));
  });
  await bothWays(t, server, "framing=3+u32be...0xce&first-sent=fixed8", async (talk) => {
    check(await talk([opening, ...messages], 5));
  });
}

/** Subscribes to a queue by STOMP, and sends to it. */
async function checkStomp(t, server) {
  await bothWays(t, server, "framing=nul", async (talk) => {
    const queue = `/queue/nul-${randomInt(1_000_000)}`;
    const frames = [
      "CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n",
      `SUBSCRIBE\nid:1\ndestination:${queue}\nack:auto\n\n`,
      `SEND\ndestination:${queue}\n\nline 1\nline 2`,
    ];
    const [connected, message] = await talk(frames.map((frame) => Buffer.from(frame)), 2);
    assert.match(`${connected}`, /^CONNECTED\n/);
    // RabbitMQ sends a line feed after each frame.
    assert.match(`${message}`, /^\n?MESSAGE\n[^]*\n\nline 1\nline 2$/);
  });
}

test("RabbitMQ: message by message", options, async (t) => {
  const broker = await startRabbitMq(t);
  if (!broker) return;
  await t.test("RabbitMQ: a channel of AMQP 0-9-1 is opened", (t) => {
    return checkAmqp(t, `tcp://${broker.amqp}`);
  });
  await t.test("RabbitMQ: frames of STOMP", (t) => checkStomp(t, `tcp://${broker.stomp}`));
});

test("rhea: a connection of AMQP 1.0 is opened", options, async (t) => {
  const container = rhea.create_container({ id: "server" });
  container.on("connection_error", () => {});
  container.on("disconnected", () => {});
  const listener = container.listen({ port: 0, host: "127.0.0.1" });
  await once(listener, "listening");
  t.after(() => listener.close());
  const server = `tcp://127.0.0.1:${listener.address().port}`;
  await bothWays(t, server, "framing=u32be-inclusive&first=fixed8", async (talk) => {
    const opening = Buffer.from("AMQP\0\x01\0\0");
    // Data offset 2, type 0, channel 0; the performative open, with the container's name.
    const open = Buffer.concat([hex("02 00 0000 005310 c0 09 01 a1 06"), Buffer.from("client")]);
    const [echoed, opened] = await talk([opening, open], 2);
    assert.deepEqual(echoed, opening);
    assert.deepEqual(opened.subarray(0, 7), hex("02 00 0000 005310"));
    assert.ok(opened.includes("server"));
  });
});

test("NATS: lines of a subscription", options, async (t) => {
  const program = find(t, "nats-server", "nats-server");
  if (!program) return;
  const server = await serve(t, program, (host, port) => ["-a", host, "-p", port]);
  await bothWays(t, server, "framing=crlf", async (talk) => {
    const lines = ["SUB subject 1", "PUB subject 5", "hello", "PING"];
    const [info, ...replies] = (await talk(lines.map((line) => Buffer.from(line)), 6)).map(String);
    assert.match(info, /^INFO \{"server_id"/);
    const expected = ["+OK", "+OK", "MSG subject 1 5", "hello", "PONG"];
    assert.deepEqual(replies.sort(), expected.sort());
  });
});

test("bittorrent-protocol: a peer unchokes", options, async (t) => {
  const server = await serveSockets(t, (socket) => {
    const wire = new Wire();
    wire.on("error", () => {});
    wire.on("handshake", (infoHash) => wire.handshake(infoHash, Buffer.alloc(20, "s")));
    wire.on("interested", () => wire.unchoke());
    socket.pipe(wire).pipe(socket);
  });
  await bothWays(t, server, "framing=u32be&first=fixed68", async (talk) => {
    const opening = Buffer.concat([
      Buffer.from("\x13BitTorrent protocol"),
      Buffer.alloc(8),
      Buffer.alloc(20, "h"),
      Buffer.alloc(20, "c"),
    ]);
    const [handshake, unchoke] = await talk([opening, Buffer.of(2)], 2);
    assert.deepEqual(handshake.subarray(28), Buffer.from(`${"h".repeat(20)}${"s".repeat(20)}`));
    assert.deepEqual(unchoke, Buffer.of(1));
  });
});
