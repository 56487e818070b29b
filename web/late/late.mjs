// Starts the page's late part. All of its URLs have the hash of this one's, and the number of the
// attempt: browsers keep a failure by URL.
const { search, hash } = new URL(import.meta.url);
const url = (name) => new URL(name + search + hash, import.meta.url).href;

// Unpacks bytes, at most so many of them. If they are broken, the bytes before are returned.
globalThis.unpackPayload = async (bytes, format, max) => {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  const parts = [];
  try {
    for (let left = max; left > 0; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value.subarray(0, left));
      left -= value.length;
    }
  } catch {}
  reader.cancel().catch(() => {});
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = url("late.css");
const styled = new Promise((resolve, reject) => {
  style.onload = resolve;
  style.onerror = () => reject(new Error("late.css could not be loaded"));
});
document.head.append(style);
const started = import(url("late.js")).then(async (late) => {
  await late.default({ module_or_path: url("late_bg.wasm") });
  return late;
});
// Together, so that the failure of one is handled while the other is loading.
[globalThis.late] = await Promise.all([started, styled]);
