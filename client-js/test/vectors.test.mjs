// The protocol's vectors, which the Rust code is tested by too.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Inbox, Outbox, parseControl, splitMessage } from "../module/client.js";

const file = new URL("../../protocol/tests/resumable-vectors.json", import.meta.url);
const vectors = JSON.parse(await readFile(file, "utf8"));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");

test("heads are those of the vectors", () => {
  for (const vector of vectors.gateway_messages) {
    const split = () => splitMessage(bytes(vector.bytes));
    if (vector.error) {
      assert.throws(split, { message: vector.error });
    } else {
      const { kind, serviceMicros, payload } = split();
      assert.deepEqual(
        [kind, serviceMicros, hex(payload)],
        [vector.kind, vector.service_micros, vector.payload],
      );
    }
  }
});

test("control messages are those of the vectors", () => {
  for (const { text, error, unknown, ...expected } of vectors.control) {
    if (error) assert.throws(() => parseControl(text), undefined, text);
    else assert.deepEqual(parseControl(text), unknown ? {} : expected, text);
  }
  assert.throws(() => parseControl(`{"later":"${"x".repeat(1024)}"}`));
});

test("the outbox does what the vectors say", () => {
  for (const { name, window, steps } of vectors.outbox) {
    const outbox = new Outbox(window ?? Infinity);
    for (const step of steps) {
      const act = () => {
        if (step.push) outbox.push(bytes(step.push));
        else if (step.ack !== undefined) outbox.acknowledge(step.ack);
        else outbox.resume(step.resume);
      };
      if (step.error) assert.throws(act, { message: step.error }, name);
      else act();
      const sent = [];
      for (let it = outbox.next(); it; it = outbox.next()) sent.push(hex(it));
      if (step.sent) assert.deepEqual(sent, step.sent, name);
      if (step.kept !== undefined) assert.equal(outbox.length, step.kept, name);
    }
  }
});

test("the inbox does what the vectors say", () => {
  for (const { name, window, steps } of vectors.inbox) {
    const inbox = new Inbox(window);
    for (const { receive = 0, take, length, acknowledge, due, received } of steps) {
      for (let count = 0; count < receive; count += 1) inbox.receive();
      if (take) inbox.take(take, length);
      if (acknowledge) assert.equal(inbox.acknowledge(), acknowledge, name);
      assert.equal(inbox.due, due, name);
      if (received) assert.equal(inbox.received, received, name);
    }
  }
});
