// Documents in and out: a file opened, dropped, pasted, refused; the exports, read or saved.
import { readFile } from "node:fs/promises";
import { expect, test, type Footprint } from "./page";
import type { Download, Page } from "@playwright/test";

const PRESETS = new URL("../../../presets/", `file://${__dirname}/`);
const GOLDEN = new URL("../../golden/torchsummary/", `file://${__dirname}/`);

async function importFile(page: Page, footprint: Footprint, name: string, content: string): Promise<void> {
  await footprint.button("Import").click();
  await page
    .locator('dialog input[type="file"]')
    .setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(content) });
}

test("a file is opened, and undo brings the old document back", async ({ open, page }) => {
  const footprint = await open();
  const model = JSON.parse(await readFile(new URL("vgg16.json", PRESETS), "utf8")) as { name: string };
  model.name = "A VGG of my own";
  await importFile(page, footprint, "mine.json", JSON.stringify(model));
  await expect(footprint.total("Total")).toHaveText("28,605.27");
  await expect(footprint.model.locator("option:checked")).toHaveText("A VGG of my own"); // not "edited"
  await expect(footprint.model.locator("option:checked")).toContainText("A VGG of my own");
  await footprint.button("Undo").click();
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

for (const [name, content, says] of [
  ["that is cut off", '{"format": "footprint/model",\n "version": 1,\n "layers": [', /Line \d cannot be read/],
  ["of another kind", '{"format": "something/else", "version": 1}', /no model document/],
  ["of a picture", "\u0089PNG\r\n", /cannot be read/],
  [
    "with an unknown layer",
    '{"format": "footprint/model", "version": 1, "inputs": [{"name": "x", "shape": [3]}], "layers": [{"op": "Linnear"}]}',
    /fault/,
  ],
] as const) {
  test(`a file ${name} is refused in words and harms nothing`, async ({ open, page }) => {
    const footprint = await open();
    await importFile(page, footprint, "bad.json", content);
    const alert = page.getByRole("alert").filter({ hasText: says });
    await expect(alert).toBeVisible();
    await expect(alert).toContainText("the open document is as it was");
    await page.keyboard.press("Escape");
    await expect(footprint.total("Total")).toHaveText("28,273.64");
  });
}

test("a document is dropped on the page", async ({ open, page }) => {
  const footprint = await open();
  const text = await readFile(new URL("davenet-audio.json", PRESETS), "utf8");
  const data = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], "audio.json", { type: "application/json" }));
    return transfer;
  }, text);
  for (const type of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", type, { dataTransfer: data });
  await expect(footprint.total("Total")).toHaveText("1,400.90");
});

test("a document is pasted on the page, in the grid too", async ({ open, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const footprint = await open();
  const text = await readFile(new URL("davenet-audio.json", PRESETS), "utf8");
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("Control+v");
  await expect(footprint.total("Total")).toHaveText("1,400.90");
});

async function exported(page: Page, form: string): Promise<{ text: string; file: string }> {
  await page.getByRole("button", { name: `Export ${form}`, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: `The table as ${form}` });
  const shown = await dialog.getByRole("textbox").inputValue();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: /^Save as/ }).click(),
  ]);
  const text = await read(download);
  expect(text.replaceAll("\r\n", "\n")).toBe(shown); // a field has but one kind of line end
  await dialog.getByRole("button", { name: "Close" }).click();
  return { text, file: download.suggestedFilename() };
}

async function read(download: Download): Promise<string> {
  return readFile(await download.path(), "utf8");
}

test("the table is exported as CSV, with bytes", async ({ open, page }) => {
  await open();
  const { text, file } = await exported(page, "CSV");
  expect(file).toBe("davenet-image.csv");
  const lines = text.split("\r\n");
  expect(lines[0]).toBe("row,layer,name,attributes,output_per_item,parameters,parameter_bytes,activation_bytes");
  // 128 · 64 · 224 · 224 · 4 B; 1,792 · 4 B
  expect(lines[1]).toBe(
    '1,Conv2d,image_model.0,"out_channels 64, kernel_size 3×3, padding 1×1",64 × 224 × 224,1792,7168,1644167168',
  );
  expect(lines).toHaveLength(1 + 31 + 4 + 1);
  expect(lines[35]).toMatch(/^,Total,.*,29647056128$/);
});

test("the table is exported as Markdown and LaTeX", async ({ open, page }) => {
  await open();
  const markdown = await exported(page, "Markdown");
  expect(markdown.text).toContain(
    "| 1 | Conv2d | image_model.0 | out_channels 64, kernel_size 3×3, padding 1×1 | 64 × 224 × 224 | 1,792 | 1,568.00 | 1,644,167,168 |",
  );
  expect(markdown.text).toContain("28,273.64");
  const latex = await exported(page, "LaTeX");
  expect(latex.text).toContain("image\\_model.0");
  expect(latex.text).toContain("64 $\\times$ 224 $\\times$ 224");
  expect(latex.text).toContain("\\begin{tabular}{rllllrrr}");
});

test("torchsummary's text is torchsummary's, to the character", async ({ open, page }) => {
  const footprint = await open();
  await footprint.batch.fill("128");
  const { text } = await exported(page, "torchsummary text");
  expect(text).toBe(await readFile(new URL("davenet_image_b128.txt", GOLDEN), "utf8"));
});

test("the document is exported as JSON and opens again", async ({ open, page }) => {
  const footprint = await open();
  await footprint.setAttribute(1, "out_channels", "32");
  const total = await footprint.total("Total").innerText();
  const { text } = await exported(page, "JSON");
  await footprint.model.selectOption("vgg16");
  await importFile(page, footprint, "mine.json", text);
  await expect(footprint.total("Total")).toHaveText(total);
});

test("the network is exported as PyTorch code", async ({ open }) => {
  const { page } = await open();
  const { text, file } = await exported(page, "PyTorch");
  expect(file).toBe("davenet_image.py");
  expect(text).toContain("class DAVEnetImage(nn.Module):");
  expect(text).toContain("nn.Conv2d(3, 64, kernel_size=3, padding=1),");
  expect(text).toContain("def forward(self, image):");
});

test("a network with a fault gives no code, and says why", async ({ open, page }) => {
  const footprint = await open();
  await footprint.setAttribute(1, "kernel_size", "999");
  await page.getByRole("button", { name: "Export PyTorch" }).click();
  await expect(page.getByRole("dialog")).toContainText("The model has a fault");
});

test("an export is copied", async ({ open, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open();
  await page.getByRole("button", { name: "Export Markdown" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("| Conv2d |");
});
