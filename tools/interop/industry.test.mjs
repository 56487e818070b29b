// Industry, medicine, finance: Modbus, S7, OPC UA, IEC 60870-5-104, HL7, DICOM, SMPP, FIX.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import smpp from "smpp";
import { bothWays, connect } from "./gateway.mjs";
import { servePython } from "./process.mjs";

const options = { timeout: 60_000 };

const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("pymodbus: registers are read and written", options, async (t) => {
  const server = await servePython(t, "modbus_server.py");
  if (!server) return;
  await bothWays(t, server, "framing=4+u16be", async (talk) => {
    const requests = [
      "0001 0000 01 03 0005 0003",
      "0002 0000 01 06 0006 cafe",
      "0003 0000 01 03 0006 0001",
      "0004 0000 01 03 ffff 0001",
      "0005 0000 01 06 0006 0006",
    ];
    const replies = await talk(requests.map(hex));
    const expected = [
      "0001 0000 01 03 06 0005 0006 0007",
      "0002 0000 01 06 0006 cafe",
      "0003 0000 01 03 02 cafe",
      "0004 0000 01 83 02",
      "0005 0000 01 06 0006 0006",
    ];
    assert.deepEqual(replies, expected.map(hex));
  });
});

test("python-snap7: a data block is read", options, async (t) => {
  const server = await servePython(t, "s7_server.py");
  if (!server) return;
  await bothWays(t, server, "framing=0x0300+u16be-all", async (talk) => {
    const connectRequest = "11 e0 0000 0001 00 c0010a c1020100 c2020102";
    const setup = "02f080 32010000 0001 0008 0000 f0000001000101e0";
    const read = "02f080 32010000 0002 000e 0000 0401 120a1002 0004 0001 84 000010";
    const [confirm, agreed, data] = await talk([connectRequest, setup, read].map(hex), 3);
    assert.equal(confirm[1], 0xd0);
    assert.equal(agreed.subarray(3, 9).toString("hex"), "320300000001");
    assert.equal(data.subarray(3, 9).toString("hex"), "320300000002");
    // Success, a length in bits, and four bytes from the third on.
    assert.equal(data.subarray(-8).toString("hex"), "ff04002003040506");
  });
});

test("asyncua: a connection and a secure channel are opened", options, async (t) => {
  const server = await servePython(t, "opcua_server.py");
  if (!server) return;
  const url = Buffer.from(server.replace("tcp", "opc.tcp"));
  const number = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  };
  const numbers = (...values) => Buffer.concat(values.map(number));
  const text = (bytes) => Buffer.concat([number(bytes.length), bytes]);
  const hello = Buffer.concat([
    Buffer.from("HELF"),
    numbers(0, 65_536, 65_536, 0, 0),
    text(url),
  ]);
  const policy = Buffer.from("http://opcfoundation.org/UA/SecurityPolicy#None");
  const open = Buffer.concat([
    Buffer.from("OPNF"),
    numbers(0),
    text(policy),
    numbers(-1, -1, 1, 1),
    // OpenSecureChannelRequest: type, header with handle 7, version, issue, no security, a minute.
    hex("0100 be01 0000 0000000000000000"),
    numbers(7, 0, -1, 0),
    hex("000000"),
    numbers(0, 0, 1, -1, 60_000),
  ]);
  await bothWays(t, server, "framing=4+u32le-all", async (talk) => {
    const [acknowledge, channel] = await talk([hello, open], 2);
    assert.equal(acknowledge.subarray(0, 4).toString(), "ACKF");
    assert.equal(acknowledge.length, 4 + 5 * 4);
    assert.equal(channel.subarray(0, 4).toString(), "OPNF");
    assert.deepEqual(channel.subarray(8, 12 + policy.length), text(policy));
    // OpenSecureChannelResponse, after two empty fields and two sequence numbers.
    assert.equal(channel.subarray(28 + policy.length).subarray(0, 4).toString("hex"), "0100c101");
  });
});

test("c104: a station is started and interrogated", options, async (t) => {
  const server = await servePython(t, "iec104_server.py");
  if (!server) return;
  const connection = await connect(t, server, "framing=0x68+u8");
  assert.deepEqual(await connection.ask(hex("07000000")), hex("0b000000"));
  connection.send(hex("0000 0000 64 01 06 00 0100 000000 14"));
  const types = [];
  let reply;
  do {
    reply = await connection.next();
    types.push(reply[4]);
    if (reply[4] === 13) assert.equal(reply.readFloatLE(13), 1.5);
  } while (reply[4] !== 100 || reply[6] !== 10);
  assert.ok(types.includes(13), `${types}`);
  await bothWays(t, server, "framing=0x68+u8", async (talk) => {
    assert.deepEqual(await talk([hex("43000000")], 1), [hex("83000000")]);
  });
});

