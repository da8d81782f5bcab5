// The second method on the page: PyTorch's own counters, the bridge from the notebook's total, the timeline, and which method judges.
import { expect, findings, Footprint, test } from "./page";
import type { Locator, Page } from "@playwright/test";

const LINK = "#v=1&m=davenet-image&b=128&g=a100-40gb&j=step";

/** DAVEnet image at batch 128 with SGD momentum 0.9 on an A100 of 40 GB; its loss, pow2, is the model's own. */
async function openStep(open: (hash?: string) => Promise<Footprint>): Promise<{ footprint: Footprint; step: Locator }> {
  const footprint = await open(LINK);
  const step = footprint.page.locator("fp-step");
  await footprint.page.getByRole("button", { name: /^Training/ }).click();
  await expect(footprint.page.getByLabel("Loss")).toContainText("the model’s, pow2");
  await footprint.page.getByLabel("momentum").fill("0.9");
  await footprint.page.getByLabel("momentum").press("Enter");
  await expect(step).toContainText("9,536.02");
  return { footprint, step };
}

/** Whole bytes from a text with thousands and a minus of typesetting. */
const bytesOf = (text: string) => Number(text.replaceAll(",", "").replace("−", "-").replace("+", ""));

test("DAVEnet image at batch 128 with momentum shows PyTorch's counters and an interval, and the bridge sums exactly", async ({
  open,
}) => {
  const { footprint, step } = await openStep(open);
  await expect(step.getByRole("row", { name: /^Peak allocated/ })).toContainText("9,536.02");
  await expect(step.getByRole("row", { name: /^Peak reserved/ })).toContainText("15,350.00");
  await expect(step.getByRole("row", { name: /^at least, at most/ })).toContainText(
    "15,770.00 to 34,452.00", // 15,350 reserved and the least context read on an A100, 420; and what engines take at the most
  );
  await expect(step.getByRole("row", { name: /^Optimizer state/ })).toContainText("75.01");
  await expect(step.locator(".bridge li").first()).toContainText("28,273.64");

  await footprint.page.getByRole("radio", { name: "bytes" }).check({ force: true });
  await expect(step.locator(".bridge li").first()).toContainText("29,647,056,128");
  const amounts = (await step.locator(".bridge .amount").allInnerTexts()).map(bytesOf);
  const right = await step
    .locator(".bridge li .amount")
    .evaluateAll((cells) => [...new Set(cells.map((cell) => Math.round(cell.getBoundingClientRect().right)))]);
  expect(right).toHaveLength(1);
  const device = amounts.pop();
  expect(amounts.length).toBeGreaterThan(5);
  expect(amounts.reduce((sum, bytes) => sum + bytes, 0)).toBe(device);
  await expect(step.getByRole("row", { name: /^Peak allocated/ })).toContainText("9,999,246,336");
});

test("the step judges first, the reader may choose, and the other method says what it would have decided", async ({
  page,
}) => {
  await page.goto("./");
  const footprint = new Footprint(page);
  await expect(footprint.verdict.getByRole("heading", { level: 1 })).toHaveText("Tight in 16 GB");
  await expect(footprint.verdict).toContainText(
    "Notebook arithmetic would decide otherwise: does not fit in 16 GB, needs 27.61 GB",
  );
  await expect(footprint.verdict).toContainText("Tight: it runs only because PyTorch gives cached memory back");
  await footprint.verdict.getByRole("button", { name: /^14\.64\sGB$/ }).click();
  await expect(page.locator("fp-explain").getByRole("heading")).toHaveText("14,992.00 MB: likely on the device");
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/j=step/);
  // It is tight and runs: a larger batch, which runs too, is no remedy. Where it does not run, the largest that does is one.
  const remedies = footprint.verdict.getByRole("group", { name: "What would make it fit" });
  await expect(remedies).toHaveCount(0);
  await footprint.batch.fill("512");
  await expect(remedies.getByRole("button", { name: /the largest that runs$/ })).toBeVisible();
  await footprint.batch.fill("128");
  await expect(remedies).toHaveCount(0);
  await footprint.judgeBy("Notebook arithmetic");
  await expect(footprint.verdict.getByRole("heading", { level: 1 })).toHaveText("Does not fit in 16 GB");
  await expect(footprint.verdict).toContainText("Largest batch that fits: 72");
  await expect(footprint.verdict).toContainText("PyTorch step would decide otherwise: tight in 16 GB");
  await expect(page).toHaveURL(/j=notebook/);
  await footprint.verdict.getByRole("button", { name: "Every card by the step" }).click();
  await expect(footprint.verdict.getByRole("row", { name: /PyTorch step/ }).getByRole("img")).not.toHaveCount(1);
  await page.reload();
  await expect(footprint.verdict.getByRole("heading", { level: 1 })).toHaveText("Does not fit in 16 GB");
});

