// Shortens a WebAssembly program: node shorten-wasm.mjs SCRIPT.js PROGRAM.wasm
//
// wasm-bindgen names some 200 imports, each with a hash that does not compress, in both files: they
// get short names. Custom sections, which tell the tools that built the program, are left out.
import { readFileSync, writeFileSync } from "node:fs";
import { HEADER, WasmReader, number } from "./wasm-reader.mjs";

const CUSTOM = 0;
const IMPORTS = 2;

const [script, program] = process.argv.slice(2);
let source = readFileSync(script, "utf8");
const reader = new WasmReader(program);
const wasm = reader.bytes;
const parts = [wasm.subarray(0, HEADER)];
while (!reader.isAtEnd) {
  const begin = reader.at;
  const id = reader.byte();
  const end = reader.number() + reader.at;
  if (id === IMPORTS) {
    const section = Buffer.concat(shortened());
    parts.push(Buffer.from([id]), number(section.length), section);
  } else if (id !== CUSTOM) {
    parts.push(wasm.subarray(begin, end));
  }
  reader.at = end;
}
writeFileSync(script, source);
writeFileSync(program, Buffer.concat(parts));

/** Returns the bytes of the section's imports, and renames them in the script. */
function shortened() {
  const count = reader.number();
  const imports = [number(count)];
  for (let index = 0; index < count; index++) {
    const module = reader.name();
    const long = reader.name();
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

/** Reads the kind and the type of an import: wasm-bindgen has functions alone. */
function readDescription() {
  const begin = reader.at;
  if (reader.byte() !== 0) {
    throw new Error(`${program} imports something else than a function`);
  }
  reader.number();
  return wasm.subarray(begin, reader.at);
}

function name(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([number(bytes.length), bytes]);
}
