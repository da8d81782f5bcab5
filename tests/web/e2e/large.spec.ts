// Two thousand rows: only those near the screen are drawn, and everything works as in a short table.
import { expect, test } from "./page";

const ROWS = 2000;

function large(): string {
  const layers = Array.from({ length: ROWS / 2 }, (_, block) => [
    { op: "Conv2d", name: `stage${Math.floor(block / 50)}.conv${block}`, out_channels: 8, kernel_size: 3, padding: 1 },
    { op: "ReLU", name: `stage${Math.floor(block / 50)}.relu${block}`, inplace: true },
  ]).flat();
  return JSON.stringify({
    format: "footprint/model",
    version: 1,
    name: "Two thousand rows",
    inputs: [{ name: "x", shape: [8, 16, 16] }],
    layers,
  });
}

test.beforeEach(async ({ open, page }) => {
  const footprint = await open();
  await footprint.button("Import").click();
  await page
    .locator('dialog input[type="file"]')
    .setInputFiles({ name: "large.json", mimeType: "application/json", buffer: Buffer.from(large()) });
  await expect(footprint.grid).toHaveAttribute("aria-rowcount", String(1 + ROWS + ROWS / 100 + 4));
});

test("few of the rows are elements, wherever the page is scrolled", async ({ page }) => {
  const drawn = page.locator("table.grid tbody tr[data-row]");
  expect(await drawn.count()).toBeLessThan(200);
  for (const part of [0.3, 0.6, 0.9]) {
    await page.evaluate((fraction) => {
      const grid = document.querySelector("table.grid");
      const box = grid?.getBoundingClientRect();
      window.scrollTo(0, (box?.top ?? 0) + window.scrollY + (box?.height ?? 0) * fraction);
    }, part);
    // A row of the document stands in the middle of the screen.
    await expect
      .poll(() =>
        page.evaluate(
          () => document.elementFromPoint(200, innerHeight / 2)?.closest("tr[data-row], tr.group") !== null,
        ),
      )
      .toBe(true);
    expect(await drawn.count()).toBeLessThan(200);
  }
});

test("Ctrl+End and Ctrl+Home cross it, and the row at the end can be edited", async ({ page }) => {
  const grid = page.getByRole("grid", { name: "Layers" });
  await grid.locator('[data-row="0"] [data-column="at"]').focus();
  await page.keyboard.press("Control+End");
  await expect(grid.locator("tfoot tr").last().locator(":focus")).toHaveCount(1);
  for (let line = 0; line < 4; line += 1) await page.keyboard.press("ArrowUp");
  await expect(grid.locator(`[data-row="${ROWS - 1}"] :focus`)).toHaveCount(1);
  await page.keyboard.press("Control+Home");
  await expect(grid.locator("tbody tr").first().locator(":focus")).toHaveCount(1);
});

test("a search finds a row far below", async ({ page }) => {
  await page.getByRole("searchbox", { name: "Find a row" }).fill("conv777");
  const rows = page.locator("table.grid tbody tr[data-row]");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("conv777");
});

test("an edit is on the screen within a second, on a slow machine too", async ({ page }) => {
  await page.locator('tr[data-row="0"] .chip[data-field="out_channels"]').click();
  const field = page.locator('fp-attributes [data-name="out_channels"]');
  await field.fill("4");
  const took = await page.evaluate(async () => {
    const input = document.querySelector('fp-attributes [data-name="out_channels"]');
    const start = performance.now();
    input?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - start;
  });
  await expect(page.locator('tr[data-row="0"] [data-column="sh"]')).toHaveText("4 × 16 × 16");
  // The second row's convolution takes 4 channels now: 8·(4·9 + 1)
  await expect(page.locator('tr[data-row="2"] [data-column="pr"]')).toHaveText("296");
  expect(took).toBeLessThan(1000);
});

test("on paper every row is drawn, and afterwards few again", async ({ page }) => {
  const drawn = page.locator("table.grid tbody tr[data-row]");
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await expect(drawn).toHaveCount(ROWS);
  // By its place: to work out roles among two thousand rows takes a minute.
  await expect(page.locator("fp-header .acts")).toBeHidden();
  await expect(page.locator(".grid tbody .handle").first()).toBeHidden();
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  await expect.poll(() => drawn.count()).toBeLessThan(200);
});
