// MQTT: mqtt.js and Paho, with mosquitto and RabbitMQ.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import mqtt from "mqtt";
import paho from "paho-mqtt";
import { WebSocket } from "ws";
import { startGateway } from "./gateway.mjs";
import { startMosquitto, startRabbitMq } from "./servers.mjs";

// Paho is made for browsers. As they do, ws fails if no offered subprotocol is confirmed.
globalThis.WebSocket = WebSocket;

const options = { timeout: 180_000 };

/** Payloads of all lengths that matter: empty, short, and longer than any buffer on the way. */
const PAYLOADS = [Buffer.alloc(0), Buffer.from("hello"), randomBytes(70_000), randomBytes(1_000_000)];

/** The setting of the gateway under which the upstream is reached, by its name. */
const SETTINGS = {
  any: "framing=raw",
  listed: "framing=raw&subprotocol=mqtt&subprotocol=mqttv3.1",
};

/** Starts the gateway in front of a broker; returns the URLs of the bridge. */
async function bridgeTo(t, broker) {
  const upstreams = Object.entries(SETTINGS).map(([name, it]) => `${name}=${broker}?${it}`);
  const bridge = await startGateway(t, upstreams);
  return Object.keys(SETTINGS).map((name) => bridge + name);
}

/** Publishes all payloads by mqtt.js, and receives them in order. */
async function checkMqttJs(url, { protocolVersion, protocolId = "MQTT" }) {
  const client = mqtt.connect(url, { protocolVersion, protocolId, reconnectPeriod: 0 });
  const failed = new Promise((_, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new Error("the connection was closed")));
  });
  // The close in the end is none.
  failed.catch(() => {});
  await Promise.race([once(client, "connect"), failed]);
  const received = [];
  const all = new Promise((resolve) => {
    client.on("message", (_, payload) => {
      received.push(payload);
      if (received.length === PAYLOADS.length) resolve();
    });
  });
  await client.subscribeAsync("interop/js", { qos: 1 });
  for (const payload of PAYLOADS) await client.publishAsync("interop/js", payload, { qos: 1 });
  await Promise.race([all, failed]);
  assert.deepEqual(received, PAYLOADS);
  await client.endAsync();
}

/** Publishes all payloads by Paho, and receives them in order. */
async function checkPaho(url, mqttVersion) {
  const client = new paho.Client(url, `paho-${randomBytes(6).toString("hex")}`);
  const received = [];
  await new Promise((resolve, reject) => {
    const fail = ({ errorMessage }) => reject(new Error(errorMessage));
    client.onConnectionLost = fail;
    client.onMessageArrived = ({ payloadBytes }) => {
      received.push(Buffer.from(payloadBytes));
      if (received.length === PAYLOADS.length) resolve();
    };
    const publish = () => {
      for (const payload of PAYLOADS) {
        const message = new paho.Message(new Uint8Array(payload));
        message.destinationName = "interop/paho";
        message.qos = 1;
        client.send(message);
      }
    };
    const onSuccess = () =>
      client.subscribe("interop/paho", { qos: 1, onSuccess: publish, onFailure: fail });
    client.connect({ mqttVersion, mqttVersionExplicit: true, onSuccess, onFailure: fail });
  });
  assert.deepEqual(received, PAYLOADS);
  client.onConnectionLost = () => {};
  client.disconnect();
}

test("mosquitto: mqtt.js and Paho publish and receive", options, async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  for (const url of await bridgeTo(t, broker)) {
    await checkMqttJs(url, { protocolVersion: 5 });
    await checkMqttJs(url, { protocolVersion: 4 });
    await checkMqttJs(url, { protocolVersion: 3, protocolId: "MQIsdp" });
    await checkPaho(url, 4);
    await checkPaho(url, 3);
  }
});

test("RabbitMQ: mqtt.js and Paho publish and receive", options, async (t) => {
  const broker = await startRabbitMq(t);
  if (!broker) return;
  for (const url of await bridgeTo(t, broker.mqtt)) {
    await checkMqttJs(url, { protocolVersion: 4 });
    await checkPaho(url, 4);
  }
});

test("a client fails, as in a browser, if none of its offers is confirmed", options, async (t) => {
  const bridge = await startGateway(t, ["framed=127.0.0.1:1"]);
  const [fault] = await once(new WebSocket(`${bridge}framed`, ["mqtt"]), "error");
  assert.match(fault.message, /no subprotocol/);
});
