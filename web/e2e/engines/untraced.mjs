// An untraced Chromium, for measurements: Playwright has each WebSocket message reported to Node, which
// takes as much processor time as the page does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A connection to the browser's DevTools Protocol over pipes: JSON messages, each ended by a NUL. */
class Pipe {
  #output;
  #pending = new Map();
  #rest = "";

  constructor(output, input) {
    this.#output = output.on("error", () => {});
    input.setEncoding("utf8").on("data", (text) => this.#take(text));
  }

  /** Sends a command; resolves to its result. */
  send(method, params = {}, sessionId = undefined) {
    const id = this.#pending.size + 1;
    this.#output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#pending.set(id, { method, resolve, reject }));
  }

  #take(text) {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop();
    for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
      const { method, resolve, reject } = this.#pending.get(id) ?? {};
      if (error) reject?.(new Error(`${method}: ${error.message}`));
      else resolve?.(result);
    }
  }
}

/**
 * Opens a page of its own Chromium, which is killed at the end of the test.
 *
 * @param program the path of Chromium.
 * @param args its arguments.
 * @returns functions that call a function in the page with arguments, wait until one returns true,
 * and type.
 */
export async function openUntraced(t, program, args, url) {
  const profile = await mkdtemp(join(tmpdir(), "framegate-chromium-"));
  const all = [...args, "--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`];
  const browser = spawn(program, all, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const exited = once(browser, "exit");
  t.after(async () => {
    browser.kill("SIGKILL");
    await exited;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const pipe = new Pipe(browser.stdio[3], browser.stdio[4]);
  const { targetId } = await pipe.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await pipe.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => pipe.send(method, params, sessionId);
  // The scripts of a test may start workers of their own.
  await send("Page.setBypassCSP", { enabled: true });
  await send("Page.navigate", { url });
  const evaluate = async (run, ...args) => {
    const expression = `(${run})(...${JSON.stringify(args)})`;
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
    return result.value;
  };
  return {
    evaluate,
    /** Looks rarely, because a look takes time. Resolves to the page's time. */
    async until(condition, ...args) {
      while (!(await evaluate(condition, ...args))) await delay(200);
      return evaluate(() => performance.now());
    },
    /** Hides the page behind another tab, as a person does who goes on elsewhere. */
    async hide() {
      await pipe.send("Target.createTarget", { url: "about:blank" });
      while ((await evaluate(() => document.visibilityState)) !== "hidden") await delay(50);
    },
    insertText: (text) => send("Input.insertText", { text }),
    async pressEnter() {
      const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
      await send("Input.dispatchKeyEvent", { type: "keyDown", text: "\r", ...key });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    },
  };
}
