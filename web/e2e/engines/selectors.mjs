// Selectors of playwright, and its injected script, which finds elements by them in any browser.

import { readFile } from "node:fs/promises";

/** The name under which the injected script is kept in a page. */
export const INJECTED = "__injectedScript";

/** Quotes a string for a selector: `i` ignores case and takes a part, `s` is exact. */
const quoted = (text, exact) => `${JSON.stringify(text)}${exact ? "s" : "i"}`;

const pattern = (text, exact) => (text instanceof RegExp ? String(text) : quoted(text, exact));

export const byText = (text, { exact } = {}) => `internal:text=${pattern(text, exact)}`;

export const byLabel = (text, { exact } = {}) => `internal:label=${pattern(text, exact)}`;

export const byContent = (text) => `internal:has-text=${pattern(text, false)}`;

export function byRole(role, { name, exact, ...states } = {}) {
  const named = name === undefined ? [] : [["name", pattern(name, exact)]];
  const attributes = [...named, ...Object.entries(states)];
  return `internal:role=${role}${attributes.map((it) => `[${it.join("=")}]`).join("")}`;
}

let source;

/**
 * The source of a function that installs playwright's injected script in a page. Playwright does
 * not export the script: it is a string literal of its bundle.
 */
export function injectedScript() {
  source ??= (async () => {
    const bundle = new URL("lib/coreBundle.js", import.meta.resolve("playwright-core/package.json"));
    const literal = /init_injectedScriptSource = __esm\(\{[^]*?\n\s+\w+ = ('(?:[^'\\]|\\.)*');/;
    const [, found] = (await readFile(bundle, "utf8")).match(literal) ?? [];
    if (!found) throw new Error("playwright-core has no injected script where it used to be");
    const options = {
      isUnderTest: false,
      sdkLanguage: "javascript",
      testIdAttributeName: "data-testid",
      stableRafCount: 1,
      browserName: "webkit",
      customEngines: [],
    };
    // Literal by construction: evaluated in this process, it is a string.
    return `() => {
      const module = {};
      ${new Function(`return ${found}`)()}
      window.${INJECTED} = new (module.exports.InjectedScript())(window, ${JSON.stringify(options)});
    }`;
  })();
  return source;
}
