// What somebody came for: does it fit, by how much, with which batch, on which card. Numbers are the notebook's and gpus.md's.
import { expect, Footprint, overprinted, test } from "./page";

test("DAVEnet image at batch 128 needs 28,273.64 MB and does not fit a 16 GB card", async ({ open }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet-image");
  await footprint.batch.fill("128");
  await footprint.gpu.selectOption("v100-16gb");
  await expect(footprint.verdict).toContainText("Does not fit in 16 GB");
  await expect(footprint.verdict).toContainText("27.61 GB");
  await expect(footprint.total("Input")).toHaveText("73.50");
  await expect(footprint.total("Forward and backward")).toHaveText("28,126.00");
  await expect(footprint.total("Parameters")).toHaveText("74.14");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  await expect(footprint.grid.locator("tfoot")).toContainText("= 27.61 GB");
  await expect(footprint.grid.locator("tfoot")).toContainText("19,434,304");
});

for (const [gpu, capacity, largest, verdict] of [
  ["rtx-3060-12gb", "12 GB", 54, "Does not fit"],
  ["v100-16gb", "16 GB", 72, "Does not fit"],
  ["v100-32gb", "32 GB", 147, "Fits"],
] as const) {
  test(`the largest batch of DAVEnet image on ${gpu} is ${largest}`, async ({ open }) => {
    const footprint = await open();
    await expect(footprint.gpu.locator(`option[value="${gpu}"]`)).toContainText(capacity);
    await footprint.gpu.selectOption(gpu);
    await expect(footprint.verdict).toContainText(`${verdict} in ${capacity}`);
    await expect(footprint.verdict).toContainText(`Largest batch that fits: ${largest}`);
    // At the largest batch it fits, at one more it does not.
    await footprint.batch.fill(String(largest));
    await expect(footprint.verdict).toContainText(/(Fits|Tight) in/);
    await footprint.batch.fill(String(largest + 1));
    await expect(footprint.verdict).toContainText("Does not fit in");
  });
}

test("every preset opens, and says what the notebook says", async ({ open }) => {
  const footprint = await open();
  const totals = [
    ["davenet-audio", /1,400\.90/],
    ["davenet-audio-2048", /2,740\.90/],
    ["davenet", /29,674\.54/],
    ["vgg16", /28,605\.27/],
    ["davenet-image", /28,273\.64/],
  ] as const;
  await expect(footprint.model.locator("option")).toHaveCount(7); // six presets and the empty model
  for (const [preset, total] of totals) {
    await footprint.model.selectOption(preset);
    await expect(footprint.total("Total")).toHaveText(total);
  }
  // The same rows in the header, in the table and where the networks are offered.
  await footprint.model.selectOption("davenet");
  await expect(footprint.page.locator("header")).toContainText("48 rows · 35,399,874 parameters");
  await footprint.model.selectOption("empty");
  await expect(footprint.verdict.getByRole("button", { name: /^DAVEnet \(both branches\)/ })).toContainText("48 rows");
});

test("two inputs are added, and one line says what torchsummary would do", async ({ open }) => {
  const footprint = await open();
  await footprint.model.selectOption("davenet");
  await expect(footprint.total("Input")).toHaveText("93.50");
  await expect(footprint.page.locator(".torchsummary-line")).toContainText("torchsummary stops");
});

