// A document as calls inside calls: which rows a container's call holds, what each row reads, where each module lives. A Block ends the
// call of its container; a container without Blocks is no call of its own, it only holds modules.
import type { Catalogue, Json, LayerReport, LayerType, Report } from "../core/types";
import type { ModelDocument, Row } from "../state/model";
import { followsBatch } from "./spelling";
import { isIdentifier, Names } from "./text";

/** A tensor by what makes it: "v3" (row 3), "i:image", "p:encoder.weight"; or a module that another container holds, "m:left.shared". */
export interface Reference {
  readonly key: string;
  readonly output: number;
}

export interface RowFacts {
  readonly index: number;
  /** Of a row that shares: with what the first call says. */
  readonly row: Row;
  readonly type: LayerType;
  readonly layer: LayerReport;
  /** The module that is called; of a function, nothing. */
  readonly path: string | null;
  readonly shares: boolean;
  readonly scope: string;
  readonly inputs: readonly (Reference | null)[];
  readonly tensors: ReadonlyMap<string, Reference>;
  readonly indexed: ReadonlyMap<string, Reference>;
  /** Whose dimension `dimension` is the batch, where a size of the row follows it. */
  readonly batch: { readonly of: Reference; readonly dimension: number } | null;
}

export interface CallItem {
  readonly facts: RowFacts;
  /** The rows of a container's call, where the row is the Block that ends it. */
  readonly items: readonly CallItem[] | null;
}

/** Where modules and parameters live. */
export interface Place {
  readonly key: string;
  readonly path: string;
  readonly parent: Place | null;
  readonly children: Map<string, Place>;
  /** The row that makes the module. */
  module: RowFacts | null;
  isClass: boolean;
  /** One after the other, in one call. */
  isSequence: boolean;
  /** The children's keys are 0, 1, 2…; all of them could be names in Python. */
  isNumbered: boolean;
  isNamed: boolean;
  readonly parameters: Parameter[];
}

export interface Parameter {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly frozen: boolean;
  readonly buffer: boolean;
  readonly tiedTo: string | null;
}

export interface Network {
  readonly document: ModelDocument;
  readonly rows: readonly RowFacts[];
  readonly root: Place;
  readonly items: readonly CallItem[];
  readonly outputs: readonly Reference[];
  /** Outputs that are read, by the key of what makes them. */
  readonly read: ReadonlyMap<string, ReadonlySet<number>>;
  /** Parameters that a module makes itself, where the document says more of them. */
  readonly known: readonly Parameter[];
  /** Containers whose rows stand in the caller: they cannot be one call, since others read what is inside, or differ from call to call. */
  readonly open: ReadonlySet<string>;
}

/** The report at two batches, which tell a size that is the batch from one that is not. */
export interface Reports {
  readonly one: Report;
  readonly other: Report;
  readonly batches: readonly [number, number];
}

const NOT_SHARED = new Set(["name", "inputs", "scope", "training", "grad", "checkpoint", "held"]);
const OWN =
  /^(weight|bias|in_proj_weight|in_proj_bias|out_proj\.(weight|bias)|[qkv]_proj_weight|bias_[kv]|(weight|bias)_(ih|hh|hr)(_l\d+(_reverse)?)?|running_mean|running_var|num_batches_tracked)$/;

/** Containers that are known to be `open` are taken so. */
export function readNetwork(document: ModelDocument, catalogue: Catalogue, reports: Reports, known: ReadonlySet<string>): Network {
  const types = new Map(catalogue.layers.map((type) => [type.op, type]));
  const rows = readRows(document, types, reports);
  const open = new Set(known);
  const outputs = outputsOf(document);
  for (;;) {
    const items = nest(rows, open);
    const escaped = items === null ? null : escapes(items, outputs);
    if (items === null || (escaped !== null && escaped.size > 0)) {
      escaped?.forEach((path) => open.add(path));
      continue;
    }
    const { root, known: own } = places(document, rows);
    return { document, rows, root, items, outputs, read: outputsRead(rows, outputs), known: own, open };
  }
}

/** What the row says under this name, where it is text. */
export function textOf(row: Readonly<Record<string, Json | undefined>>, key: string, otherwise: string): string {
  const value = row[key];
  return typeof value === "string" ? value : otherwise;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(".")));
}

export function within(path: string, container: string): boolean {
  return container === "" || path === container || path.startsWith(`${container}.`);
}

