// What the table does to the document: each command is one undo step with a name a person would give it. Rows picked on the screen bring
// the functions that their badges name.
import type { Catalogue, Json } from "../core/types";
import { rowCount } from "../format";
import {
  attributesOf,
  deleteRows,
  duplicateRows,
  insertRow,
  insertRows,
  layerType,
  moveRows,
  renameRow,
  rowsFromTsv,
  rowsToTsv,
  setAttribute,
  setOp,
} from "../state/edit";
import type { ModelDocument, Row } from "../state/model";
import type { Store } from "../state/store";
import type { View } from "./lines";
import type { RowFacts } from "./rows";
import { distanceTo, stepOf, withFunctions } from "./units";
import { showValue } from "./values";

export class TableCommands {
  readonly #store: Store;
  readonly #rows: () => readonly RowFacts[];
  readonly #functions: () => View["functions"];

  constructor(store: Store, rows: () => readonly RowFacts[], functions: () => View["functions"]) {
    this.#store = store;
    this.#rows = rows;
    this.#functions = functions;
  }

  get #catalogue(): Catalogue {
    return this.#store.footprint.catalogue;
  }

  #expand(picked: readonly number[]): number[] {
    return withFunctions(this.#rows(), picked, this.#functions());
  }

  set(index: number, name: string, value: Json | undefined): void {
    const facts = this.#rows()[index];
    if (facts === undefined) return;
    if (name === "name") return this.rename(index, typeof value === "string" ? value : "");
    if (name === "op") {
      if (typeof value === "string") this.setType(index, value);
      return;
    }
    const type = facts.layer?.attributes.find((known) => known.name === name);
    const text = (held: Json | undefined) => showValue(held ?? type?.default, type) || "not set";
    const label = `${name} of ${titleOf(facts)}: ${text(facts.row[name])} → ${text(value)}`;
    this.#store.edit(label, (model) => setAttribute(model, index, name, value));
  }

  setType(index: number, op: string): void {
    const facts = this.#rows()[index];
    if (facts === undefined || facts.row.op === op) return;
    this.#store.edit(`${titleOf(facts)} to ${op}`, (model) => {
      const changed = setOp(model, index, op, attributesOf(this.#catalogue, op));
      const row = changed.layers[index];
      return row === undefined ? changed : { ...changed, layers: changed.layers.with(index, this.#completed(model, row, index)) };
    });
  }

  rename(index: number, name: string): void {
    const facts = this.#rows()[index];
    if (facts === undefined || (facts.row.name ?? "") === name) return;
    const isTensor = (op: string, attribute: string) => layerType(this.#catalogue, op)?.keywords.includes(attribute) ?? false;
    this.#store.edit(name === "" ? `Name of ${titleOf(facts)} removed` : `${titleOf(facts)} named ${name}`, (model) =>
      renameRow(model, index, name === "" ? undefined : name, isTensor),
    );
  }

  /** Returns the place of the new row. */
  insert(op: string, at: number): number {
    this.#store.edit(`${op} added`, (model) => {
      const row = this.#completed(model, { op }, at);
      return insertRow(model, at, row);
    });
    return at;
  }

  /**
   * What must be given is given: as in the nearest row of the same type above, or else the least that is allowed. So a new row stands in
   * a model that still adds up, and its editor opens on these fields.
   */
  #completed(model: ModelDocument, row: Row, at: number): Row {
    const layer = layerType(this.#catalogue, row.op);
    const like = model.layers.slice(0, at).findLast((other) => other.op === row.op && other["shares"] === undefined);
    const given: Record<string, Json> = {};
    for (const type of layer?.attributes ?? []) {
      if (!type.required || row[type.name] !== undefined || row["shares"] !== undefined) continue;
      const value = like?.[type.name] ?? leastOf(type);
      if (value !== undefined) given[type.name] = value;
    }
    return { ...row, ...given };
  }

  /** The place after a row and its functions. */
  after(index: number | null): number {
    if (index === null) return this.#rows().length;
    return (this.#expand([index]).at(-1) ?? index) + 1;
  }

  /** Returns how many rows are left. */
  delete(picked: readonly number[]): number {
    const rows = this.#expand(picked);
    if (rows.length > 0) this.#store.edit(this.#label("deleted", picked), (model) => deleteRows(model, rows));
    return this.#store.state.model.layers.length;
  }

  /** Returns the place of the first copy. */
  duplicate(picked: readonly number[]): number | null {
    const rows = this.#expand(picked);
    if (rows.length === 0) return null;
    this.#store.edit(this.#label("duplicated", picked), (model) => duplicateRows(model, rows));
    return (rows.at(-1) ?? 0) + 1;
  }

  /** One line up or down; returns how far the rows went. */
  move(picked: readonly number[], towards: "up" | "down"): number {
    const rows = this.#expand(picked);
    return this.#moveBy(rows, picked, stepOf(this.#rows(), rows, this.#functions(), towards));
  }

  /** To stand before a row of the document. */
  moveBefore(picked: readonly number[], before: number): number {
    const rows = this.#expand(picked);
    return this.#moveBy(rows, picked, distanceTo(rows, before));
  }

  #moveBy(rows: readonly number[], picked: readonly number[], by: number): number {
    if (by === 0 || rows.length === 0) return 0;
    this.#store.edit(this.#label("moved", picked), (model) => moveRows(model, rows, by));
    return by;
  }

  copy(picked: readonly number[]): string {
    return rowsToTsv(this.#store.state.model, this.#expand(picked));
  }

  /** Returns where the rows went and how many they are, or why nothing was pasted. */
  paste(text: string, after: number | null): { readonly at: number; readonly count: number } | { readonly why: string } {
    const read = rowsFromTsv(text);
    if ("why" in read) return read;
    const at = this.after(after);
    const count = read.rows.length;
    this.#store.edit(`${rowCount(count)} pasted`, (model) => insertRows(model, at, read.rows));
    return { at, count };
  }

  #label(done: string, picked: readonly number[]): string {
    const facts = this.#rows()[picked[0] ?? -1];
    return picked.length === 1 && facts !== undefined ? `${titleOf(facts)} ${done}` : `${rowCount(picked.length)} ${done}`;
  }
}

/** "conv1", or "row 3, ReLU" where the row has no name. */
export function titleOf(facts: RowFacts): string {
  return facts.row.name ?? `row ${facts.index + 1}, ${facts.row.op}`;
}

function leastOf(type: { readonly type: string; readonly minimum?: number; readonly words?: readonly string[] }): Json | undefined {
  switch (type.type) {
    case "integer":
    case "integers":
    case "integers-or-word":
      return Math.max(1, type.minimum ?? 1);
    case "number":
      return type.minimum ?? 1;
    case "choice":
      return type.words?.[0];
    default:
      return undefined; // no value is plainly right: the core then says what is missing
  }
}
