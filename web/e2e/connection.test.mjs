// The connection: choosing an upstream, failures, and reconnecting.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { assertAccessible, listen, openPage, startGateway, startRestartable } from "./harness.mjs";

const options = { timeout: 60_000 };

/** Sessions end with their connections. */
const plain = { more: ["--resume-timeout", "0"] };

test("a killed gateway is reported as 1006 and reconnected to", options, async (t) => {
  const gateway = await startRestartable(t, plain);
  const { connection, disconnect, message, received, send } = await openPage(t, { gateway });
  await gateway.stop("SIGKILL");
  await connection.getByText("1006 abnormal closure").waitFor();
  await connection.getByText("Trying again in").waitFor();
  assert.ok(await disconnect.isVisible());
  await message.fill("hello");
  assert.ok(await send.isDisabled());
  await gateway.restart();
  await connection.getByText("Open").waitFor();
  await send.click();
  await received.getByText("echo : hello").waitFor();
});

test("a stopped gateway is reported as 1001, and Now skips the backoff", options, async (t) => {
  const gateway = await startRestartable(t);
  const { button, connection } = await openPage(t, { gateway });
  const stopped = gateway.stop("SIGTERM");
  await connection.getByText("1001 going away").waitFor();
  await stopped;
  // After some attempts, the backoff is long enough to skip.
  await connection.getByText("does not answer").waitFor();
  await gateway.restart();
  await button("Now").click();
  await connection.getByText("Open").waitFor();
});

test("Disconnect during the backoff stops the retries", options, async (t) => {
  const gateway = await startGateway(t, plain);
  const { page, connection, connect, disconnect } = await openPage(t, { gateway });
  await gateway.stop("SIGKILL");
  await connection.getByText("Trying again in").waitFor();
  await disconnect.click();
  await connection.getByText("Disconnected").waitFor();
  let asked = 0;
  page.on("request", () => (asked += 1));
  // Longer than the first delays.
  await page.waitForTimeout(2500);
  assert.equal(asked, 0);
  assert.ok(await connect.isVisible());
});

test("a request is unanswered if the upstream hangs up", options, async (t) => {
  const upstream = createServer((socket) => socket.once("data", () => socket.destroy()));
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  t.after(() => upstream.close());
  const more = ["--upstream", `127.0.0.1:${upstream.address().port}`];
  const gateway = await startGateway(t, { more });
  const { connection, message, sent } = await openPage(t, { gateway });
  await message.fill("hello");
  await message.press("Enter");
  await connection.getByText("1 message was not answered.").waitFor();
  await sent.getByText("unanswered").waitFor();
});

test("a disconnected page can connect again", options, async (t) => {
  const { connect, connection, disconnect, message, received, send } = await openPage(t);
  await disconnect.click();
  await connection.getByText("Disconnected").waitFor();
  assert.ok(await send.isDisabled());
  await connect.click();
  await connection.getByText("Open").waitFor();
  await message.fill("again");
  await message.press("Enter");
  await received.getByText("echo : again").waitFor();
});

test("a link selects the upstream or URL in its fragment", options, async (t) => {
  const gateway = await startGateway(t);
  const url = gateway.page.replace("http:", "ws:") + "ws";
  const fragment = `#url=${encodeURIComponent(url)}`;
  const { page, choice, message, received } = await openPage(t, { gateway, fragment });
  assert.equal(await page.getByRole("textbox", { name: "WebSocket URL" }).inputValue(), url);
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
  await page.goto(gateway.page + "#upstream=echo");
  await page.getByRole("textbox", { name: "WebSocket URL" }).waitFor({ state: "detached" });
  await choice("Upstream").getByText("echo").waitFor({ state: "attached" });
});

test("another URL is connected to once it is entered", options, async (t) => {
  const { page, gateway, choice, connection, message, received } = await openPage(t);
  await choice("Upstream").selectOption("Other URL…");
  await connection.getByText("Disconnected").waitFor();
  assert.equal(await page.getByLabel("Command", { exact: true }).count(), 0);
  const url = page.getByRole("textbox", { name: "WebSocket URL" });
  await url.fill(gateway.page.replace("http:", "ws:") + "ws");
  await url.press("Enter");
  await connection.getByText("Open").waitFor();
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
});

test("an upstream that is not offered is reported, and another can be chosen", options, async (t) => {
  const { page, gateway, choice, connection } = await openPage(t);
  const chosen = () => choice("Upstream").evaluate((select) => select.selectedOptions[0]?.text);
  await page.goto(`${gateway.page}#upstream=nowhere`);
  await connection.getByText("no upstream called nowhere").waitFor();
  assert.equal(await chosen(), "nowhere · not offered");
  await choice("Upstream").selectOption("echo · u32le");
  await connection.getByText("Open").waitFor();
  assert.equal(await chosen(), "echo · u32le");
});

