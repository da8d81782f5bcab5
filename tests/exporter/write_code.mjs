// Writes the PyTorch code of every preset, golden, example and network of the gallery: node write_code.mjs FOLDER
// Beside the code, index.json says for each its document, the name of its class, and what the document's report says of its modules.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadModule, root } from "../wasm/module.mjs";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node write_code.mjs FOLDER");
  process.exit(2);
}
const web = path.join(root, "web");
const { build } = await import(pathToFileURL(createRequire(path.join(web, "package.json")).resolve("vite")));
const bundled = await mkdtemp(path.join(tmpdir(), "footprint-code-"));
try {
  const input = { pytorch: path.join(web, "src/code/pytorch.ts") };
  await build({
    root: web,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: { ssr: true, outDir: bundled, emptyOutDir: true, target: "node20", rollupOptions: { input, output: { entryFileNames: "[name].mjs" } } },
  });
  const { toPyTorch } = await import(pathToFileURL(path.join(bundled, "pytorch.mjs")));
  const core = await loadModule();
  const catalogue = JSON.parse(core.describe());
  const index = {};
  for (const place of ["presets", "tests/golden/documents", "tests/documents", "presets/gallery"]) {
    for (const file of (await readdir(path.join(root, place))).sort()) {
      if (!file.endsWith(".json") || ["index.json", "expected.json"].includes(file)) continue;
      const model = JSON.parse(await readFile(path.join(root, place, file), "utf8"));
      const estimate = (batch) => JSON.parse(core.estimate(JSON.stringify({ model, run: { batch }, gpus: [], want: ["layers"] })));
      const report = estimate(2);
      if (report.diagnostics.some(({ severity }) => severity === "error")) continue;
      const id = `${place.replaceAll(/\W+/g, "_")}_${file.replace(/\.json$/, "").replaceAll(/\W+/g, "_")}`;
      const { text, name, missing } = toPyTorch(model, catalogue, estimate);
      await writeFile(path.join(folder, `${id}.py`), text);
      const rows = report.layers.map(({ op, outputs, parameters, labels }) => ({ op, outputs, parameters, labels }));
      index[id] = { document: `${place}/${file}`, name, missing, rows };
    }
  }
  await writeFile(path.join(folder, "index.json"), JSON.stringify(index));
  console.log(`${Object.keys(index).length} documents`);
} finally {
  await rm(bundled, { recursive: true, force: true });
}
