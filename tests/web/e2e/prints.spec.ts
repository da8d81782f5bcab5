// Pasted prints: read, asked about, compared, opened; what cannot be read harms nothing.
import { readFileSync } from "node:fs";
import { expect, findings, test, type Footprint } from "./page";
import type { Locator, Page } from "@playwright/test";

const GOLDEN = new URL("../../golden/", `file://${__dirname}/`);
const print = (name: string) => readFileSync(new URL(`${name}.txt`, GOLDEN), "utf8");

const BLOCK = "conv1, bn1, relu, conv2, bn2, += downsample?(x), relu";
const RESNET = "conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool, flatten(1), fc";

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Import a model" });

/** Pasted where the focus is, as the browser does it; the clipboard itself needs a permission. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((content) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", content);
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

async function pastePrint(page: Page, name: string): Promise<Locator> {
  await paste(page, print(name));
  const dialog = dialogOf(page);
  await expect(dialog.getByRole("heading", { name: "What the print does not say" })).toBeVisible();
  return dialog;
}

const question = (dialog: Locator, name: string) => dialog.getByRole("group", { name });

async function answerSize(dialog: Locator, size: string): Promise<void> {
  const field = dialog.getByRole("textbox", { name: "Sizes without the batch" });
  await field.fill(size);
  await field.press("Enter");
}

async function expectUnharmed(page: Page, footprint: Footprint): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(dialogOf(page)).toBeHidden();
  await expect(footprint.total("Total")).toHaveText("28,273.64");
  await expect(footprint.button("Undo")).toBeDisabled();
}

test("print(model) is pasted, asked about, answered and opened; undo brings the old document back", async ({
  open,
  page,
}) => {
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  const footprint = await open();
  expect(fetched.filter((url) => url.includes("footprint-import"))).toEqual([]);
  const dialog = await pastePrint(page, "prints/resnet18.repr");
  const modules = () => fetched.flatMap((url) => /([a-z-]+)-[\w-]{8}\.wasm$/.exec(url)?.[1] ?? []).sort();
  await expect.poll(modules).toEqual(["footprint", "footprint-import", "footprint-step"]);
  await expect(dialog.getByRole("status")).toHaveText("print(model) of ResNet: 60 rows. 3 questions are open.");
  await expect(dialog.getByRole("textbox", { name: "Sizes without the batch" })).toBeFocused();
  await expect(dialog.getByRole("radio", { checked: true })).toHaveCount(0); // nothing is taken without an answer
  await answerSize(dialog, "3 × 224 × 224");
  await question(dialog, "What the forward of BasicBlock does").getByRole("radio", { name: BLOCK }).check();
  await question(dialog, "What the forward of ResNet does").getByRole("radio", { name: RESNET }).check();
  await expect(dialog.getByRole("status")).toHaveText("print(model) of ResNet: 77 rows. No question is open.");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("77 rows · 11,689,512 parameters")).toBeVisible();
  await footprint.batch.fill("1");
  // torchsummary's own numbers of this network, 62.79 forward and backward.
  await expect(footprint.total("Parameters")).toHaveText("44.59");
  await expect(footprint.total("Forward and backward")).toHaveText("62.79");
  await expect(page.getByText(/The print left/)).toBeHidden();
  await footprint.button("Undo").click();
  await footprint.button("Undo").click();
  await expect(footprint.total("Total")).toHaveText("28,273.64");
});

test("questions left open are listed with their rows, and marked in their cells", async ({ open, page }) => {
  const footprint = await open();
  const dialog = await pastePrint(page, "torchsummary/vgg16");
  await dialog.getByRole("button", { name: "Open with 6 questions open" }).click();
  const size = page.getByRole("textbox", { name: "input size" });
  await expect(size).toHaveAttribute("aria-invalid", "true");
  await expect(footprint.chip(1, "kernel_size")).toHaveText("kernel missing");
  await expect(footprint.chip(3, "kernel_size")).toHaveAttribute("aria-invalid", "true");
  const note = page.getByRole("status").filter({ hasText: "The print left 6 questions open." });
  await note.getByRole("button", { name: "row 33" }).click();
  await expect(footprint.row(33)).toBeInViewport();
  await size.fill("3, 224, 224");
  await size.press("Enter");
  await expect(size).not.toHaveAttribute("aria-invalid");
  await expect(footprint.cell(1, "sh")).toHaveText("?");
  await footprint.setAttribute(1, "kernel_size", "3");
  await expect(footprint.cell(2, "sh")).toHaveText("64 × 222 × 222");
  await expect(note.getByRole("button", { name: "row 1", exact: true })).toBeHidden(); // it was seen to
  await footprint.model.selectOption("vgg16");
  await expect(note).toBeHidden();
});

test("the numbers of a torchsummary print are compared line by line, until all are equal", async ({ open, page }) => {
  await open();
  const dialog = await pastePrint(page, "torchsummary/vgg16");
  const numbers = dialog.getByRole("region", { name: "Its numbers beside ours" });
  await expect(numbers.getByText("76 of 85 numbers equal, 9 not known yet.")).toBeVisible();
  await expect(numbers.getByRole("row", { name: /Conv2d-1 parameters.* 1,792 not known/ })).toBeVisible();
  await answerSize(dialog, "3x224x224");
  for (const name of [
    "attributes of Conv2d-1",
    "attributes of MaxPool2d-5",
    "attributes of MaxPool2d-31",
    "What Linear-33 takes",
  ])
    await question(dialog, name).getByRole("radio").first().check();
  await expect(numbers.getByText("All 85 numbers equal.")).toBeVisible();
  await numbers.getByText("The 85 equal numbers").click();
  const equal = numbers.getByRole("region", { name: "Equal numbers" });
  await expect(equal.getByRole("row")).toHaveCount(1 + 85);
  await expect(equal.getByRole("row").last()).toHaveText(/Estimated Total Size \(MB\).*747\.15.*747\.15/s);
});

test("a torchinfo print says where its numbers differ, by how much and why", async ({ open, page }) => {
  await open();
  const dialog = await pastePrint(page, "prints/resnet18.torchinfo-wide");
  const numbers = dialog.getByRole("region", { name: "Its numbers beside ours" });
  await expect(numbers.getByText("122 of 124 numbers equal.")).toBeVisible();
  await expect(
    numbers.getByRole("row", { name: /Forward\/backward pass size \(MB\).*79\.49 131\.69 \+52\.20/ }),
  ).toBeVisible();
  await expect(numbers.getByText(/^Torchinfo counts the outputs of modules that have parameters/)).toBeVisible();
});

test("an answer that cannot be taken says why at its question", async ({ open, page }) => {
  await open();
  const dialog = await pastePrint(page, "prints/resnet18.repr");
  const field = question(dialog, "What the forward of BasicBlock does").getByRole("textbox");
  await field.fill("conv1, foo");
  await field.press("Enter");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByRole("alert")).toContainText('no child "foo"');
  await expect(field).toHaveAccessibleDescription(/no child "foo"/);
  await field.fill(BLOCK);
  await field.press("Enter");
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  await expect(
    question(dialog, "What the forward of BasicBlock does").getByRole("radio", { name: BLOCK }),
  ).toBeChecked();
  await expect(field).toHaveValue(""); // it was one of the answers on offer
});

test("a print that is cut is refused with its line, kept to be mended, and harms nothing", async ({ open, page }) => {
  const footprint = await open();
  const whole = print("prints/q_nested_sequential.repr");
  await paste(page, whole.slice(0, whole.length * 0.8));
  const alert = dialogOf(page).getByRole("alert");
  await expect(alert).toContainText(/line \d+/i);
  await expect(alert).toContainText("the open document is as it was");
  const field = dialogOf(page).getByRole("textbox", { name: "Or paste its text" });
  await field.fill(whole);
  await dialogOf(page).getByRole("button", { name: "Read the text" }).click();
  await expect(dialogOf(page).getByRole("status")).toContainText("print(model) of Sequential");
  await dialogOf(page).getByRole("button", { name: "Change the text" }).click();
  await expect(field).toHaveValue(whole);
  await expectUnharmed(page, footprint);
});

for (const [name, text, says] of [
  ["of another tool", 'Model: "sequential"\n Layer (type)   Output Shape   Param #\n', "Keras"],
  ["that is none", "Dear all,\nplease find attached", "Line 1"],
] as const) {
  test(`a text ${name}, given to the dialog, is refused in words`, async ({ open, page }) => {
    const footprint = await open();
    await footprint.button("Import").click();
    await dialogOf(page).getByRole("textbox").fill(text);
    await dialogOf(page).getByRole("button", { name: "Read the text" }).click();
    await expect(dialogOf(page).getByRole("alert")).toContainText(says);
    await expectUnharmed(page, footprint);
  });
}

test("a print is pasted into the dialog's field, in the grid, and comes as a file", async ({ open, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const footprint = await open();
  await page.evaluate((text) => navigator.clipboard.writeText(text), print("prints/vgg16.repr"));
  const status = dialogOf(page).getByRole("status");

  await footprint.button("Import").click();
  await dialogOf(page).getByRole("textbox").focus();
  await page.keyboard.press("Control+v");
  await expect(status).toContainText("print(model) of VGG");
  await expect(dialogOf(page).getByRole("textbox", { name: "Sizes without the batch" })).toBeFocused();
  await page.keyboard.press("Escape");

  await footprint.cell(1, "ly").focus();
  await page.keyboard.press("Control+v");
  await expect(status).toContainText("print(model) of VGG");
  await page.keyboard.press("Escape");

  await footprint.button("Import").click();
  const buffer = Buffer.from(print("prints/vgg16.torchinfo"));
  await page.locator('dialog input[type="file"]').setInputFiles({ name: "print.txt", mimeType: "text/plain", buffer });
  await expect(status).toContainText("A torchinfo print of VGG: 39 rows.");
});

test("a text is dropped on the page", async ({ open, page }) => {
  await open();
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", text);
    return transfer;
  }, print("prints/vgg16.repr"));
  for (const type of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", type, { dataTransfer: data });
  await expect(dialogOf(page).getByRole("status")).toContainText("print(model) of VGG");
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 844 } });

    test("has no accessibility finding and does not scroll sideways", async ({ open, page }) => {
      test.setTimeout(180_000); // axe looks at hundreds of rows
      const footprint = await open();
      const check = async () => {
        expect(await findings(page, "fp-import")).toEqual([]);
        expect(await dialogOf(page).evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      };
      await footprint.button("Import").click();
      await check();
      await paste(page, print("prints/resnet18.repr").slice(0, 1500));
      await expect(dialogOf(page).getByRole("alert")).toBeVisible();
      await check();
      const dialog = await pastePrint(page, "prints/resnet18.torchinfo-wide");
      await dialog.getByText("The 122 equal numbers").click();
      await expect(dialog.getByRole("region", { name: "Equal numbers" })).toBeVisible();
      await question(dialog, "What the forward of ResNet does").getByRole("textbox").fill("foo");
      await page.keyboard.press("Enter");
      await expect(dialog.getByRole("alert")).toBeVisible();
      await check();
      await dialog.getByRole("button", { name: /^Open with/ }).click();
      expect(await findings(page, ".notice")).toEqual([]);
    });
  });
}
