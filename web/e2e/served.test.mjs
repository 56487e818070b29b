// The files that a gateway serves, without a browser. Also run for the published crate.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { startGateway } from "./harness.mjs";

const BUILT = new URL("../../gateway/page/built/", import.meta.url);

test("the gateway serves the built page byte for byte", async (t) => {
  const gateway = await startGateway(t);
  const names = await readdir(BUILT);
  assert.ok(names.includes("index.html"), "the page is built");
  for (const name of names) {
    const path = name === "index.html" ? "" : name;
    const answer = await fetch(gateway.page + path);
    assert.equal(answer.status, 200, name);
    const served = Buffer.from(await answer.arrayBuffer());
    assert.ok(served.equals(await readFile(new URL(name, BUILT))), `${name} differs`);
  }
});
