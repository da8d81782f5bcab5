// <fp-type-picker>: the list of every layer and function that the core knows, with a search; an ARIA combobox. It opens beside a cell
// and says what was chosen in one event.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { LayerType } from "../core/types";
import { placeBeside } from "./popup";

export interface PickedType {
  readonly op: string;
}

interface Opening {
  readonly layers: readonly LayerType[];
  /** The type that the row has, or "". */
  readonly current: string;
  /** What has been typed on the cell already. */
  readonly search: string;
  readonly label: string;
  readonly done: (op: string | null) => void;
}

export class FpTypePicker extends LitElement {
  #opening: Opening | null = null;
  #search = "";
  #active = 0;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.popover = "auto";
    this.classList.add("cell-popup");
    this.addEventListener("toggle", this.#toggled);
  }

  open(anchor: Element, opening: Opening): void {
    this.#finish(null);
    this.#opening = opening;
    this.#search = opening.search;
    const current = this.#found().findIndex((layer) => layer.op === opening.current);
    this.#active = opening.search === "" ? Math.max(0, current) : 0;
    this.requestUpdate();
    // Drawn before it is shown, so that its height is known when its place is chosen.
    void this.updateComplete.then(() => {
      this.showPopover();
      placeBeside(this, anchor);
      const input = this.querySelector("input");
      input?.focus();
      if (opening.search !== "") input?.setSelectionRange(opening.search.length, opening.search.length);
      this.#reveal();
    });
  }

  readonly #toggled = (event: Event) => {
    if ((event as ToggleEvent).newState === "closed") this.#finish(null);
  };

  #finish(op: string | null): void {
    const opening = this.#opening;
    if (opening === null) return;
    this.#opening = null;
    if (this.matches(":popover-open")) this.hidePopover();
    opening.done(op);
    this.requestUpdate();
  }

  /** Names that begin with the text, then names that hold it, then families and summaries that do. */
  #found(): readonly LayerType[] {
    const layers = this.#opening?.layers ?? [];
    const wanted = this.#search.trim().toLowerCase();
    if (wanted === "") return layers;
    const rank = (layer: LayerType) => {
      const op = layer.op.toLowerCase();
      if (op === wanted) return 0;
      if (op.startsWith(wanted)) return 1;
      if (op.includes(wanted)) return 2;
      return `${layer.family} ${layer.summary}`.toLowerCase().includes(wanted) ? 3 : 4;
    };
    return layers
      .map((layer) => [layer, rank(layer)] as const)
      .filter(([, order]) => order < 4)
      .sort(([, one], [, other]) => one - other)
      .map(([layer]) => layer);
  }

  readonly #key = (event: KeyboardEvent) => {
    const found = this.#found();
    const go = (to: number) => {
      this.#active = Math.min(Math.max(to, 0), found.length - 1);
      event.preventDefault();
      this.requestUpdate();
      void this.updateComplete.then(() => this.#reveal());
    };
    switch (event.key) {
      case "ArrowDown": {
        go(this.#active + 1);
        return;
      }
      case "ArrowUp": {
        go(this.#active - 1);
        return;
      }
      case "PageDown": {
        go(this.#active + 8);
        return;
      }
      case "PageUp": {
        go(this.#active - 8);
        return;
      }
      case "Tab":
      case "Enter":
        event.preventDefault();
        this.#finish(found[this.#active]?.op ?? null);
        return;
      case "Escape":
        // The popover would close by itself, but so would a dialog around it.
        event.preventDefault();
        event.stopPropagation();
        this.#finish(null);
        return;
    }
  };

  readonly #input = (event: Event) => {
    this.#search = (event.target as HTMLInputElement).value;
    this.#active = 0;
    this.requestUpdate();
  };

  readonly #click = (event: Event) => {
    const option = (event.target as Element).closest<HTMLElement>("[data-op]");
    if (option?.dataset["op"] !== undefined) this.#finish(option.dataset["op"]);
  };

  #reveal(): void {
    this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  protected override render(): TemplateResult | typeof nothing {
    const opening = this.#opening;
    if (opening === null) return nothing;
    const found = this.#found();
    return html`<input
        class="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="type-options"
        aria-autocomplete="list"
        aria-activedescendant=${found.length > 0 ? `type-option-${this.#active}` : nothing}
        aria-label=${opening.label}
        placeholder="Search layers and functions"
        spellcheck="false"
        autocomplete="off"
        .value=${this.#search}
        @input=${this.#input}
        @keydown=${this.#key}
      />
      <div class="options" id="type-options" role="listbox" aria-label="Layers and functions" @click=${this.#click}>
        ${found.map((layer, index) => this.#option(layer, index, index === 0 || found[index - 1]?.family !== layer.family))}
        ${found.length === 0 ? html`<p class="note none" role="option" aria-selected="false" aria-disabled="true">No layer has this in its name.</p>` : nothing}
      </div>`;
  }

  #option(layer: LayerType, index: number, first: boolean): TemplateResult {
    // The family heads its first layer only while the list stands in the catalogue's order.
    const family = first && this.#search.trim() === "";
    return html`${family ? html`<p class="family" role="presentation">${layer.family}</p>` : nothing}
      <div
        class="option"
        role="option"
        id="type-option-${index}"
        data-op=${layer.op}
        aria-selected=${index === this.#active ? "true" : "false"}
      >
        <b>${layer.kind === "function" ? html`<span class="fn-sign">ƒ</span> ` : nothing}${layer.op}</b
        ><span class="note">${layer.summary}</span>
      </div>`;
  }
}

customElements.define("fp-type-picker", FpTypePicker);
