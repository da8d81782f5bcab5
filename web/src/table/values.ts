// How an attribute reads in a cell, and what a typed text means. Whatever cannot be read is kept as the text it is: the core then says
// what is wrong with it, so that the page needs no validator of its own.
import type { AttributeType, Json, JsonObject } from "../core/types";

const TIMES = "×";

/** The value as a cell shows it: `3×3`, `B+1`, `:, 0`, `None`, `True`, as PyTorch's users write them. */
export function showValue(value: Json | undefined, type?: AttributeType): string {
  if (value === undefined) return "";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return value;
  if (typeof value === "number") {
    // One integer stands for all dimensions; a pair reads better as the pair that it is.
    const rank = type?.type === "integers" || type?.type === "integers-or-word" ? (type.rank ?? 0) : 0;
    return rank > 1 ? new Array<string>(rank).fill(String(value)).join(TIMES) : String(value);
  }
  if (isList(value)) {
    if (type?.type === "index") return value.map(showIndex).join(", ");
    if (value.length > 0 && value.every(isInteger) && type?.type !== "list") return value.map(String).join(TIMES);
    return value.map((item) => showMember(item)).join(", ");
  }
  return showMember(value);
}

/** The value as its editor holds it: what `readValue` reads back to the same value. */
export function editText(value: Json | undefined, type?: AttributeType): string {
  if (typeof value === "number") return String(value);
  return showValue(value, type).replaceAll(TIMES, " × ");
}

/** What a typed text means for the attribute. `undefined`: nothing was written, so PyTorch's default holds. */
export function readValue(text: string, type: AttributeType): Json | undefined {
  const typed = text.trim().replaceAll("−", "-");
  if (typed === "") return undefined;
  if (type.nullable && /^(none|null)$/i.test(typed)) return null;
  switch (type.type) {
    case "boolean":
      if (/^(true|yes|1)$/i.test(typed)) return true;
      if (/^(false|no|0)$/i.test(typed)) return false;
      return typed;
    case "integer":
      return readInteger(typed) ?? readSize(typed) ?? typed;
    case "number":
      return readNumber(typed) ?? typed;
    case "numbers": {
      const numbers = readMembers(typed, readNumber);
      if (numbers === null) return typed;
      return numbers.length === 1 && !/[[(]/.test(typed) ? (numbers[0] ?? typed) : numbers;
    }
    case "integers-or-word":
    case "integers": {
      if (type.words?.includes(typed)) return typed;
      const integers = readMembers(typed, readInteger);
      if (integers === null) return readJsonList(typed) ?? typed;
      return integers.length === 1 && !/[[(]/.test(typed) ? (integers[0] ?? typed) : integers;
    }
    case "shape":
    case "sizes":
      return (
        readMembers(typed, (member) => readInteger(member) ?? readSize(member) ?? (/^none$/i.test(member) ? null : undefined)) ?? typed
      );
    case "index":
      return readJsonList(typed) ?? readIndex(typed) ?? typed;
    case "list":
      return readJsonList(typed) ?? typed.split(/\s*,\s*/).filter((item) => item !== "");
    case "text":
    case "choice":
    case "dtype":
      return typed;
  }
}

function readInteger(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function readNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** `B`, `2B`, `B+1`: a size that follows the batch (formats: `{"batch": k, "plus": c}`). */
function readSize(text: string): JsonObject | undefined {
  const match = /^(\d*)\s*[·*]?\s*B\s*(?:([+-])\s*(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, times, sign, plus] = match;
  const size: { batch: number; plus?: number } = { batch: times === "" || times === undefined ? 1 : Number(times) };
  if (plus !== undefined) size.plus = sign === "-" ? -Number(plus) : Number(plus);
  return size;
}

function readMembers<T>(text: string, read: (member: string) => T | undefined): T[] | null {
  const inner = text.replace(/^[[(]\s*/, "").replace(/\s*,?\s*[\])]$/, "");
  if (inner === "") return /^[[(]/.test(text) ? [] : null;
  const members = inner.split(/\s*[×x*,;]\s*|\s+/);
  const values = members.map(read);
  return values.every((value) => value !== undefined) ? values : null;
}

function readJsonList(text: string): Json | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function readIndex(text: string): Json | undefined {
  const members = text
    .replace(/^\[|\]$/g, "")
    .split(",")
    .map((member) => member.trim());
  const values: Json[] = [];
  for (const member of members) {
    const slice = member.split(":");
    const integer = readInteger(member);
    if (integer !== undefined) values.push(integer);
    else if (member === ":" || member === "...") values.push(member);
    else if (/^none$/i.test(member)) values.push(null);
    else if (slice.length === 2 || slice.length === 3) {
      const ends = slice.map((end) => (end === "" ? null : readInteger(end)));
      if (ends.includes(undefined)) return undefined;
      values.push({ slice: [ends[0] ?? null, ends[1] ?? null, ends[2] ?? null] });
    } else return undefined;
  }
  return values;
}

function showMember(item: Json): string {
  if (item === null) return "None";
  if (typeof item === "string") return item;
  if (typeof item === "object" && !isList(item) && "batch" in item) {
    const times = item["batch"] === 1 ? "" : JSON.stringify(item["batch"]);
    const plus = typeof item["plus"] === "number" ? item["plus"] : 0;
    return `${times}B${plus > 0 ? `+${plus}` : plus < 0 ? String(plus) : ""}`;
  }
  return JSON.stringify(item);
}

function showIndex(item: Json): string {
  if (item !== null && typeof item === "object" && !isList(item) && isList(item["slice"])) {
    const [start, stop, step] = item["slice"];
    const end = (value: Json | undefined) => (value === null || value === undefined ? "" : showMember(value));
    return `${end(start)}:${end(stop)}${step === null || step === undefined ? "" : `:${end(step)}`}`;
  }
  return showMember(item);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isInteger(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value);
}

/** Equal as JSON, whatever the order of keys; one integer equals the list of equal integers that it stands for. */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined || left === null || right === null) return false;
  if (isList(left) && typeof right === "number") return left.length > 0 && left.every((item) => item === right);
  if (isList(right) && typeof left === "number") return sameValue(right, left);
  if (isList(left) && isList(right)) return left.length === right.length && left.every((item, at) => sameValue(item, right[at]));
  if (typeof left === "object" && typeof right === "object" && !isList(left) && !isList(right)) {
    const keys = Object.keys(left);
    const other: JsonObject = right;
    return keys.length === Object.keys(other).length && keys.every((key) => sameValue(left[key], other[key]));
  }
  return false;
}
