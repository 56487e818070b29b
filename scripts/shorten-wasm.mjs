// Shortens a WebAssembly program: node shorten-wasm.mjs SCRIPT.js PROGRAM.wasm
//
// wasm-bindgen names some 200 imports, each with a hash that does not compress, in both files: they
// get short names. Custom sections, which tell the tools that built the program, are left out. The
// places in source files become zeros: only messages of panics have them, and nothing prints those.
import { readFileSync, writeFileSync } from "node:fs";

const CUSTOM = 0;
const IMPORTS = 2;
const DATA = 11;
const I32_CONST = 0x41;
const PATH = /(?:\/rustc\/|\/rust\/deps\/|\/[\w./-]+\/registry\/src\/|(?:web|protocol)\/(?:\w+\/)?src\/)[\w./-]+?\.rs/g;
const HEADER = 8;

const [script, program] = process.argv.slice(2);
let source = readFileSync(script, "utf8");
const wasm = readFileSync(program);
let at = HEADER;
const parts = [wasm.subarray(0, HEADER)];
while (at < wasm.length) {
  const begin = at;
  const id = wasm[at++];
  const end = readNumber() + at;
  if (id === IMPORTS) {
    const section = Buffer.concat(shortened());
    parts.push(Buffer.from([id]), number(section.length), section);
  } else if (id === DATA) {
    clearPlaces();
    parts.push(wasm.subarray(begin, end));
  } else if (id !== CUSTOM) {
    parts.push(wasm.subarray(begin, end));
  }
  at = end;
}
writeFileSync(script, source);
writeFileSync(program, Buffer.concat(parts));

/** Returns the bytes of the section's imports, and renames them in the script. */
function shortened() {
  const count = readNumber();
  const imports = [number(count)];
  for (let index = 0; index < count; index++) {
    const module = readName();
    const long = readName();
    const short = `_${index.toString(36)}`;
    const found = source.split(new RegExp(`\\b${long}(?=:)`));
    if (found.length !== 2) {
      throw new Error(`${script} has ${found.length - 1} imports named ${long}, expected one`);
    }
    source = found.join(short);
    imports.push(name(module), name(short), readDescription());
  }
  return imports;
}

/** Clears the places of source files in each segment of the data section. */
function clearPlaces() {
  for (let count = readNumber(); count > 0; count--) {
    if (readNumber() !== 0 || wasm[at++] !== I32_CONST) throw new Error(`${program} has unusual data`);
    const address = readNumber();
    at++;
    const length = readNumber();
    clearPlacesIn(wasm.subarray(at, at + length), address);
    at += length;
  }
}

/**
 * Makes the paths zeros, and the lines and columns beside them: a place is the address of a path, its
 * length, a line and a column.
 */
function clearPlacesIn(data, address) {
  const paths = new Set();
  for (const { index, 0: path } of data.toString("latin1").matchAll(PATH)) {
    paths.add(address + index);
    data.fill(0, index, index + path.length);
  }
  const aligned = (4 - (address % 4)) % 4;
  for (let place = aligned; place + 16 <= data.length; place += 4) {
    if (paths.has(data.readUInt32LE(place))) data.fill(0, place + 8, place + 16);
  }
}

/** Reads the kind and the type of an import: wasm-bindgen has functions alone. */
function readDescription() {
  const begin = at;
  if (wasm[at++] !== 0) {
    throw new Error(`${program} imports something else than a function`);
  }
  readNumber();
  return wasm.subarray(begin, at);
}

function readName() {
  const end = readNumber() + at;
  const text = wasm.toString("utf8", at, end);
  at = end;
  return text;
}

function name(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** Reads an unsigned LEB128 integer. */
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

function number(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) {
    bytes.push((value % 0x80) | 0x80);
  }
  return Buffer.from([...bytes, value]);
}
