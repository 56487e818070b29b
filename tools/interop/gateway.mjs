// The gateway, and both ways to a server behind it: a WebSocket, and `framegate send`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { start, temporaryFolder } from "./process.mjs";

/** The limit for each reply. */
const REPLY_LIMIT_MS = 5_000;

function binary() {
  const path = process.env.FRAMEGATE_BIN;
  if (!path) throw new Error("FRAMEGATE_BIN does not name the gateway's binary");
  return path;
}

/**
 * Starts the gateway named by FRAMEGATE_BIN with these upstreams.
 *
 * @returns the URL of its bridge, to which an upstream's name is added.
 */
export async function startGateway(t, upstreams) {
  const options = upstreams.flatMap((upstream) => ["--upstream", upstream]);
  const args = ["--http", "127.0.0.1:0", "--tcp", "off", ...options];
  const { child } = start(t, binary(), args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, url] = line.trim().split(/\s+/);
    if (name === "page") return `${url.replace("http:", "ws:")}ws/`;
  }
  throw new Error("the gateway ended before it was ready");
}

/** Messages that arrive one by one, until the sender ends. */
class Replies {
  #arrived = [];
  #waiting = [];
  #ended;

  push(message) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(message);
    else this.#arrived.push(message);
  }

  end(reason) {
    this.#ended ??= new Error(reason);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }

  /** Returns the next message. */
  async next() {
    if (this.#arrived.length > 0) return this.#arrived.shift();
    if (this.#ended) throw this.#ended;
    const limit = setTimeout(() => this.end("no reply within the time limit"), REPLY_LIMIT_MS);
    try {
      return await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    } finally {
      clearTimeout(limit);
    }
  }

  /** Returns the next `count` messages. */
  async take(count) {
    const taken = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }
}

/** Opens a WebSocket to a server: `send` takes a message, and `next` returns one. */
export async function connect(t, server, settings) {
  const url = await startGateway(t, [`server=${server}?${settings}`]);
  const socket = new WebSocket(`${url}server`);
  const replies = new Replies();
  socket.on("message", (message) => replies.push(message));
  socket.on("error", (fault) => replies.end(fault.message));
  socket.on("close", (code, reason) => replies.end(`closed: ${code} ${reason}`));
  t.after(() => socket.terminate());
  await once(socket, "open");
  return {
    send: (message) => socket.send(message, { binary: true }),
    next: () => replies.next(),
    take: (count) => replies.take(count),
    /** Sends a message, and returns the next one. */
    ask: (message) => {
      socket.send(message, { binary: true });
      return replies.next();
    },
  };
}

/** Sends all messages at once, and returns `count` replies; or, without a count, one to each in turn. */
async function throughGateway(t, server, settings, messages, count) {
  const connection = await connect(t, server, settings);
  if (count === undefined) {
    const replies = [];
    for (const message of messages) replies.push(await connection.ask(message));
    return replies;
  }
  for (const message of messages) connection.send(message);
  return connection.take(count);
}

/** Does the same by `framegate send`, which gets each message as a file. */
async function bySend(t, server, settings, messages, count) {
  const folder = await temporaryFolder(t);
  const waits = count === undefined ? ["--replies", "1"] : ["--replies", "0", "--wait", "0"];
  const args = ["send", "--to", server, "--output", "hex", ...waits];
  for (const setting of settings.split("&")) {
    const [name, value] = setting.split("=");
    args.push(`--${name}`, value);
  }
  for (const [index, message] of messages.entries()) {
    const path = join(folder, `${index}`);
    await writeFile(path, message);
    args.push("--file", path);
  }
  const child = spawn(binary(), args, { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let notes = "";
  child.stderr.on("data", (text) => (notes += text));
  const replies = new Replies();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => replies.push(Buffer.from(line, "hex")));
  child.on("close", (code) => replies.end(`framegate send ended with ${code}: ${notes}`));
  return replies.take(count ?? messages.length);
}

/**
 * Runs a conversation both ways, each as a test of its own.
 *
 * @param check is given a function that sends messages and returns replies: `count` to messages
 *   that are sent all at once; or, without a count, one to each, before the next one is sent.
 */
export async function bothWays(t, server, settings, check) {
  const ways = { "through the gateway": throughGateway, "by framegate send": bySend };
  for (const [name, way] of Object.entries(ways)) {
    await t.test(name, (t) => check((messages, count) => way(t, server, settings, messages, count)));
  }
}
