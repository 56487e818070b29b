// mosquitto and RabbitMQ, each started afresh and stopped at the end of a test.

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { find, FOLDERS, listening, loopback, start, temporaryFolder } from "./process.mjs";

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
 * Starts RabbitMQ with AMQP, MQTT and STOMP, on a loopback address of its own.
 *
 * @returns its addresses as options of the gateway; undefined if it is not installed.
 */
export async function startRabbitMq(t) {
  const program = find(t, "rabbitmq-server", "rabbitmq-server", ["/usr/lib/rabbitmq/bin"]);
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  const file = (name, text) => writeFile(join(folder, name), text);
  // Any address of 127.0.0.0/8 is this machine: the usual ports are free there.
  const ip = loopback();
  await file("enabled_plugins", "[rabbitmq_mqtt, rabbitmq_stomp].\n");
  await file("rabbitmq-env.conf", "");
  await file(
    "rabbitmq.conf",
    `listeners.tcp.1 = ${ip}:5672\nmqtt.listeners.tcp.1 = ${ip}:1883\nstomp.listeners.tcp.1 = ${ip}:61613\n`,
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
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {${ip.replaceAll(".", ",")}}`,
    },
  });
  await listening(server, { host: ip, port: 61613 });
  await listening(server, { host: ip, port: 1883 });
  await listening(server, { host: ip, port: 5672 });
  return { amqp: `${ip}:5672`, mqtt: `${ip}:1883`, stomp: `${ip}:61613` };
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
