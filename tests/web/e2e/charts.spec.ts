// Three pictures of the report, and that each can be read, used and taken away without seeing it.
import { readFile } from "node:fs/promises";
import { expect, overprinted, test } from "./page";

test("the batch chart says the largest batch, speaks, and sets the batch", async ({ open, page }) => {
  const footprint = await open();
  await page.locator("#charts").scrollIntoViewIfNeeded();
  await expect(page.getByRole("heading", { name: "A 16 GB card takes 72 items by the notebook" })).toBeVisible();
  const line = page.getByRole("slider", { name: "Memory against batch size" });
  await expect(line).toHaveAttribute("aria-valuetext", /^Batch 128: by the notebook 27\.61\sGB, does not fit in 16 GB/);
  await expect(line.locator("circle.cross")).not.toHaveCount(0);
  await expect(line.getByText("72", { exact: true })).toBeVisible();
  await line.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(footprint.batch).toHaveValue("127");
  await page.keyboard.press("Home");
  await expect(footprint.batch).toHaveValue("1");
  // 294.44 MB at batch 1, as the notebook has it
  await expect(line).toHaveAttribute("aria-valuetext", /^Batch 1: by the notebook 294\.44\sMB, fits in 16 GB/);
});

test("the step has its line, its largest batch and its map, and the notebook's stays beside it", async ({
  open,
  page,
}) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  await page.locator("#charts").scrollIntoViewIfNeeded();
  const title = page.getByRole("heading", { name: /^A 16 GB card takes 72 items by the notebook, (\d+) by the step$/ });
  await expect(title).toBeVisible();
  const [, largest = ""] = /, (\d+) by the step/.exec((await title.textContent()) ?? "") ?? [];
  const line = page.getByRole("slider", { name: "Memory against batch size" });
  await expect(line.locator("circle.cross.step")).toHaveCount(1);
  await expect(line.locator("path.st")).toHaveCount(1);
  await expect(line).toHaveAttribute("aria-valuetext", /; by the step likely [\d.]+\sGB, tight$/);
  // The map is the judge's: by the notebook 16 GB do not take batch 128, by the step they do, with cached memory given back.
  const map = page.getByRole("grid", { name: "Cards against batches" });
  await expect(map.getByRole("button", { name: "16 GB V100, batch 128: tight, now" })).toBeVisible();
  await expect(map.getByRole("button", { name: /not known yet/ })).toHaveCount(0);
  await footprint.judgeBy("Notebook arithmetic");
  await expect(map.getByRole("button", { name: "16 GB V100, batch 128: does not fit, now" })).toBeVisible();
  await footprint.judgeBy("PyTorch step");
  // The largest batch runs; with one more the search, from there, still finds the same.
  await footprint.batch.fill(largest);
  await expect(footprint.verdict.getByRole("heading", { level: 1 })).toHaveText("Tight in 16 GB");
  await footprint.batch.fill(String(Number(largest) + 1));
  await expect(footprint.verdict).toContainText(`Largest batch that likely runs: ${largest}`);
});

test("every card by the step has its largest batch in the table and in the chart", async ({ open, page }) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  await footprint.verdict.getByRole("button", { name: "Every card by the step" }).click();
  const cells = footprint.verdict.getByRole("row", { name: /PyTorch step/ }).getByRole("cell");
  await expect(cells.first()).toHaveText(/\d+$/);
  for (const text of await cells.allTextContents()) expect(text).toMatch(/\d+k?$/);
  await expect(page.locator("#charts circle.cross.step")).not.toHaveCount(1);
});

test("the line is dragged as one step of undo", async ({ open, page }) => {
  const footprint = await open();
  const line = page.getByRole("slider", { name: "Memory against batch size" });
  await line.scrollIntoViewIfNeeded();
  const width = (await line.boundingBox())?.width ?? 0;
  // hover() waits until the line stands still: what comes above it while the step is simulated moves it.
  const at = (share: number) => line.hover({ position: { x: share * width, y: 100 } });
  await at(0.5);
  await page.mouse.down();
  await at(0.3);
  await at(0.25);
  await page.mouse.up();
  await expect(footprint.batch).toHaveValue("64"); // a quarter of 256
  await footprint.button("Undo").click();
  await expect(footprint.batch).toHaveValue("128");
});

test("the title of the rows is the finding, and each row is read by arrows", async ({ open, page }) => {
  const footprint = await open();
  // 4 · 1,568 of 14,063 MB
  await expect(page.getByRole("heading", { name: /^Four rows hold 45\s% of the forward pass$/ })).toBeVisible();
  const rows = page.getByRole("slider", { name: "Activations of each row" });
  await rows.focus();
  await page.keyboard.press("End");
  await expect(rows).toHaveAttribute("aria-valuetext", /^Row 31, Conv2d image_model\.30: 98\.00 MB/);
  await page.keyboard.press("Home");
  await expect(rows).toHaveAttribute("aria-valuetext", /^Row 1, Conv2d image_model\.0: 1,568\.00 MB, 11\.1\s%$/);
  await page.keyboard.press("Enter");
  await expect(footprint.cell(1, "mb")).toBeFocused();
});