/** What the verdict says from now on, each time that it changes: its word, its sentence, and the other method's. */
async function listen(page: Page): Promise<() => Promise<readonly { word: string; why: string; other: string }[]>> {
  const told = await page.evaluateHandle(() => {
    const verdict = document.querySelector<HTMLElement>("#verdict");
    const said: { word: string; why: string; other: string }[] = [];
    const text = (selector: string) => verdict?.querySelector<HTMLElement>(selector)?.innerText.trim() ?? "";
    new MutationObserver(() => said.push({ word: text("h1"), why: text("h1 + p"), other: text(".other") })).observe(
      verdict as HTMLElement,
      { subtree: true, childList: true, characterData: true, attributes: true },
    );
    return said;
  });
  return () => told.jsonValue();
}

test("a change of card or model never shows the other method's verdict, and moves nothing below", async ({
  open,
  page,
}) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  const heading = footprint.verdict.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("Tight in 16 GB");
  await footprint.gpu.selectOption("v100-32gb");
  await expect(heading).toHaveText("Fits in 32 GB");
  const below = async () => (await footprint.grid.boundingBox())?.y;
  const before = await below();
  const said = await listen(page);
  await footprint.gpu.selectOption("v100-16gb");
  await expect(heading).toHaveText("Tight in 16 GB");
  expect(await below()).toBe(before);
  await footprint.model.selectOption("davenet");
  await expect(heading).toHaveText("Tight in 16 GB");
  const words = new Set((await said()).map(({ word }) => word));
  expect([...words]).toEqual(expect.arrayContaining(["Simulating…", "Tight in 16 GB"]));
  expect(words).not.toContain("Does not fit in 16 GB");
});

test("an answer to another batch is compared with nothing", async ({ open, page }) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  await expect(footprint.verdict).toContainText("Why the two are 12.97 GB apart");
  const said = await listen(page);
  await footprint.batch.fill("16");
  await expect(footprint.verdict).toContainText("agrees: fits in 16 GB");
  const late = (await said()).filter(({ why, other }) => /14\.64\sGB/.test(why) && !/27\.61\sGB/.test(other));
  expect(late.length).toBeGreaterThan(0);
  for (const { other } of late) expect(other).not.toMatch(/apart|agrees|otherwise/);
  await expect(page.getByRole("status").filter({ hasText: "Fits in 16 GB." })).toHaveCount(1);
});

test("a pattern that matches nothing marks its field, and the verdict says why and leads there", async ({
  open,
  page,
}) => {
  const footprint = await open("#v=1&m=davenet-image&b=16&g=v100-16gb&j=step");
  await expect(footprint.verdict).toContainText("agrees: fits in 16 GB");
  const door = page.getByRole("button", { name: /^Training/ });
  await door.click();
  const field = page.getByLabel("Checkpointed modules");
  await field.fill("nope*");
  await field.press("Enter");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(field).toHaveAccessibleDescription(/nope.* matches no module of the model/);
  await expect(footprint.verdict).toContainText(/The PyTorch step has no answer: checkpointed modules: .*nope/);
  await expect(footprint.verdict).toContainText("PyTorch step, no answer");
  await expect(footprint.verdict.getByRole("heading", { level: 1 })).toHaveText("Fits in 16 GB");
  await footprint.verdict.getByRole("button", { name: "checkpointed modules" }).click();
  await expect(door).toBeFocused();
  expect(await findings(page, "fp-verdict", "fp-settings")).toEqual([]);
  await field.fill("");
  await field.press("Enter");
  await expect(footprint.verdict).toContainText("agrees: fits in 16 GB");
  await expect(field).not.toHaveAttribute("aria-invalid");
  await field.press("Escape");
  await expect(field).toHaveCount(0);
  await expect(door).toBeFocused();
});

