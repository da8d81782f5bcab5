// The weight of the first load, gzip, file by file and in all, against its limits. Files of earlier builds are not counted.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const LIMIT_ALL = 150 * 1024;
const LIMIT_WASM = 80 * 1024;
const dist = new URL("../../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));

const files = new Set(["index.html", "theme.js"]);
for (const entry of Object.values(manifest)) {
  for (const file of [entry.file, ...(entry.css ?? []), ...(entry.assets ?? [])]) files.add(file);
}

let all = 0;
let wasm = 0;
for (const file of [...files].sort()) {
  const bytes = gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length;
  all += bytes;
  if (file.endsWith(".wasm")) wasm += bytes;
  console.log(`${kilobytes(bytes)}  ${file}`);
}
console.log(
  `${kilobytes(all)}  in all (limit ${LIMIT_ALL / 1024} KB), of it WebAssembly ${kilobytes(wasm).trim()} (limit ${LIMIT_WASM / 1024} KB)`,
);
if (all > LIMIT_ALL || wasm > LIMIT_WASM) process.exitCode = 1;

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1).padStart(7)} KB`;
}
