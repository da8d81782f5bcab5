// <fp-layers>: the section "Layers". The table is the model: it is edited here, row by row, and beside it stands the arithmetic of the
// number that was chosen. This file is the frame: the bar above, units and exports below; the grid itself is <fp-table>.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import "../explain/explain";
import { icon } from "../icons";
import { loadPart } from "../parts";
import { StoreController } from "../state/connect";
import type { Units } from "../state/store";
import { EXPORTS, torchsummaryLine, unitSwitch, type ExportForm } from "./foot";
import "./grid";
import { FpTable } from "./grid";
import { groupKeys } from "./groups";
import type { View } from "./lines";
import { TableLines } from "./table-lines";
import "./table.css";
import "./grid.css";
import "./cells.css";
import "./editors.css";
import "./grid-narrow.css";

class FpLayers extends LitElement {
  readonly #connected = new StoreController(this);
  readonly #table: TableLines;

  constructor() {
    super();
    const layers = new Map(this.#connected.store.footprint.catalogue.layers.map((layer) => [layer.op, layer]));
    this.#table = new TableLines((op) => layers.get(op));
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.#table.refresh(this.#connected.state);
  }

  #show(view: Partial<View>): void {
    this.#table.show(view);
    this.requestUpdate();
    this.querySelector<FpTable>("fp-table")?.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { state } = this.#connected;
    return html`<section class="sec wrap" id="layers" aria-labelledby="layers-h">
      ${this.#bar()}
      <div class="model">
        <div class="tablebox">
          <fp-table .table=${this.#table} @fp-view=${() => this.requestUpdate()}></fp-table>
          ${torchsummaryLine(state.report)}
          <div class="under">
            <span class="units" @change=${this.#units}>${unitSwitch(state.units)}</span>
            <span class="right">
              <span>Export</span>
              ${EXPORTS.map((form) => html`<button type="button" class="btn plain" aria-label="Export ${form}" @click=${() => void this.#export(form)}><span>${form}</span></button>`)}
            </span>
          </div>
        </div>
        <fp-explain></fp-explain>
      </div>
    </section>`;
  }

  #bar(): TemplateResult {
    const { store, state } = this.#connected;
    const { view, members } = this.#table;
    const keys = groupKeys(members);
    const allFolded = keys.length > 0 && keys.every((key) => view.folded.has(key));
    const functions = view.functions === "rows";
    const byCost = view.order === "cost";
    const toggle = (name: string, pressed: boolean, act: () => void) =>
      html`<button type="button" class="btn plain" aria-pressed=${pressed ? "true" : "false"} @click=${act}><span>${name}</span></button>`;
    const history = (name: "Undo" | "Redo", can: boolean, act: () => void) =>
      html`<button type="button" class="btn plain narrow" aria-label=${name} ?disabled=${!can} @click=${act}>
        ${icon(name === "Undo" ? "undo" : "redo")}
      </button>`;
    return html`<div class="bar">
      <h2 id="layers-h">Layers</h2>
      <span class="note">The table is the model: edit any cell. Every number opens its arithmetic.</span>
      <div class="right">
        ${history("Undo", state.canUndo, () => store.undo())}${history("Redo", state.canRedo, () => store.redo())}
        <input class="text find" type="search" aria-label="Find a row" placeholder="Find a row" .value=${view.find} @input=${this.#find} />
        ${
          keys.length === 0
            ? nothing
            : html`<button
                type="button"
                class="btn plain"
                ?disabled=${byCost}
                @click=${() => this.#show({ folded: new Set(allFolded ? [] : keys) })}
              >
                <span>${allFolded ? "Unfold all" : "Fold all"}</span>
              </button>`
        }
        ${toggle("Show functions", functions, () => this.#show({ functions: functions ? "badges" : "rows" }))}
        ${toggle("Sort by cost", byCost, () => this.#show({ order: byCost ? "document" : "cost" }))}
        <button type="button" class="btn" @click=${this.#add}>${icon("add")}<span>Add layer</span></button>
      </div>
    </div>`;
  }

  readonly #find = (event: Event) => this.#show({ find: (event.target as HTMLInputElement).value });

  readonly #add = (event: Event) => this.querySelector<FpTable>("fp-table")?.addLayer(event.currentTarget as Element);

  readonly #units = (event: Event) => {
    const input = event.target as HTMLInputElement;
    if (input.dataset["act"] === "units") this.#connected.store.setUnits(input.value as Units);
  };

  async #export(form: ExportForm): Promise<void> {
    const { store } = this.#connected;
    await (await loadPart(store, () => import("./exporting")))?.openExport(form, store, this.#table);
  }
}

customElements.define("fp-layers", FpLayers);
