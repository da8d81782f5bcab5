// <fp-table>: the grid "Layers", as behaviour: one tab stop, keys, pointer, clipboard. What stands in it is in table-lines.ts, how a line
// looks in line-templates.ts, what a command does in commands.ts.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Json } from "../core/types";
import type { Store } from "../state/store";
import { StoreController } from "../state/connect";
import { FpAttributes } from "./attribute-editor";
import { TableCommands } from "./commands";
import { RowDrag } from "./drag";
import { CellEditing } from "./editing";
import { drawingOf } from "./drawing";
import { foot } from "./foot";
import { head, insertLine, noLines, spacer } from "./grid-frame";
import { cellIn, moveFrom, type Column, type Place } from "./grid-focus";
import { drawLine, type Drawing } from "./line-templates";
import type { View } from "./lines";
import { commandOf, type GridCommand } from "./grid-keys";
import { GridPlace } from "./grid-place";
import { insertionAt } from "./pointer";
import { DrawnLines } from "./drawn-lines";
import { RowChanges } from "./row-changes";
import { TableLines } from "./table-lines";
import { FpTypePicker } from "./type-picker";

const PAGE = 16; // lines of a Page key

export class FpTable extends LitElement {
  static override readonly properties = { table: { attribute: false } };
  declare table: TableLines;

  readonly #connected = new StoreController(this);
  readonly #drawn = new DrawnLines(this, () => this.table.lines);
  readonly #commands: TableCommands;
  readonly #place: GridPlace;
  readonly #drag: RowDrag;
  readonly #editing: CellEditing;
  readonly #changes: RowChanges;

