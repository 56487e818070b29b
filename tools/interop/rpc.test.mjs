// Remote procedure calls: Neovim, OVSDB, language servers, debuggers, Thrift, nREPL, HTTP/2, Erlang.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:http2";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bothWays, connect } from "./gateway.mjs";
import { ENVIRONMENT, find, findPython, packaged, run, serve, servePython, serveStdio, temporaryFolder } from "./process.mjs";

const options = { timeout: 60_000 };

test("Neovim: calls by msgpack-rpc are answered", options, async (t) => {
  const program = find(t, "nvim", "neovim");
  if (!program) return;
  const home = await temporaryFolder(t);
  const env = { ...process.env, HOME: home, VIMRUNTIME: packaged("/usr/share/nvim/runtime") };
  const args = (host, port) => ["--headless", "--clean", "--listen", `${host}:${port}`];
  const server = await serve(t, program, args, { env: { ...ENVIRONMENT, ...env } });
  await bothWays(t, server, "framing=msgpack", async (talk) => {
    // [0, id, method, arguments]
    const call = (id, method, ...rest) =>
      Buffer.concat([Buffer.of(0x94, 0, id, 0xa0 + method.length), Buffer.from(method), ...rest]);
    const text = (it) => Buffer.concat([Buffer.of(0xa0 + it.length), Buffer.from(it)]);
    const calls = [
      call(1, "nvim_eval", Buffer.of(0x91), text("6 * 7")),
      call(2, "nvim_eval", Buffer.of(0x91), text("['a', {'b': 1.5}]")),
      call(3, "nvim_eval", Buffer.of(0x91), text("repeat('x', 300)")),
    ];
    const [number, list, long] = await talk(calls, calls.length);
    // [1, id, error, result]
    assert.deepEqual(number, Buffer.from("940101c02a", "hex"));
    assert.deepEqual(list, Buffer.from("940102c092a16181a162cb3ff8000000000000", "hex"));
    assert.deepEqual(long, Buffer.from(`940103c0da012c${"78".repeat(300)}`, "hex"));
  });
});

test("OVSDB: values of JSON in a row", options, async (t) => {
  const program = find(t, "ovsdb-server", "openvswitch-switch");
  if (!program) return;
  const tool = find(t, "ovsdb-tool", "openvswitch-common");
  const folder = await temporaryFolder(t);
  const database = join(folder, "db");
  const schema = packaged("/usr/share/openvswitch/vswitch.ovsschema");
  await run(t, tool, ["create", database, schema], { cwd: folder });
  const args = (host, port) => [
    `--remote=ptcp:${port}:${host}`,
    `--unixctl=${join(folder, "control")}`,
    database,
  ];
  const env = { ...ENVIRONMENT, OVS_RUNDIR: folder };
  const server = await serve(t, program, args, { cwd: folder, env });
  await bothWays(t, server, "framing=json", async (talk) => {
    const requests = [
      { id: 1, method: "list_dbs", params: [] },
      { id: 2, method: "echo", params: ['"}', { deep: [[1.5, null]] }] },
      { id: 3, method: "get_schema", params: ["Open_vSwitch"] },
    ];
    const messages = requests.map((request) => Buffer.from(JSON.stringify(request)));
    const replies = (await talk(messages, 3)).map((reply) => JSON.parse(reply));
    assert.deepEqual(replies[0].result.sort(), ["Open_vSwitch", "_Server"]);
    assert.deepEqual(replies[1], { id: 2, error: null, result: requests[1].params });
    assert.equal(replies[2].result.name, "Open_vSwitch");
  });
});

/** Initializes a language server; returns what it says of itself. */
const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { processId: null, rootUri: null, capabilities: {} },
});

test("python-lsp-server: a language server is initialized", options, async (t) => {
  const python = findPython(t);
  if (!python) return;
  const args = (host, port) => ["-m", "pylsp", "--tcp", "--host", host, "--port", port];
  const server = await serve(t, python, args);
  await bothWays(t, server, "framing=lsp", async (talk) => {
    const [reply] = (await talk([Buffer.from(INITIALIZE)], 1)).map((it) => JSON.parse(it));
    assert.equal(reply.id, 1);
    assert.equal(reply.result.serverInfo.name, "pylsp");
  });
});

