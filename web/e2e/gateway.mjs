// The gateway's binary, started on free ports.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Starts the gateway named by FRAMEGATE_BIN, and waits until it is ready. It is killed at the end of
 * the test.
 *
 * @param port the port of the page and the bridge, by default a free one.
 * @param more further command-line options.
 * @returns its addresses by name, the port, and a function that stops it by a signal.
 */
export async function startGateway(t, { port = 0, more = [] } = {}) {
  const binary = process.env.FRAMEGATE_BIN;
  if (!binary) throw new Error("FRAMEGATE_BIN does not name the gateway's binary");
  const child = spawn(binary, ["--http", `127.0.0.1:${port}`, "--tcp", "127.0.0.1:0", ...more], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  const exited = once(child, "exit");
  const stop = async (signal) => {
    child.kill(signal);
    await exited;
  };
  t.after(() => stop("SIGKILL"));

  const addresses = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, address] = line.trim().split(/\s+/);
    addresses[name] = address;
    if (name === "echo") break;
  }
  if (!addresses.echo) throw new Error("the gateway ended before it was ready");
  return { ...addresses, port: Number(new URL(addresses.page).port), stop };
}