function readRows(document: ModelDocument, types: ReadonlyMap<string, LayerType>, { one, other, batches }: Reports): RowFacts[] {
  const first = new Map<string, Row>();
  const named = new Map<string, number>();
  const inputs = new Set(document.inputs.map((input) => input.name));
  const paths = new Names(document.layers.flatMap((row) => row.name ?? []));
  const rows: RowFacts[] = [];
  const reference = (name: string): Reference => {
    const colon = /^(.*):(\d+)$/.exec(name);
    const base = colon && (named.has(colon[1] ?? "") || inputs.has(colon[1] ?? "")) ? (colon[1] ?? "") : name;
    const output = base === name ? 0 : Number(colon?.[2]);
    const row = named.get(base);
    if (row !== undefined) return { key: `v${row}`, output };
    return { key: inputs.has(base) ? `i:${base}` : `p:${name}`, output };
  };
  document.layers.forEach((written, index) => {
    const shared = typeof written["shares"] === "string" ? written["shares"] : null;
    const origin = shared === null ? null : (first.get(shared) ?? null);
    const inherited = origin ? Object.fromEntries(Object.entries(origin).filter(([key]) => !NOT_SHARED.has(key))) : {};
    const row: Row = { ...inherited, ...written };
    const type = types.get(row.op);
    const layer = one.layers?.[index];
    const again = other.layers?.[index];
    if (!type || !layer || !again) throw new Error(`Row ${index + 1} is not in the report.`);
    if (written.name !== undefined && shared === null) first.set(written.name, written);
    const isModule = type.kind === "module";
    let path: string | null = null;
    if (isModule) {
      path = shared ?? written.name ?? null;
      if (path === null) {
        const scope = typeof row["scope"] === "string" && row["scope"] !== "" ? `${row["scope"]}.` : "";
        path = paths.take(`${scope}${row.op.toLowerCase()}`);
      }
    }
    const scope = typeof row["scope"] === "string" ? row["scope"] : path === null ? "" : parentOf(path);
    const list = row["inputs"];
    const previous: Reference =
      index === 0 ? { key: `i:${document.inputs[0]?.name ?? ""}`, output: 0 } : { key: `v${index - 1}`, output: 0 };
    const operands = Array.isArray(list)
      ? (list as readonly Json[]).map((name) => (typeof name === "string" ? reference(name) : null))
      : type.inputs.most === 0 || row.op === "opaque"
        ? []
        : [previous];
    const tensors = new Map<string, Reference>();
    for (const name of type.keywords) if (typeof row[name] === "string") tensors.set(name, reference(row[name]));
    const indexed = new Map<string, Reference>();
    if (Array.isArray(row["index"]))
      for (const item of row["index"] as readonly Json[])
        if (typeof item === "object" && item !== null && "tensor" in item) {
          const name = (item as { readonly tensor: Json }).tensor;
          if (typeof name === "string") indexed.set(name, reference(name));
        }
    const facts = { index, row, type, layer, path, shares: shared !== null, scope, inputs: operands, tensors, indexed };
    rows.push({ ...facts, batch: batchOf(facts, again, document, batches) });
    if (written.name !== undefined) named.set(written.name, index);
  });
  return rows;
}

/** A tensor of the row whose size is the batch, else the first input of the model that has one. */
function batchOf(
  facts: Omit<RowFacts, "batch">,
  again: LayerReport,
  document: ModelDocument,
  [one, other]: readonly [number, number],
): RowFacts["batch"] {
  const { op: _op, inputs: _inputs, ...attributes } = facts.row;
  if (!followsBatch(attributes as unknown as Json)) return null;
  for (const [at, of] of facts.inputs.entries()) {
    const dimension = (facts.layer.inputs[at] ?? []).findIndex((size, axis) => size === one && again.inputs[at]?.[axis] === other);
    if (of !== null && dimension >= 0) return { of, dimension };
  }
  const input = document.inputs.find((item) => item["batch_dim"] !== null);
  return input ? { of: { key: `i:${input.name}`, output: 0 }, dimension: Number(input["batch_dim"] ?? 0) } : null;
}

export function referencesOf(facts: RowFacts): Reference[] {
  const inputs = facts.inputs.filter((reference) => reference !== null);
  return [...inputs, ...facts.tensors.values(), ...facts.indexed.values(), ...(facts.batch ? [facts.batch.of] : [])];
}

/**
 * Rows under the Blocks that end their calls. Containers that turn out to be no calls are put in `open`; null where an earlier call of one
 * of them had been nested by then.
 */
function nest(rows: readonly RowFacts[], open: Set<string>): CallItem[] | null {
  const items: CallItem[] = [];
  /** By container: the rows of those `items` that lie in it, in their order. */
  const inside = new Map<string, number[]>();
  const ended = new Map<string, number>();
  let isStale = false;
  const add = (item: CallItem) => {
    items.push(item);
    for (const path of containersOf(item.facts)) {
      const list = inside.get(path);
      if (list) list.push(item.facts.index);
      else inside.set(path, [item.facts.index]);
    }
  };
  for (const facts of rows) {
    const { path } = facts;
    if (facts.row.op !== "Block" || path === null) {
      add({ facts, items: null });
      continue;
    }
    const since = ended.get(path) ?? -1;
    const mine = inside.get(path) ?? [];
    const count = mine.length - 1 - mine.findLastIndex((index) => index <= since);
    const begin = items.length - count;
    if (!open.has(path) && items[begin]?.facts.index !== mine[mine.length - count]) {
      open.add(path); // rows of others stand between its own
      isStale ||= ended.has(path);
    }
    if (open.has(path)) {
      add({ facts, items: [] });
      continue;
    }
    const inner = items.splice(begin);
    for (const item of inner) for (const container of containersOf(item.facts)) inside.get(container)?.pop();
    add({ facts, items: inner });
    ended.set(path, facts.index);
  }
  return isStale ? null : items;
}

