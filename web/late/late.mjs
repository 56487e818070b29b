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
const late = await import(url("late.js"));
await Promise.all([late.default({ module_or_path: url("late_bg.wasm") }), styled]);
globalThis.late = late;
