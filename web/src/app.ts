// The page as a whole: puts the features in their places, opens dialogs on request, and speaks the one live sentence.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./header/header";
import "./settings/settings";
import "./table/table";
import "./verdict/verdict";
import "./print.css"; // after those whose styles it takes back
import { openDialog, type DialogName } from "./dialogs";
import { icon, sign } from "./icons";
import { watchImports } from "./import/watch";
import { loadPart } from "./parts";
import { StoreController } from "./state/connect";
import { waitsForStep, type Notice } from "./state/store";
import { sentence } from "./verdict/sentence";

const ANNOUNCE_PAUSE_MS = 300;

class App extends LitElement {
  readonly #state = new StoreController(this);
  #announceTimer: ReturnType<typeof setTimeout> | undefined;
  #said = "";

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("fp-open", this.#open);
    document.addEventListener("keydown", this.#keys);
    watchImports(this.#state.store);
    this.#said = sentence(this.#state.store);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("fp-open", this.#open);
    document.removeEventListener("keydown", this.#keys);
  }

  protected override render(): TemplateResult {
    const { notice } = this.#state.state;
    return html`
      <a class="skip" href="#verdict" @click=${this.#skip}>Skip to the verdict</a>
      <fp-header></fp-header>
      <fp-settings></fp-settings>
      <main>
        <div class="wrap" role=${notice?.tone === "error" ? "alert" : "status"}>${notice ? this.#notice(notice) : nothing}</div>
        <fp-verdict></fp-verdict>
        <fp-layers></fp-layers>
        <fp-step></fp-step>
        <fp-charts></fp-charts>
      </main>
      <footer class="foot">
        <div class="wrap">
          <p>
            Everything is computed in this tab; nothing is sent anywhere. The notebook’s numbers are torchsummary 1.5.1’s arithmetic: input,
            twice the forward pass, parameters. Those of the step are what PyTorch’s own allocator hands out; what only a real card knows
            carries its interval.
          </p>
          <p>MB = 2<sup>20</sup> bytes, GB = 2<sup>30</sup> bytes, as in the notebook.</p>
        </div>
      </footer>
      <p class="vh" role="status" aria-live="polite" id="announcer"></p>
    `;
  }

  /** Below the first screen, so after the first paint. */
  protected override firstUpdated(): void {
    const load = () => {
      void loadPart(this.#state.store, () => import("./step/step"));
      void loadPart(this.#state.store, () => import("./charts/charts"));
    };
    if ("requestIdleCallback" in window) requestIdleCallback(load);
    else setTimeout(load); // Safari
  }

  protected override updated(): void {
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => this.#announce(), ANNOUNCE_PAUSE_MS);
  }

  /** One sentence per pause, however many changes led to it. Written past the template: redrawing must not repeat it. */
  #announce(): void {
    const { state } = this.#state;
    if (state.method === "step" && waitsForStep(state)) return;
    const now = sentence(this.#state.store);
    if (now === this.#said) return;
    this.#said = now;
    const place = this.querySelector("#announcer");
    if (place) place.textContent = now;
  }

  #notice({ tone, title, text, action, places }: Notice): TemplateResult {
    const verdict = tone === "error" ? "does not fit" : tone === "warn" ? "tight" : null;
    return html`<div class="alert notice ${tone}">
      ${verdict ? sign(verdict) : nothing}
      <span
        ><b>${title}</b> ${text} ${places ? this.#places(places) : nothing}
        ${action ? html`<button type="button" class="num" @click=${() => this.#act(action.name)}>${action.label}</button>` : nothing}</span
      >
      <button type="button" class="btn plain close" aria-label="Dismiss" @click=${() => this.#state.store.notify(null)}>
        ${icon("close")}
      </button>
    </div>`;
  }

  /** Rows are found by themselves, wherever they stand by now; one that was changed has been seen to. */
  #places(places: NonNullable<Notice["places"]>): TemplateResult {
    const { layers } = this.#state.state.model;
    return html`<ul>
      ${places.map(({ text, row }) => {
        if (row === undefined) return html`<li>${text}</li>`;
        const index = layers.indexOf(row);
        if (index < 0) return nothing;
        return html`<li>${text}: <button type="button" class="num" @click=${() => this.#showRow(index)}>row ${index + 1}</button></li>`;
      })}
    </ul>`;
  }

  #showRow(row: number): void {
    this.#state.store.select({ row, column: "ly" });
    document.dispatchEvent(new Event("fp-show-cell"));
  }

  #act(name: NonNullable<Notice["action"]>["name"]): void {
    if (name === "share") openDialog("share");
    else if (name === "reload") location.reload();
    else document.dispatchEvent(new Event("fp-back-to-draft"));
  }

  readonly #open = (event: Event): void => void this.#openDialog((event as CustomEvent<DialogName>).detail);

  async #openDialog(name: DialogName): Promise<void> {
    const { store } = this.#state;
    if (name === "share") (await loadPart(store, () => import("./share/share-dialog")))?.openShare(store);
    else if (name === "import") await (await loadPart(store, () => import("./import/import-dialog")))?.openImport(store);
    else if (name === "cards") (await loadPart(store, () => import("./verdict/cards-dialog")))?.openCards(store);
    else if (name === "gallery") (await loadPart(store, () => import("./gallery/gallery-dialog")))?.openGallery(store);
    else (await loadPart(store, () => import("./header/keyboard-dialog")))?.openKeyboard();
  }

  readonly #keys = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (command && !event.altKey && key === "z") {
      if (event.shiftKey) this.#state.store.redo();
      else this.#state.store.undo();
    } else if (command && !event.altKey && key === "y") this.#state.store.redo();
    else if (!command && event.key === "?") openDialog("keyboard");
    else return;
    event.preventDefault();
  };

  readonly #skip = (event: Event): void => {
    event.preventDefault(); // the address is the link
    this.querySelector<HTMLElement>("#verdict")?.focus();
  };
}

/** Fields have an undo of their own. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["range", "radio", "checkbox", "button"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement;
}

customElements.define("fp-app", App);
