// A gateway of resumable sessions in this process, written apart from the client, with an echo
// service behind it; and a proxy that cuts its connections.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { WebSocketServer } from "ws";

const NO_TIME = 0xffff_ffff;

/**
 * Starts a gateway.
 *
 * @param options window and keep (seconds) of the greeting; `subprotocol` that it confirms;
 *   `onMessage(session, kind, payload)` in place of the echo; `random` delays acknowledgements.
 */
export async function startFakeGateway(t, options = {}) {
  const gateway = new FakeGateway(options);
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    handleProtocols: (offers) => (offers.has(gateway.subprotocol) ? gateway.subprotocol : false),
  });
  server.on("connection", (socket, request) => gateway.accept(socket, request));
  await once(server, "listening");
  gateway.port = server.address().port;
  gateway.url = `ws://127.0.0.1:${gateway.port}/ws`;
  gateway.sockets = server.clients;
  t.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return gateway;
}

class FakeGateway {
  sessions = [];
  handshakes = [];
  tokens = 0;

  constructor({ window = 262_144, keep = 60, subprotocol = "framegate.1", onMessage, random }) {
    Object.assign(this, { window, keep, subprotocol, random });
    this.onMessage = onMessage ?? ((session, kind, payload) => session.reply(kind, payload, 80));
  }

  accept(socket, request) {
    const query = new URL(request.url, "http://gateway").searchParams;
    this.handshakes.push(query);
    socket.on("error", () => {});
    if (this.subprotocol !== "framegate.1") {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
      return;
    }
    const token = query.get("resume");
    const session = token === null ? this.open() : this.sessions.find((it) => it.hasToken(token));
    if (!session) {
      socket.close(4404, "the session is unknown");
      return;
    }
    session.attach(socket, token, Number(query.get("received") ?? 0));
  }

  open() {
    const session = new FakeSession(this);
    this.sessions.push(session);
    return session;
  }

  /** Forgets all sessions, as a restarted gateway has. */
  forget() {
    this.sessions = [];
  }
}

class FakeSession {
  /** Payloads of the client, in order. */
  received = [];
  /** Messages to the client from number `dropped` on, of which `sent` are in flight. */
  outbox = [];
  dropped = 0;
  sent = 0;
  taken = 0;
  /** The highest acknowledgement of the client. */
  acknowledged = 0;
  inFlightMax = 0;
  socket = null;
  tokens = [];
  violations = [];
  connections = 0;

  constructor(gateway) {
    this.gateway = gateway;
  }

  hasToken(token) {
    return this.tokens.includes(token);
  }

  attach(socket, token, received) {
    this.socket?.close(4409, "taken over");
    this.socket = socket;
    this.connections += 1;
    this.gateway.tokens += 1;
    // The token before is good until the client has spoken.
    this.tokens = [token, `fake.${this.gateway.tokens}`].filter((it) => it !== null);
    if (received < this.dropped || received > this.dropped + this.sent) {
      this.violations.push(`received=${received}`);
    }
    this.outbox.splice(0, received - this.dropped);
    this.dropped = received;
    this.sent = 0;
    const { window, keep } = this.gateway;
    const hello = { session: this.tokens.at(-1), received: this.received.length, window, keep };
    socket.send(JSON.stringify({ ...hello, new: ["member"] }));
    socket.on("message", (data, isBinary) => {
      if (socket === this.socket) this.onMessage(data, isBinary);
    });
    socket.on("close", (code) => {
      if (socket !== this.socket) return;
      this.socket = null;
      if (code !== 1006) this.gateway.sessions = this.gateway.sessions.filter((it) => it !== this);
      this.closeCode = code;
    });
    this.send();
  }

