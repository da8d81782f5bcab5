// <fp-table>: the grid "Layers", as behaviour: one tab stop, focus, clicks, editors. Keys are in grid-keyboard.ts, the pointer is in
// grid-pointer.ts. What stands in the grid is in table-lines.ts, how a line looks in line-templates.ts, what a command does in commands.ts.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Json } from "../core/types";
import type { Store } from "../state/store";
import { StoreController } from "../state/connect";
import { FpAttributes } from "./attribute-editor";
import { TableCommands } from "./commands";
import { CellEditing } from "./editing";
import { drawingOf } from "./drawing";
import { foot } from "./foot";
import { head, insertLine, noLines, spacer } from "./grid-frame";
import { cellIn, type Column, type Place } from "./grid-focus";
import { drawLine, type Drawing } from "./line-templates";
import type { View } from "./lines";
import { GridKeyboard } from "./grid-keyboard";
import { GridPlace } from "./grid-place";
import { GridPointer } from "./grid-pointer";
import { DrawnLines } from "./drawn-lines";
import { RowChanges } from "./row-changes";
import { TableLines } from "./table-lines";
import { FpTypePicker } from "./type-picker";

/** As long as grid.css lets a changed cell show it. */
const FLASH_MS = 1_200;

export class FpTable extends LitElement {
  static override readonly properties = { table: { attribute: false } };
  declare table: TableLines;

  readonly #connected = new StoreController(this);
  readonly #drawn = new DrawnLines(this, () => this.table.lines);
  readonly #commands: TableCommands;
  readonly #place: GridPlace;
  readonly #editing: CellEditing;
  readonly #changes: RowChanges;
  readonly #keyboard: GridKeyboard;
  readonly #pointer: GridPointer;

  /** The place takes the focus once the table has been drawn. */
  #wantsFocus = false;
  /** Another part of the page sent the reader to the place: it comes to the middle, with what is around it. */
  #sent = false;
  #naming: number | null = null;
  #message = "";
  /** How long the cells of the last change show it. */
  #flash = { serial: 0, until: 0 };

