// WebKit: WebKitGTK's MiniBrowser on an X server without a screen, driven by WebKitWebDriver.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadsIn } from "./downloads.mjs";
import { Session } from "./webdriver.mjs";
import { Page } from "./webkit-page.mjs";

/** GTK's style of MiniBrowser's bars: the window can be as narrow as a phone's. */
const GTK_STYLE = "* { min-width: 0; min-height: 0; margin: 0; padding: 0; border-width: 0; font-size: 1px; }";

const VIEWPORT = { width: 1280, height: 720 };

/** Resolves to a port that is free now: the driver cannot choose one. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts an X server; resolves to its process and its display. */
async function startDisplay() {
  const args = ["-displayfd", "3", "-screen", "0", "1600x1600x24", "-nolisten", "tcp"];
  const server = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [number] = await once(server.stdio[3], "data");
  return { server, display: `:${String(number).trim()}` };
}

/** Writes the settings of a fresh profile to a folder; returns the variables that lead to it. */
async function prepareProfile(folder) {
  const downloads = join(folder, "downloads");
  await mkdir(downloads);
  await mkdir(join(folder, "gtk-3.0"));
  await writeFile(join(folder, "gtk-3.0", "gtk.css"), GTK_STYLE);
  await writeFile(join(folder, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  const homes = ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"].map((name) => [name, folder]);
  return { downloads, ...Object.fromEntries(homes) };
}

/** Without compositing, which draws outside of the picture that the driver takes: it is black then. */
const DRAWING = { GDK_BACKEND: "x11", NO_AT_BRIDGE: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" };

/** A browser of its own, with one page: the driver allows no more. */
async function openContext(display, miniBrowser, { viewport = VIEWPORT, colorScheme } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  const { downloads, ...homes } = await prepareProfile(folder);
  const port = await freePort();
  const env = { ...process.env, ...homes, ...DRAWING, DISPLAY: display };
  // A process group of its own, which has the browser's processes, too.
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore", detached: true, env });
  const exited = once(driver, "exit");
  const args = ["--automation", ...(colorScheme === "dark" ? ["--dark-mode"] : [])];
  const capabilities = { "webkitgtk:browserOptions": { binary: miniBrowser, args } };
  const session = await Session.open(port, { alwaysMatch: capabilities }, exited);
  const page = new Page(session, downloadsIn(downloads));
  await page.setViewportSize(viewport);
  const close = async () => {
    await page.tellFaults().catch(() => {});
    await session.end().catch(() => {});
    process.kill(-driver.pid, "SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { on: (name, listener) => page.on(name, listener), newPage: async () => page, close };
}

/** Starts the browser; contexts and their pages are as playwright's. */
export async function launchWebkit(miniBrowser) {
  const { server, display } = await startDisplay();
  const exited = once(server, "exit");
  const contexts = new Set();
  return {
    async newContext(options) {
      const context = await openContext(display, miniBrowser, options);
      contexts.add(context);
      const close = () => contexts.delete(context) && context.close();
      return { ...context, close };
    },
    async close() {
      await Promise.all([...contexts].map((context) => context.close()));
      server.kill();
      await exited;
    },
  };
}