  /** The place takes the focus once the table has been drawn. */
  #wantsFocus = false;
  #naming: number | null = null;
  /** The line with a plus, before this row of the document. */
  #insertAt: number | null = null;
  #dragged: readonly number[] = [];
  #dropAt: number | null = null;
  #message = "";

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
    this.#drag = new RowDrag({
      begin: (row) => this.#place.picked(row),
      show: (before, rows) => {
        [this.#dropAt, this.#dragged] = [before, rows];
        this.requestUpdate();
      },
      drop: (rows, before) => this.#changes.moved(rows, this.#commands.moveBefore(rows, before)),
    });
    this.#editing = new CellEditing(this);
    this.#changes = new RowChanges(this, this.#place);
  }

  // ——— what the editors of a cell need of the grid

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
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("fp-show-cell", this.#showCell);
  }

  /** The button above the table: after the selection, or at the end. */
  addLayer(anchor: Element): void {
    this.#insertBefore(this.#commands.after(this.#place.selection.at(-1) ?? null), anchor);
  }

  // ——— from state to what is drawn

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.table.refresh(this.#connected.state);
    if (this.#place.follow()) this.#wantsFocus = true;
    this.#place.settle();
    this.#drawn.choose(this.table.lines, this.#place.at?.line ?? null);
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
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Columns that the table's width hides. */
  #hidden(): ReadonlySet<Column> {
    const row = this.querySelector("tbody tr[data-row]:not(.reason)");
    const cells = [...(row?.querySelectorAll<HTMLElement>("[data-column]") ?? [])];
    return new Set(cells.filter((cell) => cell.getClientRects().length === 0).map((cell) => cell.dataset["column"] as Column));
  }

  // ——— keys

  readonly #key = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target instanceof HTMLInputElement) {
      this.#nameKey(event, target);
      return;
    }
    if (target instanceof HTMLButtonElement && this.#controlKey(event, target)) return;
    const here = this.#place.at;
    if (here === null) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const command = commandOf(event);
    if (command !== null && this.#command(command)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.altKey) return;
    const to = moveFrom(this.table.stops, here, { key: event.key, ctrl, page: PAGE, hidden: this.#hidden() });
    if (to !== null) {
      event.preventDefault();
      if (event.shiftKey && to.line !== here.line) this.#place.extendTo(to);
      else this.#place.go(to);
      this.returnFocus();
    } else if (!ctrl && event.key.length === 1 && event.key !== " ") {
      event.preventDefault();
      this.#editing.edit(event.key);
    }
  };

  /** Inside a cell: left and right between its controls, Esc back to the cell. Returns whether the key was one of these. */
  #controlKey(event: KeyboardEvent, control: HTMLButtonElement): boolean {
    const cell = control.closest<HTMLElement>("[data-column]");
    if (cell === null) return false;
    const controls = [...cell.querySelectorAll<HTMLElement>("button")];
    const next = controls[controls.indexOf(control) + (event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0)];
    if (event.key === "Enter" || event.key === " ") return true; // the button's own
    // With the arithmetic of this number open, Esc is for closing that first.
    if (event.key === "Escape" && this.#connected.state.explaining !== null) return true;
    if (event.key === "Escape") cell.focus();
    else if (next !== undefined && next !== control) next.focus();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #nameKey(event: KeyboardEvent, field: HTMLInputElement): void {
    event.stopPropagation();
    if (event.key === "Escape") field.dataset["cancelled"] = "yes";
    else if (event.key !== "Enter") return;
    event.preventDefault();
    this.#wantsFocus = true;
    field.blur();
  }

  /** Returns whether there was anything to do. */
  #command(command: GridCommand): boolean {
    const { store } = this.#connected;
    const rows = this.#place.selection;
    const cell = this.cellOf(this.#place.at);
    switch (command) {
      case "undo":
      case "redo":
        store[command]();
        this.#wantsFocus = true;
        return true;
      case "duplicate":
        this.#changes.duplicate(rows);
        return true;
      case "select all":
        this.#changes.selectAll();
        return true;
      case "move up":
      case "move down":
        if (this.table.view.order === "cost") this.say("Rows move in the model’s own order: switch “Sort by cost” off first.");
        else this.#changes.moved(rows, this.#commands.move(rows, command === "move up" ? "up" : "down"));
        return true;
      case "enter":
        this.#enter();
        return true;
      case "edit":
        if (this.#place.column === "ly" && this.#place.onRow) this.#rename(this.#place.row);
        else this.#editing.edit();
        return true;
      case "delete":
        this.#changes.delete(rows);
        return true;
      case "insert":
        if (cell !== null) this.#insertBefore(this.#commands.after(this.#place.row), cell);
        return true;
      case "leave selection":
        if (this.#place.anchor === null) return false;
        this.#place.anchor = null;
        this.requestUpdate();
        return true;
    }
  }

  /** Enter: what the cell is for. */
  #enter(): void {
    const cell = this.cellOf(this.#place.at);
    if (cell === null) return;
    if (this.#place.column === "at" && this.#place.onRow) {
      this.#editing.edit();
      return;
    }
    const controls = cell.querySelectorAll<HTMLElement>("button");
    controls[0]?.focus();
    if (controls.length === 1) controls[0]?.click();
  }

  // ——— changes of rows

  #rename(row: number | null): void {
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

  #insertBefore(at: number, anchor: Element): void {
    this.#editing.insertBefore(at, anchor, () => {
      this.#insertAt = null;
    });
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

  // ——— pointer

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

  readonly #press = (event: PointerEvent) => {
    const target = event.target as Element;
    const line = target.closest<HTMLElement>("tr[data-line]");
    if (target.closest(".handle") !== null && line?.dataset["row"] !== undefined && this.table.view.order === "document") {
      this.#drag.start(event, Number(line.dataset["row"]));
    }
  };

  /** Before the browser moves the focus, which would end the selection. */
  readonly #mouseDown = (event: MouseEvent) => {
    const line = (event.target as Element).closest<HTMLElement>("tr[data-line]")?.dataset["line"];
    if (!event.shiftKey || line === undefined || this.#place.at === null) return;
    event.preventDefault();
    this.#place.extendTo({ line, column: this.#place.column });
    this.returnFocus();
  };

  readonly #hover = (event: PointerEvent) => {
    if (this.#drag.active || this.table.view.order === "cost" || (event.target as Element).closest(".insert") !== null) return;
    this.#showInsert(insertionAt(event));
  };

  readonly #left = () => this.#showInsert(null);

  #showInsert(at: number | null): void {
    if (at === this.#insertAt || this.picker.matches(":popover-open")) return;
    this.#insertAt = at;
    this.requestUpdate();
  }

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
    else if (control.dataset["act"] === "insert") this.#insertBefore(Number(control.dataset["at"]), control);
    else if (control.dataset["act"] === "fix") {
      this.#commands.set(row, field ?? "", readFix(control.dataset["value"]));
      this.landOn(row, "at");
    }
  };

  readonly #doubleClick = (event: Event) => {
    const target = event.target as Element;
    const line = target.closest<HTMLElement>("tr[data-row]:not(.reason)");
    if (line !== null && target.closest(".ly") !== null && target.closest("button, input") === null)
      this.#rename(Number(line.dataset["row"]));
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
      dragged: this.#dragged,
    });
    const { lines, rows, view } = this.table;
    return html`<table
        class="grid"
        role="grid"
        aria-label="Layers"
        aria-multiselectable="true"
        aria-rowcount=${lines.length + 5}
        @keydown=${this.#key}
        @focusin=${this.#focused}
        @focusout=${this.#named}
        @click=${this.#click}
        @dblclick=${this.#doubleClick}
        @mousedown=${this.#mouseDown}
        @pointerdown=${this.#press}
        @pointermove=${this.#hover}
        @pointerleave=${this.#left}
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
    const insert = this.#dropAt ?? this.#insertAt;
    const lines = this.table.lines.slice(from, to).map((line, at) => ({ line, index: from + at }));
    // The line with the plus stands before the first line of its row; at the end of the document, after the last line.
    const insertLine = insert === null ? -1 : lines.findIndex(({ line }) => line.kind === "row" && line.facts.index >= insert);
    const atEnd = insert !== null && insertLine < 0 && to === this.table.lines.length;
    return html`${before > 0 ? spacer(before) : nothing}${repeat(
      lines,
      ({ line }) => line.key,
      ({ line, index }, at) =>
        html`${at === insertLine && insert !== null ? this.#insertLine(insert) : nothing}${drawLine(line, index, draw)}`,
    )}${atEnd ? this.#insertLine(insert) : nothing}`;
  }

  #insertLine(at: number): TemplateResult {
    const above = this.table.rows[at - 1];
    return insertLine(
      at,
      above === undefined ? null : (above.row.name ?? `row ${above.index + 1}`),
      this.#dropAt === null ? "insert" : "drop",
    );
  }
}

/** A fix without a value takes the attribute away. */
function readFix(value: string | undefined): Json | undefined {
  return value === undefined ? undefined : (JSON.parse(value) as Json);
}

customElements.define("fp-table", FpTable);
