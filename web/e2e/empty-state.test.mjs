// The empty state: its button and snippets, run as they are shown.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:tls";
import { dirname } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openPage, startGateway, startGuarded, startProxy, TOKEN } from "./harness.mjs";

const options = { timeout: 60_000 };

/** Selects a snippet by a click, which selects all of it; resolves to what a copy would be. */
async function copy(page, label) {
  await page.getByLabel(label, { exact: true }).click();
  return page.evaluate(() => getSelection().toString().trim());
}

/** Runs `command` in a shell with the gateway's binary in its PATH; resolves to its output. */
async function run(command, env = {}) {
  const PATH = `${dirname(process.env.FRAMEGATE_BIN)}:${process.env.PATH}`;
  const sh = promisify(execFile)("sh", ["-c", command], { env: { ...process.env, PATH, ...env } });
  return (await sh).stdout;
}

test("the hello button sends a message", options, async (t) => {
  const { page, received } = await openPage(t);
  await page.getByRole("button", { name: "Send “hello”" }).click();
  await received.getByText("echo : hello").waitFor();
});

test("the command snippet sends to this gateway", options, async (t) => {
  const { page, gateway } = await openPage(t);
  const command = await copy(page, "Command");
  const { host } = new URL(gateway.page);
  assert.equal(command, `framegate send --to ws://${host}/ws hello`);
  assert.equal(await run(command), "echo : hello\n");
});

test("the command snippet sends to the chosen upstream or URL", options, async (t) => {
  const { echo } = await startGateway(t, { more: ["--framing", "lines"] });
  const other = `other=${new URL(echo).host}?framing=lines`;
  const gateway = await startGateway(t, { more: ["--upstream", other] });
  const fragment = "#upstream=other";
  const { page } = await openPage(t, { gateway, fragment });
  const command = await copy(page, "Command");
  assert.match(command, /\/ws\/other hello$/);
  assert.equal(await run(command), "echo : hello\n");
  // A URL from a link is quoted for the shell.
  const socket = gateway.page.replace("http:", "ws:") + "ws/other?$(echo;exit)&'";
  await page.goto(`${gateway.page}#url=${encodeURIComponent(socket)}`);
  await page.getByText("$(echo;exit)").waitFor();
  assert.equal(await run(await copy(page, "Command")), "echo : hello\n");
});

test("the command snippet keeps the path of a reverse proxy", options, async (t) => {
  const gateway = await startProxy(t, await startGateway(t), "/tools");
  const { page, button, received } = await openPage(t, { gateway });
  const command = await copy(page, "Command");
  assert.match(command, /ws:\/\/127\.0\.0\.1:\d+\/tools\/ws hello$/);
  assert.equal(await run(command), "echo : hello\n");
  await button("Send “hello”").click();
  await received.getByText("echo : hello").waitFor();
});

test("the command snippet uses wss for a page over TLS", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--tls-self-signed"] });
  const { page } = await openPage(t, { gateway, ignoreHTTPSErrors: true });
  const command = await copy(page, "Command");
  assert.match(command, /--to wss:\/\/127\.0\.0\.1:\d+\/ws hello$/);
  // A self-signed certificate is trusted by its fingerprint only.
  await assert.rejects(run(command), /--fingerprint SHA256/);
  const { hostname: host, port } = new URL(gateway.page);
  const socket = connect({ host, port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  assert.equal(await run(`${command} --fingerprint ${fingerprint256}`), "echo : hello\n");
});

test("the command snippet explains how to pass a required token", options, async (t) => {
  const { gateway, link } = await startGuarded(t);
  const { page } = await openPage(t, { gateway, fragment: link });
  await page.getByText("set FRAMEGATE_TOKEN, or add --token-file FILE").waitFor();
  const command = await copy(page, "Command");
  await assert.rejects(run(command), /401/);
  assert.equal(await run(command, { FRAMEGATE_TOKEN: TOKEN }), "echo : hello\n");
});

test("the command snippet with a token works on the Japanese page", options, async (t) => {
  const { gateway, link } = await startGuarded(t);
  const locale = "ja";
  const { page } = await openPage(t, { gateway, fragment: link, locale, opens: false });
  await page.getByRole("heading", { name: "コマンドラインから送信する" }).waitFor();
  await page.getByText("環境変数 FRAMEGATE_TOKEN に入れるか").waitFor();
  const command = await page.getByLabel("コマンド", { exact: true }).textContent();
  assert.equal(await run(command, { FRAMEGATE_TOKEN: TOKEN }), "echo : hello\n");
});
