// The share dialog: the state as a link, with its length, or as a file where a link would be too long.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./share.css";
import { closeOnBackdrop, dialogHead, showDialog } from "../dialogs";
import { count } from "../format";
import { icon, sign } from "../icons";
import { currentAddress } from "../session";
import { LINK_LIMITS } from "../state/link";
import type { Store } from "../state/store";
import { cardName } from "../verdict/sentence";
import { downloadJson, fileName } from "./download";

class ShareDialog extends LitElement {
  static override readonly properties = { link: { state: true }, copied: { state: true } };
  /** Null until it has been packed. */
  declare link: string | null;
  declare copied: "no" | "yes" | "refused";
  store!: Store;

  constructor() {
    super();
    this.link = null;
    this.copied = "no";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  async pack(): Promise<void> {
    this.link = await currentAddress(this.store);
  }

  protected override render(): TemplateResult {
    const { state } = this.store;
    const length = this.link?.length ?? 0;
    const fits = length <= LINK_LIMITS.written;
    const what = `${state.model.name ?? "this model"}${state.preset === null ? ", edited" : ""}, batch ${state.run.batch}, ${cardName(this.store, state)}`;
    return html`<dialog class="dialog share" aria-labelledby="share-h" @click=${closeOnBackdrop}>
      ${dialogHead("Share this state", "share-h")}
      <div class="body">
        ${fits ? this.#link(what, length) : this.#tooLong(length)}
        <div class="filerow">
          <span class="name">The model alone, as Footprint JSON</span>
          <button type="button" class="btn" @click=${() => downloadJson(state.model)}>
            ${icon("import")}<span>Save ${fileName(state.model)}</span>
          </button>
        </div>
      </div>
    </dialog>`;
  }

  #link(what: string, length: number): TemplateResult {
    return html`<div>
        <label class="name" for="share-link">Link to ${what}</label>
        <div class="copyrow">
          <input class="text code" id="share-link" readonly .value=${this.link ?? ""} @focus=${selectAll} />
          <button type="button" class="btn primary" autofocus ?disabled=${this.link === null} @click=${this.#copy}>
            ${icon("copy")}<span>Copy</span>
          </button>
        </div>
        <p class="note" role="status">${this.#copiedText()}</p>
      </div>
      ${
        length > LINK_LIMITS.comfortable
          ? html`<p class="alert warn">
              ${sign("tight")}<span
                ><b>This link has ${count(length)} characters.</b> Some mail and chat programs cut links over
                ${count(LINK_LIMITS.comfortable)}; a file is safer.</span
              >
            </p>`
          : nothing
      }`;
  }

  #tooLong(length: number): TemplateResult {
    return html`<p class="alert">
      ${sign("does not fit")}<span
        ><b>As a link this state would have ${count(length)} characters.</b> Links end at ${count(LINK_LIMITS.written)}; save the model as a
        file instead.</span
      >
    </p>`;
  }

  #copiedText(): string {
    if (this.copied === "yes") return "Copied.";
    if (this.copied === "refused") return "The browser refused the clipboard; the link is selected for you to copy.";
    const length = this.link?.length ?? 0;
    const open = this.store.state.explaining === null ? "" : ", the open number";
    const all = `It holds the model, the run, the card${open} and today’s answer, all in the part after #, which browsers send to nobody.`;
    return length > LINK_LIMITS.comfortable ? all : `${count(length)} characters, well under ${count(LINK_LIMITS.comfortable)}. ${all}`;
  }

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.link ?? "");
      this.copied = "yes";
    } catch {
      this.copied = "refused"; // no permission, or a page without https
      this.querySelector<HTMLInputElement>("#share-link")?.select();
    }
  };
}

function selectAll(event: Event): void {
  (event.target as HTMLInputElement).select();
}

customElements.define("fp-share", ShareDialog);

export function openShare(store: Store): void {
  const element = new ShareDialog();
  element.store = store;
  void element.pack();
  void showDialog(element);
}
