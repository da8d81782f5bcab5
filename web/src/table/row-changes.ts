// Rows deleted, copied, moved and pasted from the grid, and where the reader stands afterwards: on what was changed, so that the next key
// goes on from there.
import { rowCount } from "../format";
import type { TableCommands } from "./commands";
import type { Column } from "./grid-focus";
import type { GridPlace } from "./grid-place";
import { copyRows, pasteRows } from "./row-clipboard";
import type { TableLines } from "./table-lines";

export interface ChangesHost {
  readonly table: TableLines;
  readonly commands: TableCommands;
  /** The place stands on `count` rows of the document from this one on. */
  landOn(row: number, column?: Column, count?: number): void;
  returnFocus(): void;
  /** To those who do not see it. */
  say(message: string): void;
}

export class RowChanges {
  readonly #host: ChangesHost;
  readonly #place: GridPlace;

  constructor(host: ChangesHost, place: GridPlace) {
    this.#host = host;
    this.#place = place;
  }

  delete(rows: readonly number[]): void {
    const first = rows[0];
    if (first === undefined) return;
    const left = this.#host.commands.delete(rows);
    if (left > 0) this.#host.landOn(Math.min(first, left - 1));
    else this.#place.at = null;
  }

  duplicate(rows: readonly number[]): void {
    const at = this.#host.commands.duplicate(rows);
    if (at !== null) this.#host.landOn(at, undefined, rows.length);
  }

  /** The rows went `by` rows of the document. */
  moved(rows: readonly number[], by: number): void {
    const [first, last] = [rows[0], rows.at(-1)];
    if (by === 0 || first === undefined || last === undefined) return;
    this.#host.landOn(first + by, undefined, last - first + 1);
  }

  selectAll(): void {
    const rows = this.#host.table.lines.filter((line) => line.kind === "row");
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#place.extendTo({ line: last.key, column: this.#place.column }, first.key);
    this.#host.returnFocus();
  }

  /** Of the copy and of the cut event. */
  readonly copy = (event: ClipboardEvent): void => {
    const rows = this.#place.selection;
    if (!copyRows(event, rows, this.#host.commands)) return;
    if (event.type === "cut") this.delete(rows);
    this.#host.say(`${rowCount(rows.length)} ${event.type === "cut" ? "cut" : "copied"}, as tab-separated text.`);
  };

  readonly paste = (event: ClipboardEvent): void => {
    const pasted = pasteRows(event, this.#place.selection.at(-1) ?? this.#place.row, this.#host.commands);
    if (pasted === null) return;
    if ("why" in pasted) {
      this.#host.say(`Nothing was pasted. ${pasted.why}`);
      return;
    }
    this.#host.landOn(pasted.at, "ly", pasted.count);
    this.#host.say(`${rowCount(pasted.count)} pasted.`);
  };
}
