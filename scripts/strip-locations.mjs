// Empties the source locations of a WebAssembly program's panics: node strip-locations.mjs PROGRAM.wasm
//
// A panic's message has the place in the source. The page ends on a panic without printing it, and
// the paths and places of some 200 panics are 1.8 KB when compressed. rustc's own option to leave
// them out is not stable.
import { readFileSync, writeFileSync } from "node:fs";

const HEADER = 8;
const DATA = 11;
const I32_CONST = 0x41;
const END = 0x0b;

/** `core::panic::Location`: address and length of the path, line and column, each u32. */
const LOCATION = 16;
const PATH = /^[\x21-\x7e]+\.rs$/;
const [MAX_PATH, MAX_LINE, MAX_COLUMN] = [300, 50_000, 500];

const [program] = process.argv.slice(2);
const wasm = readFileSync(program);
let at = HEADER;
const segments = readSegments();
const paths = segments.flatMap(strippedPaths);
if (paths.length === 0) throw new Error(`${program} has no locations of panics`);
paths.forEach((path) => path.fill(0));
writeFileSync(program, wasm);

/** Empties the locations in a segment, and returns their paths. */
function strippedPaths({ address, bytes }) {
  const paths = [];
  const misaligned = address % 4;
  for (let from = misaligned && 4 - misaligned; from + LOCATION <= bytes.length; from += 4) {
    const [pathAddress, length, line, column] = [0, 4, 8, 12].map((it) => bytes.readUInt32LE(from + it));
    const isPlace = line > 0 && line <= MAX_LINE && column > 0 && column <= MAX_COLUMN;
    const path = isPlace && length <= MAX_PATH && bytesAt(pathAddress, length);
    if (path && PATH.test(path.toString("latin1"))) {
      paths.push(path);
      // An empty path at an address that is not null.
      bytes.fill(0, from, from + LOCATION);
      bytes.writeUInt32LE(1, from);
    }
  }
  return paths;
}

/** Returns bytes of the program's memory at its start, if they are of one segment. */
function bytesAt(address, length) {
  const found = segments.find((it) => address >= it.address && address + length <= it.address + it.bytes.length);
  return found?.bytes.subarray(address - found.address, address - found.address + length);
}

/** Returns the segments of the data section: their addresses, and their bytes in `wasm`. */
function readSegments() {
  while (wasm[at++] !== DATA) at = readNumber() + at;
  readNumber();
  const segments = [];
  for (let left = readNumber(); left > 0; left--) {
    expect(0);
    expect(I32_CONST);
    const address = readNumber();
    expect(END);
    const length = readNumber();
    segments.push({ address, bytes: wasm.subarray(at, at + length) });
    at += length;
  }
  return segments;
}

function expect(byte) {
  if (wasm[at++] !== byte) throw new Error(`${program} has a data segment of another kind`);
}

/** Reads a LEB128 integer. */
function readNumber() {
  let value = 0;
  let shift = 0;
  let byte;
  do {
    byte = wasm[at++];
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
  } while (byte & 0x80);
  return value;
}
