// The import dialog: a file or a text, chosen, dropped or pasted. JSON is a model document; everything else is a print, which the core's
// importer reads and asks about. What cannot be read is said with its line; the open document is never touched before the new one is whole.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import "./import.css";
import type { Importer } from "../core/importer";
import type { Diagnostic } from "../core/types";
import { closeDialog, closeOnBackdrop, dialogHead, showDialog } from "../dialogs";
import { rowCount } from "../format";
import { sign } from "../icons";
import type { ModelDocument } from "../state/model";
import type { Store } from "../state/store";
import { openNotice } from "./open-notice";
import { numbers, questionList } from "./print-view";
import { readDocument, whyNotRead, type Problem } from "./read-document";
import { answer, beginReading, openQuestions, sentence, type Reading } from "./reading";
import { isJson } from "./recognise";

const UNHARMED = "Nothing was imported; the open document is as it was.";
const MOST_FAULTS = 3;

const KINDS: Readonly<Record<Reading["kind"], string>> = {
  repr: "print(model)",
  torchsummary: "A torchsummary print",
  torchinfo: "A torchinfo print",
  model: "A model document",
};

class ImportDialog extends LitElement {
  static override readonly properties = {
    waiting: { state: true },
    problem: { state: true },
    faulty: { state: true },
    reading: { state: true },
    pasted: { state: true },
    showEqual: { state: true },
  };
  /** Whether a print waits for the importer to be loaded. */
  declare waiting: boolean;
  declare problem: Problem | null;
  /** A document that can be opened, with cells that will be marked. */
  declare faulty: { readonly model: ModelDocument; readonly faults: readonly Diagnostic[] } | null;
  declare reading: Reading | null;
  /** The text of the print, kept for the reader to mend. */
  declare pasted: string;
  declare showEqual: boolean;
  store!: Store;
  #importer: Importer | null = null;
  /** Counts what was brought: of two texts the later one is meant. */
  #turn = 0;

  constructor() {
    super();
    this.pasted = "";
    this.#forget();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Opens a document without faults and says so; of everything else there is something to show. */
  async take(source: string | File): Promise<boolean> {
    const turn = (this.#turn += 1);
    const text = typeof source === "string" ? source : await source.text().catch(() => null);
    if (turn !== this.#turn) return false;
    this.#forget();
    if (text === null) {
      const name = source instanceof File ? `“${source.name}”` : "It";
      this.problem = { title: `${name} cannot be read.`, text: "The browser could not open the file." };
      return false;
    }
    if (isJson(text)) return this.#takeDocument(text);
    this.problem = whyNotRead(text);
    if (this.problem === null) void this.#takePrint(text, turn);
    return false;
  }

  #takeDocument(text: string): boolean {
    const read = readDocument(text, this.store.footprint);
    if ("problem" in read) this.problem = read.problem;
    else if (read.faults.length > 0) this.faulty = read;
    else this.#open(read.model);
    return "model" in read && read.faults.length === 0;
  }

  async #takePrint(text: string, turn: number): Promise<void> {
    this.waiting = true;
    this.pasted = text;
    try {
      const { loadImporter } = await import("../core/importer");
      const importer = await loadImporter();
      if (turn !== this.#turn) return;
      const read = beginReading(text, importer);
      this.#importer = importer;
      if ("problem" in read) this.problem = read.problem;
      else this.reading = read;
    } catch (reason) {
      if (turn !== this.#turn) return;
      const why = reason instanceof Error ? reason.message : String(reason);
      this.problem = { title: "The reader of prints does not work.", text: `${sentence(why)} Try again when you are connected.` };
    }
    this.waiting = false;
  }

  readonly #answered = (id: string, written: string): void => {
    if (this.reading && this.#importer) this.reading = answer(this.reading, id, written, this.#importer);
  };

  #forget(): void {
    this.waiting = false;
    this.problem = null;
    this.faulty = null;
    this.reading = null;
    this.showEqual = false;
  }

  #open(model: ModelDocument): void {
    this.store.openModel(model, { label: `${model.name ?? "Model"} imported` });
    this.querySelector("dialog")?.close();
  }

  #openReading(reading: Reading): void {
    this.#open(reading.model);
    const notice = openNotice(reading.model, openQuestions(reading));
    if (notice) this.store.notify(notice);
  }

  /** What was pasted makes place for what was read of it: the reader goes on at the first question. */
  protected override updated(changed: PropertyValues): void {
    if (changed.has("reading") && !changed.get("reading")) this.querySelector<HTMLElement>("[autofocus]")?.focus();
  }

  protected override render(): TemplateResult {
    return html`<dialog class="dialog import" aria-labelledby="import-h" @click=${closeOnBackdrop}>
      ${dialogHead("Import a model", "import-h")} ${this.reading ? this.#print(this.reading) : this.#start()}
    </dialog>`;
  }

