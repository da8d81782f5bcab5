// Runs the browser tests; arguments go to Playwright (`node run.mjs keyboard --headed`). The packages are web/'s: NODE_PATH says where,
// since this folder is not below them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const modules = fileURLToPath(new URL("../../../web/node_modules", import.meta.url));
const playwright = `${modules}/@playwright/test/cli.js`;
const run = spawnSync(
  process.execPath,
  [playwright, "test", "--config", `${here}playwright.config.ts`, ...process.argv.slice(2)],
  {
    cwd: here,
    stdio: "inherit",
    env: { ...process.env, NODE_PATH: modules },
  },
);
process.exitCode = run.status ?? 1;
