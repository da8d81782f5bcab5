// After a build: forget the assets of earlier builds once they are thirty days old. Until then a tab that was opened before still
// finds the files it was made for.
import { readFile, readdir, stat, unlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const DAYS = 30;
const dist = new URL("../../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));
const current = new Set(Object.values(manifest).flatMap((entry) => [entry.file, ...(entry.css ?? []), ...(entry.assets ?? [])]));
const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000;

for (const name of await readdir(new URL("assets/", dist))) {
  const file = new URL(`assets/${name}`, dist);
  if (current.has(`assets/${name}`) || (await stat(file)).mtimeMs > oldest) continue;
  await unlink(file);
  console.log(`removed ${fileURLToPath(file)}, older than ${DAYS} days`);
}
