// Databases and caches: PostgreSQL, MariaDB, Redis, memcached.

import assert from "node:assert/strict";
import { chown } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bothWays, connect } from "./gateway.mjs";
import { find, FOLDERS, packaged, run, serve, temporaryFolder } from "./process.mjs";

const options = { timeout: 180_000 };

/** The user "nobody": PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

function postgresFolders() {
  const root = packaged("/usr/lib/postgresql");
  try {
    const versions = readdirSync(root).map((version) => join(root, version, "bin"));
    return [...FOLDERS, ...versions];
  } catch {
    return FOLDERS;
  }
}

/** Starts PostgreSQL, which trusts every client. */
async function startPostgres(t) {
  const folders = postgresFolders();
  const program = find(t, "postgres", "postgresql", folders);
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  const asNobody = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (asNobody.uid) await chown(folder, NOBODY, NOBODY);
  const data = join(folder, "data");
  const initialize = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"];
  await run(t, find(t, "initdb", "postgresql", folders), initialize, { ...asNobody, cwd: folder });
  const args = (host, port) => ["-D", data, "-h", host, "-p", port, "-k", folder, "-F"];
  return serve(t, program, args, { ...asNobody, cwd: folder });
}

const STARTUP = Buffer.from("\0\x03\0\0user\0postgres\0\0", "latin1");
const QUERY = Buffer.from("QSELECT 6 * 7 AS answer, 'grüße' AS text\0");

/** Replies as from the type byte and the body of each: up to ReadyForQuery, twice. */
function checkAnswer(replies) {
  const types = replies.map((reply) => String.fromCharCode(reply[0])).join("");
  assert.match(types, /^RS+KZTDCZ$/);
  // AuthenticationOk.
  assert.equal(replies[0].toString("hex"), "5200000000");
  const row = replies.at(-3);
  assert.deepEqual(row, Buffer.from("D\0\x02\0\0\0\x0242\0\0\0\x07grüße"));
  assert.deepEqual(replies.at(-2), Buffer.from("CSELECT 1\0"));
  assert.deepEqual(replies.at(-1), Buffer.from("ZI"));
}

/** Returns the message with its length, itself included, after `at` bytes. */
function withLength(message, at) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length - at + 4);
  return Buffer.concat([message.subarray(0, at), length, message.subarray(at)]);
}

/** Asks until ReadyForQuery has come as often as questions were sent. */
async function askPostgres(t, server, settings, messages) {
  const connection = await connect(t, server, settings);
  const replies = [];
  for (const message of messages) {
    connection.send(message);
    do replies.push(await connection.next());
    while (replies.at(-1)[0] !== "Z".charCodeAt(0));
  }
  return replies;
}

test("PostgreSQL: a query", options, async (t) => {
  const server = await startPostgres(t);
  if (!server) return;
  const opening = "framing=1+u32be-inclusive&first-sent=u32be-inclusive";
  const replies = await askPostgres(t, server, opening, [STARTUP, QUERY]);
  checkAnswer(replies);
  await bothWays(t, server, opening, async (talk) => {
    checkAnswer(await talk([STARTUP, QUERY], replies.length));
  });

  const whole = [withLength(STARTUP, 0), withLength(QUERY, 1)];
  await bothWays(t, server, "framing=whole:1+u32be-inclusive", async (talk) => {
    const frames = await talk(whole, replies.length);
    for (const frame of frames) assert.equal(frame.readUInt32BE(1), frame.length - 1);
    checkAnswer(frames.map((frame) => Buffer.concat([frame.subarray(0, 1), frame.subarray(5)])));
  });
});

/** Starts MariaDB without accounts. */
async function startMariaDb(t) {
  const program = find(t, "mariadbd", "mariadb-server-core");
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  return serve(t, program, (host, port) => [
    "--no-defaults",
    "--skip-grant-tables",
    "--skip-networking=OFF",
    `--bind-address=${host}`,
    `--port=${port}`,
    `--datadir=${folder}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--lc-messages-dir=${packaged("/usr/share/mysql/english")}`,
    `--character-sets-dir=${packaged("/usr/share/mysql/charsets")}`,
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=8M",
    "--innodb-flush-method=nosync",
    ...(process.getuid() === 0 ? ["--user=root"] : []),
  ]);
}

/** Sequence number 1: protocol 4.1, secure connection, plugin authentication; no password. */
function handshakeResponse() {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(0x0008_8200, 0);
  head.writeUInt32LE(1 << 24, 4);
  head[8] = 45;
  return Buffer.concat([Buffer.of(1), head, Buffer.from("root\0\0mysql_native_password\0")]);
}