  // ——— before anything was read, or where it cannot be opened as it is

  #start(): TemplateResult {
    return html`<div class="body">
        ${this.problem ? this.#problem(this.problem) : nothing} ${this.faulty ? this.#faulty(this.faulty) : nothing}
        <div class="drop">
          <p>
            <b>Drop a file</b> anywhere, paste, or
            <label class="btn choose"
              ><span>choose a file</span
              ><input class="vh" type="file" accept=".json,.txt,application/json,text/plain" @change=${this.#chosen}
            /></label>
          </p>
          <p class="note">A Footprint model document, print(model), or what torchsummary or torchinfo printed</p>
        </div>
        <label class="name" for="import-text">Or paste its text</label>
        <textarea
          class="text code paste"
          id="import-text"
          rows="6"
          spellcheck="false"
          wrap="off"
          .value=${this.pasted}
          @input=${this.#typed}
        ></textarea>
      </div>
      <footer>
        <button type="button" class="btn primary" @click=${this.#readField}><span>Read the text</span></button>
        <button type="button" class="btn plain" @click=${closeDialog}><span>Cancel</span></button>
        <span class="note" role="status">${this.waiting ? "Loading the reader of prints…" : nothing}</span>
      </footer>`;
  }

  #problem({ title, text, lines }: Problem): TemplateResult {
    return html`<p class="alert" role="alert">
        ${sign("does not fit")}<span><b>${title}</b> ${text} ${UNHARMED}</span>
      </p>
      ${
        lines ? html`<pre class="source code" tabindex="0" aria-label="The text around the fault">${lines.map(sourceLine)}</pre>` : nothing
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

  readonly #chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) void this.take(file);
    input.value = ""; // the same file again is a choice too
  };

  /** What is pasted or dropped into the field is read at once; what is typed when the button is pressed. */
  readonly #typed = (event: Event): void => {
    const { inputType } = event as InputEvent;
    if (inputType === "insertFromPaste" || inputType === "insertFromDrop") this.#readField();
  };

  readonly #readField = (): void => void this.take(this.querySelector("textarea")?.value ?? "");

  // ——— a print that was read

  #print(reading: Reading): TemplateResult {
    const open = openQuestions(reading).length;
    return html`<div class="body">
        <p role="status">${this.#recognised(reading, open)}</p>
        ${reading.faults.map((fault) => html`<p class="alert" role="alert">${sign("does not fit")}<span>${sentence(fault)}</span></p>`)}
        ${reading.asked.length > 0 ? questionList(reading.asked, this.#answered) : nothing}
        ${
          reading.lines.length > 0
            ? numbers(reading.lines, this.showEqual, (shown) => {
                this.showEqual = shown;
              })
            : nothing
        }
      </div>
      <footer>
        <button type="button" class="btn primary" ?autofocus=${reading.asked.length === 0} @click=${() => this.#openReading(reading)}>
          <span>${openText(open)}</span>
        </button>
        <button type="button" class="btn plain" @click=${this.#back}><span>Change the text</span></button>
        <button type="button" class="btn plain" @click=${closeDialog}><span>Cancel</span></button>
      </footer>`;
  }

  #recognised({ kind, model }: Reading, open: number): TemplateResult {
    const rows = model.layers.length;
    const questions = open === 0 ? "No question is open." : open === 1 ? "One question is open." : `${open} questions are open.`;
    const name = kind === "torchsummary" || model.name === undefined ? "" : ` of ${model.name}`; // torchsummary prints no name
    return html`<b>${KINDS[kind]}</b>${name}: ${rowCount(rows)}. ${questions}`;
  }

  readonly #back = (): void => {
    this.reading = null;
  };
}

customElements.define("fp-import", ImportDialog);

/** A block of its own, so that the lines stand below each other whatever is between their elements. */
function sourceLine({ number, text, bad }: NonNullable<Problem["lines"]>[number]): TemplateResult {
  const line = html`<span class="ln">${number}</span>${text}`;
  return bad ? html`<mark>${line}</mark>` : html`<span class="line">${line}</span>`;
}

function openText(open: number): string {
  if (open === 0) return "Open";
  return open === 1 ? "Open with the question open" : `Open with ${open} questions open`;
}

/** A document without faults is opened at once; the dialog shows itself where there is something to say or to ask. */
export async function openImport(store: Store, source?: string | File): Promise<void> {
  const shown = document.querySelector("fp-import");
  const element = shown instanceof ImportDialog ? shown : new ImportDialog();
  element.store = store;
  const opened = source !== undefined && (await element.take(source));
  if (!opened && element !== shown) await showDialog(element);
}
