// The log: scrolling, filters, several chosen messages, events, and translation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createServer } from "node:net";
import { eventually, hasCount, listen, openPage, startGateway, withoutClipboard } from "./harness.mjs";

const options = { timeout: 60_000 };

/** Starts a service that sends a line every 5 ms once it has got one, and its gateway. */
async function startTicker(t) {
  const timers = [];
  const service = createServer((client) => {
    client.on("error", () => {});
    client.once("data", () => {
      let number = 0;
      timers.push(setInterval(() => client.write(`${number++}\n`), 5));
    });
  });
  t.after(() => timers.forEach(clearInterval));
  const port = await listen(t, service);
  return startGateway(t, { more: ["--upstream", `127.0.0.1:${port}?framing=lines`] });
}

test("scrolling up wins over 200 messages a second", options, async (t) => {
  const gateway = await startTicker(t);
  const { page, button, message, received } = await openPage(t, { gateway });
  await message.fill("go");
  await message.press("Enter");
  await received.nth(20).waitFor();
  const latest = page.getByRole("button", { name: /^↓/ });
  for (let turn = 0; turn < 20; turn++) {
    // Up by less than a frame's messages, at any time of a frame: also right before the page draws,
    // in a frame whose scroll events are over.
    await page.evaluate(async (turn) => {
      const when = turn % 2 === 0 ? requestAnimationFrame : (then) => setTimeout(then, turn);
      await new Promise(when);
      document.querySelector(".rows").scrollBy(0, -20);
    }, turn);
    await latest.waitFor();
    const top = () => page.evaluate(() => document.querySelector(".rows").scrollTop);
    const before = await top();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    assert.equal(await top(), before, `turn ${turn}`);
    await latest.click();
    await latest.waitFor({ state: "detached" });
  }
});

test("no expression of the filter hangs the page", options, async (t) => {
  const { page, filter, messages, message, received } = await openPage(t);
  await message.fill("a".repeat(300) + "!");
  await message.press("Enter");
  await received.waitFor();
  for (const text of ["/^(a+)+$/", "/^(a|a)*$/", "/^(a*)*b/"]) {
    await filter.fill(text);
    await messages.getByText("No message matches").waitFor();
  }
  await filter.fill("/A{3}!$/i");
  await received.waitFor();
  await eventually(() => filter.getAttribute("aria-invalid"), "false");
  await filter.fill("/(/");
  await page.getByRole("alert").getByText("group").waitFor();
});

test("bytes and kinds filter the log", options, async (t) => {
  const { choice, filter, message, messages, page, sent, received } = await openPage(t);
  await message.fill("text");
  await message.press("Enter");
  await choice("Format").selectOption("Hex");
  await message.fill("00 ff d8 ff 01");
  await message.press("Enter");
  await received.nth(1).waitFor();
  await filter.fill("hex: ff d8 ff");
  await page.getByText("2 of").waitFor();
  await filter.fill("hex:fg");
  await page.getByRole("alert").getByText("is invalid").waitFor();
  await filter.fill("");
  await choice("Kind").selectOption("Binary");
  await sent.getByText("text").waitFor({ state: "detached" });
  await hasCount(sent, 1);
  await choice("Kind").selectOption("Text");
  await sent.getByText("text", { exact: true }).waitFor();
});

test("several messages are chosen by mouse and keys, and copied", options, async (t) => {
  const permissions = ["clipboard-read", "clipboard-write"];
  const { page, button, messages, message, received, sent } = await openPage(t, { permissions });
  for (const [index, text] of ["one", "two", "three"].entries()) {
    await message.fill(text);
    await message.press("Enter");
    await received.nth(index).waitFor();
  }
  const chosen = messages.getByRole("option", { selected: true });
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await sent.nth(0).click();
  await sent.nth(1).click({ modifiers: ["Shift"] });
  await page.getByText("3 chosen").waitFor();
  await hasCount(chosen, 3);
  await page.keyboard.press("Control+c");
  await eventually(copied, "one\necho : one\ntwo");
  await sent.nth(2).click({ modifiers: ["Control"] });
  await sent.nth(1).click({ modifiers: ["Control"] });
  await button("Copy").first().click();
  await page.getByRole("alert").getByText("Copied").waitFor();
  assert.equal(await copied(), "one\necho : one\nthree");
  await page.keyboard.press("Escape");
  await received.last().click();
  await page.keyboard.press("Shift+ArrowUp");
  await page.getByText("2 chosen").waitFor();
  await page.keyboard.press("Control+a");
  await page.getByText("6 chosen").waitFor();
});

