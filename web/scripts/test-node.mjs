// Runs tests/web/*.test.mjs under Node. The sources are TypeScript, so the modules that the tests speak of are bundled into a
// temporary folder first; the tests find it in FOOTPRINT_WEB.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const web = fileURLToPath(new URL("..", import.meta.url));
const tests = fileURLToPath(new URL("../../tests/web/", import.meta.url));
const MODULES = {
  canonical: "state/canonical",
  draft: "state/draft",
  edit: "state/edit",
  format: "format",
  link: "state/link",
  model: "state/model",
  notice: "import/open-notice",
  number: "state/number",
  pytorch: "code/pytorch",
  read: "import/read-document",
  reading: "import/reading",
  recognise: "import/recognise",
  run: "state/run",
  bridge: "step/bridge",
  stepper: "core/stepper",
  series: "step/series",
  store: "state/store",
  timeline: "step/timeline",
};

const out = await mkdtemp(path.join(tmpdir(), "footprint-web-"));
try {
  const input = Object.fromEntries(Object.entries(MODULES).map(([name, file]) => [name, path.join(web, "src", `${file}.ts`)]));
  await build({
    root: web,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: { ssr: true, outDir: out, target: "node20", rollupOptions: { input, output: { entryFileNames: "[name].mjs" } } },
  });
  const files = (await readdir(tests)).filter((name) => name.endsWith(".test.mjs")).map((name) => path.join(tests, name));
  const run = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", env: { ...process.env, FOOTPRINT_WEB: out } });
  process.exitCode = run.status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
