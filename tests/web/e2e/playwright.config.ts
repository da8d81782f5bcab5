// The page in a real browser: the built site in dist/, served as files, in the system's Chromium. `run.mjs` starts it.
import { defineConfig } from "@playwright/test";

const port = Number(process.env["FOOTPRINT_PORT"] ?? 4391);
const output = process.env["FOOTPRINT_E2E_OUTPUT"] ?? "../../../build/e2e";

export default defineConfig({
  testDir: ".",
  outputDir: `${output}/results`,
  fullyParallel: true,
  forbidOnly: true,
  retries: process.env["CI"] ? 1 : 0, // a loaded machine; what passes the second time is reported as flaky
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    // Under a folder, as GitHub Pages has it: a path that begins with "/" would be found out.
    baseURL: `http://127.0.0.1:${port}/footprint/`,
    viewport: { width: 1440, height: 900 },
    colorScheme: "light",
    reducedMotion: "reduce",
    reuseContext: true, // emptied between two tests; a new process for each costs a third of the time
    screenshot: "only-on-failure", // a trace of every test, kept or not, costs a third of the time
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--js-flags=--liftoff-only", // no test runs for so long that compiling the module better would pay
      ],
    },
  },
  webServer: {
    command: `node serve.mjs ${port}`,
    url: `http://127.0.0.1:${port}/footprint/`,
    reuseExistingServer: false,
  },
});
