// Editing inside a cell: which editor opens for which cell, and what is done with what it says. The editors know nothing of the grid, the
// grid nothing of the editors.
import type { Store } from "../state/store";
import type { FpAttributes } from "./attribute-editor";
import type { TableCommands } from "./commands";
import type { Column, Place } from "./grid-focus";
import type { TableLines } from "./table-lines";
import type { FpTypePicker } from "./type-picker";

export interface EditingHost {
  readonly store: Store;
  readonly table: TableLines;
  readonly commands: TableCommands;
  readonly place: Place | null;
  readonly picker: FpTypePicker;
  readonly attributeEditor: FpAttributes;
  cellOf(place: Place | null): HTMLElement | null;
  /** The focus goes back to the cell once the table is drawn. */
  returnFocus(): void;
  /** The place stands on a row of the document. */
  landOn(row: number, column?: Column): void;
  /** Whether the focus is still with the table, and not where the reader went meanwhile. */
  readonly hasFocus: boolean;
}

export class CellEditing {
  readonly #host: EditingHost;

  constructor(host: EditingHost) {
    this.#host = host;
  }

  /** F2, typing, or Enter on attributes: the editor of the cell, beginning with what was typed. */
  edit(typed?: string): void {
    const { table, place } = this.#host;
    const row = table.rowAt(place);
    const cell = this.#host.cellOf(place);
    if (row === null || cell === null) return;
    if (place?.column === "ly" && table.line(place.line)?.kind === "row") this.pickType(row, cell, typed ?? "");
    else this.editAttributes(row, cell, undefined, typed);
  }

  pickType(row: number, anchor: Element, search: string): void {
    const facts = this.#host.table.rows[row];
    if (facts === undefined) return;
    this.#host.picker.open(anchor, {
      layers: this.#host.store.footprint.catalogue.layers,
      current: facts.row.op,
      search,
      label: `Type of row ${row + 1}`,
      done: (op) => {
        if (op !== null) this.#host.commands.setType(row, op);
        this.#host.returnFocus();
      },
    });
  }

  editAttributes(row: number, anchor: Element, field?: string, typed?: string): void {
    const { table, store, commands } = this.#host;
    const facts = table.rows[row];
    // What a shared call shows are the attributes of the module's first call: they are edited there.
    const owner = facts === undefined ? undefined : table.rows[field !== undefined && facts.row[field] !== undefined ? row : facts.owner];
    if (owner === undefined) return;
    this.#host.attributeEditor.open(anchor, {
      facts: owner,
      rowAttributes: store.footprint.catalogue.row,
      ...(field === undefined ? {} : { field }),
      ...(typed === undefined ? {} : { typed }),
      set: (name, value) => commands.set(owner.index, name, value),
      closed: () => {
        if (this.#host.hasFocus) this.#host.returnFocus();
      },
    });
  }

  /** `closed` is called in any case, before the new row stands. */
  insertBefore(at: number, anchor: Element, closed: () => void): void {
    const { store, commands, picker } = this.#host;
    picker.open(anchor, {
      layers: store.footprint.catalogue.layers,
      current: "",
      search: "",
      label: "Type of the new layer",
      done: (op) => {
        closed();
        if (op === null) return this.#host.returnFocus();
        commands.insert(op, at);
        this.#host.landOn(at, "at");
        const required = store.footprint.catalogue.layers.find((layer) => layer.op === op)?.attributes.find((type) => type.required);
        if (required === undefined) return;
        // The new row's cell exists when the table has been drawn.
        requestAnimationFrame(() => {
          const cell = this.#host.cellOf(this.#host.place);
          if (cell !== null) this.editAttributes(at, cell, required.name);
        });
      },
    });
  }
}