test("a cell of the map sets card and batch as one step", async ({ open, page }) => {
  const footprint = await open();
  const map = page.getByRole("grid", { name: "Cards against batches" });
  await map.getByRole("button", { name: /^32 GB .*batch 128: fits$/ }).click();
  await expect(footprint.gpu).toHaveValue("v100-32gb");
  await map.getByRole("button", { name: /^16 GB .*batch 64:/ }).click();
  await expect(footprint.batch).toHaveValue("64");
  await expect(footprint.verdict).toContainText(/(Fits|Tight) in 16 GB/);
  await expect(map.locator('[aria-selected="true"]')).toHaveCount(1);
  await expect(map.locator('[tabindex="0"]')).toHaveCount(1);
  await footprint.button("Undo").click();
  await expect(footprint.batch).toHaveValue("128");
  await expect(footprint.gpu).toHaveValue("v100-32gb");
});

test("each chart is a table too, and a file", async ({ open, page }) => {
  await open();
  const title = "A 16 GB card takes 72 items by the notebook";
  const [svg] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `Save as SVG: ${title}` }).click(),
  ]);
  const picture = await readFile(await svg.path(), "utf8");
  expect(svg.suggestedFilename()).toBe("memory-against-batch.svg");
  expect(picture).toContain(title);
  expect(picture).toMatch(/stroke="rgb\(/); // colours are written in: no style sheet travels with it
  const [png] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `Save as PNG: ${title}` }).click(),
  ]);
  const bytes = await readFile(await png.path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(10_000);
  await page.getByRole("button", { name: `Table: ${title}` }).click();
  await expect(page.getByRole("row", { name: /16 GB · V100 .* 72\b/ })).toBeVisible();
});

test("with a fault in the model the last valid charts stay", async ({ open, page }) => {
  const footprint = await open();
  const heading = page.getByRole("heading", { name: "A 16 GB card takes 72 items by the notebook" });
  await expect(heading).toBeVisible();
  await footprint.setAttribute(1, "kernel_size", "999");
  await expect(page.locator("fp-charts .figs.isstale")).toHaveCount(1);
  await expect(heading).toBeVisible();
});

for (const width of [1440, 390]) {
  test(`no number of the batch chart stands on another or across a card's line, at ${width} px`, async ({
    open,
    page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
    const chart = page.getByRole("slider", { name: "Memory against batch size" });
    for (const [batch, needs] of [
      ["128", ["27.61", "14.64"]],
      ["1", ["0.29", "0.68"]],
      ["1000000", ["215,145.18"]],
    ] as const) {
      await footprint.batch.fill(batch);
      await chart.scrollIntoViewIfNeeded();
      for (const need of needs) await expect(chart.getByText(need, { exact: true })).toBeVisible({ timeout: 20_000 });
      expect(await overprinted(chart)).toEqual([]);
      const crossed = await chart.evaluate((svg) => {
        const lines = [...svg.querySelectorAll("line.gpu")].map((line) => line.getBoundingClientRect().top);
        const right = svg.getBoundingClientRect().right;
        return [...svg.querySelectorAll("text")].flatMap((text) => {
          const { left, top, bottom } = text.getBoundingClientRect();
          const slack = (bottom - top) / 5;
          return left < right && lines.some((y) => y > top + slack && y < bottom - slack) && text.matches(".nbt, .stt")
            ? [text.textContent]
            : [];
        });
      });
      expect(crossed).toEqual([]);
    }
  });
}

test("the map has about eight columns at any batch, and its title tells what fits from what is tight", async ({
  open,
  page,
}) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=notebook");
  const map = page.getByRole("grid", { name: "Cards against batches" });
  await map.scrollIntoViewIfNeeded();
  await expect(page.getByRole("heading", { name: "Batch 128 fits from 32 GB" })).toBeVisible();
  await footprint.judgeBy("PyTorch step");
  await expect(page.getByRole("heading", { name: /^Batch 128 runs tightly from 11 GB, fits from/ })).toBeVisible({
    timeout: 20_000,
  });
  for (const [batch, columns] of [
    ["1", ["1", "2", "4", "8", "16", "32", "64", "128"]],
    ["3", ["1", "2", "3", "4", "8", "16", "32", "64", "128"]],
    ["8", ["1", "2", "4", "6", "8", "10", "12", "16"]],
  ] as const) {
    await footprint.batch.fill(batch);
    await expect(map.getByRole("columnheader")).toHaveText([...columns]);
  }
});

test("what the step said of another network is gone at once, also while nobody sees the charts", async ({
  open,
  page,
}) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  const map = page.getByRole("grid", { name: "Cards against batches" });
  const judged = map.getByRole("button", { name: /: (fits|tight|does not fit)/ });
  await map.scrollIntoViewIfNeeded();
  await expect(judged).not.toHaveCount(0, { timeout: 20_000 });
  await page.evaluate(() => window.scrollTo(0, 0));
  await footprint.model.selectOption("vgg16");
  await expect(footprint.verdict).toContainText("Largest batch that likely runs");
  await expect(judged).toHaveCount(0);
  await expect(page.locator(".batch-chart .st")).toHaveCount(0);
});
