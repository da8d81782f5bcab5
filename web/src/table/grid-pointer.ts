// The pointer over the grid: the line with a plus between two rows, rows taken by their handle, a selection drawn out with Shift.
import type { TableCommands } from "./commands";
import { RowDrag } from "./drag";
import type { GridPlace } from "./grid-place";
import { insertionAt } from "./pointer";
import type { RowChanges } from "./row-changes";
import type { TableLines } from "./table-lines";

export interface PointerHost {
  readonly table: TableLines;
  readonly commands: TableCommands;
  /** A new row's type is being chosen: its line stays where it is. */
  readonly inserting: boolean;
  requestUpdate(): void;
  /** The focus goes to the place once the table is drawn. */
  returnFocus(): void;
}

export class GridPointer {
  readonly #host: PointerHost;
  readonly #place: GridPlace;
  readonly #drag: RowDrag;
  #insertAt: number | null = null;
  #dropAt: number | null = null;
  #dragged: readonly number[] = [];

  constructor(host: PointerHost, place: GridPlace, changes: RowChanges) {
    this.#host = host;
    this.#place = place;
    this.#drag = new RowDrag({
      begin: (row) => place.picked(row),
      show: (before, rows) => {
        [this.#dropAt, this.#dragged] = [before, rows];
        host.requestUpdate();
      },
      drop: (rows, before) => changes.moved(rows, host.commands.moveBefore(rows, before)),
    });
  }

  /** Rows that are on their way. */
  get dragged(): readonly number[] {
    return this.#dragged;
  }

  /** The line between two rows, before this row of the document: where dragged rows would stand, or where the plus inserts. */
  get line(): { readonly at: number; readonly kind: "drop" | "insert" } | null {
    if (this.#dropAt !== null) return { at: this.#dropAt, kind: "drop" };
    return this.#insertAt === null ? null : { at: this.#insertAt, kind: "insert" };
  }

  forgetInsert(): void {
    this.#insertAt = null;
  }

  readonly press = (event: PointerEvent): void => {
    const target = event.target as Element;
    const line = target.closest<HTMLElement>("tr[data-line]");
    if (target.closest(".handle") !== null && line?.dataset["row"] !== undefined && this.#host.table.view.order === "document") {
      this.#drag.start(event, Number(line.dataset["row"]));
    }
  };

  /** Before the browser moves the focus, which would end the selection. */
  readonly mouseDown = (event: MouseEvent): void => {
    const line = (event.target as Element).closest<HTMLElement>("tr[data-line]")?.dataset["line"];
    if (!event.shiftKey || line === undefined || this.#place.at === null) return;
    event.preventDefault();
    this.#place.extendTo({ line, column: this.#place.column });
    this.#host.returnFocus();
  };

  readonly hover = (event: PointerEvent): void => {
    if (this.#drag.active || this.#host.table.view.order === "cost" || (event.target as Element).closest(".insert") !== null) return;
    this.#showInsert(insertionAt(event));
  };

  readonly left = (): void => this.#showInsert(null);

  #showInsert(at: number | null): void {
    if (at === this.#insertAt || this.#host.inserting) return;
    this.#insertAt = at;
    this.#host.requestUpdate();
  }
}
