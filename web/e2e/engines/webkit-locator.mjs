// Locators of WebKit's page: as much of playwright's Locator as the tests use.

import { chordSteps } from "./keys.mjs";
import { byContent, byLabel, byRole, byText } from "./selectors.mjs";

/** A lazy description of elements: each operation finds them anew. */
export class Locator {
  #page;
  #selector;

  constructor(page, selector) {
    this.#page = page;
    this.#selector = selector;
  }

  locator(selector) {
    return new Locator(this.#page, [this.#selector, selector].filter(Boolean).join(" >> "));
  }

  getByRole = (role, options) => this.locator(byRole(role, options));
  getByText = (text, options) => this.locator(byText(text, options));
  getByLabel = (text, options) => this.locator(byLabel(text, options));
  filter = ({ hasText }) => this.locator(byContent(hasText));
  nth = (index) => this.locator(`nth=${index}`);
  first = () => this.nth(0);
  last = () => this.nth(-1);
  page = () => this.#page;

  /** Waits until the one element is visible; `state` as in playwright. */
  waitFor({ state = "visible", timeout } = {}) {
    const check = (element, _, state) => {
      const isVisible = element?.checkVisibility() && element.getClientRects().length > 0;
      return { visible: isVisible, hidden: !isVisible, attached: element, detached: !element }[state]
        ? true
        : undefined;
    };
    return this.#page.poll(this.#selector, check, state, { timeout, absent: true });
  }

  /** Calls a function with the one element, as soon as it is there. */
  async evaluate(callee, argument) {
    const call = `async (element, injected, argument) => ({ value: await (${callee})(element, argument) })`;
    return (await this.#page.poll(this.#selector, call, argument)).value;
  }

  async #act(action) {
    const find = (element, injected) =>
      element.checkVisibility() && !element.matches(":disabled") ? element : undefined;
    await this.#page.retry(async () => {
      await action(await this.#page.poll(this.#selector, find));
      return true;
    });
  }

  click = () => this.#act((element) => this.#page.session.clickElement(element));
  hover = () => this.#act((element) => this.#page.session.hover(element));
  focus = () => this.evaluate((element) => element.focus());

  async press(chord) {
    await this.focus();
    await this.#page.session.keys(chordSteps(chord));
  }

  /** Replaces the text of an input, as one paste would. */
  async fill(text) {
    const enter = (element, injected, text) => {
      if (!element.checkVisibility() || element.disabled) return undefined;
      const result = injected.fill(element, text);
      if (result !== "needsinput") return result === "done" ? true : undefined;
      if (text === "") return document.execCommand("delete") || element.value === "";
      return document.execCommand("insertText", false, text);
    };
    await this.#page.poll(this.#selector, enter, text);
  }

  /** Selects the option with a label, or an index. */
  async selectOption(option) {
    const wanted = typeof option === "string" ? { valueOrLabel: option } : option;
    const select = (element, injected, wanted) => {
      const chosen = injected.selectOptions(element, [wanted]);
      return Array.isArray(chosen) ? chosen : undefined;
    };
    return this.#page.poll(this.#selector, select, wanted);
  }

  /** Sets the files of an input. */
  setInputFiles({ name, mimeType, buffer }) {
    const file = { name, mimeType, buffer: buffer.toString("base64") };
    const set = (element, injected, file) => {
      injected.setInputFiles(element, [file]);
      return true;
    };
    return this.#page.poll(this.#selector, set, file);
  }

  innerText = () => this.evaluate((element) => element.innerText);
  textContent = () => this.evaluate((element) => element.textContent);
  inputValue = () => this.evaluate((element) => element.value);
  isDisabled = () => this.evaluate((element) => element.matches(":disabled"));
  getAttribute = (name) => this.evaluate((element, name) => element.getAttribute(name), name);

  boundingBox() {
    return this.evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x, y, width, height };
    });
  }

  /** Dispatches an event; its class is that of the type, as in playwright. */
  dispatchEvent(type, init = {}) {
    const dispatch = (element, injected, [type, init]) => {
      injected.dispatchEvent(element, type, init);
      return true;
    };
    return this.#page.poll(this.#selector, dispatch, [type, init]);
  }

  /** Calls a function with all elements that are there now. */
  evaluateAll(callee, argument) {
    return this.#page.query(this.#selector, callee, argument);
  }

  count = () => this.evaluateAll((elements) => elements.length);
  allInnerTexts = () => this.evaluateAll((all) => all.map((element) => element.innerText));
  allTextContents = () => this.evaluateAll((all) => all.map((element) => element.textContent));
  isVisible = () => this.evaluateAll(([element]) => Boolean(element?.checkVisibility()));

  async all() {
    return Array.from({ length: await this.count() }, (_, index) => this.nth(index));
  }
}
