// Starts the page's late part, and tells the page. All of its URLs have the hash of this one's.
const { search } = new URL(import.meta.url);
const framing = await import(`./framing.js${search}`);
const program = new URL(`framing_bg.wasm${search}`, import.meta.url);
await framing.default({ module_or_path: program });
globalThis.framing = framing;
dispatchEvent(new Event("framing"));
