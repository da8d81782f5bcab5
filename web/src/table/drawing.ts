// What the lines of the table need to be drawn, gathered from the state of the page and of the grid.
import type { AttributeType } from "../core/types";
import type { Store } from "../state/store";
import type { TableCommands } from "./commands";
import type { Place } from "./grid-focus";
import type { Drawing } from "./line-templates";
import type { TableLines } from "./table-lines";

/** What only the grid knows. */
export interface GridState {
  readonly place: Place | null;
  readonly selected: readonly number[];
  readonly naming: number | null;
  readonly dragged: readonly number[];
  /** The last change is a moment old: a row that is drawn later does not show it any more. */
  readonly justChanged: boolean;
}

export function drawingOf(store: Store, table: TableLines, commands: TableCommands, grid: GridState): Drawing {
  const { state } = store;
  const { catalogue } = store.footprint;
  const first = table.stops[0];
  const attributes = new Map<string, ReadonlyMap<string, AttributeType>>();
  const attributesOf = (op: string) => {
    const known = attributes.get(op);
    if (known !== undefined) return known;
    const own = catalogue.layers.find((layer) => layer.op === op)?.attributes ?? [];
    const made = new Map([...catalogue.row, ...own].map((type) => [type.name, type]));
    attributes.set(op, made);
    return made;
  };
  return {
    units: state.units,
    // A document that was opened with a fault has no amounts at all yet.
    forward: state.valid.notebook?.forward ?? 0,
    // Before anybody has been here, the first cell is where Tab arrives.
    place: grid.place ?? (first === undefined ? null : { line: first.key, column: "ly" }),
    selected: new Set(grid.selected),
    changed: new Map(grid.justChanged ? state.change?.rows.map(({ row, amounts }) => [row, amounts]) : []),
    flash: (state.change?.serial ?? 0) % 2 === 0 ? "flash" : "flash-again",
    explaining: state.explaining,
    naming: grid.naming,
    dragging: new Set(grid.dragged),
    rowAttributes: catalogue.row,
    attribute: (op, name) => attributesOf(op).get(name),
    owner: (facts) => table.rows[facts.owner] ?? facts,
    after: (facts) => commands.after(facts.index),
  };
}
