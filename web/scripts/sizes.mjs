// The weight of the page, gzip, file by file: what the first paint waits for (what index.html names, and the core), against its limits;
// what a visit loads right after it (the simulator of steps); and what comes on demand (charts, dialogs, exports, the importer). Files of
// earlier builds are not counted. `npm run sizes [-- folder]`
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_FIRST = 150 * 1024;
const LIMIT_WASM = 80 * 1024;
const folder = process.argv[2] ?? fileURLToPath(new URL("../../dist", import.meta.url));
const dist = pathToFileURL(`${resolve(folder)}/`);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));

const index = await readFile(new URL("index.html", dist), "utf8");
const first = new Set(["index.html", ...[...index.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((match) => match[1])]);
const all = Object.values(manifest).flatMap(filesOf);
const isOfStep = (file) => /step-worker|footprint-step/.test(file);
for (const file of manifest["index.html"].assets ?? []) if (!isOfStep(file)) first.add(file);
const next = new Set(all.filter(isOfStep));
const later = new Set(all.filter((file) => !first.has(file) && !next.has(file)));

const weights = new Map();
for (const file of [...first, ...next, ...later]) weights.set(file, gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length);
print("First load", first);
print("After the first paint", next);
print("On demand", later);
const total = sum(first);
const wasm = sum([...first].filter((file) => file.endsWith(".wasm")));
console.log(
  `First load ${kilobytes(total)} of at most ${LIMIT_FIRST / 1024} KB; WebAssembly ${kilobytes(wasm)} of at most ${LIMIT_WASM / 1024} KB.`,
);
if (total > LIMIT_FIRST || wasm > LIMIT_WASM) process.exitCode = 1;

function filesOf(entry) {
  return [entry.file, ...(entry.css ?? []), ...(entry.assets ?? [])];
}

function sum(files) {
  return [...files].reduce((bytes, file) => bytes + weights.get(file), 0);
}

function print(title, files) {
  console.log(`${title}, gzip`);
  for (const file of [...files].sort()) console.log(`  ${kilobytes(weights.get(file)).padStart(9)}  ${file}`);
  console.log(`  ${kilobytes(sum(files)).padStart(9)}  in all`);
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
