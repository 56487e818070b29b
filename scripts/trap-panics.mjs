// Makes a WebAssembly program trap instead of panicking: node trap-panics.mjs PROGRAM.wasm
//
// A panic ends the page, and nothing prints its message. Its functions and the places in the
// source that it would name are 3.3 KB of the page when compressed. rustc's own options to leave
// them out are not stable. wasm-opt removes what is unused afterwards.
import { writeFileSync } from "node:fs";
import { HEADER, WasmReader, number } from "./wasm-reader.mjs";

/** Functions that never return: the one that all panics call, and one that formats before it. */
const PANICS = [/^core\[.*\]::panicking::panic_fmt$/, /^core\[.*\]::str::slice_error_fail_rt$/];

/** Messages of the standard library's panics: parts of them, of which some are in each program. */
const MESSAGES = [
  " is not a char boundary; it is inside ",
  "index out of bounds: the len is ",
  " out of range for slice of length ",
  "cannot advance past `remaining`: ",
  "cannot access a Thread Local Storage value during or after destruction: ",
  "copy_from_slice: source slice length (",
  ") does not match destination slice length (",
  "a formatting trait implementation returned an error when the underlying stream did not",
  "called `Option::unwrap()` on a `None` value",
  "LazyCell instance has previously been poisoned",
  "attempt to calculate the remainder with a divisor of zero",
  "`async fn` resumed after completion",
  "RefCell already mutably borrowed",
  "RefCell already borrowed",
  "Once instance has previously been poisoned",
  "one-time initialization may not be performed recursively",
  "cannot modify the panic hook from a panicking thread",
  "failed to generate unique thread ID: bitspace exhausted",
  "overflow when adding durations",
  "a Display implementation returned an error unexpectedly",
  "attempt to join into collection with len > usize::MAX",
  "begin > end (",
  ") when slicing `",
  "start byte index ",
  "end byte index ",
  " is out of bounds of `",
  "slice index starts at ",
  " but ends at ",
  "range start index ",
  "range end index ",
  "insertion index (is ",
  ") should be <= len (is ",
  "removal index (is ",
  ") should be < len (is ",
  "Hash table capacity overflow",
  "cannot convert float seconds to Duration: value is negative",
  "cannot convert float seconds to Duration: value is either too big or NaN",
];

/** A body without locals: `unreachable`, `end`. */
const TRAP = Buffer.from([0, 0x00, 0x0b]);

/** `core::panic::Location`: address and length of the path, line and column, each u32. */
const LOCATION = 16;
const PATH = /^[\x21-\x7e]+\.rs$/;
const [MAX_PATH, MAX_LINE, MAX_COLUMN] = [300, 50_000, 500];

const [CUSTOM, IMPORTS, CODE, DATA] = [0, 2, 10, 11];
const FUNCTION_NAMES = 1;
const [I32_CONST, END] = [0x41, 0x0b];

const [program] = process.argv.slice(2);
const reader = new WasmReader(program);
const wasm = reader.bytes;
const sections = [];
while (!reader.isAtEnd) {
  const id = reader.byte();
  const length = reader.number();
  sections.push({ id, from: reader.at, to: reader.at + length });
  reader.at += length;
}
const panics = panicNumbers();
emptyLocations();
blankMessages();
const parts = sections.map((it) => {
  const bytes = it.id === CODE ? trapping(it) : wasm.subarray(it.from, it.to);
  return Buffer.concat([Buffer.from([it.id]), number(bytes.length), bytes]);
});
writeFileSync(program, Buffer.concat([wasm.subarray(0, HEADER), ...parts]));

/** Returns the code section with traps for the panics. */
function trapping({ from }) {
  reader.at = from;
  const count = reader.number();
  const bodies = [number(count)];
  for (let index = 0; index < count; index++) {
    const length = reader.number();
    const body = panics.has(index) ? TRAP : wasm.subarray(reader.at, reader.at + length);
    bodies.push(number(body.length), body);
    reader.at += length;
  }
  return Buffer.concat(bodies);
}

/** Returns the places of the panics in the code section, by the names of their functions. */
function panicNumbers() {
  reader.at = sections.find(({ id }) => id === IMPORTS).from;
  // wasm-bindgen imports functions alone.
  const imports = reader.number();
  const found = new Set();
  for (const { id, from, to } of sections) {
    reader.at = from;
    if (id !== CUSTOM || reader.name() !== "name") continue;
    while (reader.at < to) {
      const kind = reader.byte();
      const end = reader.number() + reader.at;
      for (let left = kind === FUNCTION_NAMES ? reader.number() : 0; left > 0; left--) {
        const index = reader.number();
        const name = reader.name();
        if (PANICS.some((panic) => panic.test(name))) found.add(index - imports);
      }
      reader.at = end;
    }
  }
  if (found.size !== PANICS.length) throw new Error(`${program} has ${found.size} functions of panics`);
  return found;
}

/** Empties the locations of panics in the data, and their paths. */
function emptyLocations() {
  const segments = readSegments();
  const paths = segments.flatMap((segment) => emptied(segment, segments));
  if (paths.length === 0) throw new Error(`${program} has no locations of panics`);
  paths.forEach((path) => path.fill(0));
}

/** Blanks the messages, which nothing prints any more, so that they compress to nothing. */
function blankMessages() {
  const found = readSegments().flatMap(({ bytes }) =>
    MESSAGES.map((message) => {
      let found = false;
      for (let at; (at = bytes.indexOf(message)) >= 0; found = true)
        bytes.fill(0, at, at + message.length);
      return found;
    }),
  );
  if (!found.includes(true)) throw new Error(`${program} has no messages of panics`);
}

/** Empties the locations in a segment, and returns their paths. */
function emptied({ address, bytes }, segments) {
  const paths = [];
  const misaligned = address % 4;
  for (let from = misaligned && 4 - misaligned; from + LOCATION <= bytes.length; from += 4) {
    const [start, length, line, column] = [0, 4, 8, 12].map((it) => bytes.readUInt32LE(from + it));
    const isPlace = line > 0 && line <= MAX_LINE && column > 0 && column <= MAX_COLUMN;
    const path = isPlace && length <= MAX_PATH && memory(segments, start, length);
    if (path && PATH.test(path.toString("latin1"))) {
      paths.push(path);
      // An empty path at an address that is not null.
      bytes.fill(0, from, from + LOCATION);
      bytes.writeUInt32LE(1, from);
    }
  }
  return paths;
}

/** Returns bytes of the program's memory at its start, if they are in one segment. */
function memory(segments, start, length) {
  const has = ({ address, bytes }) => start >= address && start + length <= address + bytes.length;
  const found = segments.find(has);
  return found?.bytes.subarray(start - found.address, start - found.address + length);
}

/** Returns the segments of the data section: their addresses, and their bytes in `wasm`. */
function readSegments() {
  reader.at = sections.find(({ id }) => id === DATA).from;
  const segments = [];
  for (let left = reader.number(); left > 0; left--) {
    expect(0);
    expect(I32_CONST);
    const address = reader.number();
    expect(END);
    const length = reader.number();
    segments.push({ address, bytes: wasm.subarray(reader.at, reader.at + length) });
    reader.at += length;
  }
  return segments;
}

function expect(byte) {
  if (reader.byte() !== byte) throw new Error(`${program} has a data segment of another kind`);
}
