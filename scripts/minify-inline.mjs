// Minifies the first script inside a page: node minify-inline.mjs PAGE.html
//
// Its top-level names stay: the program calls some of its functions.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const [page] = process.argv.slice(2);
const html = readFileSync(page, "utf8");
const [whole, script] = /<script>\n([^]*?)<\/script>/.exec(html);
const minified = execFileSync("esbuild", ["--minify", "--charset=utf8", "--log-level=warning"], { input: script });
writeFileSync(page, html.replace(whole, () => `<script>${minified}</script>`));
