// Starts the page's late part. All of its URLs have the hash of this one's, and the number of the
// attempt: browsers keep a failure by URL.
const { search, hash } = new URL(import.meta.url);
const url = (name) => new URL(name + search + hash, import.meta.url).href;

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = url("late.css");
const styled = new Promise((resolve, reject) => {
  style.onload = resolve;
  style.onerror = () => reject(new Error("late.css could not be loaded"));
});
document.head.append(style);
const framing = await import(url("framing.js"));
await Promise.all([framing.default({ module_or_path: url("framing_bg.wasm") }), styled]);
globalThis.framing = framing;
