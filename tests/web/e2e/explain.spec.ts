// Every number is a door: its arithmetic as MathML, with the origin of each symbol.
import { expect, Footprint, test } from "./page";

test("the activations of a convolution become their formula and their numbers", async ({ open }) => {
  const footprint = await open();
  await footprint.cell(1, "mb").getByRole("button").click();
  const panel = footprint.arithmetic;
  await expect(panel.getByRole("heading")).toContainText("1,568.00 MB");
  await expect(panel.locator("math").first()).toBeVisible();
  await expect(panel).toContainText("1,644,167,168");
  await expect(panel.locator(".terms")).toContainText("batch size");
  await expect(panel.locator(".from")).toContainText("Notebook");
  // MathML is markup here, not text
  await expect(panel).not.toContainText("<math");
  expect(await panel.locator("math mi, math mn").count()).toBeGreaterThan(4);
});

test("a number that is in sight stays where it is, and its formula within the panel", async ({ open, page }) => {
  const footprint = await open();
  await page.evaluate(() => window.scrollTo(0, 300));
  await footprint.cell(1, "mb").getByRole("button").click();
  await expect(footprint.arithmetic.locator("math").first()).toBeVisible();
  expect(await page.evaluate(() => window.scrollY)).toBe(300);
  const beyond = await footprint.arithmetic
    .locator(".formula")
    .evaluate((formula) => formula.scrollWidth - formula.clientWidth);
  expect(beyond).toBe(0);
});

test("a symbol that is itself a result opens in place", async ({ open }) => {
  const footprint = await open();
  await footprint.cell(1, "mb").getByRole("button").click();
  const door = footprint.arithmetic.locator(".terms > dd > button").first();
  await expect(door).toHaveAttribute("aria-expanded", "false");
  await door.click();
  await expect(door).toHaveAttribute("aria-expanded", "true");
  await expect(footprint.arithmetic.locator(".inner math").first()).toBeVisible();
  await door.click();
  await expect(footprint.arithmetic.locator(".inner")).toHaveCount(0);
});

test("every number of the table has an arithmetic", async ({ open }) => {
  const footprint = await open();
  await footprint.model.selectOption("teaching-cnn");
  const doors = footprint.grid.locator("[data-path]");
  const many = await doors.count();
  expect(many).toBeGreaterThan(20);
  for (let at = 0; at < many; at += 1) {
    await doors.nth(at).click();
    await expect(footprint.arithmetic.locator("math").first()).toBeVisible();
  }
});

test("an open arithmetic follows the model", async ({ open }) => {
  const footprint = await open();
  await footprint.cell(1, "pr").getByRole("button").click();
  await expect(footprint.arithmetic).toContainText("1,792");
  await footprint.setAttribute(1, "out_channels", "32");
  await expect(footprint.arithmetic).toContainText("896");
});

test("LaTeX and text are copied", async ({ open, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const footprint = await open();
  await footprint.total("Total").getByRole("button").click();
  await footprint.button("Copy LaTeX").click();
  await expect(footprint.arithmetic.getByRole("status")).toHaveText("LaTeX copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/\\begin\{/);
  await footprint.button("Copy text").click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("28,273.64");
});

test("a link to a number reopens the page with its arithmetic open", async ({ open, another, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const footprint = await open();
  await footprint.cell(20, "mb").getByRole("button").click();
  const heading = await footprint.arithmetic.getByRole("heading").innerText();
  await footprint.button("Link to this number").click();
  await expect(footprint.arithmetic.getByRole("status")).toHaveText("Link copied.");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("&n=layers/image_model.19/forward&");
  const theirs = new Footprint(await another());
  await theirs.page.goto(link);
  await expect(theirs.arithmetic.getByRole("heading")).toHaveText(heading);
  const [cell, strip] = [theirs.cell(20, "mb"), theirs.page.getByRole("form", { name: "Settings" })];
  await expect(cell).toBeInViewport();
  const edge = async () => ((await cell.boundingBox())?.y ?? 0) - ((await strip.boundingBox())?.height ?? 0);
  expect(await edge()).toBeGreaterThan(0); // not under the strip
  await expect(theirs.arithmetic.locator(".formula")).toBeInViewport();
  // closed, the focus is where the number stands, and the link is one to the state alone
  await theirs.arithmetic.getByRole("button", { name: "Close" }).click();
  await expect(theirs.cell(20, "mb")).toBeFocused();
  await expect.poll(() => theirs.page.url()).not.toContain("&n=");
});

test("a link to a number of an edited model, of the totals", async ({ open, another, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const footprint = await open();
  await footprint.setAttribute(1, "out_channels", "32");
  await footprint.total("Total").getByRole("button").click();
  await footprint.button("Link to this number").click();
  await expect(footprint.arithmetic.getByRole("status")).toHaveText("Link copied.");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#v=1&z=");
  const theirs = new Footprint(await another());
  await theirs.page.goto(link);
  await expect(theirs.arithmetic.locator(".formula")).toBeInViewport();
  await theirs.page.keyboard.press("Escape");
  await expect(theirs.total("Total").getByRole("button")).toBeFocused();
});

test("the number stays open over a reload, beside the reader's own draft", async ({ open, page }) => {
  const footprint = await open();
  await footprint.setAttribute(1, "out_channels", "32");
  await footprint.cell(3, "pr").getByRole("button").click();
  const withoutNumber = page.url();
  await expect.poll(() => page.url()).not.toBe(withoutNumber);
  await page.reload();
  await expect(footprint.arithmetic.locator("math").first()).toBeVisible();
  await expect(page.getByText("Opened from a link.")).toHaveCount(0);
});

test("a link to a number that the model does not have opens the state and says so", async ({ open, page }) => {
  const footprint = await open("#v=1&m=vgg16&b=1&g=v100-16gb&n=layers/conv9/forward&j=notebook");
  await expect(page.getByRole("status").filter({ hasText: "Opened from a link." })).toContainText(
    "It points to the number “layers/conv9/forward”, which this model does not have.",
  );
  await expect(footprint.arithmetic).toHaveCount(0);
  await expect(footprint.total("Total")).toBeVisible();
});

test("a number of the verdict opens beside it, and Esc goes back to it", async ({ open, page }) => {
  const footprint = await open();
  const need = footprint.verdict.getByRole("button", { name: /^27\.61\sGB$/ });
  await need.click();
  const popover = page.locator("fp-explain [popover]");
  await expect(popover).toBeVisible();
  await expect(popover).toContainText("28,273.64");
  const [number, panel] = [await need.boundingBox(), await popover.boundingBox()];
  expect(Math.abs((panel?.y ?? 0) - (number?.y ?? 0))).toBeLessThan(900);
  await page.keyboard.press("Escape");
  await expect(popover).toHaveCount(0);
  await expect(need).toBeFocused();
});

test("beside the table from 1250 px, below it under that", async ({ open, page }) => {
  const footprint = await open();
  await footprint.cell(1, "pr").getByRole("button").click();
  const place = async () => {
    const [table, panel] = [await footprint.grid.boundingBox(), await footprint.arithmetic.boundingBox()];
    return (panel?.x ?? 0) >= (table?.x ?? 0) + (table?.width ?? 0)
      ? "beside"
      : (panel?.y ?? 0) >= (table?.y ?? 0) + (table?.height ?? 0)
        ? "below"
        : "over";
  };
  expect(await place()).toBe("beside");
  await page.setViewportSize({ width: 1000, height: 900 });
  await expect.poll(place).toBe("below");
});
