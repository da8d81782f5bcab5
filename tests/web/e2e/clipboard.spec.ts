// Rows as tab-separated text: what a spreadsheet or another tab takes, and gives back.
import { expect, test } from "./page";

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
});

test("rows are copied as TSV and pasted below the selection", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+c");
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text.split("\n")).toEqual([
    "op\tname\tout_channels\tkernel_size\tpadding\tinplace",
    "Conv2d\timage_model.0\t64\t3\t1\t",
    "ReLU\timage_model.1\t\t\t\ttrue",
  ]);
  await footprint.cell(5, "ly").focus();
  await page.keyboard.press("Control+v");
  expect((await footprint.types()).slice(4, 8)).toEqual(["MaxPool2d", "Conv2d", "ReLU", "Conv2d"]);
  await expect(footprint.grid.locator('tr[aria-selected="true"]')).toHaveCount(2);
  await page.keyboard.press("Control+z");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

test("rows are cut", async ({ open, page }) => {
  const footprint = await open();
  const before = await footprint.types();
  await footprint.cell(2, "ly").focus();
  await page.keyboard.press("Control+x");
  expect(await footprint.types()).toEqual([...before.slice(0, 1), ...before.slice(2)]);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Control+v");
  expect(await footprint.types()).toEqual(before);
});

test("a list from a spreadsheet is pasted", async ({ open, page }) => {
  const footprint = await open();
  await page.evaluate(() =>
    navigator.clipboard.writeText("op\tout_channels\tkernel_size\r\nConv2d\t16\t[1, 3]\r\nDropout\t\t\r\n"),
  );
  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("Control+v");
  await expect(footprint.chip(2, "kernel_size")).toHaveText("kernel 1×3");
  await expect(footprint.row(3).locator(".type")).toHaveText("Dropout");
});

test("text that is no row is refused in words and changes nothing", async ({ open, page }) => {
  const footprint = await open();
  await page.evaluate(() => navigator.clipboard.writeText("Dear all,\nplease find attached"));
  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("Control+v");
  await expect(footprint.grid.locator("xpath=following-sibling::p")).toContainText("Nothing was pasted");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  await expect(footprint.button("Undo")).toBeDisabled();
});
