// Python source in pieces. A value that differs between two modules of one class becomes a parameter of that class, so values stay apart
// from the text around them until all modules are known.
import type { Json } from "../core/types";

/** A value in the code. With a keyword it is an argument, left out where it is the default. */
export interface Slot {
  readonly name: string;
  readonly text: string;
  readonly keyword?: string;
  readonly fallback?: string;
}
export interface Call {
  readonly callee: string;
  readonly args: readonly Slot[];
}
/** Several modules in one container: one after the other, or by a comprehension where all are equal. */
export interface Many {
  readonly open: string;
  readonly items: readonly Line[];
  readonly close: string;
  /** Keys of the items, where they are not their places. */
  readonly keys?: readonly string[];
}
export type Piece = string | Slot | Call | Many;
export type Line = readonly Piece[];

export const WIDTH = 110;

export function isSlot(piece: Piece): piece is Slot {
  return typeof piece !== "string" && "text" in piece;
}

/** The slots of a line in their order. */
export function slotsOf(line: Line): Slot[] {
  return line.flatMap((piece) => {
    if (typeof piece === "string") return [];
    if (isSlot(piece)) return [piece];
    return "callee" in piece ? [...piece.args] : piece.items.flatMap(slotsOf);
  });
}

/** The line without its values. */
export function skeletonOf(line: Line): unknown {
  return line.map((piece) => {
    if (typeof piece === "string") return piece;
    if (isSlot(piece)) return { name: piece.name, keyword: piece.keyword, fallback: piece.fallback };
    if ("callee" in piece) return { callee: piece.callee, args: skeletonOf(piece.args) };
    return { ...piece, items: piece.items.map(skeletonOf) };
  });
}

/** `value` says what stands in the place of the next slot. */
export function render(line: Line, value: (slot: Slot) => string): string {
  return line.map((piece) => renderPiece(piece, value)).join("");
}

function renderPiece(piece: Piece, value: (slot: Slot) => string): string {
  if (typeof piece === "string") return piece;
  if (isSlot(piece)) return value(piece);
  if ("callee" in piece) {
    const args = piece.args.flatMap((slot) => {
      const text = value(slot);
      if (slot.keyword === undefined) return [text];
      return text === slot.fallback ? [] : [`${slot.keyword}=${text}`];
    });
    return `${piece.callee}(${args.join(", ")})`;
  }
  const { open, items, close, keys } = piece;
  const texts = items.map((item) => render(item, value));
  if (keys !== undefined) {
    const pair = (text: string, at: number) =>
      open.endsWith("{") ? `${quote(keys[at] ?? "")}: ${text}` : `(${quote(keys[at] ?? "")}, ${text})`;
    return `${open}${texts.map(pair).join(", ")}${close}`;
  }
  const all = texts.length > 1 && texts.every((text) => text === texts[0]) ? `${texts[0] ?? ""} for _ in range(${texts.length})` : null;
  const unpack = close === ")"; // nn.Sequential takes its modules one by one
  return `${open}${all === null ? texts.join(", ") : unpack ? `*[${all}]` : all}${close}`;
}

/** A line that is too long is broken inside the bracket that ends it. */
export function wrapped(text: string, indent: number): string[] {
  const lead = " ".repeat(indent);
  if (lead.length + text.length < WIDTH) return [lead + text];
  const open = lastOpening(text);
  if (open < 0) return [lead + text];
  const items = topLevel(text.slice(open + 1, -1));
  const head = `${lead}${text.slice(0, open + 1)}`;
  const tail = `${lead}${text.at(-1) ?? ""}`;
  if (items.length === 1 && !/[)\]}]$/.test(items[0] ?? "")) return [lead + text];
  const calls = items.some((item) => item.includes("(") || item.startsWith("["));
  if (calls || items.length === 1) {
    const comma = items.length === 1 ? "" : ",";
    return [head, ...items.flatMap((item) => atEnd(wrapped(item, indent + 4), comma)), tail];
  }
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    if (line !== "" && indent + 4 + line.length + item.length + 2 > WIDTH) {
      lines.push(`${lead}    ${line}`);
      line = "";
    }
    line += `${line === "" ? "" : " "}${item},`;
  }
  return [head, ...lines, `${lead}    ${line}`, tail];
}

function atEnd(lines: string[], text: string): string[] {
  return [...lines.slice(0, -1), (lines.at(-1) ?? "") + text];
}

/** Where the bracket opens that the last character closes. */
function lastOpening(text: string): number {
  if (!/[)\]}]$/.test(text)) return -1;
  let depth = 0;
  let opened = -1;
  scan(text, (character, at) => {
    if ("([{".includes(character)) {
      if (depth === 0) opened = at;
      depth += 1;
    } else if (")]}".includes(character)) depth -= 1;
  });
  return opened;
}

function topLevel(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  scan(text, (character, at) => {
    if ("([{".includes(character)) depth += 1;
    else if (")]}".includes(character)) depth -= 1;
    else if (character === "," && depth === 0) {
      items.push(text.slice(start, at).trim());
      start = at + 1;
    }
  });
  items.push(text.slice(start).trim());
  return items.filter((item) => item !== "");
}

/** Each character that stands in no Python text. */
function scan(text: string, see: (character: string, at: number) => void): void {
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (inText && character === "\\") at += 1;
    else if (character === '"') inText = !inText;
    else if (!inText) see(character, at);
  }
}

/** A Python text. JSON's escapes are Python's, but for the halves of a pair, which JSON.stringify leaves as escapes too. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** A JSON value as Python writes it; a list is a tuple. */
export function python(value: Json | undefined): string {
  if (value === undefined || value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
  if (typeof value === "string") return /^-?(inf|nan)$/i.test(value) ? `float(${quote(value)})` : quote(value);
  if (Array.isArray(value)) return tuple((value as readonly Json[]).map(python));
  return quote(JSON.stringify(value));
}

export function tuple(texts: readonly string[]): string {
  return texts.length === 1 ? `(${texts[0] ?? ""},)` : `(${texts.join(", ")})`;
}

const KEYWORDS = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);

export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text) && !KEYWORDS.has(text);
}

/** Names that the code itself uses. */
export const TAKEN: ReadonlySet<string> = new Set(["torch", "nn", "F", "self", "super", "range", "OrderedDict", "list", "print"]);

/** The text as the name of a variable. */
export function identifier(text: string, otherwise: string): string {
  const name = text.replaceAll(/\W+/g, "_").replaceAll(/^_+|_+$/g, "");
  if (name === "" || /^\d/.test(name)) return otherwise;
  return KEYWORDS.has(name) || TAKEN.has(name) ? `${name}_` : name;
}

export function unique(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  for (let count = 2; ; count += 1) if (!taken(`${name}${count}`)) return `${name}${count}`;
}

/** Names that are given once each: "part", "part2", "part3". */
export class Names {
  readonly #taken: Set<string>;
  /** The number with which the search for a free name goes on: a name that is taken stays so. */
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  take(name: string): string {
    let free = name;
    let next = this.#next.get(name) ?? 2;
    for (; this.#taken.has(free); next += 1) free = `${name}${next}`;
    this.#next.set(name, next);
    this.#taken.add(free);
    return free;
  }
}
