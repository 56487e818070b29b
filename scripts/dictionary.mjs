// Writes the page's Japanese texts as a dictionary: node scripts/dictionary.mjs FILE
//
// Each line is an English text, a tab, and the Japanese text, sorted by the bytes of the English
// one. They are read from the sentences of web/core, where the two are neighbouring literals. In a
// sentence with values, the Japanese text has their numbers instead of their names.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const FOLDER = new URL("../web/core/src/i18n/", import.meta.url);
const TESTS = "#[cfg(test)]";
const TOKEN = /\/\/.*|b?"(?:[^"\\]|\\[^])*"|b?'(?:[^'\\]|\\[^'][^']*)'|[\p{L}_][\p{L}\p{N}_]*!?|\S/gu;
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
const ESCAPES = { n: "\n", r: "\r", t: "\t", 0: "\0" };

const [output] = process.argv.slice(2);
const dictionary = new Map();
const faults = [];
for (const name of readdirSync(FOLDER)) read(name);
if (faults.length > 0) {
  for (const fault of faults) console.error(`dictionary: ${fault}`);
  process.exit(1);
}
const lines = [...dictionary].map(([english, japanese]) => Buffer.from(`${english}\t${japanese}\n`));
writeFileSync(output, Buffer.concat(lines.sort(Buffer.compare)));

/** Adds the texts of a file. */
function read(name) {
  const [source] = readFileSync(new URL(name, FOLDER), "utf8").split(TESTS);
  const tokens = source.match(TOKEN).filter((it) => !it.startsWith("//"));
  for (let at = 0, translated = false; at < tokens.length; at++) {
    translated = tokens[at] === "translate!" || (translated && tokens[at] !== ";");
    if (tokens[at][0] !== '"') continue;
    const english = unescaped(tokens[at]);
    const isPair = tokens[at + 1] === "," && tokens[at + 2]?.[0] === '"';
    if (!isPair) {
      if (JAPANESE.test(english)) faults.push(`${name}: “${english}” has no English text`);
      continue;
    }
    const japanese = unescaped(tokens[at + 2]);
    at += 2;
    add(name, english, translated ? numbered(name, english, japanese, values(tokens, at)) : japanese);
    translated = false;
  }
}

/** Returns the names of a sentence's values, which follow its texts. */
function values(tokens, at) {
  const end = tokens.indexOf(")", at);
  return tokens.slice(at + 1, end).filter((it) => it !== ",");
}

/** Returns the Japanese text with the numbers of values. The English one has them in their order. */
function numbered(name, english, japanese, values) {
  const holes = (text) => [...text.matchAll(/\{(.*?)\}/g)].map(([, hole]) => hole);
  if (holes(english).join() !== values.join() || values.length > 10) {
    faults.push(`${name}: “${english}” does not have the values ${values} in this order`);
  }
  return japanese.replace(/\{(.*?)\}/g, (_, hole) => {
    if (!values.includes(hole)) faults.push(`${name}: “${japanese}” has an unknown value`);
    return `{${values.indexOf(hole)}}`;
  });
}

/** Adds a pair. A text that is the same in both languages needs no entry. */
function add(name, english, japanese) {
  if (/[\t\n]/.test(english + japanese)) faults.push(`${name}: “${english}” has a tab or line break`);
  const other = dictionary.get(english) ?? japanese;
  if (other !== japanese) faults.push(`${name}: “${english}” is both “${other}” and “${japanese}”`);
  dictionary.set(english, japanese);
}

/** Returns the text of a Rust literal. */
function unescaped(literal) {
  const escapes = /\\(?:\n\s*|u\{(\w+)\}|x(\w\w)|([^]))/g;
  return literal.slice(1, -1).replace(escapes, (_, code, byte, letter) => {
    if (code ?? byte) return String.fromCodePoint(parseInt(code ?? byte, 16));
    return letter ? (ESCAPES[letter] ?? letter) : "";
  });
}
