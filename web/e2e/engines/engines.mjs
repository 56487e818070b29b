// Browsers of the three engines: where they are installed, and how one is started.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { launchFirefox } from "./firefox.mjs";
import { openUntraced } from "./untraced.mjs";
import { launchWebkit } from "./webkit.mjs";

const CHROMIUM_ARGS = [
  // For tests of memory.
  "--js-flags=--expose-gc",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** Returns the path of the first of the programs that is installed. */
function findProgram(...programs) {
  for (const program of programs.filter(Boolean)) {
    try {
      return execFileSync("sh", ["-c", 'command -v "$0"', program], { encoding: "utf8" }).trim();
    } catch {
      // The next one may be installed.
    }
  }
}

/** Returns MiniBrowser, which Debian installs outside of PATH, in a folder of the architecture. */
function findMiniBrowser() {
  const libraries = existsSync("/usr/lib") ? readdirSync("/usr/lib") : [];
  const folders = libraries.map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1`);
  const installed = ["/usr/lib/webkit2gtk-4.1", "/usr/libexec/webkit2gtk-4.1", ...folders];
  return findProgram(process.env.MINIBROWSER, ...installed.map((it) => `${it}/MiniBrowser`));
}

/** Chromium with its tabs and downloads, as a person has it. */
const CHROMIUM = findProgram(
  process.env.CHROMIUM,
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
);

/** Chromium's engine without a window and tabs: it opens a page in half the time. */
const HEADLESS_SHELL = process.env.CHROMIUM ? undefined : findProgram("chromium-headless-shell");

function findWebkit() {
  return findProgram("WebKitWebDriver") && findProgram("Xvfb") && findMiniBrowser();
}

function chromiumArgs() {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return [...CHROMIUM_ARGS, ...sandbox];
}

function launchChromium(executablePath) {
  return chromium.launch({ executablePath, args: chromiumArgs() });
}

/**
 * All engines, the default first. `packages` are Debian's; `program` is undefined where one is
 * missing; `looks` are the options of a context that take effect only when the browser is started.
 */
export const ENGINES = [
  {
    name: "Chromium",
    packages: "chromium",
    program: HEADLESS_SHELL ?? CHROMIUM,
    launch: launchChromium,
    looks: [],
  },
  {
    name: "Firefox",
    packages: "firefox-esr",
    program: findProgram(process.env.FIREFOX, "firefox-esr", "firefox"),
    launch: launchFirefox,
    looks: ["colorScheme", "forcedColors", "reducedMotion"],
  },
  {
    name: "WebKit",
    packages: "webkit2gtk-driver and xvfb",
    program: findWebkit(),
    launch: launchWebkit,
    looks: [],
  },
];

/** Opens a page in a Chromium for measurements, which has tabs: see untraced.mjs. */
export const openUntracedPage = (t, url) =>
  openUntraced(t, CHROMIUM ?? HEADLESS_SHELL, chromiumArgs(), url);

const isChosen = ({ name }) => name.toLowerCase() === process.env.ENGINE?.toLowerCase();

/** The engines of tests for each engine: the one that ENGINE names, or all. */
export const TESTED_ENGINES = ENGINES.some(isChosen) ? ENGINES.filter(isChosen) : ENGINES;

/** Returns the reason to skip tests in an engine, or false. */
export function missing({ name, program, packages }) {
  return program ? false : `${name} is not installed: Debian has it in ${packages}`;
}

const browsers = new Map();

/**
 * Returns the browser of an engine that a process shares, with these options of contexts. It is
 * started when first needed.
 */
export function sharedBrowser(engine = ENGINES[0], options = {}) {
  if (missing(engine)) throw new Error(missing(engine));
  const looks = Object.fromEntries(engine.looks.map((look) => [look, options[look]]));
  const key = JSON.stringify([engine.name, looks]);
  if (!browsers.has(key)) browsers.set(key, engine.launch(engine.program, looks));
  return browsers.get(key);
}

/** Closes all shared browsers. */
export async function closeBrowsers() {
  const closed = [...browsers.values()].map(async (browser) => (await browser).close());
  await Promise.allSettled(closed);
}
