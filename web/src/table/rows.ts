// What the table knows of each row, put together once for each state: the document's row, what the core says of it now, what it last
// said when all was well, and what follows from the rows around it (which module a call shares, which functions stand beside it).
import type { Diagnostic, LayerReport, LayerType, Report } from "../core/types";
import type { ModelDocument, Row } from "../state/model";

/** With any error in the document the core leaves a row's amounts out; then they are the last valid ones, or not known. */
type Amounts = "parameters" | "parameter_bytes" | "forward";
export type ShownReport = Omit<LayerReport, Amounts> & { readonly [amount in Amounts]?: LayerReport[amount] | undefined };

export interface RowFacts {
  /** From 0, as in the document. */
  readonly index: number;
  readonly row: Row;
  readonly layer: LayerType | undefined;
  readonly isFunction: boolean;
  /** The report's entry, or the last valid one where an error leaves this one unknown. */
  readonly report: ShownReport | undefined;
  readonly stale: boolean;
  readonly faults: readonly Diagnostic[];
  /** Path of the container in which the call stands; "" at the top. */
  readonly scope: string;
  /** Name without the scope that its group already says. */
  readonly name: string;
  /** The row whose attributes hold: this one, or the first call of the module that it shares. */
  readonly owner: number;
  /** This call among those of a module called more than once. */
  readonly call: { readonly number: number; readonly of: number } | null;
  /** Functions that torchsummary cannot see, between this module and the next (for the first module also those before it). */
  readonly functions: readonly Row[];
}

/** Remembers the last valid entry of each row, so that a row keeps its values while an error elsewhere leaves them unknown. */
export class LastValid {
  readonly #byRow = new WeakMap<Row, LayerReport>();
  #names = new Map<string, LayerReport>();
  #places: readonly (LayerReport | undefined)[] = [];
  #ops: readonly string[] = [];

  remember(model: ModelDocument, report: Report): void {
    if (report.layers?.length !== model.layers.length) return;
    this.#names = new Map();
    this.#places = report.layers;
    this.#ops = model.layers.map((row) => row.op);
    for (const [index, entry] of report.layers.entries()) {
      const row = model.layers[index];
      if (row === undefined || entry.outputs === null) continue;
      this.#byRow.set(row, entry);
      if (row.name !== undefined) this.#names.set(row.name, entry);
    }
  }

  /** A moved row is the same object, an edited one has the same name or, if no row came or went, the same place. */
  of(model: ModelDocument, index: number): LayerReport | undefined {
    const row = model.layers[index];
    if (row === undefined) return undefined;
    const known = this.#byRow.get(row) ?? (row.name === undefined ? undefined : this.#names.get(row.name));
    if (known !== undefined) return known;
    return model.layers.length === this.#ops.length && this.#ops[index] === row.op ? this.#places[index] : undefined;
  }
}

export function gatherRows(
  model: ModelDocument,
  report: Report,
  last: LastValid,
  layerOf: (op: string) => LayerType | undefined,
): readonly RowFacts[] {
  const faults = faultsByRow(report.diagnostics);
  const firstCalls = new Map(model.layers.flatMap((row, index) => (typeof row.name === "string" ? [[row.name, index] as const] : [])));
  const owners = model.layers.map((row, index) => (typeof row["shares"] === "string" ? (firstCalls.get(row["shares"]) ?? index) : index));
  const calls = new Map<number, number[]>();
  for (const [index, owner] of owners.entries()) {
    const known = calls.get(owner);
    if (known) known.push(index);
    else calls.set(owner, [index]);
  }
  const functions = functionsBeside(model.layers, layerOf);
  const scopes = scopesOf(model.layers, owners, layerOf);

  return model.layers.map((row, index) => {
    const layer = layerOf(row.op);
    const now = report.layers?.[index];
    const known = now !== undefined && now.outputs !== null;
    const entry = known ? withAmounts(now, last.of(model, index)) : last.of(model, index);
    const owner = owners[index] ?? index;
    const ofModule = calls.get(owner) ?? [index];
    const scope = scopes[index] ?? "";
    const path = model.layers[owner]?.name ?? "";
    return {
      index,
      row,
      layer,
      isFunction: isFunction(row, layer),
      report: entry,
      stale: !known,
      faults: faults.get(index) ?? [],
      scope,
      name: scope !== "" && path.startsWith(`${scope}.`) ? path.slice(scope.length + 1) : path === scope ? "" : path,
      owner,
      call: ofModule.length > 1 ? { number: ofModule.indexOf(index) + 1, of: ofModule.length } : null,
      functions: functions[index] ?? [],
    };
  });
}

function withAmounts(now: ShownReport, last: ShownReport | undefined): ShownReport {
  if (now.forward !== undefined) return now;
  return { ...now, parameters: last?.parameters, parameter_bytes: last?.parameter_bytes, forward: last?.forward };
}

/** A name in upper case is a module; so an op that the catalogue does not know still has its kind. */
function isFunction(row: Row, layer: LayerType | undefined): boolean {
  return layer === undefined ? /^[a-z_]/.test(row.op) : layer.kind === "function";
}

function faultsByRow(diagnostics: readonly Diagnostic[]): Map<number, Diagnostic[]> {
  const faults = new Map<number, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    if (diagnostic.row === undefined) continue;
    const index = diagnostic.row - 1;
    const known = faults.get(index);
    if (known) known.push(diagnostic);
    else faults.set(index, [diagnostic]);
  }
  return faults;
}

function functionsBeside(rows: readonly Row[], layerOf: (op: string) => LayerType | undefined): Row[][] {
  const beside: Row[][] = rows.map(() => []);
  let module = rows.findIndex((row) => !isFunction(row, layerOf(row.op)));
  if (module < 0) return beside;
  for (const [index, row] of rows.entries()) {
    if (isFunction(row, layerOf(row.op))) beside[module]?.push(row);
    else module = index;
  }
  return beside;
}

/**
 * Where each call stands. A function's `scope` is written; a module's is what stands before the last dot of its path; a Block belongs to
 * the container that it ends. A row that says neither stands with its neighbours, so that it does not cut their group in two.
 */
function scopesOf(rows: readonly Row[], owners: readonly number[], layerOf: (op: string) => LayerType | undefined): string[] {
  const written = rows.map((row, index): string | null => {
    if (typeof row["scope"] === "string") return row["scope"];
    if (isFunction(row, layerOf(row.op))) return null;
    const path = rows[owners[index] ?? index]?.name;
    if (typeof path !== "string") return null;
    if (row.op === "Block") return path;
    const dot = path.lastIndexOf(".");
    return dot < 0 ? "" : path.slice(0, dot);
  });
  const above: string[] = [];
  for (const scope of written) above.push(scope ?? above.at(-1) ?? "");
  let below = "";
  const scopes: string[] = new Array<string>(rows.length).fill("");
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const scope = written[index];
    if (scope !== null && scope !== undefined) below = scope;
    scopes[index] = scope ?? commonPath(above[index] ?? "", below);
  }
  return scopes;
}

export function commonPath(left: string, right: string): string {
  const one = left.split(".");
  const other = right.split(".");
  let same = 0;
  while (same < one.length && same < other.length && one[same] === other[same]) same += 1;
  return one.slice(0, same).join(".");
}

/** Path into the report of one of a row's numbers, by name where the row has one that cannot be taken for anything else. */
export function pathOf(facts: RowFacts, number: string): string {
  const name = facts.row.name;
  const safe = typeof name === "string" && name !== "" && !/^\d+$/.test(name) && !name.includes("/");
  return `layers/${safe ? name : facts.index + 1}/${number}`;
}
