// client.js in browsers, in a page of another origin that imports it from the gateway.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { seeded, startCutter } from "./fake-gateway.mjs";
import { startGateway } from "./gateway.mjs";

const BROWSERS = [
  {
    name: "Chromium",
    programs: [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"],
    args: (profile) => ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`],
  },
  {
    name: "Firefox",
    programs: [process.env.FIREFOX, "firefox-esr", "firefox"],
    args: (profile) => ["--headless", "--no-remote", "--profile", profile],
  },
];

/** Returns the first of the programs that is installed. */
function installed(programs) {
  return programs.filter(Boolean).find((program) => {
    try {
      return execFileSync("sh", ["-c", 'command -v "$0"', program]);
    } catch {
      return false;
    }
  });
}

/** Serves the page; resolves to its origin, and to the result that it sends. */
async function startSite(t) {
  const page = await readFile(new URL("page.html", import.meta.url));
  let report;
  const result = new Promise((resolve) => (report = resolve));
  const server = createServer(async (request, answer) => {
    if (request.method === "POST") report(JSON.parse(await text(request)));
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    answer.end(request.method === "POST" ? "" : page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://localhost:${server.address().port}`, result };
}

for (const { name, programs, args } of BROWSERS) {
  const program = installed(programs);
  const skip = program ? false : `${name} is not installed`;
  test(`${name} loses and doubles nothing over cut connections`, { skip, timeout: 90_000 }, async (t) => {
    const site = await startSite(t);
    const gateway = await startGateway(t, { more: ["--allow-origin", site.origin] });
    const random = seeded(7);
    let connections = 0;
    // The first connection holds for the handshake: it fails as a WebSocket's does.
    const budget = () => 3000 + (connections++ === 0 ? 1000 : random() * 6000);
    const cutter = await startCutter(t, gateway.port, budget);
    const query = new URLSearchParams({
      client: new URL("client.js", gateway.page),
      bridge: `ws://127.0.0.1:${cutter.port}/ws`,
      count: 500,
    });
    const profile = await mkdtemp(join(tmpdir(), "framegate-"));
    const browser = spawn(program, [...args(profile), `${site.origin}/?${query}`], { stdio: "ignore" });
    const exited = once(browser, "exit");
    t.after(async () => {
      browser.kill("SIGKILL");
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    });
    const { resumed, ...result } = await site.result;
    assert.deepEqual(result, {
      missing: [],
      received: 500,
      isExact: true,
      blob: "echo : blob",
      code: 1000,
      wasClean: true,
    });
    t.diagnostic(`resumed ${resumed} times`);
    assert.ok(resumed > 3);
  });
}