test("hl7: a message is acknowledged", options, async (t) => {
  const server = await servePython(t, "hl7_server.py");
  if (!server) return;
  const message = "MSH|^~\\&|A|B|C|D|20260101000000||ADT^A01|42|P|2.5\rPID|1||7^^^H||Müller\r";
  for (const framing of ["mllp", "0x0b...0x1c0d"]) {
    await bothWays(t, server, `framing=${framing}`, async (talk) => {
      const [ack] = await talk([Buffer.from(message)], 1);
      assert.match(ack.toString(), /^MSH\|\^~\\&\|C\|D\|A\|B\|.*\|ACK\^A01\^ACK\|1\|P\|2\.5\r/);
      assert.match(ack.toString(), /\rMSA\|AA\|42/);
    });
  }
});

/** An item of DICOM: type, spare byte, length, content. */
function item(type, content) {
  const head = Buffer.of(type, 0, content.length >> 8, content.length & 0xff);
  return Buffer.concat([head, content]);
}

/** A-ASSOCIATE-RQ for the verification service. */
function associate() {
  const uid = (type, name) => item(type, Buffer.from(name));
  const presentation = Buffer.concat([
    hex("01000000"),
    uid(0x30, "1.2.840.10008.1.1"),
    uid(0x40, "1.2.840.10008.1.2"),
  ]);
  const user = Buffer.concat([item(0x51, hex("00004000")), uid(0x52, "1.2.3")]);
  return Buffer.concat([
    hex("01 00 0001 0000"),
    Buffer.from("SERVER".padEnd(16) + "CLIENT".padEnd(16)),
    Buffer.alloc(32),
    uid(0x10, "1.2.840.10008.3.1.1.1"),
    item(0x20, presentation),
    item(0x50, user),
  ]);
}

/** C-ECHO-RQ, message 7, in a P-DATA-TF. */
function echo() {
  const uid = Buffer.from("1.2.840.10008.1.1\0");
  const elements = Buffer.concat([
    hex("0000 0200 12000000"),
    uid,
    hex("0000 0001 02000000 3000"),
    hex("0000 1001 02000000 0700"),
    hex("0000 0008 02000000 0101"),
  ]);
  const group = Buffer.concat([hex("0000 0000 04000000"), Buffer.alloc(4), elements]);
  group.writeUInt32LE(elements.length, 8);
  const value = Buffer.concat([Buffer.alloc(4), hex("01 03"), group]);
  value.writeUInt32BE(value.length - 4);
  return Buffer.concat([hex("04 00"), value]);
}

test("pynetdicom: an association is verified and released", options, async (t) => {
  const server = await servePython(t, "dicom_server.py");
  if (!server) return;
  const connection = await connect(t, server, "framing=2+u32be");
  assert.equal((await connection.ask(associate()))[0], 2);
  const response = await connection.ask(echo());
  assert.equal(response[0], 4);
  // C-ECHO-RSP to message 7: success.
  assert.ok(response.includes(hex("0000 0001 02000000 3080")));
  assert.ok(response.includes(hex("0000 2001 02000000 0700")));
  assert.ok(response.includes(hex("0000 0009 02000000 0000")));
  assert.deepEqual(await connection.ask(hex("05 00 00000000")), hex("06 00 00000000"));
  await bothWays(t, server, "framing=2+u32be", async (talk) => {
    const [accepted] = await talk([associate()], 1);
    assert.equal(accepted[0], 2);
  });
});

test("smpp: a transceiver is bound", options, async (t) => {
  const service = smpp.createServer((session) => {
    session.on("error", () => {});
    session.on("bind_transceiver", (pdu) => session.send(pdu.response({ system_id: "server" })));
    session.on("enquire_link", (pdu) => session.send(pdu.response()));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  t.after(() => service.close());
  const server = `tcp://127.0.0.1:${service.address().port}`;
  await bothWays(t, server, "framing=u32be-inclusive", async (talk) => {
    const fields = Buffer.from("client\0secret\0\0\x34\0\0\0", "latin1");
    const bind = Buffer.concat([hex("00000009 00000000 00000001"), fields]);
    const [bound, alive] = await talk([bind, hex("00000015 00000000 00000002")], 2);
    const expected = Buffer.concat([hex("80000009 00000000 00000001"), Buffer.from("server\0")]);
    assert.deepEqual(bound, expected);
    assert.deepEqual(alive, hex("80000015 00000000 00000002"));
  });
});

/** A FIX message with its length and checksum; `|` stands for SOH. */
function fix(body) {
  const fields = body.replaceAll("|", "\x01");
  const head = `8=FIX.4.2\x019=${fields.length}\x01${fields}`;
  const sum = [...Buffer.from(head)].reduce((sum, byte) => sum + byte, 0) % 256;
  return Buffer.from(`${head}10=${`${sum}`.padStart(3, "0")}\x01`);
}

test("simplefix: test requests are answered", options, async (t) => {
  const server = await servePython(t, "codec_server.py", "fix");
  if (!server) return;
  await bothWays(t, server, "framing=whole:...0x0131303d+3+0x01", async (talk) => {
    const replies = await talk([fix("35=1|112=ping|"), fix("35=1|112=again|")], 2);
    assert.deepEqual(replies, [fix("35=0|112=gnip|"), fix("35=0|112=niaga|")]);
  });
});
