// The export dialog: the exported text to read, copy or save. One dialog for every form, so that what is saved has been seen.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { closeOnBackdrop, dialogHead, showDialog } from "../dialogs";
import { download } from "../share/download";

export interface ExportedText {
  /** "CSV" */
  readonly form: string;
  readonly text: string;
  readonly file: string;
  readonly type: string;
  /** Something to know about the text, such as where torchsummary stopped. */
  readonly note?: string;
}

class ExportDialog extends LitElement {
  static override readonly properties = { said: { state: true } };
  declare said: string;
  exported!: ExportedText;

  constructor() {
    super();
    this.said = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  readonly #copy = async () => {
    const { text } = this.exported;
    try {
      await navigator.clipboard.writeText(text);
      this.said = `Copied, ${text.split("\n").length} lines.`;
    } catch {
      const field = this.querySelector("textarea");
      field?.focus();
      field?.select();
      this.said = "This browser does not let the page copy; the text is selected, Ctrl+C copies it.";
    }
  };

  readonly #save = () => {
    const { file, type, text } = this.exported;
    download(file, type, text);
    this.said = `Saved as ${file}.`;
  };

  protected override render(): TemplateResult {
    const { form, text, file, note } = this.exported;
    return html`<dialog class="dialog export" aria-labelledby="export-title" @click=${closeOnBackdrop}>
      ${dialogHead(`The table as ${form}`, "export-title")}
      <div class="body">
        <textarea class="source" readonly spellcheck="false" wrap="off" rows="14" aria-label="Exported text" .value=${text}></textarea>
        ${note === undefined ? nothing : html`<p class="note">${note}</p>`}
      </div>
      <footer>
        <button type="button" class="btn primary" @click=${this.#copy}><span>Copy</span></button>
        <button type="button" class="btn" @click=${this.#save}><span>Save as ${file}</span></button>
        <span class="note" role="status">${this.said}</span>
      </footer>
    </dialog>`;
  }
}

customElements.define("fp-export", ExportDialog);

export function showExport(exported: ExportedText): void {
  const element = new ExportDialog();
  element.exported = exported;
  void showDialog(element);
}
