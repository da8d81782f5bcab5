// A part of the page that is loaded later, after a deploy took its file away: the page reloads once, keeps the draft, and says so where
// that does not help. These pages are not watched: what fails here is meant to fail.
import { test as base } from "@playwright/test";
import { expect, Footprint } from "./page";

const test = base.extend<{ footprint: Footprint }>({
  footprint: async ({ page }, use) => use(new Footprint(page)),
});

test("a part that is gone is fetched with the new page, and the draft is kept", async ({ page, footprint }) => {
  await page.goto("./");
  await footprint.setAttribute(1, "out_channels", "32");
  const total = await footprint.total("Total").innerText();
  await page.route("**/assets/exporting-*.js", (route) => route.fulfill({ status: 404 }), { times: 1 });
  await Promise.all([page.waitForEvent("load"), footprint.button("Export CSV").click()]);
  await expect(footprint.total("Total")).toHaveText(total);
  await footprint.button("Export CSV").click();
  await expect(page.getByRole("dialog", { name: "The table as CSV" })).toBeVisible();
});

test("a part that stays away is told, and the rest of the page works", async ({ page, footprint }) => {
  await page.route("**/assets/charts-*.js", (route) => route.fulfill({ status: 404 }));
  await page.goto("./");
  await expect(page.getByRole("status").filter({ hasText: "A part of the page could not be loaded." })).toBeVisible();
  await footprint.batch.fill("64");
  await expect(footprint.verdict).toContainText("Fits in 16 GB");
});

test("without a connection nothing is reloaded", async ({ page, context, footprint }) => {
  await page.goto("./");
  await expect(page.getByRole("slider", { name: "Memory against batch size" })).toBeVisible();
  await context.setOffline(true);
  await footprint.button("Export CSV").click();
  await expect(page.getByRole("status").filter({ hasText: "A part of the page could not be loaded." })).toBeVisible();
  await context.setOffline(false);
  await footprint.button("Export CSV").click();
  await expect(page.getByRole("dialog", { name: "The table as CSV" })).toBeVisible();
});
