// Uses of the types, which `tsc` checks.

import Framegate, { type FramegateMessageEvent } from "../client.js";

// It takes the place of a WebSocket.
const socket: WebSocket = new Framegate("wss://gate.example/ws", ["mqtt"]);
socket.onmessage = ({ data }) => console.log(data);
const open: number = Framegate.OPEN;

const session = new Framegate(new URL("wss://gate.example/ws"), [], { restart: true });
session.onmessage = async ({ data, serviceTime }) => console.log(data, serviceTime?.toFixed(2));
session.addEventListener("resumed", ({ sentAgain, detachedTime }) => sentAgain + detachedTime);
session.addEventListener("close", ({ code, unacknowledged }) => [code, unacknowledged.length]);
session.onlost = ({ unacknowledged }) => unacknowledged.forEach((data) => session.send(data));
session.send(new Uint8Array([open]));

export async function consume(): Promise<void> {
  for await (const message of session) {
    const taken: FramegateMessageEvent = message;
    console.log(taken.data);
  }
}

// @ts-expect-error: no such event
session.addEventListener("resumed", ({ detail }) => detail);
// @ts-expect-error: no such option
new Framegate("wss://gate.example/ws", [], { retries: 3 });
