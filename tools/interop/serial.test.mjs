// Framings of serial lines, and others that libraries have: each answers with the bytes in reverse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bothWays } from "./gateway.mjs";
import { servePython } from "./process.mjs";

const options = { timeout: 60_000 };

const reversed = (message) => Buffer.from(message).reverse();

/** All bytes, the special ones in a row, and messages longer than the blocks of COBS. */
const MESSAGES = [
  Buffer.from("hello"),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from("c0c0dbdbdcdd7e7e7d7d5e5d0000", "hex"),
  Buffer.alloc(254, 1),
  Buffer.alloc(255, 1),
  Buffer.alloc(70_000, "long"),
];

async function checkReversed(t, framing, messages) {
  const server = await servePython(t, "codec_server.py", framing);
  if (!server) return;
  await bothWays(t, server, `framing=${framing}`, async (talk) => {
    assert.deepEqual(await talk(messages, messages.length), messages.map(reversed));
  });
}

test("sliplib: SLIP", options, (t) => checkReversed(t, "slip", MESSAGES));

test("cobs: COBS", options, (t) => checkReversed(t, "cobs", [...MESSAGES, Buffer.alloc(0)]));

test("pynetstring: netstrings", options, (t) => {
  return checkReversed(t, "netstring", [...MESSAGES, Buffer.alloc(0)]);
});

/** CRC-16/X-25, least significant byte first. */
function frameCheckSequence(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1) ^ (crc & 1 ? 0x8408 : 0);
  }
  crc ^= 0xffff;
  return Buffer.of(crc & 0xff, crc >> 8);
}

/** The contents of a frame: all-station address, control of a data frame, data, checksum. */
function hdlcFrame(data) {
  const content = Buffer.concat([Buffer.of(0xff, 0x10), data]);
  return Buffer.concat([content, frameCheckSequence(content)]);
}

test("yahdlc: HDLC", options, async (t) => {
  const server = await servePython(t, "codec_server.py", "hdlc");
  if (!server) return;
  const data = MESSAGES.slice(0, 3);
  await bothWays(t, server, "framing=hdlc", async (talk) => {
    const replies = await talk(data.map(hdlcFrame), data.length);
    // The control byte counts frames, which the checksum covers too.
    for (const [index, reply] of replies.entries()) {
      assert.deepEqual(reply.subarray(2, -2), reversed(data[index]));
      assert.deepEqual(reply.subarray(-2), frameCheckSequence(reply.subarray(0, -2)));
    }
  });
});

test("bcoding: bencode", options, async (t) => {
  const server = await servePython(t, "codec_server.py", "bencode");
  if (!server) return;
  await bothWays(t, server, "framing=bencode", async (talk) => {
    const replies = await talk(["d2:id1:72:op5:clonee", "d2:op0:e"].map((it) => Buffer.from(it)), 2);
    assert.deepEqual(replies.map(String), ["d6:answer5:enolce", "d6:answer0:e"]);
  });
});