test("a link to another host asks before it connects", options, async (t) => {
  const gateway = await startGateway(t);
  let asked = 0;
  const server = createServer((socket) => {
    asked += 1;
    socket.on("error", () => {});
  });
  const port = await listen(t, server);
  const fragment = `#url=${encodeURIComponent(`ws://127.0.0.1:${port}/`)}`;
  const { page, connect, connection } = await openPage(t, { gateway, fragment, opens: false });
  const notice = page.getByRole("alert");
  await notice.getByText(`This link leads to ws://127.0.0.1:${port}/`).waitFor();
  await connection.getByText("Disconnected").waitFor();
  assert.equal(asked, 0);
  // Another link, while the page is open.
  await page.goto(gateway.page);
  await connection.getByText("Open", { exact: true }).waitFor();
  await page.evaluate((fragment) => (location.hash = fragment), fragment);
  await notice.getByText("on another host").waitFor();
  await connection.getByText("Disconnected").waitFor();
  assert.equal(asked, 0);
  await assertAccessible(page, "a link to another host");
});

test("a link is shown as the host that it leads to, however long it is", options, async (t) => {
  const gateway = await startGateway(t);
  const { host } = new URL(gateway.page);
  const link = (key, value) => `#${key}=${encodeURIComponent(value)}`;
  const fragment = link("url", `ws://${host}%2f@127.0.0.2:9/${"a".repeat(100_000)}`);
  const { page, connect, connection } = await openPage(t, { gateway, fragment, opens: false });
  const notice = page.getByRole("alert");
  await notice.getByText("This link leads to ws://127.0.0.2:9/aaa").waitFor();
  assert.ok((await notice.boundingBox()).height < 150);
  for (const scheme of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ws://[::1"]) {
    await page.evaluate((hash) => (location.hash = hash), link("url", scheme));
    await notice.getByText(`leads to ${scheme}, on another host`).waitFor();
  }
  await page.evaluate((hash) => (location.hash = hash), link("upstream", `\u202e${"a".repeat(100_000)}`));
  await notice.getByText("on another host").waitFor({ state: "detached" });
  await connect.click();
  await connection.getByText("no upstream called \\u202eaaa").waitFor();
  assert.ok((await connection.boundingBox()).height < 150);
});

test("a foreign link is connected to once the user agrees", options, async (t) => {
  const gateway = await startGateway(t);
  const other = await startGateway(t, { more: ["--allow-origin", new URL(gateway.page).origin] });
  const url = other.page.replace("http:", "ws:") + "ws";
  const fragment = `#url=${encodeURIComponent(url)}`;
  const parts = await openPage(t, { gateway, fragment, opens: false });
  const { page, connection, faults } = parts;
  await page.getByRole("alert").getByRole("button", { name: "Connect" }).click();
  await connection.getByText("Open", { exact: true }).waitFor();
  assert.equal(await page.getByText("on another host").count(), 0);
  faults.length = 0;
});

for (const [name, more] of [["plain", ["--resume-timeout", "0"]], ["resumable", []]]) {
  test(`a network that is dead is noticed while nothing comes: ${name}`, options, async (t) => {
    const gateway = await startGateway(t, { more });
    const prepare = (page) => page.clock.install();
    const { page, message, messages, received } = await openPage(t, { gateway, prepare });
    await message.fill("hello");
    await message.press("Enter");
    await received.waitFor();
    // Requests hang, and the WebSocket is silent: no packet comes through.
    await page.route("**/api/info", () => {});
    await page.clock.runFor(16_000);
    await page.clock.runFor(6_000);
    const events = messages.locator('[data-direction="event"]');
    await events.getByText(more.length > 0 ? "1006 abnormal closure" : "Connection lost").waitFor();
    if (more.length > 0) return;
    // The session goes on: the connection before was left without a Close.
    await events.getByText("Connection kept").waitFor();
    await message.fill("again");
    await message.press("Enter");
    await received.nth(1).waitFor();
  });

  test(`a browser that goes offline is not called open: ${name}`, options, async (t) => {
    const gateway = await startGateway(t, { more });
    const { page, connection } = await openPage(t, { gateway });
    await page.context().setOffline(true);
    await connection.getByText("Open", { exact: true }).waitFor({ state: "detached" });
    await page.context().setOffline(false);
    await connection.getByText("Open", { exact: true }).waitFor();
  });
}

test("an attempt that hangs is given up and made again", options, async (t) => {
  const gateway = await startGateway(t);
  let asked = 0;
  const prepare = async (page) => {
    await page.clock.install();
    await page.route("**/api/info", (route) => (asked++ > 0 ? route.continue() : undefined));
  };
  const { page, connection } = await openPage(t, { gateway, prepare, opens: false });
  await connection.getByText("Connecting…").waitFor();
  await page.clock.runFor(11_000);
  await page.clock.runFor(3_000);
  await connection.getByText("Open", { exact: true }).waitFor();
  assert.equal(asked, 2);
});

test("the page stays in its place while it tries again", options, async (t) => {
  const gateway = await startGateway(t, plain);
  const { page, connection } = await openPage(t, { gateway });
  await gateway.stop("SIGKILL");
  await connection.getByText("Trying again in").waitFor();
  await page.evaluate(() => {
    window.places = new Set();
    const note = () => {
      window.places.add(document.querySelector("main").offsetTop);
      requestAnimationFrame(note);
    };
    note();
  });
  for (let attempt = 0; attempt < 3; attempt++) await page.waitForRequest("**/api/info");
  await connection.getByText("Trying again in").waitFor();
  assert.equal(await page.evaluate(() => window.places.size), 1);
});
