// Files that a browser saves to a folder: for browsers that do not tell of them.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** The longest wait for a file. */
const TIMEOUT_MS = 10_000;

/**
 * Names of files that are being written. Firefox starts with eight random letters in front of the
 * ending, and renames the file when the download has begun.
 */
const PARTIAL = /\.(part|wkdownload)$|^[\w+]{8}\.\w+$/;

/** The size of a file in bytes; 0 if there is none. */
const sizeOf = (path) => stat(path).then(({ size }) => size, () => 0);

/**
 * Returns a function that resolves to the next file in a folder, once it is complete; the file has
 * as much of playwright's Download as the tests use.
 */
export function downloadsIn(folder) {
  const known = new Set();
  return async () => {
    for (const end = performance.now() + TIMEOUT_MS; performance.now() < end; await delay(20)) {
      const names = (await readdir(folder)).filter((name) => !known.has(name));
      const [name] = names;
      if (!name || names.some((name) => PARTIAL.test(name))) continue;
      const path = join(folder, name);
      if ((await sizeOf(path)) === 0) continue;
      known.add(name);
      return { path: async () => path, suggestedFilename: () => name };
    }
    throw new Error("the browser saved no file");
  };
}
