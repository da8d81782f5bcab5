// Which attributes a row shows as chips: what differs from PyTorch's default, in the order of the catalogue, under a short label whose
// full name is always there as title and for a screen reader.
import type { AttributeType, Diagnostic, Json, LayerReport, LayerType } from "../core/types";
import type { Row } from "../state/model";
import { sameValue, showValue } from "./values";

export interface Chip {
  /** PyTorch's name: `out_channels`. */
  readonly name: string;
  /** What the chip says: `out`. */
  readonly label: string;
  readonly text: string;
  /** Settled by the incoming shape rather than written. */
  readonly settled: boolean;
  readonly invalid: boolean;
}

/** Row attributes that the table shows elsewhere: as type, name, badge or group. */
const SHOWN_ELSEWHERE = new Set(["op", "name", "shares", "scope", "inplace", "class"]);

/** `out_channels` → `out`, `kernel_size` → `kernel`, `num_features` → `features`: the part that tells attributes apart. */
export function shortLabel(name: string): string {
  return name.replace(/^num_(?=.)/, "").replace(/(?<=.)_(channels|features|size)$/, "");
}

export function chipsOf(
  row: Row,
  layer: LayerType | undefined,
  rowAttributes: readonly AttributeType[],
  report: Pick<LayerReport, "resolved"> | undefined,
  faults: readonly Diagnostic[],
): Chip[] {
  const types = new Map([...rowAttributes, ...(layer?.attributes ?? [])].map((type) => [type.name, type]));
  const errors = faults.filter((fault) => fault.severity === "error");
  // The core comes to a row once the rows above are right; what must be given and is not is marked before that too.
  const missing = (layer?.attributes ?? []).filter((type) => type.required === true && row[type.name] === undefined);
  const invalid = new Set([
    ...errors.flatMap((fault) => (fault.field === undefined ? [] : [fault.field])),
    ...missing.map((type) => type.name),
  ]);
  const chip = (name: string, value: Json | undefined, settled: boolean): Chip => ({
    name,
    label: shortLabel(name),
    text: value !== undefined ? showValue(value, types.get(name)) : types.get(name)?.required === true ? "missing" : "not set",
    settled,
    invalid: invalid.has(name),
  });

  const chips: Chip[] = [];
  const shown = new Set<string>();
  const show = (name: string) => {
    const type = types.get(name);
    const value = row[name];
    const differs = value !== undefined && !(type !== undefined && "default" in type && sameValue(value, type.default));
    // A fault needs a cell to mark, also where there is nothing else to show.
    if (shown.has(name) || !(invalid.has(name) || (differs && !SHOWN_ELSEWHERE.has(name)))) return;
    shown.add(name);
    chips.push(chip(name, value, false));
  };
  for (const name of [...(layer?.attributes ?? []).map((type) => type.name), ...Object.keys(row), ...invalid])
    if (name !== "op") show(name);
  if (chips.length === 0) {
    for (const [name, value] of Object.entries(report?.resolved ?? {})) chips.push(chip(name, value, true));
  }
  return chips;
}

/** The attributes of an editor: those on chips or required first, the others behind "more". */
export interface Fields {
  readonly first: readonly AttributeType[];
  readonly more: readonly AttributeType[];
}

export function fieldsOf(row: Row, layer: LayerType | undefined, rowAttributes: readonly AttributeType[], chips: readonly Chip[]): Fields {
  const shown = new Set(chips.map((chip) => chip.name));
  const own = layer?.attributes ?? [];
  const ownNames = new Set(own.map((type) => type.name));
  // A layer that can write over its input says so itself; `inplace` then stands with its own attributes.
  const inplace = rowAttributes.filter(
    (type) => type.name === "inplace" && !ownNames.has("inplace") && (layer?.inplace === true || row["inplace"] !== undefined),
  );
  const ofRow = rowAttributes.filter((type) => !ownNames.has(type.name) && type.name !== "op" && type.name !== "inplace");
  const all = [...own, ...inplace, ...ofRow];
  const known = new Set(all.map((type) => type.name));
  // An attribute that the layer does not have is still in the document: it must be possible to read and to remove it.
  const strange: AttributeType[] = Object.keys(row)
    .filter((name) => !known.has(name) && name !== "op")
    .map((name) => ({ name, type: "text", help: `${row.op} has no such attribute; an empty field removes it.` }));
  const chosen = [...all.filter((type) => type.required === true || shown.has(type.name) || inplace.includes(type)), ...strange];
  // A layer whose attributes all stand at their defaults still shows some of its own when its editor opens.
  const first = chosen.length > 0 ? chosen : own.slice(0, 4);
  return { first, more: all.filter((type) => !first.includes(type)) };
}
