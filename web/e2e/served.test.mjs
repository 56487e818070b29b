// What a gateway serves, without a browser; also of the binary that comes out of the crate.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { startGateway } from "./harness.mjs";

const BUILT = new URL("../../gateway/page/built/", import.meta.url);

test("the page is served as it was built, byte for byte", async (t) => {
  const gateway = await startGateway(t);
  const names = await readdir(BUILT);
  assert.ok(names.includes("index.html"), "the page is built");
  for (const name of names) {
    const path = name === "index.html" ? "" : name;
    const answer = await fetch(gateway.page + path);
    assert.equal(answer.status, 200, name);
    const served = Buffer.from(await answer.arrayBuffer());
    assert.ok(served.equals(await readFile(new URL(name, BUILT))), `${name} is another`);
  }
});
