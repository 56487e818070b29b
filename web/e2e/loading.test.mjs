// Loading: missing features, offline devices, and reverse proxies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, startGateway, startProxy, startRestartable } from "./harness.mjs";

const options = { timeout: 60_000 };

test("a browser without JavaScript is told what the page needs", options, async (t) => {
  const { page } = await openPage(t, { javaScriptEnabled: false, opens: false });
  const need = page.locator("noscript");
  await need.waitFor();
  assert.match(await need.innerText(), /^This page needs JavaScript and WebAssembly\./);
  assert.equal(await page.getByText("Loading…").isVisible(), false);
});

test("a browser without WebAssembly is told what the page needs, and can reload", options, async (t) => {
  const prepare = (page) => page.addInitScript(() => delete window.WebAssembly);
  const { page, connection, faults } = await openPage(t, { prepare, opens: false });
  await connection.getByText("The page needs the gateway and WebAssembly").waitFor();
  await page.getByRole("link", { name: "Reload" }).waitFor();
  assert.match(String(faults.shift()), /WebAssembly is not defined/);
});

test("the chosen theme applies before the program is loaded", options, async (t) => {
  const { page, choice } = await openPage(t, { colorScheme: "light" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await choice("Theme").selectOption("Dark");
  await page.locator("html[data-theme=dark]").waitFor();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.route("**/*.wasm", () => {});
  await page.reload({ waitUntil: "commit" });
  await page.getByText("Loading…").waitFor();
  assert.equal(await background(), dark);
});

test("an offline device is told so, and reconnects once it is online", options, async (t) => {
  const gateway = await startRestartable(t, { more: ["--resume-timeout", "1s"] });
  const { page, connection } = await openPage(t, { gateway });
  await gateway.stop("SIGKILL");
  await page.context().setOffline(true);
  await connection.getByText("This device is offline.").waitFor();
  await gateway.restart();
  await page.context().setOffline(false);
  await connection.getByText("Open").waitFor();
});

test("the page works under the path of a reverse proxy", options, async (t) => {
  const gateway = await startProxy(t, await startGateway(t), "/tools/frames");
  const { message, received } = await openPage(t, { gateway });
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
});
