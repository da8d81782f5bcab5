// The import dialog: a file chosen, dropped or pasted. What cannot be read is said with its line; the open document is never touched
// before the new one is whole.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./import.css";
import type { Diagnostic } from "../core/types";
import { closeDialog, closeOnBackdrop, dialogHead, showDialog } from "../dialogs";
import { sign } from "../icons";
import type { ModelDocument } from "../state/model";
import type { Store } from "../state/store";
import { readDocument, type Problem } from "./read-document";

const UNHARMED = "Nothing was imported; the open document is as it was.";
const MOST_FAULTS = 3;

class ImportDialog extends LitElement {
  static override readonly properties = { problem: { state: true }, faulty: { state: true } };
  declare problem: Problem | null;
  /** A document that can be opened, with cells that will be marked. */
  declare faulty: { readonly model: ModelDocument; readonly faults: readonly Diagnostic[] } | null;
  store!: Store;

  constructor() {
    super();
    this.problem = null;
    this.faulty = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Opens the document when it has no faults; else says what is wrong. Says whether it was opened. */
  take(text: string): boolean {
    const read = readDocument(text, this.store.footprint);
    this.problem = null;
    this.faulty = null;
    if ("problem" in read) this.problem = read.problem;
    else if (read.faults.length > 0) this.faulty = read;
    else this.#open(read.model);
    return "model" in read && read.faults.length === 0;
  }

  fail(problem: Problem): void {
    this.faulty = null;
    this.problem = problem;
  }

  protected override render(): TemplateResult {
    return html`<dialog class="dialog" aria-labelledby="import-h" @click=${closeOnBackdrop}>
      ${dialogHead("Import a model", "import-h")}
      <div class="body">
        ${this.problem ? this.#problem(this.problem) : nothing} ${this.faulty ? this.#faulty(this.faulty) : nothing}
        <div class="drop">
          <p>
            <b>Drop a file</b> anywhere, paste, or
            <label class="btn choose"
              ><span>choose a file</span><input class="vh" type="file" accept=".json,application/json" @change=${this.#chosen}
            /></label>
          </p>
          <p class="note">A Footprint model document: JSON with “format”: “footprint/model”</p>
        </div>
        <label class="name" for="import-text">Or paste its text</label>
        <textarea
          class="text code paste"
          id="import-text"
          rows="4"
          spellcheck="false"
          @paste=${this.#pasted}
          @input=${this.#typed}
        ></textarea>
      </div>
      <footer>
        <button type="button" class="btn plain" @click=${closeDialog}><span>Cancel</span></button>
      </footer>
    </dialog>`;
  }

  #problem({ title, text, lines }: Problem): TemplateResult {
    return html`<p class="alert" role="alert">
        ${sign("does not fit")}<span><b>${title}</b> ${text} ${UNHARMED}</span>
      </p>
      ${
        lines
          ? html`<pre class="source code" tabindex="0" aria-label="The text around the fault">
${lines.map(
                (line) =>
                  html`${line.bad ? html`<mark><span class="ln">${line.number}</span>${line.text}</mark>` : html`<span class="ln">${line.number}</span>${line.text}`} `,
              )}</pre>`
          : nothing
      }`;
  }

  #faulty({ model, faults }: { readonly model: ModelDocument; readonly faults: readonly Diagnostic[] }): TemplateResult {
    const more = faults.length - MOST_FAULTS;
    return html`<div class="alert" role="alert">
        ${sign("does not fit")}
        <div>
          <p><b>${faults.length === 1 ? "The model has a fault." : `The model has ${faults.length} faults.`}</b> ${UNHARMED}</p>
          <ul class="faults">
            ${faults
              .slice(0, MOST_FAULTS)
              .map(
                ({ row, name, message }) =>
                  html`<li>
                    ${row === undefined ? nothing : html`Row ${row}${name === undefined ? nothing : html` (${name})`}: `}${message}
                  </li>`,
              )}
            ${more > 0 ? html`<li>and ${more} more</li>` : nothing}
          </ul>
        </div>
      </div>
      <p>
        <button type="button" class="btn" @click=${() => this.#open(model)}>
          <span>${faults.length === 1 ? "Open it with the fault marked" : `Open it with ${faults.length} faults marked`}</span>
        </button>
      </p>`;
  }

  #open(model: ModelDocument): void {
    this.store.openModel(model, { label: `${model.name ?? "Model"} imported` });
    this.querySelector("dialog")?.close();
  }

  readonly #chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) void this.takeFile(file);
    input.value = ""; // the same file again is a choice too
  };

  async takeFile(file: File): Promise<void> {
    try {
      this.take(await file.text());
    } catch {
      this.fail({ title: `“${file.name}” cannot be read.`, text: "The browser could not open the file." });
    }
  }

  readonly #pasted = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text.trim() !== "") this.take(text);
  };

  readonly #typed = (event: Event): void => {
    const text = (event.target as HTMLTextAreaElement).value;
    if (text.trim().endsWith("}")) this.take(text);
  };
}

customElements.define("fp-import", ImportDialog);

/** With a text or a file the dialog only shows itself when something is wrong with it. */
export function openImport(store: Store, source?: string | File): void {
  const element = new ImportDialog();
  element.store = store;
  if (source === undefined) void showDialog(element);
  else if (typeof source === "string") {
    if (!element.take(source)) void showDialog(element);
  } else {
    void element.takeFile(source).then(() => {
      if (element.problem ?? element.faulty) void showDialog(element);
    });
  }
}
