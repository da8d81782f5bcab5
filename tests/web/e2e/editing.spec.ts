// The table is the model: every edit of it, by pointer. The keyboard has a file of its own.
import { expect, test } from "./page";

test("an edited attribute is recalculated, undone and redone", async ({ open }) => {
  const footprint = await open();
  await footprint.setAttribute(1, "out_channels", "32");
  // Conv2d 3 → 32, 3 × 3 and bias: 32·(3·9 + 1) = 896 parameters
  await expect(footprint.cell(1, "pr")).toHaveText("896");
  await expect(footprint.cell(1, "sh")).toHaveText("32 × 224 × 224");
  await expect(footprint.model.locator("option:checked")).toContainText("edited");
  await footprint.button("Undo").click();
  await expect(footprint.cell(1, "pr")).toHaveText("1,792");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  await footprint.button("Redo").click();
  await expect(footprint.cell(1, "pr")).toHaveText("896");
});

test("chips show what differs from PyTorch's default; the rest is behind more", async ({ open, page }) => {
  const footprint = await open();
  await expect(footprint.row(1).locator(".chip")).toHaveText(["out 64", "kernel 3×3", "padding 1×1"]);
  await footprint.chip(1, "kernel_size").click();
  const editor = page.locator("fp-attributes");
  await expect(editor.getByLabel("kernel_size")).toBeFocused();
  await expect(editor.getByLabel("dilation")).toBeHidden();
  await editor.getByRole("button", { name: /^\d+ more attributes$/ }).click();
  await expect(editor.getByLabel("dilation")).toBeVisible();
  await expect(editor.getByText("Default 1×1.").first()).toBeVisible();
  await editor.getByLabel("bias").uncheck();
  // 64·3·9 without the 64 of the bias
  await expect(footprint.cell(1, "pr")).toHaveText("1,728");
  await page.keyboard.press("Escape");
  await expect(footprint.chip(1, "bias")).toHaveText("bias False");
});

test("a bad cell keeps its text, says why, greys what depends on it, and its fix mends it", async ({ open, page }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet-audio");
  await expect(footprint.total("Total")).toHaveText("1,400.90");
  // conv2 is row 5, behind unsqueeze, batchnorm1, conv1 and a relu
  await footprint.setAttribute(5, "kernel_size", "3×11");
  const chip = footprint.chip(5, "kernel_size");
  await expect(chip).toHaveText("kernel 3×11");
  await expect(chip).toHaveAttribute("aria-invalid", "true");
  await expect(footprint.reason(5)).toContainText("kernel_size");
  await expect(chip).toHaveAttribute(
    "aria-describedby",
    (await footprint.reason(5).locator("td").getAttribute("id")) ?? "",
  );
  // its own and later rows keep their last valid values, rows above are as they were
  await expect(footprint.cell(3, "mb")).not.toHaveClass(/stale/);
  await expect(footprint.cell(5, "mb")).toHaveClass(/stale/);
  await expect(footprint.cell(7, "mb")).toHaveClass(/stale/);
  await expect(footprint.cell(7, "mb")).toHaveText("64.00");
  await expect(footprint.total("Total")).toHaveText("1,400.90");
  await expect(footprint.verdict).toContainText("last valid answer");
  await footprint.reason(5).getByRole("button").first().click();
  await expect(footprint.reason(5)).toHaveCount(0);
  await expect(footprint.cell(7, "mb")).not.toHaveClass(/stale/);
  await page.keyboard.press("Control+z");
  await expect(footprint.chip(5, "kernel_size")).toHaveAttribute("aria-invalid", "true");
});

test("the verdict leads to the bad cell", async ({ open }) => {
  const footprint = await open();
  await footprint.setAttribute(6, "kernel_size", "999");
  await footprint.verdict.getByRole("button", { name: "row 6" }).click();
  await expect(footprint.cell(6, "at")).toBeFocused();
});

