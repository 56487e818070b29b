// The tutorial's pages, served by another site than the gateway's.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { listen, sharedBrowser, startGateway, startGuarded, TOKEN } from "./harness.mjs";

const tutorial = await readFile(new URL("../../docs/tutorial.md", import.meta.url), "utf8");
const [plainPage, tokenPage] = Array.from(tutorial.matchAll(/```html\n(.*?)```/gs), ([, html]) => html);

/**
 * Serves a page at localhost, which is another site than the gateway's 127.0.0.1.
 *
 * @returns its origin, and a function that sets its HTML.
 */
async function startSite(t) {
  let page;
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  });
  const port = await listen(t, server);
  t.after(() => server.closeAllConnections());
  return { origin: `http://localhost:${port}`, show: (html) => (page = html) };
}

/** Opens the site's page `html`, for the gateway's bridge. */
async function open(t, site, gateway, html) {
  const bridge = new URL("ws/echo", gateway.page).href.replace("http:", "ws:");
  const changed = html.replace(/wss?:\/\/[^"]*\/ws\/shout/, bridge);
  assert.notEqual(changed, html, "the page has the tutorial's URL");
  site.show(changed);
  const browser = await sharedBrowser();
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return { page, load: () => page.goto(site.origin) };
}

/** Enters `token` in the tutorial's form. */
async function enter(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Connect" }).click();
}

test("an allowed page of another site reaches the service", async (t) => {
  const site = await startSite(t);
  const gateway = await startGateway(t, { more: ["--allow-origin", site.origin] });
  const { page, load } = await open(t, site, gateway, plainPage);
  const reply = page.waitForEvent("console", (message) => message.text() === "echo : hello");
  await load();
  await reply;
});

test("an allowed page of another site presents the token", async (t) => {
  const site = await startSite(t);
  const more = ["--allow-origin", site.origin];
  const { gateway } = await startGuarded(t, { more });
  const { page, load } = await open(t, site, gateway, tokenPage);
  await load();
  await enter(page, "something-else-entirely");
  await page.getByText("closed: 1006").waitFor();
  await enter(page, TOKEN);
  await page.getByText("echo : hello").waitFor();

  // Without the token the page is refused.
  const closed = await page.evaluate((url) => {
    const socket = new WebSocket(url, ["framegate"]);
    return new Promise((resolve) => (socket.onclose = ({ code }) => resolve(code)));
  }, new URL("ws/echo", gateway.page).href.replace("http:", "ws:"));
  assert.equal(closed, 1006);
});

test("a page that is not allowed is refused in spite of its token", async (t) => {
  const site = await startSite(t);
  const { gateway } = await startGuarded(t);
  const { page, load } = await open(t, site, gateway, tokenPage);
  await load();
  await enter(page, TOKEN);
  await page.getByText("closed: 1006").waitFor();
});

test("a token offer is harmless where no token is required", async (t) => {
  const site = await startSite(t);
  const gateway = await startGateway(t, { more: ["--allow-origin", site.origin] });
  const { page, load } = await open(t, site, gateway, tokenPage);
  await load();
  await enter(page, TOKEN);
  await page.getByText("echo : hello").waitFor();
});
