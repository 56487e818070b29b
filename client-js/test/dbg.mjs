import { test } from "node:test";
import { WebSocket } from "ws";
import { startGateway } from "./gateway.mjs";
import { once } from "node:events";
test("x", async (t) => {
  const gateway = await startGateway(t);
  for (const say of [false, true]) for (const wait of [20, 300]) {
  const s = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, "framegate.1");
  s.on("error", (m) => console.error(m));
  await once(s, "open"); await new Promise(r => setTimeout(r, 20));
  if (say) { s.send(Buffer.from([2,120])); }
  await new Promise(r => setTimeout(r, wait));
  s.close(1000);
  const [code, reason] = await once(s, "close"); console.error(say, wait, code, String(reason));
  }
});