/** From the inside out; the last is the network itself. */
function containersOf({ scope }: RowFacts): string[] {
  const paths = [scope];
  for (let path = scope; path !== ""; paths.push(path)) path = parentOf(path);
  return paths;
}

/** Containers in whose call a value is made that is read after it. */
function escapes(items: readonly CallItem[], outputs: readonly Reference[]): Set<string> {
  const home = new Map<string, readonly string[]>();
  const paths = new Set<string>();
  const check = (references: readonly Reference[], calls: readonly string[]) => {
    for (const { key } of references) {
      const made = home.get(key) ?? [];
      const outer = made.find((call, depth) => calls[depth] !== call);
      if (outer !== undefined) paths.add(outer.slice(outer.indexOf(" ") + 1));
    }
  };
  const walk = (list: readonly CallItem[], calls: readonly string[]) => {
    for (const { facts, items: inner } of list) {
      const call = inner && inner.length > 0 ? [...calls, `${facts.index} ${facts.path ?? ""}`] : calls;
      if (inner) walk(inner, call);
      check(referencesOf(facts), call);
      home.set(`v${facts.index}`, calls);
    }
  };
  walk(items, []);
  check(outputs, []);
  return paths;
}

function outputsOf(document: ModelDocument): Reference[] {
  const list = document["outputs"];
  if (!Array.isArray(list)) return [{ key: `v${document.layers.length - 1}`, output: 0 }];
  const named = new Map(document.layers.map(({ name }, index) => [name, index]));
  return (list as readonly Json[]).flatMap((item) => {
    const name = typeof item === "string" ? item : (item as { readonly row?: Json } | null)?.row;
    if (typeof name !== "string") return [];
    const whole = named.get(name);
    if (whole !== undefined) return [{ key: `v${whole}`, output: 0 }];
    const [, base = "", output = "0"] = /^(.*):(\d+)$/.exec(name) ?? [];
    const row = named.get(base);
    if (row !== undefined) return [{ key: `v${row}`, output: Number(output) }];
    return [{ key: document.inputs.some((input) => input.name === name) ? `i:${name}` : `p:${name}`, output: 0 }];
  });
}

function outputsRead(rows: readonly RowFacts[], outputs: readonly Reference[]): Map<string, Set<number>> {
  const read = new Map<string, Set<number>>();
  for (const { key, output } of [...rows.flatMap(referencesOf), ...outputs]) {
    const seen = read.get(key);
    if (seen) seen.add(output);
    else read.set(key, new Set([output]));
  }
  return read;
}

function places(document: ModelDocument, rows: readonly RowFacts[]): { readonly root: Place; readonly known: Parameter[] } {
  const make = (parent: Place | null, key: string): Place => ({
    key,
    path: parent === null || parent.path === "" ? key : `${parent.path}.${key}`,
    parent,
    children: new Map(),
    module: null,
    isClass: false,
    isSequence: false,
    isNumbered: true,
    isNamed: true,
    parameters: [],
  });
  const root = make(null, "");
  root.isClass = true;
  const at = (path: string): Place => {
    let place = root;
    for (const key of path === "" ? [] : path.split(".")) {
      let child = place.children.get(key);
      if (!child) {
        child = make(place, key);
        place.isNumbered &&= key === String(place.children.size);
        place.isNamed &&= isIdentifier(key);
        place.children.set(key, child);
      }
      place = child;
    }
    return place;
  };
  for (const facts of rows) {
    if (facts.path === null || facts.shares) continue;
    const place = at(facts.path);
    if (facts.row.op === "Block") place.isClass = true;
    else place.module = facts;
  }
  const known: Parameter[] = [];
  for (const item of Array.isArray(document["parameters"]) ? (document["parameters"] as readonly Record<string, Json>[]) : []) {
    const path = textOf(item, "path", "");
    const parameter = {
      path,
      shape: (item["shape"] ?? []) as readonly number[],
      dtype: typeof item["dtype"] === "string" ? item["dtype"] : "float32",
      frozen: item["frozen"] === true,
      buffer: item["buffer"] === true,
      tiedTo: typeof item["tied_to"] === "string" ? item["tied_to"] : null,
    };
    if (ownedBy(root, path)) known.push(parameter);
    else at(parentOf(path)).parameters.push(parameter);
  }
  return { root, known };
}

/** Whether a module of the document makes the parameter itself. */
function ownedBy(root: Place, path: string): boolean {
  let place: Place | undefined = root;
  const keys = path.split(".");
  for (const [depth, key] of keys.entries()) {
    if (place.module && OWN.test(keys.slice(depth).join("."))) return true;
    place = place.children.get(key);
    if (!place) return false;
  }
  return false;
}

export function placeOf(root: Place, path: string): Place | null {
  let place: Place | null = root;
  for (const key of path === "" ? [] : path.split(".")) place = place?.children.get(key) ?? null;
  return place;
}