test("chosen messages are copied over plain HTTP, too", options, async (t) => {
  const parts = await openPage(t, { prepare: withoutClipboard });
  const { page, button, message, received, sent } = parts;
  await message.fill("one");
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  await received.click({ modifiers: ["Control"] });
  await button("Copy").first().click();
  await page.getByRole("alert").getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => window.copied), "one\necho : one");
});

test("connections, their ends and another upstream are rows of the log", options, async (t) => {
  const other = await startGateway(t);
  const more = ["--upstream", `other=${new URL(other.echo).host}`];
  const gateway = await startGateway(t, { more });
  const { choice, connect, connection, disconnect, message, messages, received } = await openPage(t, { gateway });
  await message.fill("hello");
  await message.press("Enter");
  await received.waitFor();
  await disconnect.click();
  await connect.click();
  await connection.getByText("Open").waitFor();
  await choice("Upstream").selectOption("other · u32le");
  const events = messages.locator('[data-direction="event"]');
  await events.getByText("Connected to other").waitFor();
  const texts = await events.locator("span:last-child").allInnerTexts();
  assert.deepEqual(texts, [
    "Connected to echo", "Disconnected", "Connected to echo", "Disconnected", "Connected to other",
  ]);
});

/** Replaces text nodes as a browser does that translates a page, now and whenever they change. */
function translate() {
  const translated = (text) => `«${text}»`;
  const visit = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const parent = node.parentElement;
      const isDone = parent?.closest("font, [translate=no], script, style, textarea, option");
      if (!parent || isDone || !node.data.trim()) return;
      const font = document.createElement("font");
      font.textContent = translated(node.data);
      node.replaceWith(font);
    } else {
      [...node.childNodes].forEach(visit);
    }
  };
  const observer = new MutationObserver((changes) => {
    changes.forEach(({ addedNodes }) => addedNodes.forEach(visit));
  });
  visit(document.body);
  observer.observe(document.body, { childList: true, subtree: true });
}

test("a translating browser freezes no text, and translates no payload", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--resume-timeout", "0"] });
  const { page, connection, message, received, sent } = await openPage(t, { gateway });
  await page.evaluate(translate);
  const status = async (text) => connection.getByText(`«${text}»`, { exact: true }).waitFor();
  await status("Open");
  const button = (name) => page.getByRole("button", { name: `«${name}»`, exact: true });
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello", { exact: true }).waitFor();
  await sent.getByText("hello", { exact: true }).waitFor();
  await button("Pause").click();
  await button("Resume").click();
  await button("Pause").waitFor();
  await button("Disconnect").click();
  await status("Disconnected");
  await page.getByText("«Messages can be sent once the connection is open.»").waitFor();
  await button("Connect").click();
  await status("Open");
  await gateway.stop("SIGKILL");
  await status("Waiting");
  await page.getByText("«The connection was lost: the gateway or the network is down.»").waitFor();
  await button("Disconnect").click();
  await status("Disconnected");
});

test("figures keep their places while they change", options, async (t) => {
  const { button, statistics, received } = await openPage(t);
  const places = () =>
    statistics.locator("dt").evaluateAll((terms) => {
      const places = terms.map((it) => it.getBoundingClientRect());
      return places.map(({ x, y }) => [Math.round(x), Math.round(y)]);
    });
  const before = await places();
  await button("Ten times").click();
  await received.nth(9).waitFor();
  await statistics.getByText("10 · 50 B").waitFor();
  assert.deepEqual(await places(), before);
  // The longest figures of each kind.
  const tally = "999,999 · 1023 MiB";
  const times = "<0.01 ms / 9.99 s";
  const longest = [tally, tally, "99,999/s", "<0.1 ms", "9.99 s", "999,999", times, times, "99,999"];
  const figures = statistics.locator("dd");
  await figures.evaluateAll((all, longest) => all.forEach((it, at) => it.replaceChildren(longest[at])), longest);
  assert.deepEqual(await figures.allTextContents(), longest);
  assert.deepEqual(await places(), before);
  assert.ok(await button("Disconnect").isVisible());
});
