// How to begin: what an empty log offers, done as it says.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:tls";
import { dirname } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openPage, startGateway, startGuarded, TOKEN } from "./harness.mjs";

const options = { timeout: 60_000 };
const permissions = ["clipboard-read", "clipboard-write"];

/** Presses the button beside a snippet; resolves to what that copied. */
async function copy(page, label) {
  const snippet = page.locator(".snippet").filter({ has: page.getByLabel(label, { exact: true }) });
  await snippet.getByRole("button", { name: "Copy" }).click();
  await snippet.getByRole("button", { name: "Copied" }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Runs `command` in a shell that finds the gateway's binary; resolves to what it prints. */
async function run(command, env = {}) {
  const PATH = `${dirname(process.env.FRAMEGATE_BIN)}:${process.env.PATH}`;
  const sh = promisify(execFile)("sh", ["-c", command], { env: { ...process.env, PATH, ...env } });
  return (await sh).stdout;
}

/** What stands in front of `gateway`, and has it under `/tools/`. */
async function startProxy(t, gateway) {
  const { hostname, port } = new URL(gateway.page);
  const pass = ({ method, url, headers }) =>
    request({ hostname, port, method, headers, path: url.replace(/^\/tools/, "") });
  const proxy = createServer((asked, answer) => {
    const passed = pass(asked).on("response", (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    asked.pipe(passed.on("error", () => answer.destroy()));
  });
  proxy.on("upgrade", (asked, socket) => {
    const passed = pass(asked).on("upgrade", (got, inner) => {
      const headers = Object.entries(got.headers).map((header) => header.join(": "));
      socket.write(["HTTP/1.1 101 Switching Protocols", ...headers, "\r\n"].join("\r\n"));
      inner.on("error", () => socket.destroy()).pipe(socket);
      socket.on("error", () => inner.destroy()).pipe(inner);
    });
    passed.on("error", () => socket.destroy()).end();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { ...gateway, page: `http://127.0.0.1:${proxy.address().port}/tools/` };
}

test("the first message is one click away", options, async (t) => {
  const { page, received } = await openPage(t);
  await page.getByRole("button", { name: "Send “hello”" }).click();
  await received.getByText("echo : hello").waitFor();
});

test("the client in Python has the echo service's address", options, async (t) => {
  const { page, gateway } = await openPage(t);
  const { hostname, port } = new URL(gateway.echo);
  await page.getByText(`("${hostname}", ${port})`).waitFor();
});

test("the command sends to the gateway that showed it", options, async (t) => {
  const { page, gateway } = await openPage(t, { permissions });
  const command = await copy(page, "Command");
  const { host } = new URL(gateway.page);
  assert.equal(command, `framegate send --to ws://${host}/ws hello`);
  assert.equal(await run(command), "echo : hello\n");
});

test("and to the upstream that is chosen, or the URL", options, async (t) => {
  const { echo } = await startGateway(t, { more: ["--framing", "lines"] });
  const other = `other=${new URL(echo).host}?framing=lines`;
  const gateway = await startGateway(t, { more: ["--upstream", other] });
  const fragment = "#upstream=other";
  const { page } = await openPage(t, { gateway, fragment, permissions });
  const command = await copy(page, "Command");
  assert.match(command, /\/ws\/other hello$/);
  assert.equal(await run(command), "echo : hello\n");
  // A link is not to be trusted with a shell.
  const socket = gateway.page.replace("http:", "ws:") + "ws/other?$(echo;exit)&'";
  await page.goto(`${gateway.page}#url=${encodeURIComponent(socket)}`);
  await page.getByText("$(echo;exit)").waitFor();
  assert.equal(await run(await copy(page, "Command")), "echo : hello\n");
});

test("and by the way that the page came: under a path", options, async (t) => {
  const gateway = await startProxy(t, await startGateway(t));
  const { page, button, received } = await openPage(t, { gateway, permissions });
  const command = await copy(page, "Command");
  assert.match(command, /ws:\/\/127\.0\.0\.1:\d+\/tools\/ws hello$/);
  assert.equal(await run(command), "echo : hello\n");
  await button("Send “hello”").click();
  await received.getByText("echo : hello").waitFor();
});

test("and over TLS", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--tls-self-signed"] });
  const { page } = await openPage(t, { gateway, permissions, ignoreHTTPSErrors: true });
  const command = await copy(page, "Command");
  assert.match(command, /--to wss:\/\/127\.0\.0\.1:\d+\/ws hello$/);
  // Whom nobody vouches for is trusted by name.
  await assert.rejects(run(command), /--fingerprint SHA256/);
  const { hostname: host, port } = new URL(gateway.page);
  const socket = connect({ host, port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  assert.equal(await run(`${command} --fingerprint ${fingerprint256}`), "echo : hello\n");
});

test("a gateway that asks for a token says how the command shows it", options, async (t) => {
  const { gateway, link } = await startGuarded(t);
  const { page } = await openPage(t, { gateway, fragment: link, permissions });
  await page.getByText("set FRAMEGATE_TOKEN to it, or add --token-file FILE").waitFor();
  const command = await copy(page, "Command");
  await assert.rejects(run(command), /401/);
  assert.equal(await run(command, { FRAMEGATE_TOKEN: TOKEN }), "echo : hello\n");
});

test("in Japanese, too", options, async (t) => {
  const { gateway, link } = await startGuarded(t);
  const locale = "ja";
  const { page } = await openPage(t, { gateway, fragment: link, locale, opens: false });
  await page.getByRole("heading", { name: "コマンドラインから送信する" }).waitFor();
  await page.getByText("環境変数 FRAMEGATE_TOKEN に入れるか").waitFor();
  const command = await page.getByLabel("コマンド", { exact: true }).textContent();
  assert.equal(await run(command, { FRAMEGATE_TOKEN: TOKEN }), "echo : hello\n");
});
