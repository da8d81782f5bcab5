// Every edit of the table as a pure function: the old document in, a new one out, untouched rows the same objects. Rows count from 0.
import type { Catalogue, Json, LayerType } from "../core/types";
import type { ModelDocument, Row } from "./model";

export function layerType(catalogue: Catalogue, op: string): LayerType | undefined {
  return catalogue.layers.find((layer) => layer.op === op);
}

/** The attributes that a row of this op can have: the op's own, its tensors by keyword, and those of every row. */
export function attributesOf(catalogue: Catalogue, op: string): ReadonlySet<string> {
  const layer = layerType(catalogue, op);
  return new Set([
    ...catalogue.row.map((attribute) => attribute.name),
    ...(layer?.attributes.map((attribute) => attribute.name) ?? []),
    ...(layer?.keywords ?? []),
  ]);
}

export function setInputShape(model: ModelDocument, name: string, shape: Json): ModelDocument {
  return { ...model, inputs: model.inputs.map((input) => (input.name === name ? { ...input, shape } : input)) };
}

/** `undefined` takes the attribute away, so that PyTorch's default holds. */
export function setAttribute(model: ModelDocument, row: number, name: string, value: Json | undefined): ModelDocument {
  return replaceRow(model, row, (old) => {
    const { [name]: _, ...rest } = old;
    // The order of the keys is the author's: a changed attribute keeps its place.
    if (value === undefined) return { ...rest, op: old.op };
    return { ...old, [name]: value };
  });
}

/** Another layer in the row's place; `keep` are the attributes that it has too (see `attributesOf`). */
export function setOp(model: ModelDocument, row: number, op: string, keep: ReadonlySet<string>): ModelDocument {
  return replaceRow(model, row, (old) => {
    const kept = Object.entries(old).filter(([name]) => name !== "op" && keep.has(name));
    return { op, ...Object.fromEntries(kept) };
  });
}

export function insertRow(model: ModelDocument, at: number, row: Row): ModelDocument {
  return insertRows(model, at, [row]);
}

/** Names that the document has already get a number, and references among the inserted rows follow. */
export function insertRows(model: ModelDocument, at: number, rows: readonly Row[]): ModelDocument {
  return { ...model, layers: model.layers.toSpliced(at, 0, ...withFreshNames(model, rows)) };
}

export function deleteRows(model: ModelDocument, rows: readonly number[]): ModelDocument {
  const gone = new Set(rows);
  return { ...model, layers: model.layers.filter((_, index) => !gone.has(index)) };
}

/** The copies follow the last of the originals. */
export function duplicateRows(model: ModelDocument, rows: readonly number[]): ModelDocument {
  const sorted = [...rows].sort((a, b) => a - b);
  const originals = sorted.flatMap((index) => model.layers[index] ?? []);
  return insertRows(model, (sorted.at(-1) ?? -1) + 1, originals);
}

/** The rows, together, `by` places down (negative: up), as far as the ends allow. */
export function moveRows(model: ModelDocument, rows: readonly number[], by: number): ModelDocument {
  const picked = new Set(rows);
  const moving = model.layers.filter((_, index) => picked.has(index));
  const staying = model.layers.filter((_, index) => !picked.has(index));
  const first = Math.min(...rows);
  if (moving.length === 0) return model;
  const at = Math.min(Math.max(first + by, 0), staying.length);
  return { ...model, layers: staying.toSpliced(at, 0, ...moving) };
}

/**
 * A new name for a row; every reference follows: inputs, `shares`, `held`, indices, outputs, tensors by keyword and the paths of the
 * module's own parameters. `isTensor` says which attributes of an op are tensors by keyword.
 */
export function renameRow(
  model: ModelDocument,
  row: number,
  name: string | undefined,
  isTensor: (op: string, attribute: string) => boolean = () => false,
): ModelDocument {
  const old = model.layers[row]?.name;
  const renamed = setAttribute(model, row, "name", name === "" ? undefined : name);
  if (old === undefined || name === undefined || name === "" || old === name) return renamed;
  const follow = follower(new Map([[old, name]]));
  return {
    ...renamed,
    layers: renamed.layers.map((item) => followRow(item, follow, isTensor)),
    ...(Array.isArray(model["outputs"]) ? { outputs: model["outputs"].map((output: unknown) => followOutput(output, follow)) } : {}),
    ...(Array.isArray(model["parameters"]) ? { parameters: model["parameters"].map((entry: unknown) => followEntry(entry, follow)) } : {}),
  };
}

/**
 * Rows as a table that a spreadsheet opens: a line of column names, then a line for each row; values as JSON, plain text where that
 * cannot be mistaken for JSON.
 */
export function rowsToTsv(model: ModelDocument, rows: readonly number[]): string {
  const picked = rows.flatMap((index) => model.layers[index] ?? []);
  const columns = ["op", ...new Set(picked.flatMap((row) => Object.keys(row)).filter((name) => name !== "op"))];
  const lines = picked.map((row) => columns.map((column) => cellText(row[column])).join("\t"));
  return [columns.join("\t"), ...lines].join("\n");
}

export type PastedRows = { readonly rows: readonly Row[] } | { readonly why: string };

