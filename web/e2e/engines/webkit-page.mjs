// A page in WebKit, with as much of playwright's Page as the tests use.

import { EventEmitter } from "node:events";
import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { chordSteps, textSteps } from "./keys.mjs";
import { byLabel, byRole, byText, INJECTED, injectedScript } from "./selectors.mjs";
import { Locator } from "./webkit-locator.mjs";

/** The time that one script may wait in the page. A navigation would end a longer one. */
const SLICE_MS = 500;

/**
 * Waits in the page until `callee` returns something for the one element of a selector. Strict:
 * more elements are an error.
 */
async function pollInPage(injected, callee, selector, argument, absent, slice) {
  const parsed = selector && injected.parseSelector(selector);
  const end = performance.now() + slice;
  do {
    const element = parsed && injected.querySelector(parsed, document, true);
    if (element || absent) {
      const value = await callee(element, injected, argument);
      if (value !== undefined && value !== null && value !== false) return value;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  } while (performance.now() < end);
  return null;
}

/** Keeps what the page does wrong, since the driver has no such events. */
function watchFaults() {
  if (window.__faults) return;
  window.__faults = [];
  addEventListener("keydown", ({ key }) => (window.__lastKey = key), true);
  const keep = (text) => window.__faults.push(String(text));
  addEventListener("error", ({ message }) => keep(message));
  addEventListener("unhandledrejection", ({ reason }) => keep(reason));
  document.addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) =>
    keep(`Content Security Policy: ${violatedDirective} ${blockedURI}`),
  );
}

/** Describes what a person would see: why a test waits in vain. */
function describePage() {
  const focused = document.activeElement;
  const focus = focused?.getAttribute("aria-label") ?? focused?.tagName;
  const drafts = [...document.querySelectorAll("textarea")].map(({ value }) => value.slice(0, 200));
  const text = document.body.innerText.replace(/\s+/g, " ").slice(0, 2000);
  const isActive = document.hasFocus();
  return JSON.stringify({ isActive, focus, lastKey: window.__lastKey, drafts, text });
}

/**
 * A page. Its events are playwright's `request` and `pageerror`, told when the page is left: of
 * faults, those after the load.
 */
export class Page extends EventEmitter {
  #timeout = 30_000;
  #downloads;

  /** @param downloads resolves to the next file that is saved, with its path and its name. */
  constructor(session, downloads) {
    super();
    this.session = session;
    this.#downloads = downloads;
  }

  setDefaultTimeout(timeout) {
    this.#timeout = timeout;
  }

  /** Repeats an action until it succeeds, for as long as its errors are transient. */
  async retry(action, { timeout = this.#timeout, what = "an action" } = {}) {
    const end = performance.now() + timeout;
    for (;;) {
      try {
        const value = await action();
        if (value !== null) return value;
        if (performance.now() > end) throw await this.#timedOut(what, timeout);
      } catch (error) {
        if (!error.isTransient || performance.now() > end) throw error;
        await delay(10);
      }
    }
  }

  async #timedOut(what, timeout) {
    const page = await this.session.run(describePage);
    return new Error(`no end of ${what} within ${timeout} ms, in the page ${page}`);
  }

  /** Runs a function with the injected script as its first argument. */
  async #inject(callee, args) {
    const call = `async (...args) => window.${INJECTED} ? (${callee})(window.${INJECTED}, ...args) : "absent"`;
    for (;;) {
      const value = await this.session.runAsync(call, ...args);
      if (value !== "absent") return value;
      await this.session.run(await injectedScript());
    }
  }

  /** Waits until `callee` returns something for the one element that a selector finds. */
  poll(selector, callee, argument, { timeout, absent = false } = {}) {
    const call = `(injected, ...args) => (${pollInPage})(injected, ${callee}, ...args)`;
    const args = [selector, argument ?? null, absent, SLICE_MS];
    return this.retry(() => this.#inject(call, args), { timeout, what: `${selector}: ${callee}` });
  }

  /** Calls a function with all elements that a selector finds. */
  query(selector, callee, argument = null) {
    const call = `(injected, selector, argument) =>
      (${callee})(injected.querySelectorAll(injected.parseSelector(selector), document), argument)`;
    return this.#inject(call, [selector, argument]);
  }

  locator = (selector) => new Locator(this, selector);
  getByRole = (role, options) => this.locator(byRole(role, options));
  getByText = (text, options) => this.locator(byText(text, options));
  getByLabel = (text, options) => this.locator(byLabel(text, options));

  /** Evaluates a function, or a script as text. */
  evaluate(callee, argument = null) {
    if (typeof callee === "string") return this.session.run(`() => { ${callee} }`);
    return this.session.runAsync(callee, argument);
  }

  async waitForFunction(callee, argument) {
    const call = `(element, injected, argument) => (${callee})(argument)`;
    await this.poll(null, call, argument, { absent: true });
  }

  async goto(url) {
    await this.tellFaults();
    await this.session.post("url", { url });
    await this.session.run(watchFaults);
  }

  async reload() {
    await this.tellFaults();
    await this.session.post("refresh");
    await this.session.run(watchFaults);
  }

  /** Emits what this document has loaded, and what it did wrong. */
  async tellFaults() {
    const [urls, faults] = await this.session.run(() => [
      performance.getEntriesByType("resource").map(({ name }) => name),
      window.__faults?.splice(0) ?? [],
    ]);
    for (const url of urls) this.emit("request", { url: () => url });
    for (const fault of faults) this.emit("pageerror", new Error(fault));
  }

  url() {
    return this.session.get("url");
  }

  keyboard = {
    press: (chord) => this.session.keys(chordSteps(chord)),
    type: (text) => this.session.keys(textSteps(text)),
  };

  /** Gives the page this size; the window around it has bars. */
  async setViewportSize({ width, height }) {
    const rect = await this.session.get("window/rect");
    const inner = await this.session.run(() => [innerWidth, innerHeight]);
    const bars = [rect.width - inner[0], rect.height - inner[1]];
    const outer = { width: width + bars[0], height: height + bars[1] };
    await this.session.post("window/rect", outer);
    await this.waitForFunction(([x, y]) => innerWidth === x && innerHeight === y, [width, height]);
  }

  async screenshot({ path } = {}) {
    const png = Buffer.from(await this.session.get("screenshot"), "base64");
    if (path) await writeFile(path, png);
    return png;
  }

  /** Waits for a `download`, or for the `filechooser` that the page opens next. */
  async waitForEvent(name) {
    if (name === "download") return this.#downloads();
    if (name !== "filechooser") throw new Error(`no event ${name} in WebKit`);
    // A dialog of the desktop would stay open.
    await this.session.run(() => {
      HTMLInputElement.prototype.click = function () {
        this.dataset.chosen = "";
      };
    });
    const input = this.locator("input[data-chosen]");
    await input.waitFor({ state: "attached" });
    const setFiles = async (files) => {
      await input.setInputFiles(files);
      await this.query("[data-chosen]", (inputs) => inputs.forEach((it) => delete it.dataset.chosen));
    };
    return { setFiles };
  }
}