test("MariaDB: a query", options, async (t) => {
  const server = await startMariaDb(t);
  if (!server) return;
  await bothWays(t, server, "framing=u24le+1", async (talk) => {
    const query = Buffer.from("\0\x03SELECT 6 * 7 AS answer");
    const replies = await talk([handshakeResponse(), query], 7);
    const [greeting, ok, count, , afterColumns, row, afterRows] = replies;
    // Sequence number 0, protocol 10, version.
    assert.match(greeting.toString("latin1"), /^\0\n(5\.5\.5-)?[\d.]+-MariaDB/);
    assert.deepEqual([...ok.subarray(0, 2)], [2, 0]);
    assert.deepEqual([...count], [1, 1]);
    assert.deepEqual([afterColumns[0], afterColumns[1]], [3, 0xfe]);
    assert.deepEqual(row, Buffer.from("\x04\x0242"));
    assert.deepEqual([afterRows[0], afterRows[1]], [5, 0xfe]);
  });
});

/** Redis, without its database's file. */
async function startRedis(t) {
  const program = find(t, "redis-server", "redis-server");
  if (!program) return undefined;
  const cwd = await temporaryFolder(t);
  const args = (host, port) => ["--bind", host, "--port", port, "--save", "", "--enable-debug-command", "local"];
  return serve(t, program, args, { cwd });
}

/** A command, as an array of strings. */
function resp(...words) {
  const strings = words.map((word) => Buffer.from(word));
  const parts = strings.flatMap((it) => [Buffer.from(`$${it.length}\r\n`), it, Buffer.from("\r\n")]);
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}

test("Redis: strings, arrays and errors of RESP 2 and 3", options, async (t) => {
  const server = await startRedis(t);
  if (!server) return;
  await bothWays(t, server, "framing=resp", async (talk) => {
    const messages = [
      resp("SET", "key", "line 1\r\nline 2"),
      resp("GET", "key"),
      resp("GET", "no such key"),
      resp("LPUSH", "list", "a", "b"),
      resp("LRANGE", "list", "0", "-1"),
      resp("DEL", "list"),
      resp("NOSUCH"),
      resp("HELLO", "3"),
      resp("GET", "no such key"),
      resp("DEBUG", "PROTOCOL", "double"),
    ];
    const replies = (await talk(messages, messages.length)).map(String);
    const expected = ["+OK\r\n", "$14\r\nline 1\r\nline 2\r\n", "$-1\r\n", ":2\r\n"];
    assert.deepEqual(replies.slice(0, 4), expected);
    assert.equal(replies[4], "*2\r\n$1\r\nb\r\n$1\r\na\r\n");
    assert.equal(replies[5], ":1\r\n");
    assert.match(replies[6], /^-ERR unknown command .*\r\n$/);
    assert.match(replies[7], /^%7\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/);
    assert.equal(replies[8], "_\r\n");
    assert.equal(replies[9], ",3.141\r\n");
  });
});

async function startMemcached(t) {
  const program = find(t, "memcached", "memcached");
  if (!program) return undefined;
  const user = process.getuid() === 0 ? ["-u", "root"] : [];
  return serve(t, program, (host, port) => ["-l", host, "-p", port, "-U", "0", ...user]);
}

/** A request of the binary protocol without its length: opcode, extras, key, value. */
function memcachedRequest(opcode, extras, key, value) {
  const head = Buffer.alloc(20);
  head[0] = 0x80;
  head[1] = opcode;
  head.writeUInt16BE(key.length, 2);
  head[4] = extras.length;
  return Buffer.concat([head, extras, Buffer.from(key), Buffer.from(value)]);
}

test("memcached: set and get in the binary protocol", options, async (t) => {
  const server = await startMemcached(t);
  if (!server) return;
  await bothWays(t, server, "framing=8+u32be+12", async (talk) => {
    const set = memcachedRequest(1, Buffer.from("cafe000000000000", "hex"), "key", "value\r\n");
    const get = memcachedRequest(0, Buffer.alloc(0), "key", "");
    const [stored, found] = await talk([set, get], 2);
    assert.equal(stored.subarray(0, 8).toString("hex"), "8101000000000000");
    assert.equal(stored.length, 20);
    assert.equal(found.subarray(0, 8).toString("hex"), "8100000004000000");
    assert.deepEqual(found.subarray(20), Buffer.from("\xca\xfe\0\0value\r\n", "latin1"));
  });
});

test("memcached: lines of the text protocol", options, async (t) => {
  const server = await startMemcached(t);
  if (!server) return;
  await bothWays(t, server, "framing=crlf", async (talk) => {
    const replies = await talk(["set key 0 0 5", "value", "get key"].map((line) => Buffer.from(line)), 4);
    assert.deepEqual(replies.map(String), ["STORED", "VALUE key 0 5", "value", "END"]);
  });
});
