// The page before it runs, where it cannot, and where it is not at the root.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { test } from "node:test";
import { openPage, startGateway } from "./harness.mjs";

const options = { timeout: 60_000 };

test("without JavaScript, the page says what it needs", options, async (t) => {
  const { page } = await openPage(t, { javaScriptEnabled: false, opens: false });
  const need = page.locator("noscript");
  await need.waitFor();
  assert.match(await need.innerText(), /^This page needs JavaScript and WebAssembly\./);
  assert.equal(await page.getByText("Loading…").isVisible(), false);
});

test("without WebAssembly too, and how to try again", options, async (t) => {
  const prepare = (page) => page.addInitScript(() => delete window.WebAssembly);
  const { page, connection, faults } = await openPage(t, { prepare, opens: false });
  await connection.getByText("The page needs the gateway and WebAssembly").waitFor();
  await page.getByRole("link", { name: "Reload" }).waitFor();
  assert.match(String(faults.shift()), /WebAssembly is not defined/);
});

test("the chosen theme is there before the program is", options, async (t) => {
  const { page, choice } = await openPage(t, { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await choice("Theme").selectOption("Dark");
  await page.locator("html[data-theme=dark]").waitFor();
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.route("**/*.wasm", () => {});
  await page.reload({ waitUntil: "commit" });
  await page.getByText("Loading…").waitFor();
  assert.equal(await ground(), dark);
});

test("a device that is offline is told so, and the page comes back with it", options, async (t) => {
  const { page, gateway, connection } = await openPage(t);
  await gateway.stop("SIGKILL");
  await page.context().setOffline(true);
  await connection.getByText("This device is offline.").waitFor();
  await startGateway(t, { http: new URL(gateway.page).host });
  await page.context().setOffline(false);
  await connection.getByText("Open").waitFor();
});

/** A reverse proxy that serves the gateway's page under `path`; resolves to its URL. */
async function startProxy(t, gateway, path) {
  const pass = ({ url, method, headers }) => {
    const target = new URL(gateway.page);
    return request({
      host: target.hostname,
      port: target.port,
      path: url.slice(path.length),
      method,
      headers,
    });
  };
  const server = createServer((asked, answer) => {
    if (!asked.url.startsWith(`${path}/`)) return answer.writeHead(404).end();
    const passed = pass(asked).on("response", (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    asked.pipe(passed.on("error", () => answer.destroy()));
  });
  server.on("upgrade", (asked, socket) => {
    const passed = pass(asked).on("upgrade", (got, upstream) => {
      const headers = got.rawHeaders.flatMap((text, at) => (at % 2 ? [] : [`${text}: ${got.rawHeaders[at + 1]}\r\n`]));
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("")}\r\n`);
      upstream.pipe(socket).pipe(upstream);
      for (const end of [upstream, socket]) end.on("error", () => {});
    });
    passed.on("error", () => socket.destroy()).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}${path}/`;
}

test("the page works under a path of a reverse proxy", options, async (t) => {
  const gateway = await startGateway(t);
  const page = await startProxy(t, gateway, "/tools/frames");
  const { message, received } = await openPage(t, { gateway: { ...gateway, page } });
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
});
