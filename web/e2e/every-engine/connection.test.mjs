// The connection, in each engine: upstreams, cuts, the live feed, and the login.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { startGateway, startGuarded, startRestartable, testInEngines, TOKEN } from "../harness.mjs";

/** Sends a text and waits for its echo. */
async function exchange({ message, received }, text) {
  await message.fill(text);
  await message.press("Enter");
  await received.getByText(`echo : ${text}`, { exact: true }).waitFor();
}

testInEngines("another upstream can be chosen, and has a link", async (t, open) => {
  const { echo } = await startGateway(t);
  const gateway = await startGateway(t, { more: ["--upstream", `other=${new URL(echo).host}`] });
  const parts = await open({ gateway });
  await exchange(parts, "one");
  await parts.choice("Upstream").selectOption("other · u32le");
  await parts.page.waitForFunction(() => location.hash === "#upstream=other");
  await parts.connection.getByText("Open").waitFor();
  await exchange(parts, "two");
});

testInEngines("a session resumes after a cut, and what was sent meanwhile is answered", async (t, open) => {
  const gateway = await startRestartable(t);
  const parts = await open({ gateway });
  const { connection, message, sent, received } = parts;
  await exchange(parts, "before");
  gateway.cut();
  await connection.getByText("Reconnecting…").waitFor();
  await message.fill("meanwhile");
  await message.press("Enter");
  await sent.getByText("meanwhile").waitFor();
  gateway.mend();
  await received.getByText("echo : meanwhile").waitFor();
  await connection.getByText("Open").waitFor();
  await exchange(parts, "after");
  assert.equal(await received.count(), 3);
});

testInEngines("a killed gateway is reported, and reconnected to", async (t, open) => {
  const gateway = await startRestartable(t, { more: ["--resume-timeout", "0"] });
  const parts = await open({ gateway });
  await gateway.stop("SIGKILL");
  await parts.connection.getByText("1006 abnormal closure").waitFor();
  await gateway.restart();
  await parts.connection.getByText("Open").waitFor();
  await exchange(parts, "again");
});

testInEngines("the live feed shows a TCP client's messages", async (t, open) => {
  const gateway = await startGateway(t, { more: ["--monitor"] });
  const { page, button, sent, received } = await open({ gateway });
  await button("Monitor").click();
  const watching = page.getByRole("region", { name: "Monitor" });
  await watching.getByText("Watching").waitFor();
  const { hostname, port } = new URL(gateway.echo);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.write("\x05\0\0\0hello");
  await sent.getByText("hello", { exact: true }).waitFor();
  await received.getByText("echo : hello").waitFor();
  await page.getByRole("list", { name: "Clients" }).getByText("tcp 127.0.0.1").waitFor();
});

testInEngines("the login accepts the token, and is kept over a reload", async (t, open) => {
  const { gateway } = await startGuarded(t);
  const parts = await open({ gateway, opens: false });
  const token = parts.page.getByLabel("Token");
  await token.fill("something-else-entirely");
  await token.press("Enter");
  await parts.page.getByRole("alert").getByText("That is not the token").waitFor();
  await token.fill(TOKEN);
  await parts.page.getByRole("button", { name: "Log in" }).click();
  await parts.connection.getByText("Open").waitFor();
  await parts.page.reload();
  await parts.connection.getByText("Open").waitFor();
  await exchange(parts, "hello");
});

testInEngines("a login link logs in, and its code leaves the address", async (t, open) => {
  const { gateway, link } = await startGuarded(t);
  const parts = await open({ gateway, fragment: link });
  await exchange(parts, "hello");
  assert.equal(await parts.page.url(), gateway.page);
});
