// The gallery: every network of presets/gallery/ by family, with its source, its parameters and its total at batch 1. A combobox with a
// list that is always open; the network that is chosen is fetched then, and opened like a preset.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./gallery.css";
import networks from "../../../presets/gallery/index.json";
import { closeOnBackdrop, dialogHead, showDialog } from "../dialogs";
import { count, memory } from "../format";
import { loadPart } from "../parts";
import type { Store } from "../state/store";
import { galleryDocument } from "./documents";

type Network = (typeof networks)[number];

/** Rows that Page Up and Page Down go. */
const PAGE = 8;

class GalleryDialog extends LitElement {
  static override readonly properties = { search: { state: true }, active: { state: true }, loading: { state: true } };
  declare search: string;
  /** Of the networks found. */
  declare active: number;
  declare loading: Network | null;
  store!: Store;

  constructor() {
    super();
    this.search = "";
    this.active = 0;
    this.loading = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Begins at the network that is open. */
  override connectedCallback(): void {
    super.connectedCallback();
    this.active = Math.max(
      0,
      networks.findIndex((network) => network.id === this.store.state.preset),
    );
  }

  protected override updated(): void {
    this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  protected override render(): TemplateResult {
    const found = this.#found();
    return html`<dialog class="dialog gallery" aria-labelledby="gallery-h" @click=${closeOnBackdrop}>
      ${dialogHead("Gallery", "gallery-h")}
      <div class="body">
        <input
          class="text"
          type="search"
          role="combobox"
          aria-label="Search networks"
          aria-expanded=${found.length > 0 ? "true" : "false"}
          aria-controls=${found.length > 0 ? "gallery-networks" : nothing}
          aria-autocomplete="list"
          aria-activedescendant=${found.length > 0 ? `gallery-${this.active}` : nothing}
          placeholder="Name, family or source"
          spellcheck="false"
          autocomplete="off"
          autofocus
          .value=${this.search}
          @input=${this.#typed}
          @keydown=${this.#key}
        />
        <p class="note" role="status">${this.#status(found)}</p>
        ${found.length > 0 ? this.#list(found) : nothing}
      </div>
    </dialog>`;
  }

  #status(found: readonly Network[]): string {
    if (this.loading) return `Loading ${this.loading.name}…`;
    if (found.length === 0) return `No network has “${this.search.trim()}” in its name, family or source.`;
    const all = `${count(networks.length)} networks`;
    const which = found.length === networks.length ? all : `${count(found.length)} of ${all}`;
    return `${which}; totals are the notebook’s, at batch 1.`;
  }

  #list(found: readonly Network[]): TemplateResult {
    const families = [...new Set(found.map((network) => network.family))];
    return html`<div class="networks" id="gallery-networks" role="listbox" aria-label="Networks" @click=${this.#clicked}>
      ${families.map(
        (family, index) =>
          html`<div role="group" aria-labelledby="gallery-family-${index}">
            <p class="family" id="gallery-family-${index}" role="presentation">${family}</p>
            ${found.map((network, at) => (network.family === family ? this.#option(network, at) : nothing))}
          </div>`,
      )}
    </div>`;
  }

  #option({ id, name, source, parameters, total }: Network, at: number): TemplateResult {
    const open = id === this.store.state.preset;
    return html`<div class="network" role="option" id="gallery-${at}" data-at=${at} aria-selected=${at === this.active ? "true" : "false"}>
      <b>${name}${open ? html` <span class="open">open</span>` : nothing}</b>
      <span class="origin">${source}</span>
      <span class="parameters">${count(parameters)} parameters</span>
      <span class="total">${memory(total, this.store.state.units)}</span>
    </div>`;
  }

  /** Those that have every word of the search, family by family. */
  #found(): readonly Network[] {
    const words = this.search.toLowerCase().split(/\s+/);
    const found = networks.filter(({ id, name, family, source }) => {
      const text = `${id} ${name} ${family} ${source}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const families = [...new Set(found.map((network) => network.family))];
    return families.flatMap((family) => found.filter((network) => network.family === family));
  }

  readonly #typed = (event: Event): void => {
    this.search = (event.target as HTMLInputElement).value;
    this.active = 0;
  };

  readonly #key = (event: KeyboardEvent): void => {
    const found = this.#found();
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
    const step = steps[event.key];
    if (step !== undefined) this.active = Math.max(0, Math.min(this.active + step, found.length - 1));
    else if (event.key === "Enter") void this.#choose(found[this.active]);
    else return;
    event.preventDefault();
  };

  readonly #clicked = (event: Event): void => {
    const option = (event.target as Element).closest<HTMLElement>("[data-at]");
    if (option) void this.#choose(this.#found()[Number(option.dataset["at"])]);
  };

  async #choose(network: Network | undefined): Promise<void> {
    if (!network || this.loading) return;
    this.loading = network;
    const model = await loadPart(this.store, () => galleryDocument(network.id));
    if (!this.isConnected) return; // closed meanwhile: not wanted any more
    if (model) this.store.openModel(model, { preset: network.id, label: network.name });
    this.querySelector("dialog")?.close();
  }
}

customElements.define("fp-gallery", GalleryDialog);

export function openGallery(store: Store): void {
  const element = new GalleryDialog();
  element.store = store;
  void showDialog(element);
}
