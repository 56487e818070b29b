// A TCP service that sends frames to each client at a given rate.
//
// node flood-server.mjs RATE SECONDS: prints its port, then serves.

import { createServer } from "node:net";

const [rate, seconds] = process.argv.slice(2).map(Number);
const TURN_MS = 10;

function frame(number) {
  const payload = Buffer.from(`message ${number}`);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(payload.length);
  return Buffer.concat([header, payload]);
}

function flood(socket) {
  const start = performance.now();
  let sent = 0;
  const turn = setInterval(() => {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - start) * rate) / 1000));
    const frames = [];
    for (; sent < due; sent += 1) frames.push(frame(sent));
    socket.write(Buffer.concat(frames));
    if (sent === rate * seconds) clearInterval(turn);
  }, TURN_MS);
  socket.on("close", () => clearInterval(turn));
  socket.on("error", () => clearInterval(turn));
}

// The first byte of the client starts the flood.
const server = createServer((socket) => socket.once("data", () => flood(socket)));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