test("a moment of the step is read by keys, lights up its row and leads to it", async ({ open, page }) => {
  const { footprint } = await openStep(open);
  const moments = page.getByRole("slider", { name: "Moments of the training step" });
  await expect(moments).toHaveAttribute("aria-valuetext", /^Peak 9\.31\sGB allocated, backward, PowBackward0$/);
  await moments.focus();
  await page.keyboard.press("Home");
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("PageUp");
  await expect(moments).toHaveAttribute("aria-valuetext", /forward, row \d+ · image_model/);
  await expect(footprint.grid.locator("tr.lit")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(footprint.grid.locator('[data-column="ly"]:focus')).toHaveCount(1);
  await expect(footprint.grid.locator("tr.lit")).toHaveCount(0);
});

test("what is being typed stays when an answer comes meanwhile", async ({ open, page }) => {
  const { footprint } = await openStep(open);
  await page.getByRole("textbox", { name: "momentum" }).fill("0.95");
  await page.getByLabel("Checkpointed modules").evaluate((field: HTMLInputElement) => (field.value = "image_"));
  await footprint.batch.evaluate((field: HTMLInputElement) => {
    field.value = "64";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  await expect(page.locator("fp-step")).toContainText("at batch 64");
  await expect(page.getByRole("textbox", { name: "momentum" })).toHaveValue("0.95");
  await expect(page.getByLabel("Checkpointed modules")).toHaveValue("image_");
});

test("every number of the step opens its arithmetic, the bridge's differences too", async ({ open, page }) => {
  const { step } = await openStep(open);
  const panel = page.locator("fp-explain");
  await step
    .getByRole("row", { name: /^Peak allocated/ })
    .getByRole("button")
    .click();
  await expect(panel.getByRole("heading")).toHaveText("9,536.02 MB: allocated at the peak");
  await expect(panel.getByRole("group", { name: /^Formula of/ })).toBeVisible();
  await page.keyboard.press("Escape");
  const entry = step.locator(".bridge li", { hasText: "Rows that write into their input" });
  await entry.getByRole("button").click();
  await expect(panel.getByRole("heading")).toContainText("−6,615.00 MB");
  await expect(panel.getByText("the notebook counts image_model.1, whose output is not there")).toBeVisible();
  await panel.locator("dd.v button").first().click();
  await expect(panel.locator("dd.inner").first()).toContainText("1,568.00"); // MB: the row's own outputs, in the table too
  await page.keyboard.press("Escape");
  await expect(entry.getByRole("button")).toBeFocused();
});

test("training settings change the step, not the notebook, and travel in the link", async ({ open, page, another }) => {
  const { footprint, step } = await openStep(open);
  await page.getByLabel("Precision").selectOption("amp-fp16");
  await expect(step.getByRole("row", { name: /^Peak allocated/ })).not.toContainText("9,536.02");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  await expect(footprint.verdict).toContainText(
    /Precision float32 → autocast float16\.\s*Step [\d.]+ → [\d.]+\sGB, −[\d.]+\sGB\. Fits in 40\sGB\./,
  );
  await expect(page).toHaveURL(/z=/);
  const other = await another();
  await other.goto(page.url());
  await expect(other.getByRole("button", { name: /^Training/ })).toContainText("autocast float16, SGD momentum 0.9");
  await page.getByLabel("Checkpointed modules").fill("no.such.module");
  await page.getByLabel("Checkpointed modules").press("Enter");
  await expect(step).toContainText("matches no module of the model");
  await expect(footprint.verdict).toContainText("the notebook’s arithmetic judges");
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });

    test("the step has no accessibility finding and nothing scrolls sideways", async ({ open, page }) => {
      await open(LINK);
      await expect(page.locator("fp-step")).toContainText("15,350.00");
      if (width < 720) await page.getByRole("button", { name: /^More settings/ }).click();
      await page.getByRole("button", { name: /^Training/ }).click();
      expect(await findings(page, "fp-step", "fp-verdict", "fp-settings")).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    });
  });
}