  onMessage(data, isBinary) {
    this.tokens = this.tokens.slice(-1);
    if (!isBinary) {
      const { ack } = JSON.parse(data);
      this.acknowledge(ack);
      return;
    }
    const kind = { 1: "text", 2: "binary" }[data[0]];
    if (!kind) this.violations.push(`kind ${data[0]}`);
    const payload = data.subarray(1);
    this.received.push(kind === "text" ? payload.toString() : payload);
    this.gateway.onMessage(this, kind, payload);
    const delay = this.gateway.random ? this.gateway.random() * 20 : 0;
    setTimeout(() => this.sendAck(), delay);
  }

  sendAck() {
    if (this.socket && this.taken < this.received.length) {
      this.taken = this.received.length;
      this.socket.send(JSON.stringify({ ack: this.taken }));
    }
  }

  acknowledge(count) {
    if (!(count >= this.acknowledged && count <= this.dropped + this.sent)) {
      this.violations.push(`ack ${count} after ${this.acknowledged}`);
    }
    this.acknowledged = count;
    const drop = Math.max(0, count - this.dropped);
    this.outbox.splice(0, drop);
    this.dropped += drop;
    this.sent -= drop;
    this.send();
  }

  /** Sends a message to the client, or keeps it until there is room in the window. */
  reply(kind, payload, micros = NO_TIME) {
    const head = Buffer.alloc(5);
    head[0] = kind === "text" ? 1 : 2;
    head.writeUInt32LE(micros, 1);
    this.outbox.push(Buffer.concat([head, Buffer.from(payload)]));
    this.send();
  }

  send() {
    const length = () => this.outbox.slice(0, this.sent).reduce((sum, it) => sum + it.length, 0);
    while (this.socket && this.sent < this.outbox.length) {
      const next = this.outbox[this.sent];
      if (this.sent > 0 && length() + next.length > this.gateway.window) return;
      this.sent += 1;
      this.inFlightMax = Math.max(this.inFlightMax, length());
      this.socket.send(next);
    }
  }
}

/**
 * Starts a proxy to `port` whose connections can be cut.
 *
 * @param budget called for each connection: the bytes, both ways, after which it is cut; Infinity
 *   for a connection that holds.
 */
export async function startCutter(t, port, budget = () => Infinity) {
  const open = new Set();
  const cutter = { accepts: true, connections: 0, cuts: 0 };
  const server = createServer((client) => {
    cutter.connections += 1;
    if (!cutter.accepts) {
      client.destroy();
      return;
    }
    const upstream = connect(port, "127.0.0.1");
    const cut = () => {
      if (!open.delete(cut)) return;
      cutter.cuts += 1;
      client.destroy();
      upstream.destroy();
    };
    open.add(cut);
    let left = budget();
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      from.on("data", (data) => {
        const passed = data.subarray(0, left);
        left -= data.length;
        to.write(passed, left <= 0 ? cut : undefined);
      });
      from.on("end", () => to.end());
      from.on("error", cut);
      from.on("close", () => to.end());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cutter.port = server.address().port;
  cutter.cut = () => [...open].forEach((cut) => cut());
  t.after(() => {
    cutter.accepts = false;
    cutter.cut();
    server.close();
  });
  return cutter;
}

/** Resolves to the next event of the type. */
export function event(socket, type) {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}

/**
 * Closes a socket at the end of the test, before the gateway that is started after this call: what
 * is still owed would be sent for a minute.
 *
 * @returns a function that takes the socket.
 */
export function closeAtEnd(t) {
  let socket;
  t.after(async () => {
    if (!socket || socket.readyState === socket.CLOSED) return;
    const closed = event(socket, "close");
    socket.close();
    await closed;
  });
  return (opened) => (socket = opened);
}

/** Resolves to the data of the next `count` messages. */
export function messages(socket, count) {
  const collected = [];
  return new Promise((resolve) => {
    const collect = ({ data }) => {
      collected.push(data);
      if (collected.length < count) return;
      socket.removeEventListener("message", collect);
      resolve(collected);
    };
    socket.addEventListener("message", collect);
  });
}

/** Returns a generator of numbers from 0 to 1, seeded (mulberry32). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