test("a text that is no number stays in the cell", async ({ open }) => {
  const footprint = await open();
  await footprint.setAttribute(1, "out_channels", "sixty-four");
  await expect(footprint.chip(1, "out_channels")).toHaveText("out sixty-four");
  await expect(footprint.chip(1, "out_channels")).toHaveAttribute("aria-invalid", "true");
  await footprint.setAttribute(1, "out_channels", "64");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

test("another type keeps the attributes that it has too", async ({ open, page }) => {
  const footprint = await open();
  await footprint.row(5).getByRole("button", { name: "MaxPool2d" }).click();
  const search = page.getByRole("combobox", { name: "Type of row 5" });
  await search.fill("avgpool2");
  await expect(page.getByRole("listbox").getByRole("option").first()).toContainText("AvgPool2d");
  await search.press("Enter");
  await expect(footprint.row(5).locator(".type")).toHaveText("AvgPool2d");
  await expect(footprint.chip(5, "kernel_size")).toHaveText("kernel 2×2");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

test("a layer is added, duplicated by key, moved by its handle and deleted", async ({ open, page }) => {
  const footprint = await open();
  await footprint.model.selectOption("empty");
  await expect(footprint.grid).toContainText("No layers yet");
  await footprint.button("Add layer").click();
  await page.getByRole("combobox", { name: "Type of the new layer" }).fill("Conv2d");
  await page.keyboard.press("Enter");
  const editor = page.locator("fp-attributes");
  await expect(editor.getByLabel("out_channels")).toBeFocused();
  await editor.getByLabel("out_channels").fill("8");
  await page.keyboard.press("Enter");
  await expect(footprint.row(1)).toContainText("8 × 224 × 224");
  await footprint.button("Add layer").click();
  await page.getByRole("combobox", { name: "Type of the new layer" }).fill("ReLU");
  await page.keyboard.press("Enter");
  expect(await footprint.types()).toEqual(["Conv2d", "ReLU"]);
  await footprint.cell(1, "idx").click();
  await page.keyboard.press("Control+d");
  expect(await footprint.types()).toEqual(["Conv2d", "Conv2d", "ReLU"]);
  await footprint
    .row(3)
    .locator(".handle")
    .dragTo(footprint.row(1).locator(".handle"), { targetPosition: { x: 5, y: 2 } });
  expect(await footprint.types()).toEqual(["ReLU", "Conv2d", "Conv2d"]);
  await footprint.cell(2, "idx").click();
  await page.keyboard.press("Delete");
  expect(await footprint.types()).toEqual(["ReLU", "Conv2d"]);
});

test("between two rows, a plus inserts there", async ({ open, page }) => {
  const footprint = await open();
  const height = (await footprint.row(2).boundingBox())?.height ?? 0;
  await footprint.row(2).hover(); // it stands still now
  await footprint.row(2).hover({ position: { x: 30, y: height - 2 }, force: true }); // the plus comes under the pointer
  await page.getByTitle(/^Add layer after image_model\.1$/).click();
  await page.getByRole("combobox", { name: "Type of the new layer" }).fill("Identity");
  await page.keyboard.press("Enter");
  expect((await footprint.types()).slice(0, 4)).toEqual(["Conv2d", "ReLU", "Identity", "Conv2d"]);
});

test("a shared module is edited once, and a function follows its row", async ({ open, page }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet-audio");
  const shared = footprint.grid.getByText(/^shared, \d of 4$/);
  await expect(shared).toHaveText(["shared, 1 of 4", "shared, 2 of 4", "shared, 3 of 4", "shared, 4 of 4"]);
  await expect(footprint.row(3)).toContainText("ƒ relu");
  await footprint.button("Show functions").click();
  await expect(footprint.row(4)).toContainText("relu");
  await footprint.button("Show functions").click();
  await footprint.cell(3, "ly").click();
  await page.keyboard.press("Delete");
  // conv1 and the relu that its badge named are gone together
  await expect(footprint.row(3)).toContainText("conv2");
});

test("a new name is followed by what refers to it", async ({ open, page }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet-audio");
  await footprint.cell(7, "idx").click();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "Name of row 7" }).fill("halve");
  await page.keyboard.press("Enter");
  await expect(footprint.grid.getByText("halve", { exact: true })).toHaveCount(4);
  await expect(footprint.total("Total")).toHaveText("1,400.90");
});

test("groups fold, and their row carries the sums", async ({ open, page }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet");
  const audio = footprint.grid.locator("tr.group").filter({ hasText: "audio" });
  await expect(audio).toContainText("15,965,570");
  await expect(audio).toContainText("660.00");
  await audio.getByRole("button", { name: "audio" }).click();
  await expect(footprint.row(3)).toHaveCount(0);
  await footprint.button("Fold all").click();
  await expect(footprint.grid.locator("tbody tr[data-row]")).toHaveCount(0);
  await footprint.button("Unfold all").click();
  await expect(footprint.row(3)).toHaveCount(1);
  await page.getByRole("searchbox", { name: "Find a row" }).fill("conv5");
  await expect(footprint.grid.locator("tbody tr[data-row]")).toHaveCount(1);
});

test("sorted by cost, the largest rows stand first and the model is as it was", async ({ open }) => {
  const footprint = await open();
  await footprint.button("Sort by cost").click();
  await expect(footprint.grid.locator("tbody tr[data-row]").first()).toContainText("1,568.00");
  await expect(footprint.grid.locator("tbody tr[data-row]").last()).not.toContainText("1,568.00");
  await footprint.button("Sort by cost").click();
  await expect(footprint.grid.locator("tbody tr[data-row]").nth(4)).toContainText("MaxPool2d");
});

test("units change every amount of the table, and nothing else", async ({ open, page }) => {
  const footprint = await open();
  await page.getByRole("radio", { name: "GB", exact: true }).check({ force: true });
  await expect(footprint.total("Total")).toHaveText("27.61");
  await page.getByRole("radio", { name: "bytes" }).check({ force: true });
  // 128 · 64 · 224 · 224 · 4 B
  await expect(footprint.cell(1, "mb")).toHaveText("1,644,167,168");
  await expect(footprint.cell(1, "pr")).toHaveText("1,792");
});
