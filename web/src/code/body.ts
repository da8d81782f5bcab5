// The body of one forward: a line a call, and variables that are used again as soon as nobody reads what they held.
import { referencesOf, textOf, within, type CallItem, type Network, type Place, type Reference, type RowFacts } from "./network";
import { locate } from "./places";
import { attributesOfCall, functionCall, isParameterName, moduleArguments, type Spoken } from "./spelling";
import { identifier, Names, python, unique, type Line } from "./text";

export interface Body {
  readonly parameters: readonly string[];
  readonly lines: readonly { readonly indent: number; readonly line: Line }[];
  /** What it is called with, in the order of its parameters. */
  readonly reads: readonly Reference[];
}

/** What a body says of things outside it. */
export interface Outside {
  readonly network: Network;
  /** Modules that the class holds beside the one that made them: "right" holds "left.shared". */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly opaque: (facts: RowFacts) => string;
  /** What the containers' calls are called with, where it has been found: all that are around it ask. */
  readonly arguments: Map<CallItem, readonly Reference[]>;
}

interface Unit {
  readonly item: CallItem;
  /** Of a run through a Sequential: the container's path and its last call. */
  readonly run: { readonly path: string; readonly reads: readonly Reference[]; readonly last: CallItem } | null;
  readonly reads: readonly Reference[];
}

interface Value {
  readonly text: string;
  /** Whether the variable is a tuple of which output k is one. */
  readonly isTuple: boolean;
  readonly facts: RowFacts | null;
}

const LETTERS = ["x", "y", "z", "u", "v", "w"];
/** Of values whose function says little about them. */
const NAMES: Readonly<Record<string, string>> = { getitem: "part", constant: "zeros" };
const NESTED = /^LSTM$/;

/** Everything outside that the call reads, each once, in the order of reading. */
export function readsOf(item: CallItem, outside: Outside): Reference[] {
  if (item.items === null) return moduleReads(item.facts);
  const path = item.facts.path ?? "";
  return [...argumentsOf(item, outside), { key: `m:${path}`, output: 0 }];
}

/** What the container of a call is called with. */
export function argumentsOf(item: CallItem, outside: Outside): readonly Reference[] {
  const known = outside.arguments.get(item);
  if (known) return known;
  const found = findArguments(item, outside);
  outside.arguments.set(item, found);
  return found;
}

