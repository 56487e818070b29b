// The gateway, mosquitto and RabbitMQ, each started afresh and stopped at the end of a test.

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

// Debian installs servers outside of most users' PATH.
const FOLDERS = [...process.env.PATH.split(":"), "/usr/sbin", "/usr/lib/rabbitmq/bin"];

/** The Erlang VM takes long to start on a busy machine. */
const START_LIMIT_MS = 100_000;

/**
 * Looks for a program. Without it, the test is skipped with the name of the Debian package.
 *
 * @returns its path; undefined if it is not installed.
 */
function find(t, program, debianPackage, folders = FOLDERS) {
  const isProgram = (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const found = folders.map((folder) => join(folder, program)).find(isProgram);
  if (!found) t.skip(`${program} is not installed: Debian's package is ${debianPackage}`);
  return found;
}

/** Makes a temporary folder. */
async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "framegate-interop-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a program in a process group of its own, which is killed when the test ends. */
function start(t, path, args, options) {
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, ...options });
  const exited = once(child, "exit");
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

/** Waits until a server accepts connections. */
async function listening(server, address) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (server.child.exitCode === null && Date.now() < deadline) {
    const socket = createConnection(address);
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${server.child.spawnfile} does not listen:\n${server.output}`);
}

/**
 * Starts mosquitto on a Unix socket.
 *
 * @returns its address as an option of the gateway; undefined if it is not installed.
 */
export async function startMosquitto(t) {
  const program = find(t, "mosquitto", "mosquitto");
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  const socket = join(folder, "mqtt.sock");
  const config = join(folder, "mosquitto.conf");
  await writeFile(config, `listener 0 ${socket}\nallow_anonymous true\nuser root\n`);
  await listening(start(t, program, ["-c", config]), { path: socket });
  return `unix:${socket}`;
}

/**
 * Starts RabbitMQ with MQTT and STOMP, on a loopback address of its own.
 *
 * @returns its addresses as options of the gateway; undefined if it is not installed.
 */
export async function startRabbitMq(t) {
  const program = find(t, "rabbitmq-server", "rabbitmq-server", ["/usr/lib/rabbitmq/bin"]);
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  const file = (name, text) => writeFile(join(folder, name), text);
  // Any address of 127.0.0.0/8 is this machine: the usual ports are free there.
  const host = [127, randomInt(1, 255), randomInt(255), randomInt(1, 255)];
  const ip = host.join(".");
  await file("enabled_plugins", "[rabbitmq_mqtt, rabbitmq_stomp].\n");
  await file("rabbitmq-env.conf", "");
  await file(
    "rabbitmq.conf",
    `listeners.tcp = none\nmqtt.listeners.tcp.1 = ${ip}:1883\nstomp.listeners.tcp.1 = ${ip}:61613\n`,
  );
  const registry = await startPortMapper(t);
  const server = start(t, program, [], {
    cwd: folder,
    env: {
      PATH: FOLDERS.join(":"),
      HOME: folder,
      ERL_EPMD_PORT: `${registry}`,
      RABBITMQ_NODENAME: `framegate-${process.pid}@localhost`,
      RABBITMQ_CONF_ENV_FILE: join(folder, "rabbitmq-env.conf"),
      RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
      RABBITMQ_MNESIA_BASE: join(folder, "data"),
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_LOGS: "-",
      RABBITMQ_DIST_PORT: "25672",
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {${host.join()}}`,
    },
  });
  await listening(server, { host: ip, port: 61613 });
  await listening(server, { host: ip, port: 1883 });
  return { mqtt: `${ip}:1883`, stomp: `${ip}:61613` };
}

/**
 * Starts epmd, the port mapper that a node of Erlang needs. RabbitMQ would start one itself, and
 * leave it running. Tries random ports, as epmd takes none that is in use.
 *
 * @returns its port.
 */
async function startPortMapper(t) {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const port = randomInt(20_000, 30_000);
    const args = ["-port", `${port}`, "-address", "127.0.0.1"];
    const server = start(t, "epmd", args, { env: { PATH: FOLDERS.join(":") } });
    try {
      await listening(server, { host: "127.0.0.1", port });
    } catch {
      continue;
    }
    // The one that listens may be another program, and this one about to end.
    await Promise.race([once(server.child, "exit"), sleep(200)]);
    if (server.child.exitCode === null) return port;
  }
  throw new Error("epmd finds no free port");
}

/**
 * Starts the gateway named by FRAMEGATE_BIN with these upstreams.
 *
 * @returns the URL of its bridge, to which an upstream's name is added.
 */
export async function startGateway(t, upstreams) {
  const binary = process.env.FRAMEGATE_BIN;
  if (!binary) throw new Error("FRAMEGATE_BIN does not name the gateway's binary");
  const options = upstreams.flatMap((upstream) => ["--upstream", upstream]);
  const args = ["--http", "127.0.0.1:0", "--tcp", "off", ...options];
  const { child } = start(t, binary, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, url] = line.trim().split(/\s+/);
    if (name === "page") return `${url.replace("http:", "ws:")}ws/`;
  }
  throw new Error("the gateway ended before it was ready");
}
