// <fp-export>: the exported text to read, copy or save. One dialog for every form, so that what is saved has been seen.
import { html, LitElement, nothing, type TemplateResult } from "lit";

export interface ExportedText {
  /** "CSV" */
  readonly form: string;
  readonly text: string;
  readonly file: string;
  readonly type: string;
  /** Something to know about the text, such as where torchsummary stopped. */
  readonly note?: string;
}

export class FpExport extends LitElement {
  #exported: ExportedText | null = null;
  #said = "";

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  open(exported: ExportedText): void {
    this.#exported = exported;
    this.#said = "";
    this.requestUpdate();
    void this.updateComplete.then(() => {
      const dialog = this.querySelector("dialog");
      if (dialog && !dialog.open) dialog.showModal();
    });
  }

  #say(said: string): void {
    this.#said = said;
    this.requestUpdate();
  }

  readonly #copy = async () => {
    const text = this.#exported?.text ?? "";
    const lines = text.split("\n").length;
    try {
      await navigator.clipboard.writeText(text);
      this.#say(`Copied, ${lines} lines.`);
    } catch {
      const field = this.querySelector("textarea");
      field?.focus();
      field?.select();
      this.#say("This browser does not let the page copy; the text is selected, Ctrl+C copies it.");
    }
  };

  readonly #save = () => {
    const exported = this.#exported;
    if (exported === null) return;
    saveFile(exported.file, exported.type, exported.text);
    this.#say(`Saved as ${exported.file}.`);
  };

  readonly #close = () => this.querySelector("dialog")?.close();

  readonly #clicked = (event: Event) => {
    if (event.target === event.currentTarget) this.#close(); // on the ground around the dialog
  };

  protected override render(): TemplateResult {
    const exported = this.#exported;
    return html`<dialog class="dialog export" aria-labelledby="export-title" @click=${this.#clicked}>
      <header>
        <h3 id="export-title">The table as ${exported?.form ?? ""}</h3>
        <button type="button" class="btn plain" aria-label="Close" @click=${this.#close}>
          <svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8" /></svg>
        </button>
      </header>
      <div class="body">
        <textarea
          class="source"
          readonly
          spellcheck="false"
          wrap="off"
          rows="14"
          aria-label="Exported text"
          .value=${exported?.text ?? ""}
        ></textarea>
        ${exported?.note === undefined ? nothing : html`<p class="note">${exported.note}</p>`}
      </div>
      <footer>
        <button type="button" class="btn primary" @click=${this.#copy}><span>Copy</span></button>
        <button type="button" class="btn" @click=${this.#save}><span>Save as ${exported?.file ?? ""}</span></button>
        <span class="note" role="status">${this.#said}</span>
      </footer>
    </dialog>`;
  }
}

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the address when the next frame is drawn.
  requestAnimationFrame(() => URL.revokeObjectURL(url));
}

customElements.define("fp-export", FpExport);
