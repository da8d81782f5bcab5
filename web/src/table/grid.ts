// <fp-table>: the grid "Layers", as behaviour: one tab stop, keys, pointer, clipboard. What stands in it is in table-lines.ts, how a line
// looks in line-templates.ts, what a command does in commands.ts.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";
import type { AttributeType, Json } from "../core/types";
import { StoreController } from "../state/connect";
import { FpAttributes } from "./attribute-editor";
import { TableCommands } from "./commands";
import { RowDrag } from "./drag";
import { CellEditing } from "./editing";
import { foot } from "./foot";
import { cellIn, moveFrom, rowsBetween, type Column, type Place } from "./grid-focus";
import { drawLine, type Drawing } from "./line-templates";
import type { View } from "./lines";
import { insertionAt } from "./pointer";
import { DRAW_ALL, RowWindow, type Drawn } from "./row-window";
import { columnOf, TableLines } from "./table-lines";
import { FpTypePicker } from "./type-picker";

const PAGE = 16; // lines of a Page key

export class FpTable extends LitElement {
  static override readonly properties = { table: { attribute: false } };
  declare table: TableLines;

  readonly #connected = new StoreController(this);
  readonly #window = new RowWindow();
  readonly #commands: TableCommands;
  readonly #drag: RowDrag;
  readonly #editing: CellEditing;

  #drawn: Drawn = { stretches: [], after: 0 };
  #place: Place | null = null;
  /** Where a selection of several rows began. */
  #anchor: string | null = null;
  /** The place takes the focus once the table has been drawn. */
  #wantsFocus = false;
  #naming: number | null = null;
  /** The line with a plus, before this row of the document. */
  #insertAt: number | null = null;
  #dragged: readonly number[] = [];
  #dropAt: number | null = null;
  #message = "";
  /** The cell that the store knows from here; another one was chosen by another part of the page. */
  #sent: { readonly row: number; readonly column: string } | null = null;
  #resize: ResizeObserver | null = null;
  #width = 0;

