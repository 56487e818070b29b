// Takes the Japanese texts out of the page's program: few visits need them, and the page is small.
//
// node split-japanese.mjs PROGRAM.wasm TEXTS.json SOURCE_FOLDER...
//
// The texts are those in the sources. They are blank in the program, which compresses to less, and
// the page's script puts them back from the file: before the program starts, or into its memory.
// Each has its places in the program's file and in its memory.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { WasmReader } from "./wasm-reader.mjs";

/** At least two characters: shorter texts could be other data of the program. */
const JAPANESE = /[\u3001-\u30ff\u4e00-\u9fff\uff01-\uffee]{2,}/g;

/** The name of the language, by which it is chosen. */
const OWN_NAME = "日本語";

const DATA = 11;
const [I32_CONST, END] = [0x41, 0x0b];

const [program, file, ...folders] = process.argv.slice(2);
const reader = new WasmReader(program);
const texts = folders.flatMap(sources).flatMap((path) => readFileSync(path, "utf8").match(JAPANESE) ?? []);
// The longest first: others may be parts of it.
const unique = [...new Set(texts)].filter((it) => it !== OWN_NAME).sort((a, b) => b.length - a.length);
const places = segments().flatMap(blank).sort((a, b) => a[0] - b[0]);
if (places.length < unique.length / 2) throw new Error(`${program} has ${places.length} Japanese texts`);
writeFileSync(program, reader.bytes);
writeFileSync(file, JSON.stringify(places));

/** Returns the paths of the Rust sources in a folder. */
function sources(folder) {
  const paths = readdirSync(folder, { recursive: true }).map((it) => `${folder}/${it}`);
  return paths.filter((it) => it.endsWith(".rs"));
}

/** Returns the segments of the data section: their places in the file, and their addresses. */
function segments() {
  while (reader.byte() !== DATA) {
    const length = reader.number();
    reader.at += length;
  }
  reader.number();
  const found = [];
  for (let left = reader.number(); left > 0; left--) {
    if (reader.byte() !== 0 || reader.byte() !== I32_CONST) throw new Error("another kind of segment");
    const address = reader.number();
    if (reader.byte() !== END) throw new Error("another kind of segment");
    const length = reader.number();
    found.push({ from: reader.at, to: reader.at + length, address });
    reader.at += length;
  }
  return found;
}

/** Blanks the texts in a segment; returns the place of each in the file and in memory, and the text. */
function blank({ from, to, address }) {
  const bytes = reader.bytes.subarray(from, to);
  const kept = occurrences(bytes, OWN_NAME);
  const isKept = (at) => kept.some((start) => at >= start && at < start + Buffer.byteLength(OWN_NAME));
  return unique.flatMap((text) => {
    const found = occurrences(bytes, text).filter((at) => !isKept(at));
    found.forEach((at) => bytes.fill(0, at, at + Buffer.byteLength(text)));
    return found.map((at) => [from + at, address + at, text]);
  });
}

/** Returns the places of a text in bytes. */
function occurrences(bytes, text) {
  const found = [];
  for (let at = -1; (at = bytes.indexOf(text, at + 1)) >= 0; ) found.push(at);
  return found;
}
