// Programs: found, started in process groups of their own, and killed when a test ends.

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

/** Servers and libraries that scripts/setup has unpacked or installed for this checkout only. */
const TOOLS = fileURLToPath(new URL("../../.tools/interop/", import.meta.url));
const UNPACKED = join(TOOLS, "debian");

/** Debian installs servers outside of most users' PATH. */
const PATH = process.env.PATH.split(":");
const SYSTEM = ["/usr/sbin", "/usr/bin", "/usr/lib/rabbitmq/bin"];
export const FOLDERS = [...PATH, ...SYSTEM, ...SYSTEM.map((folder) => join(UNPACKED, folder))];

/** The Erlang VM takes long to start on a busy machine. */
const START_LIMIT_MS = 100_000;

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * Looks for a program. Without it, the test is skipped with the name of the Debian package.
 *
 * @returns its path; undefined if it is not installed.
 */
export function find(t, program, debianPackage, folders = FOLDERS) {
  const found = folders.map((folder) => join(folder, program)).find(isProgram);
  if (!found) t.skip(`${program} is not installed: Debian's package is ${debianPackage}`);
  return found;
}

/** Returns the path of a file of an unpacked package, or of an installed one. */
export function packaged(path) {
  const unpacked = join(UNPACKED, path);
  try {
    accessSync(unpacked);
    return unpacked;
  } catch {
    return path;
  }
}

/** Makes a temporary folder. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "framegate-interop-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The folders of the unpacked shared libraries. */
function libraries() {
  const root = join(UNPACKED, "usr/lib");
  try {
    const triplets = readdirSync(root).filter((name) => name.includes("-linux-"));
    return triplets.map((name) => join(root, name));
  } catch {
    return [];
  }
}

/** The environment in which unpacked programs find their shared libraries. */
export const ENVIRONMENT = {
  ...process.env,
  PATH: FOLDERS.join(":"),
  LD_LIBRARY_PATH: [...libraries(), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
};

/** Starts a program in a process group of its own, which is killed when the test ends. */
export function start(t, path, args, options) {
  const child = spawn(path, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: ENVIRONMENT,
    detached: true,
    ...options,
  });
  const exited = once(child, "exit");
  exited.catch(() => {});
  const server = { child, output: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text) => (server.output += text));
  }
  t.after(async () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    await exited;
  });
  return server;
}

/** Runs a program to its end. */
export async function run(t, path, args, options) {
  const program = start(t, path, args, options);
  const [code] = await once(program.child, "close");
  if (code !== 0) throw new Error(`${path} failed:\n${program.output}`);
  return program.output;
}

/** Waits until a server accepts connections. */
export async function listening(server, address) {
  const deadline = Date.now() + START_LIMIT_MS;
  const { child } = server;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const socket = createConnection(address);
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(20);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${child.spawnfile} does not listen:\n${server.output}`);
}

/** Returns a random loopback address: any of 127.0.0.0/8 is this machine. */
export function loopback() {
  return `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`;
}

/**
 * Starts a server on a random port of a random loopback address, or of `host`; and on another
 * port if that one is in use.
 *
 * @param args returns the server's arguments for a host and a port.
 * @returns its address, as an option of the gateway.
 */
export async function serve(t, program, args, options, host = loopback()) {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(20_000, 30_000);
    const server = start(t, program, await args(host, `${port}`), options);
    try {
      await listening(server, { host, port });
      return `tcp://${host}:${port}`;
    } catch (fault) {
      if (attempt === 3) throw fault;
    }
  }
}

/**
 * Looks for the Python that has the servers and libraries of PyPI. Without it, the test is skipped.
 *
 * @returns its path; undefined if they are not installed.
 */
export function findPython(t) {
  const python = join(TOOLS, "python/bin/python3");
  if (isProgram(python)) return python;
  t.skip("servers in Python are not installed: scripts/setup interop installs them");
  return undefined;
}

/**
 * Starts a server in Python: a file of the folder python, which takes a host, a port and `rest`.
 *
 * @returns its address; undefined if Python's packages are not installed.
 */
export async function servePython(t, file, ...rest) {
  const python = findPython(t);
  const path = fileURLToPath(new URL(`python/${file}`, import.meta.url));
  return python && serve(t, python, (host, port) => [path, host, port, ...rest]);
}

/**
 * Starts a program for each connection, which is its standard input and output.
 *
 * @returns the address.
 */
export async function serveStdio(t, program, args) {
  return serveSockets(t, (socket) => {
    const { child } = start(t, program, args, { stdio: ["pipe", "pipe", "ignore"] });
    child.stdin.on("error", () => {});
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  });
}

/** Listens on a free port, and passes connections to `accept`; returns the address. */
export async function serveSockets(t, accept) {
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    accept(socket);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  return `tcp://127.0.0.1:${listener.address().port}`;
}
