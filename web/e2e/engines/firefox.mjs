// Firefox as it is installed, by WebDriver BiDi.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firefox } from "playwright-core";
import { downloadsIn } from "./downloads.mjs";

/** Settings in place of options of a context that BiDi cannot emulate. */
function preferences({ colorScheme, forcedColors, reducedMotion }) {
  return {
    "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
    "browser.display.document_color_use": forcedColors === "active" ? 2 : 0,
    "ui.prefersReducedMotion": reducedMotion === "reduce" ? 1 : 0,
  };
}

/**
 * Starts Firefox with these looks; contexts and pages are playwright's.
 *
 * Its driver tells of no download from a page, so that these are found in their folder.
 */
export async function launchFirefox(executablePath, looks) {
  const downloadsPath = await mkdtemp(join(tmpdir(), "framegate-"));
  const firefoxUserPrefs = preferences(looks);
  // The channel of a Firefox without playwright's patches.
  const channel = "moz-firefox";
  const browser = await firefox.launch({ executablePath, channel, firefoxUserPrefs, downloadsPath });
  const nextDownload = downloadsIn(downloadsPath);
  return {
    async newContext(options) {
      const context = await browser.newContext(options);
      context.on("page", (page) => {
        const waitForEvent = page.waitForEvent.bind(page);
        page.waitForEvent = (name, ...rest) =>
          name === "download" ? nextDownload() : waitForEvent(name, ...rest);
      });
      return context;
    },
    async close() {
      await browser.close();
      await rm(downloadsPath, { recursive: true, force: true });
    },
  };
}
