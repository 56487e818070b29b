// Reader of a WebAssembly program: shorten-wasm.mjs and trap-panics.mjs change it by sections.
import { readFileSync } from "node:fs";

/** Length of what precedes the first section, in bytes. */
export const HEADER = 8;

/** Cursor in a program's bytes. */
export class WasmReader {
  at = HEADER;

  constructor(path) {
    this.bytes = readFileSync(path);
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** Reads a LEB128 integer, which is not negative. */
  number() {
    let value = 0;
    let shift = 0;
    let byte;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte & 0x80);
    return value;
  }

  name() {
    const end = this.number() + this.at;
    const text = this.bytes.toString("utf8", this.at, end);
    this.at = end;
    return text;
  }
}

/** Returns an integer in LEB128. */
export function number(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) {
    bytes.push((value % 0x80) | 0x80);
  }
  return Buffer.from([...bytes, value]);
}