  constructor() {
    super();
    const { store } = this.#connected;
    this.table = new TableLines(() => undefined);
    this.#place = new GridPlace(store, () => this.table);
    this.#commands = new TableCommands(
      store,
      () => this.table.rows,
      () => this.table.functions,
    );
    this.#editing = new CellEditing(this);
    this.#changes = new RowChanges(this, this.#place);
    this.#keyboard = new GridKeyboard(this, this.#place, this.#editing, this.#changes);
    this.#pointer = new GridPointer(this, this.#place, this.#changes);
  }

  // ——— what editors, keys and pointer need of the grid

  get store(): Store {
    return this.#connected.store;
  }

  get commands(): TableCommands {
    return this.#commands;
  }

  get place(): Place | null {
    return this.#place.at;
  }

  get picker(): FpTypePicker {
    return this.#child("fp-type-picker", FpTypePicker);
  }

  get attributeEditor(): FpAttributes {
    return this.#child("fp-attributes", FpAttributes);
  }

  /** A type is being chosen, of a row or of a new one. */
  get inserting(): boolean {
    return this.picker.matches(":popover-open");
  }

  /** Whether the focus is still with the table, and not where the reader went meanwhile. */
  get hasFocus(): boolean {
    return this.contains(document.activeElement) || document.activeElement === document.body;
  }

  /** The focus goes to the place once the table is drawn. */
  returnFocus(): void {
    this.#wantsFocus = this.#place.at !== null;
    this.requestUpdate();
  }

  #child<T extends Element>(name: string, type: new () => T): T {
    const child = this.querySelector(name);
    if (!(child instanceof type)) throw new Error(`${name} is part of the table's own markup`);
    return child;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("fp-show-cell", this.#showCell);
    document.addEventListener("fp-light-row", this.#lightRow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("fp-show-cell", this.#showCell);
    document.removeEventListener("fp-light-row", this.#lightRow);
  }

  /** Past the template: a moment of the timeline passes faster than the table should be drawn. */
  readonly #lightRow = (event: Event): void => {
    const row = (event as CustomEvent<number | null>).detail;
    for (const line of this.querySelectorAll("tr.lit")) line.classList.remove("lit");
    if (row !== null) this.querySelector(`tr[data-row="${row - 1}"]:not(.reason)`)?.classList.add("lit");
  };

  /** The button above the table: after the selection, or at the end. */
  addLayer(anchor: Element): void {
    this.insertRow(this.#commands.after(this.#place.selection.at(-1) ?? null), anchor);
  }

  // ——— from state to what is drawn

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.table.refresh(this.#connected.state);
    if (this.#place.follow()) this.#wantsFocus = this.#sent = true;
    this.#place.settle();
    this.#drawn.choose(this.table.lines, this.#place.at?.line ?? null);
    const serial = this.#connected.state.change?.serial ?? 0;
    if (serial !== this.#flash.serial) this.#flash = { serial, until: performance.now() + FLASH_MS };
  }

  /** Asked for again, the chosen cell takes the focus again. */
  readonly #showCell = () => {
    this.#place.forget();
    this.requestUpdate();
  };

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.#drawn.measure(this.table.lines);
    const edited = this.table.rows[this.attributeEditor.row ?? -1];
    if (edited !== undefined) this.attributeEditor.follow(edited);
    if (this.#wantsFocus) this.#takeFocus();
  }

  // ——— the one tab stop

  #lineElement(key: string): HTMLElement | null {
    return this.querySelector(`tr[data-line="${CSS.escape(key)}"]`);
  }

  cellOf(place: Place | null): HTMLElement | null {
    const stop = this.table.stop(place?.line);
    if (place === null || stop === undefined) return null;
    return this.#lineElement(place.line)?.querySelector<HTMLElement>(`[data-column="${cellIn(stop, place.column)}"]`) ?? null;
  }

  #takeFocus(): void {
    const cell = this.cellOf(this.#place.at);
    if (cell === null) return;
    this.#wantsFocus = false;
    cell.focus({ preventScroll: true });
    const { top, bottom } = cell.getBoundingClientRect();
    const away = this.#sent && (bottom > innerHeight || top < parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop));
    this.#sent = false;
    cell.scrollIntoView({ block: away ? "center" : "nearest", inline: "nearest" });
  }

  /** Columns that the table's width hides. */
  get hiddenColumns(): ReadonlySet<Column> {
    const row = this.querySelector("tbody tr[data-row]:not(.reason)");
    const cells = [...(row?.querySelectorAll<HTMLElement>("[data-column]") ?? [])];
    return new Set(cells.filter((cell) => cell.getClientRects().length === 0).map((cell) => cell.dataset["column"] as Column));
  }

  // ——— changes of rows

  rename(row: number | null): void {
    this.#naming = row;
    this.requestUpdate();
    void this.updateComplete.then(() => {
      const field = this.querySelector<HTMLInputElement>(".name-field");
      field?.focus();
      field?.select();
    });
  }

  readonly #named = (event: FocusEvent) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.matches(".name-field") || this.#naming === null) return;
    const row = this.#naming;
    this.#naming = null;
    if (field.dataset["cancelled"] === undefined) this.#commands.rename(this.table.rows[row]?.owner ?? row, field.value.trim());
    this.requestUpdate();
  };

  insertRow(at: number, anchor: Element): void {
    this.#editing.insertBefore(at, anchor, () => this.#pointer.forgetInsert());
  }

  /** The place stands on rows of the document, which are shown if they were not. */
  landOn(row: number, column: Column = this.#place.column, count = 1): void {
    this.table.refresh(this.#connected.state);
    this.table.reveal(row);
    const last = { line: `row ${row + count - 1}`, column };
    if (count > 1) this.#place.extendTo(last, `row ${row}`);
    else this.#place.go(last);
    this.returnFocus();
  }

  /** To those who do not see it. */
  say(message: string): void {
    this.#message = message;
    this.requestUpdate();
  }

  // ——— focus and clicks

  readonly #focused = (event: FocusEvent) => {
    const cell = (event.target as Element).closest<HTMLElement>("[data-column]");
    const line = cell?.closest<HTMLElement>("[data-line]")?.dataset["line"];
    if (cell === null || line === undefined) return;
    const stop = this.table.stop(line);
    const column = cell.dataset["column"] as Column;
    const here = this.#place.at;
    if (here?.line === line && stop !== undefined && cellIn(stop, here.column) === column) return;
    if (here?.line === line) this.#place.extendTo({ line, column }, this.#place.anchor);
    else this.#place.go({ line, column });
    this.requestUpdate();
  };

  readonly #click = (event: Event) => {
    const control = (event.target as Element).closest<HTMLElement>("[data-path], [data-act]");
    if (control === null) return;
    const line = control.closest<HTMLElement>("[data-line]");
    const row = Number(line?.dataset["row"]);
    const path = control.dataset["path"];
    const field = control.dataset["field"];
    if (path !== undefined) this.store.explain(path);
    else if (control.dataset["act"] === "type") this.#editing.pickType(row, control, "");
    else if (control.dataset["act"] === "attribute") this.#editing.editAttributes(row, control, field);
    else if (control.dataset["act"] === "fold") this.#fold(line?.dataset["group"] ?? "");
    else if (control.dataset["act"] === "insert") this.insertRow(Number(control.dataset["at"]), control);
    else if (control.dataset["act"] === "fix") {
      this.#commands.set(row, field ?? "", readFix(control.dataset["value"]));
      this.landOn(row, "at");
    }
  };

  readonly #doubleClick = (event: Event) => {
    const target = event.target as Element;
    const line = target.closest<HTMLElement>("tr[data-row]:not(.reason)");
    if (line !== null && target.closest(".ly") !== null && target.closest("button, input") === null)
      this.rename(Number(line.dataset["row"]));
  };

  #fold(key: string): void {
    const folded = new Set(this.table.view.folded);
    if (!folded.delete(key)) folded.add(key);
    this.#show({ folded });
  }

  #show(view: Partial<View>): void {
    this.table.show(view);
    this.requestUpdate();
    this.dispatchEvent(new Event("fp-view"));
  }

  // ——— markup

  protected override render(): TemplateResult {
    const draw = drawingOf(this.#connected.store, this.table, this.#commands, {
      place: this.#place.at,
      selected: this.#place.selection,
      naming: this.#naming,
      dragged: this.#pointer.dragged,
      justChanged: performance.now() < this.#flash.until,
    });
    const { lines, rows, view } = this.table;
    return html`<table
        class=${view.order === "cost" ? "grid by-cost" : "grid"}
        role="grid"
        aria-label="Layers"
        aria-multiselectable="true"
        aria-rowcount=${lines.length + 5}
        @keydown=${this.#keyboard.key}
        @focusin=${this.#focused}
        @focusout=${this.#named}
        @click=${this.#click}
        @dblclick=${this.#doubleClick}
        @mousedown=${this.#pointer.mouseDown}
        @pointerdown=${this.#pointer.press}
        @pointermove=${this.#pointer.hover}
        @pointerleave=${this.#pointer.left}
        @copy=${this.#changes.copy}
        @cut=${this.#changes.copy}
        @paste=${this.#changes.paste}
      >
        ${head(draw.units)}
        <tbody>
          ${this.#drawn.now.stretches.map((stretch) => this.#stretch(stretch.from, stretch.to, stretch.before, draw))}
          ${this.#drawn.now.after > 0 ? spacer(this.#drawn.now.after) : nothing}
          ${lines.length > 0 ? nothing : noLines(rows.length === 0 ? "No layers yet: “Add layer” begins." : `No row has “${view.find}” in it.`)}
        </tbody>
        ${foot(this.#connected.state, draw, lines.length + 2)}
      </table>
      <p class="vh" role="status">${this.#message}</p>
      <fp-type-picker></fp-type-picker><fp-attributes></fp-attributes>`;
  }

  #stretch(from: number, to: number, before: number, draw: Drawing): TemplateResult {
    const insert = this.#pointer.line;
    const lines = this.table.lines.slice(from, to).map((line, at) => ({ line, index: from + at }));
    // The line between two rows stands before the first line of its row; at the end of the document, after the last line.
    const insertAt = insert === null ? -1 : lines.findIndex(({ line }) => line.kind === "row" && line.facts.index >= insert.at);
    const between = insert === null ? nothing : insertLine(insert.at, this.#nameAbove(insert.at), insert.kind);
    return html`${before > 0 ? spacer(before) : nothing}${repeat(
      lines,
      ({ line }) => line.key,
      ({ line, index }, at) => html`${at === insertAt ? between : nothing}${drawLine(line, index, draw)}`,
    )}${insertAt < 0 && to === this.table.lines.length ? between : nothing}`;
  }

  #nameAbove(row: number): string | null {
    const above = this.table.rows[row - 1];
    return above === undefined ? null : (above.row.name ?? `row ${above.index + 1}`);
  }
}

/** A fix without a value takes the attribute away. */
function readFix(value: string | undefined): Json | undefined {
  return value === undefined ? undefined : (JSON.parse(value) as Json);
}

customElements.define("fp-table", FpTable);
