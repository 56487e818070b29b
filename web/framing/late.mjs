// Starts the page's late part, and tells the page.
import init, * as framing from "./framing.js";

await init();
globalThis.framing = framing;
dispatchEvent(new Event("framing"));
