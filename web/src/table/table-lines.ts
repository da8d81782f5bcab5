// What stands in the table at this moment: facts, groups, lines and the cells that the keys can reach, all made anew from the state of the
// page and from how the reader wants to see it.
import type { LayerType, Report } from "../core/types";
import type { State } from "../state/store";
import { stopsOf, type Column, type Place, type Stop } from "./grid-focus";
import { groupRows, isGroup, type Group } from "./groups";
import { linesOf, type Line, type View } from "./lines";
import { gatherRows, LastValid, type RowFacts } from "./rows";

export class TableLines {
  readonly #layerOf: (op: string) => LayerType | undefined;
  readonly #last = new LastValid();
  #made: Report | null = null;
  view: View = { folded: new Set(), find: "", functions: "badges", order: "document" };
  rows: readonly RowFacts[] = [];
  members: readonly (Group | RowFacts)[] = [];
  lines: readonly Line[] = [];
  stops: readonly Stop[] = [];

  constructor(layerOf: (op: string) => LayerType | undefined) {
    this.#layerOf = layerOf;
  }

  /** Does nothing where the document and its report are those it was made from. */
  refresh({ model, report, valid, stale }: State): void {
    if (report === this.#made) return;
    this.#made = report;
    if (!stale) this.#last.remember(model, valid);
    this.rows = gatherRows(model, report, this.#last, this.#layerOf);
    this.members = groupRows(this.rows);
    this.#layOut();
  }

  show(view: Partial<View>): void {
    this.view = { ...this.view, ...view };
    this.#layOut();
  }

  /** A row that is folded away, not found by the search, or hidden as a function comes into sight. */
  reveal(row: number): void {
    if (this.line(`row ${row}`) !== undefined) return;
    const folded = new Set(this.view.folded);
    for (const member of this.members) unfoldAround(member, row, folded);
    this.show({ folded, find: "", ...(this.rows[row]?.isFunction === true ? { functions: "rows" } : {}) });
  }

  /** A model of functions alone shows them: there is no module to carry a badge. */
  get functions(): View["functions"] {
    return this.rows.every((row) => row.isFunction) ? "rows" : this.view.functions;
  }

  line(key: string | undefined): Line | undefined {
    return this.lines.find((line) => line.key === key);
  }

  stop(key: string | undefined): Stop | undefined {
    return this.stops.find((stop) => stop.key === key);
  }

  /** The row of the document on whose line the place is; a reason belongs to the row above it. */
  rowAt(place: Place | null): number | null {
    const line = this.line(place?.line);
    return line === undefined || line.kind === "group" ? null : line.facts.index;
  }

  #layOut(): void {
    this.lines = linesOf(this.members, this.rows, this.view);
    this.stops = stopsOf(this.lines);
  }
}

/** The table's column for a cell that another part of the page names, by column or by attribute. */
export function columnOf(name: string): Column {
  if (COLUMNS.has(name)) return name as Column;
  return name === "op" || name === "name" ? "ly" : "at";
}

const COLUMNS: ReadonlySet<string> = new Set(["idx", "ly", "at", "sh", "pr", "mb", "share"]);

function unfoldAround(member: Group | RowFacts, row: number, folded: Set<string>): void {
  if (!isGroup(member) || !member.rows.some((facts) => facts.index === row)) return;
  folded.delete(member.key);
  for (const inner of member.members) unfoldAround(inner, row, folded);
}
