// WebDriver classic (W3C): commands of one session, over HTTP.

import { setTimeout as delay } from "node:timers/promises";

/** The property that marks a reference to an element in JSON. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Errors of a command that may succeed a moment later: the page is still moving or loading. */
const TRANSIENT = [
  "element click intercepted",
  "element not interactable",
  "javascript error",
  "no such element",
  "no such frame",
  "stale element reference",
];

/** An error that the driver reports, with its standard name in `code`. */
export class WebDriverError extends Error {
  constructor({ error, message }) {
    super(`${error}: ${message}`);
    this.code = error;
  }

  get isTransient() {
    return TRANSIENT.includes(this.code);
  }
}

/** Sends a command; resolves to its value. */
async function command(method, url, body) {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await answer.json();
  if (!answer.ok) throw new WebDriverError(value);
  return value;
}

/** A session of a driver that listens on `port`. */
export class Session {
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** Opens a session as soon as the driver answers; fails once `exited` is resolved. */
  static async open(port, capabilities, exited) {
    const driver = `http://127.0.0.1:${port}`;
    let hasExited = false;
    exited.then(() => (hasExited = true));
    // A driver does not report that it listens.
    while (!(await fetch(`${driver}/status`).catch(() => null))) {
      if (hasExited) throw new Error("the driver ended before it was ready");
      await delay(10);
    }
    const { sessionId } = await command("POST", `${driver}/session`, { capabilities });
    return new Session(`${driver}/session/${sessionId}`);
  }

  get(path) {
    return command("GET", `${this.#url}/${path}`);
  }

  post(path, body = {}) {
    return command("POST", `${this.#url}/${path}`, body);
  }

  /** Calls a function in the page; resolves to its value, in which elements are references. */
  run(callee, ...args) {
    return this.post("execute/sync", { script: `return (${callee})(...arguments)`, args });
  }

  /** Calls an asynchronous function in the page. */
  async runAsync(callee, ...args) {
    const script = `const args = [...arguments], done = args.pop();
      (async () => (${callee})(...args))().then(
        (value) => done({ value }),
        (error) => done({ failure: String(error?.stack ?? error) }),
      )`;
    const { value, failure } = await this.post("execute/async", { script, args });
    if (failure !== undefined) throw new Error(failure);
    return value;
  }

  clickElement(element) {
    return this.post(`element/${element[ELEMENT]}/click`);
  }

  /** Moves the pointer to the middle of an element. */
  hover(element) {
    const move = { type: "pointerMove", duration: 0, origin: element, x: 0, y: 0 };
    const parameters = { pointerType: "mouse" };
    return this.post("actions", {
      actions: [{ type: "pointer", id: "mouse", parameters, actions: [move] }],
    });
  }

  /** Performs key actions: `[true, "a"]` presses a key, `[false, "a"]` releases it. */
  keys(steps) {
    const actions = steps.map(([down, value]) => ({ type: down ? "keyDown" : "keyUp", value }));
    return this.post("actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  end() {
    return command("DELETE", this.#url);
  }
}
