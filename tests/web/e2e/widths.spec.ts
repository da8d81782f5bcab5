// From a phone to a projector, in both themes, without an accessibility finding and without sideways scrolling.
import { expect, findings, overprinted, test } from "./page";

test.setTimeout(180_000); // axe looks at every element of every row

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });

    test("has no accessibility finding, as it opens and with everything open", async ({ open, page }) => {
      const footprint = await open();
      await page.locator("#charts").scrollIntoViewIfNeeded();
      await expect(page.getByRole("slider", { name: "Activations of each row" })).toBeVisible();
      expect(await findings(page)).toEqual([]);
      await footprint.total("Total").getByRole("button").click();
      await expect(footprint.arithmetic).toBeVisible();
      await footprint.chip(1, "kernel_size").click();
      await expect(page.locator("fp-attributes")).toBeVisible();
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await footprint.row(2).getByRole("button", { name: "ReLU" }).click();
      await expect(page.getByRole("listbox")).toBeVisible();
      expect(await findings(page)).toEqual([]);
    });

    test("has no accessibility finding with a bad cell, groups, and a dialog", async ({ open, page }) => {
      const footprint = await open();
      await footprint.model.selectOption("davenet");
      await footprint.setAttribute(5, "kernel_size", "3×11");
      await expect(footprint.reason(5)).toBeVisible();
      expect(await findings(page)).toEqual([]);
      await page.getByRole("button", { name: "Export CSV" }).click();
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await footprint.button("Share").click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await findings(page)).toEqual([]);
    });
  });
}

for (const width of [320, 390, 720, 1000, 1250, 1440, 2560]) {
  test(`nothing scrolls sideways at ${width} px`, async ({ open, page }) => {
    await page.setViewportSize({ width, height: 900 });
    const footprint = await open();
    await footprint.model.selectOption("davenet");
    await page.locator("#charts").scrollIntoViewIfNeeded();
    await expect(page.getByRole("slider", { name: "Activations of each row" })).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });
}

for (const network of ["davenet", "gpt2", "bert-base"]) {
  test(`the table of ${network} keeps to its column, in MB and in bytes`, async ({ open, page }) => {
    const footprint = await open(`#v=1&m=${network}&b=128&g=v100-16gb&j=notebook`);
    for (const units of ["MB", "bytes"]) {
      // By the keyboard: of a long table, still being drawn, the place for a hand moves.
      const radio = page.getByRole("radio", { name: units, exact: true });
      await radio.focus();
      await page.keyboard.press("Space");
      await expect(radio).toBeChecked();
      for (const width of [1920, 1440, 1250, 1100, 900]) {
        await page.setViewportSize({ width, height: 900 });
        const beyond = () =>
          footprint.grid.evaluate((grid) => {
            const column = grid.closest("fp-table")?.parentElement?.getBoundingClientRect().right ?? 0;
            return [
              Math.round(grid.getBoundingClientRect().right - column),
              document.documentElement.scrollWidth - document.documentElement.clientWidth,
            ];
          });
        await expect.poll(beyond, `${units}, ${width} px`).toEqual([0, 0]);
      }
    }
  });
}

test("the strip keeps its height, whatever the training is and when it has stuck", async ({ open, page }) => {
  const footprint = await open("#v=1&m=davenet&b=128&g=v100-16gb&j=notebook");
  const strip = page.getByRole("form", { name: "Settings" });
  const height = async () => (await strip.boundingBox())?.height;
  const door = page.getByRole("button", { name: /^Training/ });
  const before = await height();
  await door.click();
  await page.getByLabel("Precision").selectOption("amp-fp16");
  await page.getByLabel("Optimizer").selectOption("adamw");
  await page.getByLabel("Checkpointed modules").fill("image_model.*");
  await page.getByLabel("Checkpointed modules").press("Enter");
  await door.click();
  await expect(door).toHaveAttribute("title", "autocast float16, AdamW, checkpointed");
  expect(await height()).toBe(before);
  await page.getByRole("radio", { name: "bytes" }).check({ force: true });
  await footprint.total("Total").scrollIntoViewIfNeeded();
  await expect(strip).toContainText("notebook 28.98 GB");
  expect(await height()).toBe(before);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("the verdict stands on the first screen, and a row is edited by touch", async ({ open, page }) => {
    const footprint = await open();
    const word = await page.locator("#verdict .word").boundingBox();
    expect((word?.y ?? 1e6) + (word?.height ?? 0)).toBeLessThan(844);
    await footprint.chip(1, "out_channels").tap();
    const field = page.locator('fp-attributes [data-name="out_channels"]');
    await field.fill("32");
    await page.locator("fp-attributes").getByRole("button", { name: "Done" }).tap();
    await expect(footprint.cell(1, "pr")).toContainText("896");
    await footprint.button("Undo").tap();
    await expect(footprint.cell(1, "pr")).toContainText("1,792");
  });

  test("no text of the capacity figure stands on another", async ({ page, open }) => {
    await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
    const figure = page.locator("#verdict figure svg[role=img]");
    await expect(figure).toContainText("14.64 GB");
    await expect(figure).toContainText("11.84 GB too much");
    expect(await overprinted(figure)).toEqual([]);
  });

  test("a number opens its arithmetic below the table", async ({ open }) => {
    const footprint = await open();
    await footprint.cell(1, "mb").getByRole("button").tap();
    await expect(footprint.arithmetic.locator("math").first()).toBeVisible();
  });
});

test("the theme can be turned against the system's, and stays", async ({ open, page }) => {
  await open();
  const theme = page.getByRole("button", { name: /^Theme:/ });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await theme.click();
  await theme.click();
  await expect(theme).toHaveAccessibleName("Theme: dark");
  expect(await ground()).not.toBe(light);
  await page.reload();
  await expect(theme).toHaveAccessibleName("Theme: dark");
  expect(await ground()).not.toBe(light);
});
