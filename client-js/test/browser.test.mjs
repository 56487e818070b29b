// client.js in browsers, in a page of another origin that imports it from the gateway.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import {
  closeBrowsers,
  missing,
  sharedBrowser,
  TESTED_ENGINES,
} from "../../web/e2e/engines/engines.mjs";
import { startGateway } from "../../web/e2e/gateway.mjs";
import { seeded, startCutter } from "./fake-gateway.mjs";

after(closeBrowsers);

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

for (const engine of TESTED_ENGINES) {
  const options = { skip: missing(engine), timeout: 90_000 };
  test(`${engine.name} loses and doubles nothing over cut connections`, options, async (t) => {
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
    const browser = await sharedBrowser(engine);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${site.origin}/?${query}`);
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