test("debugpy: a debug adapter is initialized", options, async (t) => {
  const python = findPython(t);
  if (!python) return;
  const server = await serveStdio(t, python, ["-m", "debugpy.adapter"]);
  await bothWays(t, server, "framing=lsp", async (talk) => {
    const initialize = '{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"é"}}';
    // Two events of telemetry come first.
    const replies = (await talk([Buffer.from(initialize)], 3)).map((it) => JSON.parse(it));
    const response = replies.find(({ type }) => type === "response");
    assert.deepEqual([response.request_seq, response.success], [1, true]);
    assert.ok(response.body.supportsConfigurationDoneRequest);
  });
});

test("Apache Thrift: a call in a framed transport", options, async (t) => {
  const server = await servePython(t, "thrift_server.py");
  if (!server) return;
  await bothWays(t, server, "framing=u32be", async (talk) => {
    const call = Buffer.from("\x80\x01\0\x01\0\0\0\x05hello\0\0\0\x07\0", "latin1");
    const [reply] = await talk([call], 1);
    const result = "\x80\x01\0\x02\0\0\0\x05hello\0\0\0\x07\x0b\0\0\0\0\0\x05hello\0";
    assert.deepEqual(reply, Buffer.from(result, "latin1"));
  });
});

test("nbb: an expression is evaluated by nREPL", options, async (t) => {
  const nbb = createRequire(import.meta.url).resolve("nbb/cli.js");
  const cwd = await temporaryFolder(t);
  const args = (host, port) => [nbb, "nrepl-server", ":host", host, ":port", port];
  const server = await serve(t, process.execPath, args, { cwd });
  const connection = await connect(t, server, "framing=bencode");
  connection.send("d2:op5:clone2:id1:1e");
  const [, session] = /11:new-session(\d+:[\w-]+)/.exec(`${await connection.next()}`);
  assert.ok(session);
  await bothWays(t, server, "framing=bencode", async (talk) => {
    const replies = await talk([Buffer.from("d4:code7:(* 6 7)2:id1:22:op4:evale")], 2);
    assert.match(`${replies[0]}`, /^d.*5:value2:42e$/);
    assert.match(`${replies[1]}`, /^d.*6:statusl4:doneee$/);
  });
});

test("Node: frames of HTTP/2", options, async (t) => {
  const service = createServer((_, response) => response.end("hello"));
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  t.after(() => service.close());
  const server = `tcp://127.0.0.1:${service.address().port}`;
  await bothWays(t, server, "framing=whole:u24be+6", async (talk) => {
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const settings = Buffer.from("000000040000000000", "hex");
    // HEADERS of stream 1, complete: GET, http, /, and the authority "a".
    const request = Buffer.from("000006010500000001828684410161", "hex");
    const replies = await talk([preface, settings, request], 4);
    for (const frame of replies) assert.equal(frame.readUIntBE(0, 3), frame.length - 9);
    const data = replies.filter((frame) => frame[3] === 0).map((frame) => frame.subarray(9));
    assert.equal(`${Buffer.concat(data)}`, "hello");
    assert.ok(replies.some((frame) => frame.equals(Buffer.from("000000040100000000", "hex"))));
  });
});

/** Starts Erlang, which sends back each message that it receives with `{packet, packet}`. */
async function startErlang(t, packet) {
  const program = find(t, "escript", "erlang-base");
  const script = fileURLToPath(new URL("packets.erl", import.meta.url));
  return program && serve(t, program, (host, port) => [script, host, port, packet]);
}

/** Checks that messages come back; they end in LF if `packet` is "line". */
async function checkErlang(t, framing, packet, messages) {
  const server = await startErlang(t, packet);
  if (!server) return;
  await bothWays(t, server, `framing=${framing}`, async (talk) => {
    assert.deepEqual(await talk(messages, messages.length), messages);
  });
}

const TEXTS = ["hello", "", "x".repeat(250)].map((text) => Buffer.from(text));
const RECORD = Buffer.from("00000001 00000000 00000002 000186a0".replaceAll(" ", ""), "hex");

test("Erlang: packet 1", options, (t) => checkErlang(t, "u8", "1", TEXTS));
test("Erlang: packet 2", options, (t) => checkErlang(t, "u16be", "2", TEXTS));
test("Erlang: packet 4", options, (t) => checkErlang(t, "u32be", "4", TEXTS));
test("Erlang: packet line", options, (t) => checkErlang(t, "lines", "line", TEXTS));
test("Erlang: packet sunrm", options, (t) => checkErlang(t, "0x80+u24be", "sunrm", [RECORD, RECORD]));
test("Erlang: packet cdr", options, (t) => {
  const request = Buffer.from("01000000000000070000000100000000", "hex");
  return checkErlang(t, "0x47494f50+4+u32be", "cdr", [request]);
});