/** Reads what `rowsToTsv` writes, and lists without column names whose lines are `Conv2d  out_channels=64  kernel_size=3`. */
export function rowsFromTsv(text: string): PastedRows {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.split("\t"))
    .filter((cells) => cells.some((cell) => cell.trim() !== ""));
  const head = lines[0];
  if (!head) return { why: "The clipboard holds no rows." };
  const columns = head.map((cell) => cell.trim());
  if (columns[0] === "op") {
    const rows = lines.slice(1).map((cells) => makeRow(columns.map((column, index) => [column, cellValue(cells[index] ?? "")] as const)));
    const bad = rows.findIndex((row) => row === null);
    if (bad >= 0) return { why: `Line ${bad + 2} has no “op”.` };
    return rows.length > 0 ? { rows: rows as Row[] } : { why: "There are column names but no rows." };
  }
  const rows: Row[] = [];
  for (const [index, cells] of lines.entries()) {
    const [op, ...pairs] = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
    if (op === undefined || !/^[A-Za-z_]\w*$/.test(op)) return { why: `Line ${index + 1} does not begin with the name of a layer.` };
    const entries: (readonly [string, Json | undefined])[] = [["op", op]];
    for (const pair of pairs) {
      const equals = pair.indexOf("=");
      if (equals < 1) return { why: `Line ${index + 1}: “${pair.slice(0, 40)}” is not name=value.` };
      entries.push([pair.slice(0, equals).trim(), cellValue(pair.slice(equals + 1))]);
    }
    rows.push(makeRow(entries) as Row);
  }
  return { rows };
}

// ——— helpers

function replaceRow(model: ModelDocument, row: number, change: (row: Row) => Row): ModelDocument {
  const old = model.layers[row];
  return old ? { ...model, layers: model.layers.with(row, change(old)) } : model;
}

function makeRow(entries: readonly (readonly [string, Json | undefined])[]): Row | null {
  const present = entries.filter(([name, value]) => name !== "" && value !== undefined);
  const row = Object.fromEntries(present);
  return typeof row["op"] === "string" ? (row as Row) : null;
}

function cellText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string" && value !== "" && value === value.trim() && !/[\t\r\n]/.test(value) && cellValue(value) === value)
    return value;
  return JSON.stringify(value);
}

function cellValue(text: string): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (/^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === "true"; // spreadsheets write TRUE
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return trimmed;
  }
}

type Follow = (reference: string) => string;

/** "conv1" and "conv1:2" are the row; "conv1.weight" is a parameter of its own; "conv1.0.weight" belongs to another row. */
function follower(names: ReadonlyMap<string, string>): Follow {
  return (reference) => {
    const whole = names.get(reference);
    if (whole !== undefined) return whole;
    for (const end of [reference.lastIndexOf(":"), reference.lastIndexOf(".")]) {
      const name = end > 0 ? names.get(reference.slice(0, end)) : undefined;
      if (name !== undefined) return name + reference.slice(end);
    }
    return reference;
  };
}

function followRow(row: Row, follow: Follow, isTensor: (op: string, attribute: string) => boolean): Row {
  const next = Object.entries(row).map(([name, value]) => {
    const refers = name === "inputs" || name === "shares" || name === "held" || isTensor(row.op, name);
    if (refers && typeof value === "string") return [name, follow(value)];
    if (refers && Array.isArray(value)) return [name, value.map((item: Json) => (typeof item === "string" ? follow(item) : item))];
    if (name === "index" && Array.isArray(value)) return [name, value.map((item: Json) => followIndex(item, follow))];
    return [name, value];
  });
  const changed = next.some(([name, value]) => JSON.stringify(value) !== JSON.stringify(row[name as string]));
  return changed ? (Object.fromEntries(next) as Row) : row;
}

function followIndex(item: Json, follow: Follow): Json {
  if (typeof item !== "object" || item === null || !("tensor" in item) || typeof item["tensor"] !== "string") return item;
  return { ...item, tensor: follow(item["tensor"]) };
}

function followOutput(output: unknown, follow: Follow): unknown {
  if (typeof output === "string") return follow(output);
  if (typeof output !== "object" || output === null || !("row" in output) || typeof output.row !== "string") return output;
  return { ...output, row: follow(output.row) };
}

function followEntry(entry: unknown, follow: Follow): unknown {
  if (typeof entry !== "object" || entry === null) return entry;
  const next: Record<string, unknown> = { ...entry };
  for (const key of ["path", "tied_to"]) if (typeof next[key] === "string") next[key] = follow(next[key]);
  return next;
}

function withFreshNames(model: ModelDocument, rows: readonly Row[]): Row[] {
  const taken = new Set<string>([...model.inputs.map((input) => input.name), ...model.layers.flatMap((row) => row.name ?? [])]);
  const names = new Map<string, string>();
  const named = rows.map((row) => {
    if (typeof row.name !== "string") return row;
    const name = freshName(row.name, taken);
    taken.add(name);
    if (name === row.name) return row;
    names.set(row.name, name);
    return { ...row, name };
  });
  // A copy of a call still calls the module it shared; a copy of the module's first call is a module of its own.
  return names.size === 0 ? named : named.map((row) => followRow(row, follower(names), () => false));
}

function freshName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const [, stem = name, digits] = /^(.*?)(\d+)?$/s.exec(name) ?? [];
  // The digits are the author's, as many as there are: from 2^53 on a number plus one is the same number.
  for (let number = digits === undefined ? 2n : BigInt(digits) + 1n; ; number += 1n) {
    if (!taken.has(`${stem}${number}`)) return `${stem}${number}`;
  }
}