  constructor() {
    super();
    const { store } = this.#connected;
    this.table = new TableLines(() => undefined);
    this.#commands = new TableCommands(
      store,
      () => this.table.rows,
      () => this.table.functions,
    );
    this.#drag = new RowDrag({
      begin: (row) => this.#picked(row),
      show: (before, rows) => {
        [this.#dropAt, this.#dragged] = [before, rows];
        this.requestUpdate();
      },
      drop: (rows, before) => this.#moved(rows, this.#commands.moveBefore(rows, before)),
    });
    this.#editing = new CellEditing(this.#editingHost());
  }

  #editingHost(): ConstructorParameters<typeof CellEditing>[0] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- getters of an object literal have no other way to the element
    const grid = this;
    return {
      store: this.#connected.store,
      commands: this.#commands,
      get table() {
        return grid.table;
      },
      get place() {
        return grid.#place;
      },
      get picker() {
        return grid.#child<FpTypePicker>("fp-type-picker");
      },
      get attributes() {
        return grid.#child<FpAttributes>("fp-attributes");
      },
      get hasFocus() {
        return grid.contains(document.activeElement) || document.activeElement === document.body;
      },
      cellOf: (place) => this.#cell(place),
      returnFocus: () => {
        this.#wantsFocus = this.#place !== null;
        this.requestUpdate();
      },
      landOn: (row, column) => this.#landOn(row, column),
    };
  }

  #child<T extends Element>(name: string): T {
    const child = this.querySelector<T>(name);
    if (child === null) throw new Error(`${name} is part of the table's own markup`);
    return child;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("scroll", this.#scrolled, { passive: true });
    window.addEventListener("resize", this.#scrolled, { passive: true });
    document.addEventListener("fp-show-cell", this.#showCell);
    this.#resize = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width !== this.#width) this.#window.forget(); // another width, other heights
      this.#width = width;
    });
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("scroll", this.#scrolled);
    window.removeEventListener("resize", this.#scrolled);
    document.removeEventListener("fp-show-cell", this.#showCell);
    this.#resize?.disconnect();
  }

  /** The button above the table: after the selection, or at the end. */
  addLayer(anchor: Element): void {
    this.#insertBefore(this.#commands.after(this.#selection().at(-1) ?? null), anchor);
  }

  // ——— from state to what is drawn

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.table.refresh(this.#connected.state);
    this.#follow();
    if (this.#place !== null && this.table.stop(this.#place.line) === undefined) this.#place = null;
    this.#drawn = this.#windowNow();
  }

  /** Another part of the page has chosen a cell: "row 3, kernel_size" beside the verdict, for example. */
  #follow(): void {
    const { selected } = this.#connected.state;
    if (selected?.row === this.#sent?.row && selected?.column === this.#sent?.column) return;
    this.#sent = selected;
    if (selected === null) return;
    this.table.reveal(selected.row);
    this.#place = { line: `row ${selected.row}`, column: columnOf(selected.column) };
    this.#anchor = null;
    this.#wantsFocus = true;
  }

  /** Asked for again, the chosen cell takes the focus again. */
  readonly #showCell = () => {
    this.#sent = null;
    this.requestUpdate();
  };

  #windowNow(): Drawn {
    const body = this.querySelector("tbody");
    const top = body === null ? 0 : -body.getBoundingClientRect().top;
    return this.#window.draw(this.table.lines, top, window.innerHeight, this.#place?.line ?? null);
  }

  readonly #scrolled = () => {
    const ends = (drawn: Drawn) => drawn.stretches.map(({ from, to }) => `${from}-${to}`).join();
    if (ends(this.#windowNow()) !== ends(this.#drawn)) this.requestUpdate();
  };

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.table.lines.length > DRAW_ALL) this.#measure();
    const edited = this.table.rows[this.#child<FpAttributes>("fp-attributes").row ?? -1];
    if (edited !== undefined) this.#child<FpAttributes>("fp-attributes").follow(edited);
    if (this.#wantsFocus) this.#takeFocus();
  }

  #measure(): void {
    for (const { from, to } of this.#drawn.stretches) {
      for (const line of this.table.lines.slice(from, to)) {
        const element = this.#lineElement(line.key);
        if (element !== null) this.#window.measured(line, element.getBoundingClientRect().height);
      }
    }
  }

  // ——— the one tab stop

  #lineElement(key: string): HTMLElement | null {
    return this.querySelector(`tr[data-line="${CSS.escape(key)}"]`);
  }

  #cell(place: Place | null): HTMLElement | null {
    const stop = this.table.stop(place?.line);
    if (place === null || stop === undefined) return null;
    return this.#lineElement(place.line)?.querySelector<HTMLElement>(`[data-column="${cellIn(stop, place.column)}"]`) ?? null;
  }

  #takeFocus(): void {
    const cell = this.#cell(this.#place);
    if (cell === null) return;
    this.#wantsFocus = false;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #go(place: Place, anchor: "keep anchor" | "drop anchor" = "drop anchor"): void {
    if (anchor === "drop anchor") this.#anchor = null;
    this.#place = place;
    this.#wantsFocus = true;
    this.#tell();
    this.requestUpdate();
  }

  /** The store knows the cell, so that other parts of the page can say where the reader is. */
  #tell(): void {
    const line = this.table.line(this.#place?.line);
    const cell = line?.kind === "row" && this.#place ? { row: line.facts.index, column: this.#place.column } : null;
    this.#sent = cell;
    this.#connected.store.select(cell);
  }

  #selection(): readonly number[] {
    if (this.#place === null) return [];
    if (this.#anchor !== null) return rowsBetween(this.table.lines, this.#anchor, this.#place.line);
    const line = this.table.line(this.#place.line);
    return line?.kind === "row" ? [line.facts.index] : [];
  }

  /** The selection if the row is in it, else the row alone. */
  #picked(row: number): readonly number[] {
    const selection = this.#selection();
    return selection.includes(row) ? selection : [row];
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
    if (target instanceof HTMLInputElement) return this.#nameKey(event, target);
    if (target instanceof HTMLButtonElement && this.#controlKey(event, target)) return;
    if (this.#place === null) return;
    const ctrl = event.ctrlKey || event.metaKey;
    if (this.#commandKey(event, ctrl)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.altKey) return;
    const to = moveFrom(this.table.stops, this.#place, { key: event.key, ctrl, page: PAGE, hidden: this.#hidden() });
    if (to !== null) {
      event.preventDefault();
      const extend = event.shiftKey && to.line !== this.#place.line;
      if (extend) this.#anchor ??= this.#place.line;
      this.#go(to, extend ? "keep anchor" : "drop anchor");
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

  /** Returns whether the key was a command. */
  #commandKey(event: KeyboardEvent, ctrl: boolean): boolean {
    const { store } = this.#connected;
    const rows = this.#selection();
    const key = event.key.toLowerCase();
    if (ctrl && !event.altKey) {
      if (key === "z" && !event.shiftKey) store.undo();
      else if (key === "y" || key === "z") store.redo();
      else if (key === "d") this.#duplicate(rows);
      else if (key === "a") this.#selectAll();
      else return false;
      this.#wantsFocus = true;
      return true;
    }
    if (event.altKey) {
      if (key !== "arrowup" && key !== "arrowdown") return false;
      if (this.table.view.order === "cost") this.#say("Rows move in the model’s own order: switch “Sort by cost” off first.");
      else this.#moved(rows, this.#commands.move(rows, key === "arrowup" ? "up" : "down"));
      return true;
    }
    switch (event.key) {
      case "Enter":
        this.#enter();
        return true;
      case "F2":
        if (this.#place?.column === "ly" && this.table.line(this.#place.line)?.kind === "row") this.#rename(this.table.rowAt(this.#place));
        else this.#editing.edit();
        return true;
      case "Delete":
      case "Backspace":
        this.#delete(rows);
        return true;
      case "Insert": {
        const cell = this.#cell(this.#place);
        if (cell !== null) this.#insertBefore(this.#commands.after(this.table.rowAt(this.#place)), cell);
        return true;
      }
      case "Escape":
        if (this.#anchor === null) return false;
        this.#anchor = null;
        this.requestUpdate();
        return true;
      default:
        return false;
    }
  }

  /** Enter: what the cell is for. */
  #enter(): void {
    const cell = this.#cell(this.#place);
    if (cell === null) return;
    if (this.#place?.column === "at" && this.table.line(this.#place.line)?.kind === "row") return this.#editing.edit();
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
  #landOn(row: number, column: Column = this.#place?.column ?? "ly", count = 1): void {
    this.table.refresh(this.#connected.state);
    this.table.reveal(row);
    this.#anchor = count > 1 ? `row ${row}` : null;
    this.#go({ line: `row ${row + count - 1}`, column }, "keep anchor");
  }

  #delete(rows: readonly number[]): void {
    const first = rows[0];
    if (first === undefined) return;
    this.#commands.delete(rows);
    const left = this.#connected.state.model.layers.length;
    if (left > 0) this.#landOn(Math.min(first, left - 1));
    else this.#place = null;
  }

  #duplicate(rows: readonly number[]): void {
    const at = this.#commands.duplicate(rows);
    if (at !== null) this.#landOn(at, undefined, rows.length);
  }

  #moved(rows: readonly number[], by: number): void {
    const [first, last] = [rows[0], rows.at(-1)];
    if (by === 0 || first === undefined || last === undefined) return;
    this.#landOn(first + by, undefined, last - first + 1);
  }

  #selectAll(): void {
    const rows = this.table.lines.filter((line) => line.kind === "row");
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#anchor = first.key;
    this.#go({ line: last.key, column: this.#place?.column ?? "ly" }, "keep anchor");
  }

  // ——— clipboard

  readonly #copy = (event: ClipboardEvent) => {
    const rows = this.#selection();
    if (event.target instanceof HTMLInputElement || rows.length === 0 || event.clipboardData === null) return;
    event.clipboardData.setData("text/plain", this.#commands.copy(rows));
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "cut") this.#delete(rows);
    this.#say(`${rows.length} ${rows.length === 1 ? "row" : "rows"} ${event.type === "cut" ? "cut" : "copied"}, as tab-separated text.`);
  };

  readonly #paste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    // A whole document is not rows: what opens documents takes it.
    if (event.target instanceof HTMLInputElement || text.trim() === "" || text.trimStart().startsWith("{")) return;
    event.preventDefault();
    event.stopPropagation();
    const pasted = this.#commands.paste(text, this.#selection().at(-1) ?? this.table.rowAt(this.#place));
    if ("why" in pasted) return this.#say(`Nothing was pasted. ${pasted.why}`);
    this.#landOn(pasted.at, "ly", pasted.count);
    this.#say(`${pasted.count} ${pasted.count === 1 ? "row" : "rows"} pasted.`);
  };

  #say(message: string): void {
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
    if (this.#place?.line === line && stop !== undefined && cellIn(stop, this.#place.column) === column) return;
    if (this.#place?.line !== line) this.#anchor = null;
    this.#place = { line, column };
    this.#tell();
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
    if (!event.shiftKey || line === undefined || this.#place === null) return;
    event.preventDefault();
    this.#anchor ??= this.#place.line;
    this.#go({ line, column: this.#place.column }, "keep anchor");
  };

  readonly #hover = (event: PointerEvent) => {
    if (this.#drag.active || this.table.view.order === "cost" || (event.target as Element).closest(".insert") !== null) return;
    this.#showInsert(insertionAt(event));
  };

  readonly #left = () => this.#showInsert(null);

  #showInsert(at: number | null): void {
    if (at === this.#insertAt || this.#child("fp-type-picker").matches(":popover-open")) return;
    this.#insertAt = at;
    this.requestUpdate();
  }

  readonly #click = (event: Event) => {
    const control = (event.target as Element).closest<HTMLElement>("[data-path], [data-act]");
    if (control === null) return;
    const line = control.closest<HTMLElement>("[data-line]");
    const row = Number(line?.dataset["row"]);
    const path = control.dataset["path"];
    if (path !== undefined) return this.#connected.store.explain(path);
    switch (control.dataset["act"]) {
      case "type":
        return this.#editing.pickType(row, control, "");
      case "attribute":
        return this.#editing.editAttributes(row, control, control.dataset["field"]);
      case "fold":
        return this.#fold(line?.dataset["group"] ?? "");
      case "fix":
        this.#commands.set(row, control.dataset["field"] ?? "", readFix(control.dataset["value"]));
        return this.#landOn(row, "at");
      case "insert":
        return this.#insertBefore(Number(control.dataset["at"]), control);
    }
  };

  readonly #doubleClick = (event: Event) => {
    const target = event.target as Element;
    const line = target.closest<HTMLElement>("tr[data-row]:not(.reason)");
    if (line !== null && target.closest(".ly") !== null && target.closest("button, input") === null) this.#rename(Number(line.dataset["row"]));
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
    const draw = this.#drawing();
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
        @copy=${this.#copy}
        @cut=${this.#copy}
        @paste=${this.#paste}
      >
        ${head(draw.units)}
        <tbody>
          ${this.#drawn.stretches.map((stretch) => this.#stretch(stretch.from, stretch.to, stretch.before, draw))}
          ${this.#drawn.after > 0 ? spacer(this.#drawn.after) : nothing}
          ${lines.length > 0
            ? nothing
            : html`<tr role="row">
                <td role="gridcell" colspan="8" class="none">
                  ${rows.length === 0 ? "No layers yet: “Add layer” begins." : `No row has “${view.find}” in it.`}
                </td>
              </tr>`}
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
      ({ line, index }, at) => html`${at === insertLine && insert !== null ? this.#insertLine(insert) : nothing}${drawLine(line, index, draw)}`,
    )}${atEnd ? this.#insertLine(insert) : nothing}`;
  }

  #insertLine(at: number): TemplateResult {
    const above = this.table.rows[at - 1];
    const name = above === undefined ? "Add layer before the first" : `Add layer after ${above.row.name ?? `row ${above.index + 1}`}`;
    return html`<tr role="row" class=${classMap({ insert: true, drop: this.#dropAt !== null })}>
      <td role="gridcell" colspan="8">
        <button type="button" tabindex="-1" title=${name} data-act="insert" data-at=${at}><span class="vh">${name}</span></button>
      </td>
    </tr>`;
  }

  #drawing(): Drawing {
    const { state, store } = this.#connected;
    const { change } = state;
    const { catalogue } = store.footprint;
    const attributes = new Map<string, ReadonlyMap<string, AttributeType>>();
    const first = this.table.stops[0];
    return {
      units: state.units,
      forward: state.valid.notebook?.forward ?? 0,
      // Before anybody has been here, the first cell is where Tab arrives.
      place: this.#place ?? (first === undefined ? null : { line: first.key, column: "ly" }),
      selected: new Set(this.#selection()),
      changed: new Set(change?.rows ?? []),
      flash: (change?.serial ?? 0) % 2 === 0 ? "flash" : "flash-again",
      explaining: state.explaining,
      naming: this.#naming,
      dragging: new Set(this.#dragged),
      rowAttributes: catalogue.row,
      attribute: (op, name) => {
        const own = catalogue.layers.find((layer) => layer.op === op)?.attributes ?? [];
        const known = attributes.get(op) ?? new Map([...catalogue.row, ...own].map((type) => [type.name, type]));
        attributes.set(op, known);
        return known.get(name);
      },
      owner: (facts) => this.table.rows[facts.owner] ?? facts,
      after: (facts) => this.#commands.after(facts.index),
    };
  }
}

/** A fix without a value takes the attribute away. */
function readFix(value: string | undefined): Json | undefined {
  return value === undefined ? undefined : (JSON.parse(value) as Json);
}

function head(units: string): TemplateResult {
  return html`<thead>
    <tr role="row" aria-rowindex="1">
      <th role="columnheader" class="handle"><span class="vh">Move</span></th>
      <th role="columnheader" class="idx">#</th>
      <th role="columnheader" class="ly">Layer</th>
      <th role="columnheader" class="at">Attributes</th>
      <th role="columnheader" class="sh">Output, per item</th>
      <th role="columnheader" class="pr r">Parameters</th>
      <th role="columnheader" class="mb r">Activations, ${units}</th>
      <th role="columnheader" class="share">Share<span class="roomy"> of forward</span></th>
    </tr>
  </thead>`;
}

/** Room for lines that are not drawn. Its height goes through the property, which the policy allows; a style attribute it does not. */
function spacer(height: number): TemplateResult {
  return html`<tr class="spacer" aria-hidden="true">
    <td colspan="8" .style=${`height: ${Math.round(height)}px`}></td>
  </tr>`;
}

customElements.define("fp-table", FpTable);