function findArguments(item: CallItem, outside: Outside): Reference[] {
  const items = item.items ?? [];
  const path = item.facts.path ?? "";
  const made = new Set(items.map(({ facts }) => `v${facts.index}`)); // what a call in it makes is not read outside that call
  const own = item.facts.inputs.filter((reference) => reference !== null);
  const all = [...items.flatMap((part) => readsOf(part, outside)), ...own];
  const seen = new Set<string>();
  return all.filter(({ key, output }) => {
    const text = `${key}:${output}`;
    if (made.has(key) || livesIn(key, path, outside) || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function livesIn(key: string, path: string, outside: Outside): boolean {
  if (!/^[pm]:/.test(key)) return false;
  return key.slice(2).startsWith(`${path}.`) || (key.startsWith("m:") && outside.held.get(path)?.has(key.slice(2)) === true);
}

/** With the module itself: one that another container holds is handed in like a tensor. */
function moduleReads(facts: RowFacts): Reference[] {
  if (facts.path === null) return referencesOf(facts);
  const tied = new Set([...facts.tensors].filter(([name, { key }]) => isParameterName(name) && key.startsWith("p:")).map(([, of]) => of));
  return [...referencesOf(facts).filter((reference) => !tied.has(reference)), { key: `m:${facts.path}`, output: 0 }];
}

export function allRows(items: readonly CallItem[]): RowFacts[] {
  return items.flatMap((item) => (item.items ? [...allRows(item.items), item.facts] : [item.facts]));
}

export function givesTuple(facts: RowFacts): boolean {
  if (facts.row.op === "Block") return ["tuple", "list", "dict"].includes(textOf(facts.row, "returns", "tensor"));
  if (facts.row.op === "opaque") return (facts.layer.outputs?.length ?? 1) !== 1;
  return (
    /^(split|chunk|unbind|tensor_split|MultiheadAttention|RNN|LSTM|GRU|LSTMCell)$/.test(facts.row.op) ||
    (facts.layer.outputs?.length ?? 1) > 1
  );
}

/** Nothing about the call that a Sequential would not do. */
export function isPlain(item: CallItem, outside: Outside): boolean {
  const { facts } = item;
  const { row } = facts;
  if (facts.path === null || givesTuple(facts) || row["prints"] === 0) return false;
  if (["only", "training", "grad", "autocast", "checkpoint", "called_with"].some((key) => row[key] !== undefined)) return false;
  if (facts.tensors.size > 0 || facts.type.attributes.some(({ name }) => attributesOfCall(facts.type.op, name) && row[name] !== undefined))
    return false;
  if (row.op === "Block" && (row["returns"] ?? "tensor") !== "tensor") return false;
  const reads = readsOf(item, outside).filter(({ key }) => key !== `m:${facts.path ?? ""}`);
  return reads.length === 1 && (item.items?.length === 0 || facts.row.op === "Block" || facts.inputs.length === 1);
}

/** What a forward gives back, and how it is called. */
export interface Shape {
  readonly returned: readonly (Reference | null)[];
  readonly returns: string;
  /** It takes one list. */
  readonly asList: boolean;
  /** The mode in which alone the call is made. */
  readonly only: unknown;
}

export function writeBody(place: Place, items: readonly CallItem[], given: readonly Reference[], outside: Outside, shape: Shape): Body {
  return new Writer(place, given, outside, shape.only).write(items, shape);
}

class Writer {
  readonly #place: Place;
  readonly #given: readonly Reference[];
  readonly #outside: Outside;
  readonly #values = new Map<string, Value>();
  /** Variables, and whether each holds a tuple now. */
  readonly #holds = new Map<string, boolean>();
  /** By what makes a value: the last unit that reads it. */
  readonly #lastUse = new Map<string, number>();
  /** By variable: the last unit that reads a value which it held or holds. */
  readonly #liveUntil = new Map<string, number>();
  readonly #lines: { indent: number; line: Line }[] = [];
  readonly #only: unknown;
  #context: readonly string[] = [];

  constructor(place: Place, given: readonly Reference[], outside: Outside, only: unknown) {
    this.#place = place;
    this.#only = only;
    this.#given = given;
    this.#outside = outside;
  }

  write(items: readonly CallItem[], { returned, returns, asList }: Shape): Body {
    const units = this.#units(items);
    units.forEach((unit, at) => unit.reads.forEach(({ key }) => this.#lastUse.set(key, at)));
    for (const reference of returned) if (reference) this.#lastUse.set(reference.key, Number.POSITIVE_INFINITY);
    const names = new Names([]);
    const parameters = this.#given.map(({ key, output }, at) => {
      const isInput = this.#place.parent === null && key.startsWith("i:");
      const letter = LETTERS[at] ?? `x${at + 1}`;
      const name = names.take(isInput ? identifier(key.slice(2), letter) : letter);
      const text = asList ? `inputs[${at}]` : name;
      this.#values.set(`${key}:${output}`, { text, isTuple: false, facts: null });
      this.#holds.set(text, false);
      this.#keepAlive(text, key);
      return name;
    });
    units.forEach((unit, at) => this.#unit(unit, at));
    this.#enter([]);
    this.#lines.push({ indent: 0, line: [`return ${this.#returned(returned, returns)}`] });
    return { parameters: asList ? ["inputs"] : parameters, lines: this.#lines, reads: this.#given };
  }

  #returned(references: readonly (Reference | null)[], returns: string): string {
    const texts = references.map((reference) => (reference ? this.#text(reference) : "None"));
    switch (returns) {
      case "tensor":
        return texts[0] ?? "None";
      case "none":
        return "None";
      case "number":
        return "0";
      case "list":
        return `[${texts.join(", ")}]`;
      case "dict":
        return `{${texts.map((text, at) => `"output${at}": ${text}`).join(", ")}}`;
      default:
        return texts.length === 1 ? `(${texts[0] ?? ""},)` : texts.length === 0 ? "()" : texts.join(", ");
    }
  }

  #units(items: readonly CallItem[]): Unit[] {
    const units: Unit[] = [];
    for (let at = 0; at < items.length; at += 1) {
      const item = items[at] as CallItem;
      const sequence = this.#sequence(item);
      if (sequence === null) {
        units.push({ item, run: null, reads: this.#readsHere(item) });
        continue;
      }
      const count = leavesOf(sequence).length;
      const last = items[at + count - 1] as CallItem;
      units.push({ item, run: { path: sequence.path, reads: readsOf(item, this.#outside), last }, reads: this.#readsHere(item) });
      at += count - 1;
    }
    return units;
  }

  /** Reads of values: what lives in this class is reached by `self`. */
  #readsHere(item: CallItem): Reference[] {
    return readsOf(item, this.#outside).filter(({ key }) => !/^[pm]:/.test(key) || this.#self(key) === null);
  }

  #self(key: string): string | null {
    const path = key.slice(2);
    const held = key.startsWith("m:") ? this.#outside.held.get(this.#place.path)?.get(path) : undefined;
    return held === undefined ? locate(this.#place, path) : `self.${held}`;
  }

  /** The widest Sequential, below this class, that the call belongs to. */
  #sequence(item: CallItem): Place | null {
    const { path } = item.facts;
    if (path === null) return null;
    let found: Place | null = null;
    let place: Place | null | undefined = this.#outside.network.root;
    for (const key of path.split(".")) {
      if (place?.isSequence && found === null && within(place.path, this.#place.path)) found = place;
      place = place?.children.get(key);
    }
    return found;
  }

  #text(reference: Reference): string {
    const { key, output } = reference;
    if (/^[pm]:/.test(key)) {
      const own = this.#self(key);
      if (own !== null) return own;
    }
    const value = this.#values.get(`${key}:${output}`) ?? this.#values.get(key);
    if (!value) throw new Error(`${key} is not known in ${this.#place.path}.`);
    if (!value.isTuple || !key.startsWith("v")) return value.text;
    if (value.facts?.row.op === "Block" && value.facts.row["returns"] === "dict") return `${value.text}["output${output}"]`;
    return value.text + element(value.facts, output);
  }

  #unit(unit: Unit, at: number): void {
    const { item, run } = unit;
    const { facts } = item;
    const end = run?.last.facts ?? facts;
    const key = `v${end.index}`;
    const sameTensor = (facts.row["inplace"] === true || facts.row.op === "setitem") && facts.row.op !== "Block" && run === null;
    this.#pins(facts, run !== null);
    const context = [
      ...(facts.row["grad"] === false ? ["with torch.no_grad():"] : []),
      ...(facts.row["autocast"] === false ? [this.#withoutAutocast(facts)] : []),
    ];
    const first = this.#first(item);
    const firstText = first ? this.#text(first) : "";
    const call = this.#call(unit, sameTensor && isVariable(firstText));
    const statement = facts.row.op === "setitem" || (sameTensor && isStatement(facts, firstText));
    const only = facts.row["only"] === this.#only ? undefined : facts.row["only"];
    const test = only === "train" ? "self.training" : only === "eval" ? "not self.training" : null;
    const uses = this.#outside.network.read.get(key);
    const known = this.#lastUse.has(key);
    const tuple = givesTuple(end) && run === null;
    const single = tuple && uses?.size === 1 ? [...uses][0] : undefined;
    const picked: Line =
      single === undefined ? call : end.row["returns"] === "dict" ? [...call, `["output${single}"]`] : [...call, element(end, single)];
    if (statement) {
      this.#enter([...context, ...(test === null ? [] : [`if ${test}:`])]);
      this.#push(call);
      this.#set(key, { text: firstText, isTuple: false, facts: end });
      return;
    }
    this.#enter(context);
    const valued: Line = test === null || first === null ? picked : [...picked, ` if ${test} else ${firstText}`];
    if (sameTensor) {
      this.#push(isVariable(firstText) ? [`${firstText} = `, ...valued] : valued);
      this.#set(key, { text: firstText, isTuple: false, facts: end });
      return;
    }
    if (!known) {
      this.#push(test === null ? call : valued);
      return;
    }
    const name = this.#target(unit, end, at);
    this.#push([`${name} = `, ...valued]);
    this.#set(key, { text: name, isTuple: tuple && single === undefined, facts: end });
  }

  /** The first input; of a container's call, what it is in the mode in which nothing in it runs. */
  #first(item: CallItem): Reference | null {
    let first = item.facts.inputs[0] ?? null;
    if (item.items === null || item.items.length === 0) return first;
    if (item.facts.row["only"] === undefined) return null;
    const inside = new Map(allRows(item.items).map((facts) => [`v${facts.index}`, facts]));
    while (first !== null && inside.has(first.key)) first = inside.get(first.key)?.inputs[0] ?? null;
    return first;
  }

  #set(key: string, value: Value): void {
    this.#values.set(key, value);
    if (isVariable(value.text)) this.#holds.set(value.text, value.isTuple);
    this.#keepAlive(value.text, key);
  }

  #keepAlive(text: string, key: string): void {
    const name = variableOf(text);
    this.#liveUntil.set(name, Math.max(this.#lastUse.get(key) ?? -1, this.#liveUntil.get(name) ?? -1));
  }

  /** The variable whose value nobody reads after this, else a new one, named by the module or function. */
  #target(unit: Unit, end: RowFacts, at: number): string {
    const live = (name: string, from: number) => (this.#liveUntil.get(name) ?? -1) >= from;
    for (const reference of unit.reads) {
      const value = this.#values.get(`${reference.key}:${reference.output}`) ?? this.#values.get(reference.key);
      if (value && isVariable(value.text) && !reference.key.startsWith("m:") && !live(value.text, at + 1)) return value.text;
    }
    const path = unit.run?.path ?? end.path;
    const own =
      path === null
        ? (NAMES[end.row.op] ?? end.row.op)
        : (path.split(".").findLast((part) => !/^\d+$/.test(part) && part !== "") ?? end.row.op);
    return unique(
      identifier(own.toLowerCase(), end.row.op.toLowerCase()),
      (name) => live(name, at) || (this.#given.length > 0 && name === "inputs"),
    );
  }

  #pins(facts: RowFacts, isRun: boolean): void {
    const pinned = facts.row["training"];
    if (isRun || facts.path === null || typeof pinned !== "boolean" || facts.row.op === "Block") return;
    this.#enter([]);
    this.#push([`${this.#text({ key: `m:${facts.path}`, output: 0 })}.train(${python(pinned)})`]);
  }

  #withoutAutocast(facts: RowFacts): string {
    const first = facts.inputs[0];
    return `with torch.autocast(${first ? `${this.#text(first)}.device.type` : '"cuda"'}, enabled=False):`;
  }

  #call(unit: Unit, sameVariable: boolean): Line {
    const { item, run } = unit;
    const { facts } = item;
    const { row } = facts;
    if (run !== null) {
      const [only] = run.reads;
      const self = locate(this.#place, run.path) ?? "self";
      return [`${self}(${only ? this.#text(only) : ""})`];
    }
    if (item.items !== null) return this.#block(unit);
    const spoken: Spoken = {
      inputs: facts.inputs.map((reference) => (reference ? this.#text(reference) : "None")),
      tensors: new Map(
        [...facts.tensors]
          .filter(([name, { key }]) => facts.path === null || !isParameterName(name) || !key.startsWith("p:"))
          .map(([name, reference]) => [name, this.#text(reference)]),
      ),
      indexed: new Map([...facts.indexed].map(([name, reference]) => [name, this.#text(reference)])),
      batch: facts.batch ? `${this.#text(facts.batch.of)}.shape[${facts.batch.dimension}]` : "1",
      device: this.#device(),
      sameVariable: sameVariable && row["only"] === undefined,
    };
    if (row.op === "opaque") return [`${this.#outside.opaque(facts)}(${spoken.inputs.join(", ")})`];
    if (facts.path === null) return functionCall(row, facts.type, spoken);
    const module = this.#text({ key: `m:${facts.path}`, output: 0 });
    for (const [name, text] of spoken.tensors)
      if (isParameterName(name)) {
        this.#enter([]);
        this.#push([`${module}.${name} = ${text}`]);
      }
    return [`${this.#module(facts)}(`, ...moduleArguments(row, facts.type, spoken), ")"];
  }

  #block(unit: Unit): Line {
    const { facts } = unit.item;
    const module = this.#module(facts);
    const reads = argumentsOf(unit.item, this.#outside);
    const texts = reads.map((reference) => this.#text(reference));
    if (texts.length === 0) texts.push(...this.#anything());
    const how = textOf(facts.row, "called_with", "tensor");
    if (how === "list") return [`${module}([${texts.join(", ")}])`];
    if (how === "keywords") return [`${module}(${texts.map((text, at) => `${LETTERS[at] ?? `x${at + 1}`}=${text}`).join(", ")})`];
    return [`${module}(${texts.join(", ")})`];
  }

  /** A module that no summary prints is called past its hooks. */
  #module(facts: RowFacts): string {
    const module = this.#text({ key: `m:${facts.path ?? ""}`, output: 0 });
    return facts.row["prints"] === 0 ? `${module}.forward` : module;
  }

  /** A tensor for a container that reads nothing from outside: it is called with one all the same. */
  #anything(): string[] {
    for (const [name, isTuple] of this.#holds) if (!isTuple) return [name];
    return [];
  }

  #device(): string | null {
    const [text] = this.#anything();
    return text === undefined ? null : `${text}.device`;
  }

  #enter(context: readonly string[]): void {
    if (context.join() === this.#context.join()) return;
    this.#context = context;
    context.forEach((line, indent) => this.#lines.push({ indent, line: [line] }));
  }

  #push(line: Line): void {
    this.#lines.push({ indent: this.#context.length, line });
  }
}

/** Modules of a Sequential in the order in which it calls them. */
export function leavesOf(place: Place): Place[] {
  return [...place.children.values()].flatMap((child) => (child.module || child.isClass ? [child] : leavesOf(child)));
}

function element(facts: RowFacts | null, output: number): string {
  if (facts && NESTED.test(facts.row.op)) return output === 0 ? "[0]" : `[1][${output - 1}]`;
  return `[${output}]`;
}

function isVariable(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text) && text !== "None";
}

function variableOf(text: string): string {
  return /^[A-Za-z_]\w*/.exec(text)?.[0] ?? "";
}

function isStatement({ row, tensors, inputs }: RowFacts, first: string): boolean {
  const binary = ["add", "sub", "mul", "div"].includes(row.op) && inputs.length + (row["other"] === undefined ? 0 : 1) + tensors.size === 2;
  const simple = [row["alpha"], row["rounding_mode"]].every((value) => value === undefined || value === null || value === 1);
  return binary && simple && isVariable(first) && row["only"] === undefined;
}
