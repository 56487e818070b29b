// The page's size: what a browser downloads on a first visit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";

/** 150 KB: the bodies of all files as they are transferred, compressed by Brotli. */
const MAX_BYTES = 150_000;

test("a first visit transfers at most 150 KB", { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t);
  const transfers = await page.evaluate(async () => {
    // A headless browser loads the icon in some runs only.
    await fetch(document.querySelector("link[rel=icon]").href);
    return ["navigation", "resource"]
      .flatMap((type) => performance.getEntriesByType(type))
      .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize]);
  });
  // The API's answers depend on the gateway's settings: they are no part of the page.
  const files = [...new Map(transfers)].filter(([path]) => !path.startsWith("/api/"));
  const sum = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  const list = files.map(([path, bytes]) => `${String(bytes).padStart(8)}  ${path}`).join("\n");
  t.diagnostic(`${sum} bytes`);
  assert.ok(files.some(([path]) => path.endsWith(".wasm")), `no program:\n${list}`);
  assert.ok(files.every(([, bytes]) => bytes > 0), `a size is unknown:\n${list}`);
  assert.ok(sum <= MAX_BYTES, `${sum} bytes are over the limit of ${MAX_BYTES}:\n${list}`);
});
