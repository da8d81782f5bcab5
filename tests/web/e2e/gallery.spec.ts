// The gallery: networks by family, found by a search, fetched when they are chosen, named by links.
import { expect, findings, test, type Footprint } from "./page";
import type { Locator, Page } from "@playwright/test";

async function openGallery(page: Page, footprint: Footprint): Promise<{ dialog: Locator; search: Locator }> {
  await footprint.button("Gallery").click();
  const dialog = page.getByRole("dialog", { name: "Gallery" });
  const search = dialog.getByRole("combobox", { name: "Search networks" });
  await expect(search).toBeFocused();
  return { dialog, search };
}

const chosen = (footprint: Footprint) => footprint.model.locator("option:checked");

test("a network is found, fetched only when it is chosen, opened as itself, and undone", async ({ open, page }) => {
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  const footprint = await open();
  const { dialog, search } = await openGallery(page, footprint);
  await search.fill("resnet torchvision");
  const option = dialog.getByRole("group", { name: "ResNet" }).getByRole("option", { name: /^resnet18 / });
  await expect(option).toContainText("torchvision");
  await expect(option).toContainText("11,689,512 parameters");
  expect(fetched.filter((url) => url.includes("resnet18"))).toEqual([]);
  await option.click();
  await expect(dialog).toBeHidden();
  await expect(chosen(footprint)).toHaveText("resnet18");
  expect(fetched.filter((url) => url.includes("resnet18"))).toHaveLength(1);
  await expect(page).toHaveURL(/m=resnet18&/);
  await footprint.button("Undo").click();
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  await footprint.button("Redo").click();
  await expect(chosen(footprint)).toHaveText("resnet18");
  await page.reload();
  await expect(chosen(footprint)).toHaveText("resnet18"); // the draft, still known as the network it is
});

test("by keyboard: arrows choose, Enter opens, Esc closes and gives the focus back", async ({ open, page }) => {
  const footprint = await open();
  const { dialog, search } = await openGallery(page, footprint);
  await search.press("ArrowDown");
  await search.press("ArrowDown");
  await search.press("ArrowUp");
  await expect(dialog.getByRole("option", { selected: true })).toHaveCount(1);
  await search.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(footprint.button("Gallery")).toBeFocused();
  await openGallery(page, footprint);
  await page.keyboard.type("alexnet");
  await page.keyboard.press("Enter");
  await expect(chosen(footprint)).toHaveText("alexnet");
  await expect(footprint.button("Gallery")).toBeFocused();
});

test("a search that finds nothing says so", async ({ open, page }) => {
  const { dialog, search } = await openGallery(page, await open());
  await search.fill("no such thing");
  await expect(dialog.getByRole("status")).toHaveText("No network has “no such thing” in its name, family or source.");
  await expect(dialog.getByRole("option")).toHaveCount(0);
  await search.press("Enter");
  await expect(dialog).toBeVisible();
});

test("a link names a network of the gallery; an edit makes it the reader's own", async ({ open }) => {
  const footprint = await open("#v=1&m=resnet18&b=1&g=v100-16gb&j=notebook");
  await expect(chosen(footprint)).toHaveText("resnet18");
  await footprint.setAttribute(1, "out_channels", "32");
  await expect(chosen(footprint)).toHaveText("resnet18, edited");
});

test("a link to a network that is not there is refused, and the document stays", async ({ open, page }) => {
  const footprint = await open("#v=1&m=resnet18000&b=1&g=v100-16gb&j=notebook");
  await expect(page.getByRole("alert").filter({ hasText: "There is no preset “resnet18000”." })).toBeVisible();
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 844 } });

    test("has no accessibility finding and does not scroll sideways", async ({ open, page }) => {
      const { dialog, search } = await openGallery(page, await open());
      expect(await findings(page, "fp-gallery")).toEqual([]);
      expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      await search.fill("no such thing");
      expect(await findings(page, "fp-gallery")).toEqual([]);
    });
  });
}
