// What every browser test stands on: a page that is watched (any console error, page error or breach of the content security policy
// fails the test), and the page's parts under the names that assistive technology knows.
import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type BrowserContext, type Locator, type Page } from "@playwright/test";

export { expect };

/** Faults of a context's pages, in the order in which they came. */
function watch(context: BrowserContext): string[] {
  const faults: string[] = [];
  const listen = (page: Page) => {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        faults.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
    page.on("requestfailed", (request) => faults.push(`request failed: ${request.url()}`));
    page.on("response", (response) => {
      if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
    });
  };
  context.pages().forEach(listen);
  context.on("page", listen);
  return faults;
}

/** A breach of the policy is an error on the console in some browsers only; this event is in all. */
async function reportBreaches(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
}

export const test = base.extend<{
  watched: undefined;
  open: (hash?: string) => Promise<Footprint>;
  another: () => Promise<Page>;
}>({
  watched: [
    async ({ context }, use) => {
      const faults = watch(context);
      await reportBreaches(context);
      await use(undefined);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
  open: async ({ page }, use) => {
    await use(async (hash = "") => {
      await page.goto(`./${hash}`);
      const footprint = new Footprint(page);
      await expect(footprint.verdict).toContainText("Largest batch");
      // A first visit is judged by the step; most tests are about the notebook's numbers, which are there at once.
      if (hash === "") await footprint.judgeBy("Notebook arithmetic");
      return footprint;
    });
  },
  /** A page in a profile of its own: nothing is kept from this one. */
  another: async ({ browser, contextOptions, baseURL }, use) => {
    const contexts: { readonly context: BrowserContext; readonly faults: string[] }[] = [];
    await use(async () => {
      const context = await browser.newContext({
        ...contextOptions,
        ...(baseURL === undefined ? {} : { baseURL }),
        viewport: { width: 1440, height: 900 },
      });
      await reportBreaches(context);
      contexts.push({ context, faults: watch(context) });
      return context.newPage();
    });
    for (const { context, faults } of contexts) {
      expect(faults).toEqual([]);
      await context.close();
    }
  },
});

/** Of all that axe looks at, what another colour scheme can change. */
const ABOUT_COLOUR = ["color-contrast", "link-in-text-block"];

/** What axe finds on the page, or in parts of it, in the light scheme, and of colours in the dark one. */
export async function findings(page: Page, ...parts: readonly string[]): Promise<string[]> {
  const found = await scan(page, parts);
  await page.emulateMedia({ colorScheme: "dark" });
  found.push(...(await scan(page, parts, ABOUT_COLOUR)).map((finding) => `dark: ${finding}`));
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}

async function scan(page: Page, parts: readonly string[], rules?: readonly string[]): Promise<string[]> {
  // In one run (the page has no frames) that keeps only what it finds: five times as fast.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  if (rules) axe.withRules([...rules]);
  for (const part of parts) axe.include(part);
  const { violations } = await axe.analyze();
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
  );
}

/** Pairs of texts of a picture that stand on one another, as the reader would see them. */
export function overprinted(picture: Locator): Promise<string[]> {
  return picture.evaluate((svg) => {
    const texts = [...svg.querySelectorAll("text")].flatMap((text) => {
      const { left, right, top, bottom, width } = text.getBoundingClientRect();
      // A line of text is higher than its letters.
      const slack = (bottom - top) / 5;
      return width === 0
        ? []
        : [{ said: text.textContent?.trim() ?? "", left, right, top: top + slack, bottom: bottom - slack }];
    });
    return texts.flatMap((one, at) =>
      texts
        .slice(at + 1)
        .filter(
          (other) =>
            one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom,
        )
        .map((other) => `${one.said} / ${other.said}`),
    );
  });
}

/** The page by the names of its parts. */
export class Footprint {
  readonly page: Page;
  readonly verdict: Locator;
  readonly grid: Locator;
  readonly model: Locator;
  readonly gpu: Locator;
  readonly batch: Locator;
  /** The arithmetic of the number that is open. */
  readonly arithmetic: Locator;

  constructor(page: Page) {
    this.page = page;
    this.verdict = page.getByRole("region", { name: "Verdict" });
    this.grid = page.getByRole("grid", { name: "Layers" });
    this.model = page.getByRole("combobox", { name: "Model", exact: true });
    this.gpu = page.getByRole("combobox", { name: "GPU", exact: true });
    this.batch = page.getByRole("spinbutton", { name: "Batch size" });
    this.arithmetic = page.locator("fp-explain .why-panel:not(.empty-panel)");
  }

  async judgeBy(method: "Notebook arithmetic" | "PyTorch step"): Promise<void> {
    // Pressed where a hand would press: the radio lies under its label.
    await this.page.getByRole("radio", { name: method }).check({ force: true });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The row of this number, as the first column says it. */
  row(number: number): Locator {
    return this.grid.locator(`tr[data-row="${number - 1}"]:not(.reason)`);
  }

  cell(row: number, column: "idx" | "ly" | "at" | "sh" | "pr" | "mb" | "share"): Locator {
    return this.row(row).locator(`[data-column="${column}"]`);
  }

  chip(row: number, name: string): Locator {
    return this.row(row).locator(`.chip[data-field="${name}"]`);
  }

  /** What stands under a row that has a fault. */
  reason(row: number): Locator {
    return this.grid.locator(`tr.reason[data-row="${row - 1}"]`);
  }

  total(line: "Input" | "Forward and backward" | "Parameters" | "Total"): Locator {
    return this.grid
      .locator("tfoot tr")
      .filter({ hasText: new RegExp(`^\\s*${line}`) })
      .locator('[data-column="mb"]');
  }

  /** Types of all rows as the table shows them, functions apart where they are badges. */
  async types(): Promise<string[]> {
    return (await this.grid.locator("tbody tr[data-row]:not(.reason) .type").allInnerTexts()).map((text) =>
      text.trim(),
    );
  }

  async setAttribute(row: number, name: string, value: string): Promise<void> {
    await this.chip(row, name).click();
    const field = this.page.locator(`fp-attributes [data-name="${name}"]`);
    await expect(field).toBeFocused();
    await field.fill(value);
    await field.press("Enter");
    await expect(this.page.locator("fp-attributes")).toBeHidden();
  }
}
