// Code to copy: it is run as it is shown, against the gateway.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { sendFile } from "./files.mjs";
import { assertAccessible, openPage, startGateway, startGuarded, TOKEN, withoutClipboard } from "./harness.mjs";

const options = { timeout: 60_000 };
const permissions = ["clipboard-read", "clipboard-write"];

/** Runs a program with the gateway's binary in its PATH; resolves to its output. */
async function run(program, args, env = {}) {
  const PATH = `${dirname(process.env.FRAMEGATE_BIN)}:${process.env.PATH}`;
  const ran = promisify(execFile)(program, args, { env: { ...process.env, PATH, ...env } });
  return (await ran).stdout;
}

/** The parts of the dialog, opened by `button`. */
async function openCode({ page }, button) {
  await button.click();
  const dialog = page.getByRole("dialog", { name: "Code that sends this message" });
  await dialog.waitFor();
  const language = dialog.getByRole("combobox", { name: "Code in" });
  const text = dialog.getByRole("group");
  const codeIn = async (name) => {
    await language.selectOption(name);
    return text.innerText();
  };
  const names = () => language.getByRole("option").allInnerTexts();
  return { dialog, codeIn, names };
}

test("code for the example message runs", options, async (t) => {
  const parts = await openPage(t, { permissions });
  const { page } = parts;
  const { dialog, codeIn, names } = await openCode(parts, parts.button("Python, JavaScript, C…"));
  const all = ["Python (TCP)", "Python", "JavaScript", "framegate send", "C"];
  assert.deepEqual(await names(), all);
  await assertAccessible(page, "code");
  assert.equal(await run("python3", ["-c", await codeIn("Python (TCP)")]), "echo : hello\n");
  assert.equal(await run("python3", ["-c", await codeIn("Python")]), "echo : hello\n");
  assert.equal(await run("sh", ["-c", await codeIn("framegate send")]), "echo : hello\n");
  await dialog.getByRole("button", { name: "Copy" }).click();
  await dialog.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^framegate send --to ws:.* -- hello\n$/);
});

for (const [name, payload] of [
  ["text", "it's \"日本\" $x\\ \r\n\x1b"],
  ["bytes", Buffer.from([0, 1, 39, 37, 255, 128, 10, 92])],
  ["a long text", "0123456789 ".repeat(100)],
]) {
  test(`code for a message of ${name} runs`, options, async (t) => {
    const gateway = await startGateway(t, { more: ["--prefix", ""] });
    const parts = await openPage(t, { gateway });
    const { sent, wireView } = parts;
    await sendFile(parts, Buffer.from(payload));
    await sent.click();
    const button = wireView.getByRole("button", { name: "Code…" });
    const { codeIn, names } = await openCode(parts, button);
    assert.deepEqual(await names(), ["Python", "JavaScript", "framegate send", "C"]);
    const hex = Buffer.from(payload).toString("hex");
    const python = (await codeIn("Python")).replace(/^print\(.*\)$/m, "print(reply.hex())");
    assert.equal((await run("python3", ["-c", python])).trim(), hex);
    const command = (await codeIn("framegate send")).replace(" send ", " send --output hex ");
    assert.equal((await run("sh", ["-c", command])).trim(), hex);
    const c = (await codeIn("C")).match(/0x([0-9a-f]{2})/g).map((byte) => byte.slice(2));
    assert.equal(c.join(""), hex);
  });
}

test("code is copied over plain HTTP, too", options, async (t) => {
  const parts = await openPage(t, { prepare: withoutClipboard });
  const { codeIn } = await openCode(parts, parts.button("Python, JavaScript, C…"));
  const code = await codeIn("Python");
  await parts.button("Copy").click();
  await parts.button("Copied").waitFor();
  assert.equal(await parts.page.evaluate(() => window.copied), code);
});

test("code presents the token that the gateway requires", options, async (t) => {
  const { gateway, link } = await startGuarded(t);
  const parts = await openPage(t, { gateway, fragment: link });
  const { codeIn } = await openCode(parts, parts.button("Python, JavaScript, C…"));
  const python = await codeIn("Python");
  await assert.rejects(run("python3", ["-c", python], { FRAMEGATE_TOKEN: "wrong" }), /401/);
  const told = await run("python3", ["-c", python], { FRAMEGATE_TOKEN: TOKEN });
  assert.equal(told, "echo : hello\n");
});
