// The whole of the table without a pointer.
import { expect, test, type Footprint } from "./page";
import type { Page } from "@playwright/test";

/** Tab from the field before the grid: the grid is one tab stop. */
async function enterGrid(page: Page, footprint: Footprint): Promise<void> {
  await footprint.button("Add layer").focus();
  await page.keyboard.press("Tab");
  await expect(footprint.grid.locator(":focus")).toHaveCount(1);
}

test("the grid is one tab stop: Tab arrives at a cell and leaves for the units", async ({ open, page }) => {
  const footprint = await open();
  await enterGrid(page, footprint);
  await page.keyboard.press("Tab");
  await expect(footprint.grid.locator(":focus")).toHaveCount(0);
  await expect(page.getByRole("radio", { name: "MB", exact: true })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(footprint.grid.locator(":focus")).toHaveCount(1);
  await page.keyboard.press("Shift+Tab");
  await expect(footprint.button("Add layer")).toBeFocused();
  await expect(footprint.grid.locator('[tabindex="0"]')).toHaveCount(1);
});

test("arrows, Home, End and Ctrl with them go where a spreadsheet goes", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(footprint.cell(2, "at")).toBeFocused();
  await page.keyboard.press("Home");
  await expect(footprint.cell(2, "idx")).toBeFocused();
  await page.keyboard.press("End");
  await expect(footprint.cell(2, "share")).toBeFocused();
  await page.keyboard.press("Control+End");
  await expect(footprint.grid.locator("tfoot tr").last().locator('[data-column="share"]')).toBeFocused();
  await page.keyboard.press("Control+Home");
  await expect(footprint.grid.locator("tbody tr").first().locator('[data-column="ly"]')).toBeFocused();
});

test("Enter edits attributes, Esc cancels, typing begins with what was typed", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "at").focus();
  await page.keyboard.press("Enter");
  const field = page.locator('fp-attributes [data-name="out_channels"]');
  await expect(field).toBeFocused();
  await field.fill("5");
  await page.keyboard.press("Escape");
  await expect(footprint.cell(1, "at")).toBeFocused();
  await expect(footprint.chip(1, "out_channels")).toHaveText("out 64");
  await page.keyboard.press("3");
  await expect(field).toHaveValue("3");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await expect(footprint.chip(1, "out_channels")).toHaveText("out 32");
  await expect(footprint.cell(1, "at")).toBeFocused();
  await page.keyboard.press("Control+z");
  await expect(footprint.chip(1, "out_channels")).toHaveText("out 64");
  await page.keyboard.press("Control+y");
  await expect(footprint.chip(1, "out_channels")).toHaveText("out 32");
});

test("Tab leaves the editor and goes on behind the cell", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "at").focus();
  await page.keyboard.press("Enter");
  const editor = page.locator("fp-attributes");
  await expect(editor.locator('[data-name="out_channels"]')).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(editor).toBeHidden();
  await expect(footprint.button("Add layer")).toBeFocused();
});

test("typing on a layer searches its type", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(2, "ly").focus();
  await page.keyboard.press("G");
  const search = page.getByRole("combobox", { name: "Type of row 2" });
  await expect(search).toHaveValue("G");
  await page.keyboard.type("ELU");
  await page.keyboard.press("Enter");
  await expect(footprint.row(2).locator(".type")).toHaveText("GELU");
  await expect(footprint.cell(2, "ly")).toBeFocused();
});

test("Enter on a number opens its arithmetic, Esc gives the focus back to it", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "pr").focus();
  await page.keyboard.press("Enter");
  await expect(footprint.arithmetic).toContainText("1,792");
  await expect(footprint.arithmetic.locator("math").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(footprint.arithmetic).toHaveCount(0);
  await expect(footprint.cell(1, "pr").getByRole("button")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(footprint.cell(1, "pr")).toBeFocused();
});

test("the controls of a cell are reached by Enter and left by Esc", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "sh").focus();
  await page.keyboard.press("Enter");
  const sizes = footprint.cell(1, "sh").getByRole("button");
  await expect(sizes.nth(0)).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(sizes.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(footprint.arithmetic).toContainText("224");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(footprint.cell(1, "sh")).toBeFocused();
});

test("Shift with arrows selects rows; Alt with arrows moves, Ctrl+D copies, Delete removes, Insert adds", async ({
  open,
  page,
}) => {
  const footprint = await open();
  await footprint.model.selectOption("teaching-cnn");
  const types = await footprint.types();
  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("Shift+ArrowDown");
  await expect(footprint.grid.locator('tr[aria-selected="true"]')).toHaveCount(2);
  await page.keyboard.press("Alt+ArrowDown");
  expect(await footprint.types()).toEqual([types[2], types[0], types[1], ...types.slice(3)]);
  await page.keyboard.press("Alt+ArrowUp");
  expect(await footprint.types()).toEqual(types);
  await page.keyboard.press("Control+d");
  expect(await footprint.types()).toEqual([types[0], types[1], types[0], types[1], ...types.slice(2)]);
  await page.keyboard.press("Delete");
  expect(await footprint.types()).toEqual(types);
  await page.keyboard.press("Insert");
  await page.keyboard.type("Identity");
  await page.keyboard.press("Enter");
  expect(await footprint.types()).toContain("Identity");
  await page.keyboard.press("Control+z");
  expect(await footprint.types()).toEqual(types);
});

test("a reason's fix is reached without a pointer", async ({ open, page }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet-audio");
  await footprint.setAttribute(5, "kernel_size", "3×11");
  await footprint.cell(5, "at").focus();
  await page.keyboard.press("ArrowDown");
  await expect(footprint.reason(5).locator("td")).toBeFocused();
  await page.keyboard.press("Enter");
  const fixes = footprint.reason(5).getByRole("button");
  if ((await fixes.count()) > 1) {
    await expect(fixes.first()).toBeFocused();
    await page.keyboard.press("Enter");
  }
  await expect(footprint.reason(5)).toHaveCount(0);
});

test("a group is folded by Enter", async ({ open, page }) => {
  const footprint = await open();
  const group = footprint.grid.locator("tr.group").first();
  await group.locator('[data-column="ly"]').focus();
  await page.keyboard.press("Enter");
  await expect(group.getByRole("button")).toHaveAttribute("aria-expanded", "false");
  await expect(footprint.row(1)).toHaveCount(0);
});
