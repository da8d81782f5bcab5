// The grid's keys: where they lead, what they do, what they mean inside a cell's own controls. Which key is which command is in
// grid-keys.ts, what a command does in commands.ts.
import type { Store } from "../state/store";
import type { TableCommands } from "./commands";
import type { CellEditing } from "./editing";
import { moveFrom, type Column, type Place } from "./grid-focus";
import { commandOf, type GridCommand } from "./grid-keys";
import type { GridPlace } from "./grid-place";
import type { RowChanges } from "./row-changes";
import type { TableLines } from "./table-lines";

const PAGE = 16; // lines of a Page key

export interface KeyboardHost {
  readonly store: Store;
  readonly table: TableLines;
  readonly commands: TableCommands;
  /** Columns that the table's width hides. */
  readonly hiddenColumns: ReadonlySet<Column>;
  cellOf(place: Place | null): HTMLElement | null;
  /** A new row before this one of the document. */
  insertRow(at: number, anchor: Element): void;
  /** The row's name becomes a field. */
  rename(row: number | null): void;
  requestUpdate(): void;
  /** The focus goes to the place once the table is drawn. */
  returnFocus(): void;
  /** To those who do not see it. */
  say(message: string): void;
}

export class GridKeyboard {
  readonly #host: KeyboardHost;
  readonly #place: GridPlace;
  readonly #editing: CellEditing;
  readonly #changes: RowChanges;

  constructor(host: KeyboardHost, place: GridPlace, editing: CellEditing, changes: RowChanges) {
    this.#host = host;
    this.#place = place;
    this.#editing = editing;
    this.#changes = changes;
  }

  readonly key = (event: KeyboardEvent): void => {
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
    const to = moveFrom(this.#host.table.stops, here, { key: event.key, ctrl, page: PAGE, hidden: this.#host.hiddenColumns });
    if (to !== null) {
      event.preventDefault();
      if (event.shiftKey && to.line !== here.line) this.#place.extendTo(to);
      else this.#place.go(to);
      this.#host.returnFocus();
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
    if (event.key === "Escape" && this.#host.store.state.explaining !== null) return true;
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
    this.#host.returnFocus();
    field.blur();
  }

  /** Returns whether there was anything to do. */
  #command(command: GridCommand): boolean {
    const { store, table, commands } = this.#host;
    const rows = this.#place.selection;
    const cell = this.#host.cellOf(this.#place.at);
    switch (command) {
      case "undo":
      case "redo":
        store[command]();
        this.#host.returnFocus();
        return true;
      case "duplicate":
        this.#changes.duplicate(rows);
        return true;
      case "select all":
        this.#changes.selectAll();
        return true;
      case "move up":
      case "move down":
        if (table.view.order === "cost") this.#host.say("Rows move in the model’s own order: switch “Sort by cost” off first.");
        else this.#changes.moved(rows, commands.move(rows, command === "move up" ? "up" : "down"));
        return true;
      case "enter":
        this.#enter();
        return true;
      case "edit":
        if (this.#place.column === "ly" && this.#place.onRow) this.#host.rename(this.#place.row);
        else this.#editing.edit();
        return true;
      case "delete":
        this.#changes.delete(rows);
        return true;
      case "insert":
        if (cell !== null) this.#host.insertRow(commands.after(this.#place.row), cell);
        return true;
      case "leave selection":
        if (this.#place.anchor === null) return false;
        this.#place.anchor = null;
        this.#host.requestUpdate();
        return true;
    }
  }

  /** Enter: what the cell is for. */
  #enter(): void {
    const cell = this.#host.cellOf(this.#place.at);
    if (cell === null) return;
    if (this.#place.column === "at" && this.#place.onRow) {
      this.#editing.edit();
      return;
    }
    const controls = cell.querySelectorAll<HTMLElement>("button");
    controls[0]?.focus();
    if (controls.length === 1) controls[0]?.click();
  }
}
