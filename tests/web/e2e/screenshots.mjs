// Pictures of the page at 1440 and 390 px in both themes, to be looked at beside the design's. Usage: node screenshots.mjs FOLDER
import { createRequire } from "node:module";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./serve.mjs";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node screenshots.mjs FOLDER");
  process.exit(2);
}
const require = createRequire(new URL("../../../web/package.json", import.meta.url));
const { chromium } = require("@playwright/test");
const dist = process.env.FOOTPRINT_DIST ?? fileURLToPath(new URL("../../../dist", import.meta.url));
const server = await serve(0, dist);
const address = `http://127.0.0.1:${server.address().port}/footprint/`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
await mkdir(folder, { recursive: true });

/** Each state once: what is done to the page before the picture. */
const STATES = {
  page: async (page) => {
    await page.locator('tr[data-row="0"] [data-column="mb"] button').click();
  },
  both: async (page) => {
    await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("davenet");
    await page.locator('tr[data-row="2"] [data-column="mb"] button').click();
  },
  gallery: async (page) => {
    await page.getByRole("button", { name: "Gallery", exact: true }).click();
    await page.getByRole("listbox", { name: "Networks" }).waitFor();
  },
  print: async (page) => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const text = await readFile(new URL("../../golden/prints/resnet18.repr.txt", import.meta.url), "utf8");
    await page.getByRole("textbox", { name: "Or paste its text" }).fill(text);
    await page.getByRole("button", { name: "Read the text" }).click();
    await page.getByRole("heading", { name: "What the print does not say" }).waitFor();
  },
  invalid: async (page) => {
    await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("davenet-audio");
    await page.locator('tr[data-row="4"] .chip[data-field="kernel_size"]').click();
    await page.locator('fp-attributes [data-name="kernel_size"]').fill("3×11");
    await page.keyboard.press("Enter");
    await page.locator("tr.reason").first().waitFor();
  },
};

for (const [width, height] of [
  [1440, 900],
  [390, 844],
]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [state, prepare] of Object.entries(STATES)) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
      page.on("console", (message) => message.type() === "error" && console.error(`${state}: ${message.text()}`));
      page.on("pageerror", (error) => console.error(`${state}: ${error.stack}`));
      await page.goto(address);
      await page.getByRole("grid", { name: "Layers" }).waitFor();
      await prepare(page);
      await page.locator("#charts").scrollIntoViewIfNeeded();
      await page.locator(".rows-chart").waitFor();
      await page.evaluate(() => window.scrollTo(0, 0));
      const fullPage = (await page.locator("dialog[open]").count()) === 0; // a dialog stands in the window
      await page.screenshot({ path: path.join(folder, `${state}-${width}-${colorScheme}.png`), fullPage });
      await page.close();
    }
  }
}
await browser.close();
server.close();