test("a link copied from Share opens the same state in another profile", async ({ open, another, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const footprint = await open();
  await footprint.batch.fill("70");
  await footprint.gpu.selectOption("v100-32gb");
  await footprint.setAttribute(1, "out_channels", "96");
  await expect(footprint.verdict).toContainText("Fits in 32 GB");
  const total = await footprint.total("Total").innerText();
  await footprint.button("Share").click();
  await footprint.button("Copy").click();
  await expect(footprint.page.getByText("Copied.")).toBeVisible();
  const link = await footprint.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#v=1&");

  const page = await another();
  await page.goto(link);
  const opened = new Footprint(page);
  await expect(opened.batch).toHaveValue("70");
  await expect(opened.gpu).toHaveValue("v100-32gb");
  await expect(opened.chip(1, "out_channels")).toHaveText("out 96");
  await expect(opened.total("Total")).toHaveText(total);
});

test("the address of an unchanged preset is readable, and opens again", async ({ open, another, page }) => {
  const footprint = await open();
  await footprint.batch.fill("64");
  await expect(page).toHaveURL(/#v=1&m=davenet-image&b=64&g=v100-16gb&j=notebook/);
  const other = await another();
  await other.goto(page.url());
  await expect(new Footprint(other).batch).toHaveValue("64");
});

for (const [name, fragment] of [
  ["cut off", "v=1&z=7VbbbuM2EP0V"],
  ["of an unknown card", "v=1&m=davenet-image&b=1&g=voodoo-2&j=notebook"],
  ["of an unknown preset", "v=1&m=resnet-9000&b=1&g=v100-16gb&j=notebook"],
  ["of a newer version", "v=9&q=1"],
] as const) {
  test(`a link ${name} says so and harms nothing`, async ({ open }) => {
    const footprint = await open(`#${fragment}`);
    await expect(footprint.page.locator(".alert").first()).toBeVisible();
    await expect(footprint.total("Total")).toHaveText("28,273.64");
  });
}

test("the draft survives a reload", async ({ open, page }) => {
  const footprint = await open();
  await footprint.setAttribute(1, "out_channels", "48");
  const before = await footprint.total("Total").innerText();
  await footprint.batch.fill("16");
  await expect(footprint.total("Total")).not.toHaveText(before);
  const total = await footprint.total("Total").innerText();
  await page.reload();
  await expect(footprint.chip(1, "out_channels")).toHaveText("out 48");
  await expect(footprint.batch).toHaveValue("16");
  await expect(footprint.total("Total")).toHaveText(total);
});

test("a reload that sets out while the address changes keeps the draft", async ({ open, page }) => {
  const footprint = await open();
  await footprint.batch.fill("16");
  await expect(page).toHaveURL(/b=16&/);
  const before = page.url();
  await footprint.batch.fill("17");
  await expect(page).toHaveURL(/b=17&/);
  // The browser asks for the address that stood there when the reload set out.
  await page.evaluate((url) => history.replaceState(history.state, "", url), before);
  await page.reload();
  await expect(footprint.batch).toHaveValue("17");
});

test("a batch of 10^12 is exact or refused in words, and the page goes on", async ({ open, page }) => {
  const footprint = await open();
  await footprint.batch.fill("1000000000000");
  await expect(footprint.verdict).toContainText("The last valid answer. One fault is in the way: batch size:");
  // What is shown is of batch 128, and nothing says that it is of this one.
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  for (const part of ["#cards-h", "fp-step", "fp-charts", "fp-layers tfoot"])
    await expect(page.locator(part)).not.toContainText(/(at batch|Input,) 1,?000/);
  await footprint.batch.fill("128");
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

test("cards of which nothing is left are drawn, and both methods' needs across them", async ({ open, page }) => {
  const footprint = await open("#v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  const cards = page.getByRole("complementary", { name: /^Every card at batch 128/ });
  await expect(cards.locator("text")).toHaveText(["14.64 GB", "27.61 GB"]);
  const field = page.getByLabel("In use by other programs, MiB");
  await field.fill("999999");
  await field.press("Enter");
  await expect(footprint.verdict.getByRole("heading", { level: 1 })).toHaveText("No batch fits in 16 GB");
  await expect(cards.locator("line").first()).toHaveAttribute("y1", /^[\d.]+$/);
  expect(await overprinted(cards)).toEqual([]);
});

test("a need beyond the ruler is a number with an arrow; largest batches of four digits stand apart, at 320 px too", async ({
  open,
  page,
}) => {
  await open("#v=1&m=gpt2&b=128&g=a100-80gb&j=notebook");
  const cards = page.getByRole("complementary", { name: /^Every card/ });
  await expect(cards.getByText(/^↑ 251\.44\sGB$/)).toBeVisible();
  const footprint = await open("#v=1&m=teaching-cnn&b=32&g=v100-16gb&j=notebook");
  for (const width of [1440, 390, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(cards.locator("td", { hasText: "1.4k" })).toHaveCount(1);
    const beyond = () =>
      cards.locator("tbody td").evaluateAll((cells) => cells.map((cell) => cell.scrollWidth - cell.clientWidth));
    await expect.poll(async () => Math.max(...(await beyond()))).toBeLessThanOrEqual(0);
  }
  await expect(footprint.verdict).toContainText("Largest batch that fits: 1,468");
});
