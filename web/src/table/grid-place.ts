// Where the reader is in the grid, and which rows are selected from there. The store is told, so that other parts of the page know, and
// may send the reader elsewhere.
import type { Cell, Store } from "../state/store";
import { rowsBetween, type Column, type Place } from "./grid-focus";
import { columnOf, type TableLines } from "./table-lines";

export class GridPlace {
  /** `null` before anybody has been here. */
  at: Place | null = null;
  /** The line on which a selection of several rows began. */
  anchor: string | null = null;
  readonly #store: Store;
  readonly #table: () => TableLines;
  /** What the store knows from here; anything else was chosen by another part of the page. */
  #sent: Cell | null = null;

  constructor(store: Store, table: () => TableLines) {
    this.#store = store;
    this.#table = table;
  }

  get column(): Column {
    return this.at?.column ?? "ly";
  }

  /** The row of the document; that of the row above for a reason, none for a group or a total. */
  get row(): number | null {
    return this.#table().rowAt(this.at);
  }

  get onRow(): boolean {
    return this.#table().line(this.at?.line)?.kind === "row";
  }

  get selection(): readonly number[] {
    if (this.at === null) return [];
    if (this.anchor !== null) return rowsBetween(this.#table().lines, this.anchor, this.at.line);
    return this.onRow && this.row !== null ? [this.row] : [];
  }

  /** The selection if the row is in it, else the row alone. */
  picked(row: number): readonly number[] {
    return this.selection.includes(row) ? this.selection : [row];
  }

  go(place: Place): void {
    this.anchor = null;
    this.at = place;
    this.#tell();
  }

  /** The rows from where the selection began to this place. */
  extendTo(place: Place, from: string | null = this.anchor ?? this.at?.line ?? null): void {
    this.anchor = from;
    this.at = place;
    this.#tell();
  }

  /** Returns whether another part of the page has sent the reader to a cell: "row 3, kernel_size" beside the verdict, for example. */
  follow(): boolean {
    const { selected } = this.#store.state;
    if (selected?.row === this.#sent?.row && selected?.column === this.#sent?.column) return false;
    this.#sent = selected;
    if (selected === null) return false;
    this.#table().reveal(selected.row);
    this.at = { line: `row ${selected.row}`, column: columnOf(selected.column) };
    this.anchor = null;
    return true;
  }

  /** Asked for once more, the chosen cell counts as chosen anew. */
  forget(): void {
    this.#sent = null;
  }

  /** A line that is gone is no place to be. */
  settle(): void {
    if (this.at !== null && this.#table().stop(this.at.line) === undefined) this.at = null;
  }

  #tell(): void {
    this.#sent = this.onRow && this.row !== null ? { row: this.row, column: this.column } : null;
    this.#store.select(this.#sent);
  }
}
