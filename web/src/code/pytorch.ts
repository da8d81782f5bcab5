// A document as PyTorch code: a class for the network and for each container that is called, modules under the names of their paths, a
// readable forward. Modules of one class that differ only in values share it and hand the values in. What a document does not describe
// raises NotImplementedError.
import type { Catalogue, Report } from "../core/types";
import type { ModelDocument } from "../state/model";
import { allRows, argumentsOf, isPlain, leavesOf, outputsRead, readsOf, writeBody, type Body, type Outside } from "./body";
import {
  parentOf,
  placeOf,
  readNetwork,
  textOf,
  within,
  type CallItem,
  type Network,
  type Parameter,
  type Place,
  type RowFacts,
} from "./network";
import { construction, isParameterName } from "./spelling";
import {
  identifier,
  isIdentifier,
  python,
  quote,
  render,
  skeletonOf,
  slotsOf,
  unique,
  WIDTH,
  wrapped,
  type Call,
  type Line,
  type Slot,
} from "./text";

export interface Code {
  readonly text: string;
  /** Of the class that is the network. */
  readonly name: string;
  /** Calls that raise NotImplementedError. */
  readonly missing: readonly string[];
}

/** Values that are the same number because one module’s output is the next one’s input. */
const WIDTHS = /(channels|features|normalized_shape|embed_dim|embedding_dim|input_size|hidden_size|weight_size|bias_size|groups)$/;
/** Two batches that are no size of any network. */
const BATCHES = [7_919, 7_927] as const;

/** `estimate` gives the report at a batch; the document must have no error. */
export function toPyTorch(document: ModelDocument, catalogue: Catalogue, estimate: (batch: number) => Report): Code {
  const reports = { one: estimate(BATCHES[0]), other: estimate(BATCHES[1]), batches: BATCHES };
  const open = new Set<string>();
  for (;;) {
    const network = readNetwork(document, catalogue, reports, open);
    const writer = new NetworkWriter(network, catalogue.release);
    const differs = writer.differingCalls();
    if (differs.length === 0) return writer.write();
    for (const path of differs) open.add(path);
  }
}

interface Instance {
  readonly place: Place;
  readonly printed: string;
  readonly init: readonly Line[];
  readonly body: Body;
}

interface Group {
  readonly name: string;
  readonly instances: readonly Instance[];
  readonly slots: readonly (readonly Slot[])[];
  /** By the slot's place: the name of the parameter that it became. */
  readonly parameters: ReadonlyMap<number, string>;
  readonly inForward: ReadonlySet<string>;
}

type Kind = "class" | "module" | "sequence" | "list" | "dict" | "holder";

class NetworkWriter {
  readonly #network: Network;
  readonly #release: string;
  readonly #outside: Outside;
  readonly #calls = new Map<string, CallItem[]>();
  readonly #groups = new Map<string, Group>();
  readonly #opaque = new Map<string, string>();
  readonly #names = new Set(["torch", "nn", "F", "OrderedDict"]);
  readonly #subclasses = new Map<string, { readonly name: string; readonly op: string; readonly printed: string }>();
  readonly #root: string;

  constructor(network: Network, release: string) {
    this.#network = network;
    this.#release = release;
    const held = new Map<string, Map<string, string>>();
    this.#outside = {
      network,
      held,
      locate: (place, path) => this.#locate(place, path),
      opaque: (facts) => this.#opaqueName(facts),
    };
    this.#root = pascal(network.document.name ?? "");
    this.#names.add(this.#root);
    this.#collect(network.items, "", held);
    this.#findSequences();
  }

  #collect(items: readonly CallItem[], caller: string, held: Map<string, Map<string, string>>): void {
    for (const item of items) {
      const { path, shares } = item.facts;
      const first = this.#network.rows.find((facts) => facts.path === path && !facts.shares);
      if (path !== null && shares && !within(path, caller) && Number(first?.row["prints"] ?? 1) > 1) {
        const names = held.get(caller) ?? new Map<string, string>();
        const taken = placeOf(this.#network.root, caller)?.children;
        const name = identifier(path.slice(path.lastIndexOf(".") + 1), "shared");
        if (!names.has(path))
          names.set(
            path,
            unique(name, (text) => taken?.has(text) === true || [...names.values()].includes(text)),
          );
        held.set(caller, names);
      }
      if (item.items === null || path === null) continue;
      this.#calls.set(path, [...(this.#calls.get(path) ?? []), item]);
      this.#collect(item.items, path, held);
    }
  }

  /** Containers whose modules are called one after the other, all of them, each time. */
  #findSequences(): void {
    const inside = [...this.#calls].flatMap(([caller, items]) => items.map((item) => ({ caller, body: item.items ?? [] })));
    const bodies = [{ caller: "", body: this.#network.items }, ...inside];
    const read = outputsRead(this.#network);
    const readers = new Map<string, number>();
    for (const facts of this.#network.rows)
      for (const reference of readsOf({ facts, items: null }, this.#outside))
        readers.set(reference.key, (readers.get(reference.key) ?? 0) + 1);
    for (const { key } of this.#network.outputs) readers.set(key, (readers.get(key) ?? 0) + 1);
    const readsInside = (item: CallItem) => new Set(argumentsOf(item, this.#outside).map(({ key }) => key));
    const follows = (one: CallItem, next: CallItem): boolean => {
      const key = `v${one.facts.index}`;
      const reads = next.items === null ? new Set(next.facts.inputs.map((reference) => reference?.key ?? "")) : readsInside(next);
      if (!reads.has(key) || [...(read.get(key) ?? [])].some((output) => output !== 0)) return false;
      const reading =
        next.items === null
          ? 1
          : allRows([next]).filter((facts) => readsOf({ facts, items: null }, this.#outside).some((reference) => reference.key === key))
              .length;
      return readers.get(key) === reading;
    };
    const visit = (place: Place): boolean => {
      const children = [...place.children.values()].map(
        (child) => visit(child) || child.isClass || (child.module !== null && child.children.size === 0),
      );
      if (place.parent === null || place.isClass || place.module !== null || place.parameters.length > 0 || !children.every(Boolean))
        return false;
      const leaves = leavesOf(place).map((leaf) => leaf.path);
      let calls = 0;
      for (const { caller, body } of bodies) {
        if (within(caller, place.path)) continue;
        for (let at = 0; at < body.length; at += 1) {
          const path = body[at]?.facts.path ?? null;
          if (!path?.startsWith(`${place.path}.`)) continue;
          const run = body.slice(at, at + leaves.length);
          const plain =
            run.length === leaves.length && run.every((item, step) => item.facts.path === leaves[step] && isPlain(item, this.#outside));
          if (!plain || !run.every((item, step) => step === 0 || follows(run[step - 1] as CallItem, item))) return false;
          calls += 1;
          at += leaves.length - 1;
        }
      }
      place.isSequence = calls > 0;
      return place.isSequence;
    };
    visit(this.#network.root);
  }

  #bodyOf(place: Place, item: CallItem): Body {
    const given = argumentsOf(item, this.#outside);
    const { row, inputs } = item.facts;
    const shape = {
      returned: inputs,
      returns: textOf(row, "returns", "tensor"),
      asList: row["called_with"] === "list",
      only: row["only"],
    };
    const body = writeBody(place, item.items ?? [], given, this.#outside, shape);
    return body.parameters.length > 0 ? body : { ...body, parameters: ["x"] };
  }

  /** Containers that are called several times and do not do the same each time. */
  differingCalls(): string[] {
    return [...this.#calls].flatMap(([path, items]) => {
      const place = placeOf(this.#network.root, path);
      if (!place || items.length < 2) return [];
      const texts = items.map((item) => JSON.stringify({ ...this.#bodyOf(place, item), reads: null }));
      return texts.every((text) => text === texts[0]) ? [] : [path];
    });
  }

  write(): Code {
    const byHeight: Place[][] = [];
    const height = (place: Place): number => {
      const inner = Math.max(-1, ...[...place.children.values()].map(height));
      if (!place.isClass) return inner;
      (byHeight[inner + 1] ??= []).push(place);
      return inner + 1;
    };
    height(this.#network.root);
    const groups = byHeight.flatMap((places) => this.#group(places.map((place) => this.#instance(place))));
    const classes = groups.map((group) => this.#classText(group));
    const subclasses = [...this.#subclasses.values()].map(({ name, op, printed }) =>
      [`class ${name}(nn.${op}):`, `    """nn.${op} under the name that the network gives it."""`, ...qualname(name, printed)].join("\n"),
    );
    const missing = [...this.#opaque].map(([what, name]) =>
      [
        `def ${name}(*inputs):`,
        `    # The document knows the shapes that this call gives, not what it computes.`,
        `    raise NotImplementedError(${quote(`${what} has no PyTorch code in the document`)})`,
      ].join("\n"),
    );
    const text = [...missing, ...subclasses, ...classes, this.#main()].join("\n\n\n");
    const imports = [
      ...(text.includes("OrderedDict(") ? ["from collections import OrderedDict", ""] : []),
      "import torch",
      ...(/\bF\./.test(text) ? ["import torch.nn.functional as F"] : []),
      "from torch import nn",
    ];
    return { text: `${this.#head()}\n\n${imports.join("\n")}\n\n\n${text}\n`, name: this.#root, missing: [...this.#opaque.keys()] };
  }

  #head(): string {
    const { document, rows, open } = this.#network;
    const line = (text: string) => text.replaceAll("\\", "/").replaceAll('"""', "'''").replaceAll(/\s+/g, " ").trim();
    const notes = [
      ...(rows.some(({ row }) => row["checkpoint"] !== undefined) ? ["Calls under torch.utils.checkpoint are made without it."] : []),
      ...(document["returns"] === "named tuple" ? ["The network’s named tuple is a tuple here."] : []),
      ...(open.size > 0 ? [`What these containers do stands in their caller: ${[...open].join(", ")}.`] : []),
    ];
    const source = document.source === undefined || document.source === "" ? [] : paragraph(`Source: ${line(document.source)}`);
    return [
      `"""${line(document.name ?? "A network")}`,
      "",
      ...source,
      `Written by Footprint ${this.#release} from a model document.`,
      ...notes.flatMap((note) => paragraph(line(note))),
      '"""',
    ].join("\n");
  }

  #main(): string {
    const inputs = this.#network.document.inputs.map((input) => {
      const sizes = Array.isArray(input.shape) ? (input.shape as readonly unknown[]).map((size) => this.#size(size)) : [];
      const at = input["batch_dim"] === undefined ? 0 : input["batch_dim"];
      if (typeof at === "number") sizes.splice(at, 0, "2");
      const dtype = input.dtype === undefined || input.dtype === "float32" ? "" : `, dtype=torch.${input.dtype}`;
      return `torch.zeros(${sizes.length === 0 ? "()" : sizes.join(", ")}${dtype})`;
    });
    return [
      'if __name__ == "__main__":',
      // torch.autocast knows no meta device.
      this.#network.rows.some(({ row }) => row["autocast"] === false)
        ? '    with torch.device("cpu"):'
        : '    with torch.device("meta"):  # shapes alone: no memory, no time',
      `        model = ${this.#root}()`,
      ...wrapped(`output = model(${inputs.join(", ")})`, 8),
      "    print(model)",
      '    print(sum(p.numel() for p in model.parameters()), "parameters")',
      "    print(output.shape if isinstance(output, torch.Tensor) else output)",
    ].join("\n");
  }

  #size(size: unknown): string {
    if (typeof size !== "object" || size === null) return String(size);
    const { batch = 0, plus = 0 } = size as { readonly batch?: number; readonly plus?: number };
    return String(2 * batch + plus);
  }

  // ——— classes

  #instance(place: Place): Instance {
    const { document, items, outputs } = this.#network;
    const call = this.#calls.get(place.path)?.[0];
    if (place.parent !== null && call) {
      const printed = call.facts.row["class"];
      return { place, printed: typeof printed === "string" ? printed : "Block", init: this.#init(place), body: this.#bodyOf(place, call) };
    }
    const given = document.inputs.map(({ name }) => ({ key: `i:${name}`, output: 0 }));
    const returns = typeof document["returns"] === "string" ? document["returns"] : outputs.length > 1 ? "tuple" : "tensor";
    return {
      place,
      printed: this.#root,
      init: this.#init(place),
      body: writeBody(place, items, given, this.#outside, { returned: outputs, returns, asList: false, only: undefined }),
    };
  }

  #group(instances: readonly Instance[]): Group[] {
    const bySkeleton = new Map<string, Instance[]>();
    for (const instance of instances) {
      const { printed, init, body, place } = instance;
      const lines = body.lines.map(({ indent, line }) => [indent, skeletonOf(line)]);
      const key = JSON.stringify([place.parent === null, printed, init.map(skeletonOf), body.parameters, lines]);
      bySkeleton.set(key, [...(bySkeleton.get(key) ?? []), instance]);
    }
    return [...bySkeleton.values()].map((members) => {
      const first = members[0] as Instance;
      const isRoot = first.place.parent === null;
      const name = isRoot ? this.#root : unique(identifier(first.printed, "Block"), (text) => this.#names.has(text));
      this.#names.add(name);
      const group = { name, instances: members, ...parametersOf(members) };
      for (const { place } of members) this.#groups.set(place.path, group);
      return group;
    });
  }

  #classText(group: Group): string {
    const { name, instances, slots, parameters, inForward } = group;
    const { init, body, printed, place } = instances[0] as Instance;
    const mine = slots[0] ?? [];
    let at = -1;
    const value = (prefix: string) => (slot: Slot) => {
      at += 1;
      const parameter = parameters.get(at);
      return parameter === undefined ? slot.text : prefix + parameter;
    };
    const lines = [`class ${name}(nn.Module):`, ...(place.parent === null ? [] : qualname(name, printed))];
    const initLines = init.flatMap((line) => wrapped(render(line, value("")), 8));
    const forward = body.lines.flatMap(({ indent, line }) => wrapped(render(line, value("self.")), 8 + indent * 4));
    if (at + 1 !== mine.length) throw new Error(`${name}: ${at + 1} values of ${mine.length} were written.`);
    const names = [...new Set(parameters.values())];
    if (init.length > 0 || names.length > 0) {
      lines.push(...wrapped(`def __init__(${["self", ...names].join(", ")})`, 4), "        super().__init__()");
      const end = lines.length - 2;
      lines[end] = `${lines[end] ?? ""}:`;
      lines.push(...[...inForward].map((parameter) => `        self.${parameter} = ${parameter}`), ...initLines, "");
    }
    lines.push(`    def forward(${["self", ...body.parameters].join(", ")}):`, ...forward);
    return lines.join("\n");
  }

  // ——— modules

  #kind(place: Place): Kind {
    if (place.isClass) return "class";
    if (place.module) return "module";
    if (place.isSequence) return "sequence";
    const keys = [...place.children.keys()];
    if (place.parameters.length > 0 || keys.length === 0) return "holder";
    if (keys.every((key, at) => key === String(at))) return "list";
    return keys.every(isIdentifier) ? "holder" : "dict";
  }

  #step(place: Place, key: string): string {
    const kind = this.#kind(place);
    const numbered = [...place.children.keys()].every((name, at) => name === String(at));
    if (kind === "list" || (kind === "sequence" && numbered)) return `[${key}]`;
    if (kind === "dict") return `[${quote(key)}]`;
    return isIdentifier(key) ? `.${key}` : `.get_submodule(${quote(key)})`;
  }

  #locate(from: Place, path: string): string | null {
    if (path === from.path || !within(path, from.path)) return null;
    let place: Place | null = from;
    let text = "self";
    for (const key of path.slice(from.path === "" ? 0 : from.path.length + 1).split(".")) {
      const child: Place | null = place?.children.get(key) ?? null;
      text += place && child ? this.#step(place, key) : isIdentifier(key) ? `.${key}` : `.get_parameter(${quote(key)})`;
      place = child;
    }
    return text;
  }

  #init(place: Place): Line[] {
    const lines: Line[] = [];
    this.#fill(place, place, "self", lines);
    for (const facts of this.#network.rows) {
      if (facts.shares || facts.path === null || facts.row.op === "Block") continue;
      if (this.#classOf(facts.path) === place) this.#freeze(place, facts, lines);
      for (const [name, { key }] of facts.tensors) {
        if (!isParameterName(name)) continue;
        const own = `${facts.path}.${name}`;
        if (!key.startsWith("p:")) {
          if (this.#classOf(facts.path) === place) lines.push([`del ${this.#locate(place, own) ?? ""}  # computed in forward`]);
        } else this.#tie(place, own, key.slice(2), lines);
      }
    }
    const own = [...this.#network.known, ...this.#parametersBelow(this.#network.root)];
    for (const parameter of own) if (parameter.tiedTo !== null) this.#tie(place, parameter.path, parameter.tiedTo, lines);
    for (const [caller, modules] of this.#outside.held)
      for (const [path, name] of modules) {
        if (this.#commonClass(caller, path) !== place) continue;
        lines.push([
          `${caller === place.path ? "self" : (this.#locate(place, caller) ?? "")}.${name} = ${this.#locate(place, path) ?? ""}`,
        ]);
      }
    return lines;
  }

  #parametersBelow(place: Place): Parameter[] {
    return [...place.parameters, ...[...place.children.values()].flatMap((child) => this.#parametersBelow(child))];
  }

  /** The class in whose code both can be reached. */
  #commonClass(one: string, other: string): Place {
    let path = one;
    while (!within(other, path) || placeOf(this.#network.root, path)?.isClass !== true) path = parentOf(path);
    return placeOf(this.#network.root, path) ?? this.#network.root;
  }

  #classOf(path: string): Place {
    return this.#commonClass(parentOf(path), path);
  }

  #tie(place: Place, path: string, to: string, lines: Line[]): void {
    if (this.#commonClass(parentOf(path), parentOf(to)) !== place) return;
    lines.push([`${this.#locate(place, path) ?? ""} = ${this.#locate(place, to) ?? ""}`]);
  }

  #freeze(place: Place, facts: RowFacts, lines: Line[]): void {
    const path = facts.path ?? "";
    const { frozen } = facts.row;
    if (frozen === true) lines.push([`${this.#locate(place, path) ?? ""}.requires_grad_(False)`]);
    const names = Array.isArray(frozen) ? frozen.map((name) => `${path}.${String(name)}`) : [];
    for (const parameter of this.#network.known) {
      if (!parameter.path.startsWith(`${path}.`) || parameter.buffer) continue;
      const text = this.#locate(place, parameter.path) ?? "";
      if (parameter.dtype !== "float32") lines.push([`${text}.data = ${text}.data.to(torch.${parameter.dtype})`]);
      if (parameter.frozen && frozen !== true && !names.includes(parameter.path)) names.push(parameter.path);
    }
    for (const name of names) lines.push([`${this.#locate(place, name) ?? ""}.requires_grad_(False)`]);
  }

  /** Assigns what stands below `place` to `text`, which is the expression for it. */
  #fill(owner: Place, place: Place, text: string, lines: Line[]): void {
    for (const parameter of place.parameters) lines.push(this.#parameter(place, parameter, text));
    for (const [key, child] of place.children) {
      const name = `${text}.${key}`;
      const line: Line = isIdentifier(key)
        ? [`${name} = `, ...this.#make(owner, child)]
        : [`${text}.add_module(${quote(key)}, `, ...this.#make(owner, child), ")"];
      lines.push(line);
      this.#fillLater(owner, child, text + (isIdentifier(key) ? `.${key}` : `.get_submodule(${quote(key)})`), lines);
    }
  }

  /** What the expression of a container has not said. */
  #fillLater(owner: Place, place: Place, text: string, lines: Line[]): void {
    const kind = this.#kind(place);
    if (kind === "class") return;
    if (kind === "holder" || kind === "module") {
      this.#fill(owner, place, text, lines);
      return;
    }
    for (const [key, child] of place.children) this.#fillLater(owner, child, text + this.#step(place, key), lines);
  }

  #make(owner: Place, place: Place): Line {
    const relative = place.path.slice(owner.path === "" ? 0 : owner.path.length + 1);
    const prefix = identifier(relative, `m${relative.replaceAll(/\W+/g, "_")}`);
    switch (this.#kind(place)) {
      case "class":
        return [this.#use(place, prefix)];
      case "module": {
        const facts = place.module as RowFacts;
        return [construction(facts.row, facts.type, facts.layer.resolved ?? {}, this.#callee(facts), prefix)];
      }
      case "holder":
        return ["nn.Module()"];
      default:
        return this.#container(owner, place);
    }
  }

  #container(owner: Place, place: Place): Line {
    const items = [...place.children.values()].map((child) => this.#make(owner, child));
    const keys = [...place.children.keys()];
    const kind = this.#kind(place);
    if (kind === "list") return [{ open: "nn.ModuleList([", items, close: "])" }];
    if (kind === "dict") return [{ open: "nn.ModuleDict({", items, close: "})", keys }];
    if (keys.every((key, at) => key === String(at))) return [{ open: "nn.Sequential(", items, close: ")" }];
    return [{ open: "nn.Sequential(OrderedDict([", items, close: "]))", keys }];
  }

  #use(place: Place, prefix: string): Call {
    const group = this.#groups.get(place.path);
    if (!group) throw new Error(`${place.path} has no class.`);
    const at = group.instances.findIndex((instance) => instance.place === place);
    const said = new Set<string>();
    const args = [...group.parameters].flatMap(([slot, keyword]) => {
      if (said.has(keyword)) return [];
      said.add(keyword);
      return [{ name: `${prefix}_${keyword}`, text: group.slots[at]?.[slot]?.text ?? "None", keyword }];
    });
    return { callee: group.name, args };
  }

  #callee(facts: RowFacts): string {
    const printed = facts.row["class"];
    const { op } = facts.row;
    if (typeof printed !== "string" || printed === op) return `nn.${op}`;
    const key = `${printed} ${op}`;
    const known = this.#subclasses.get(key);
    if (known) return known.name;
    const name = unique(identifier(printed, op), (text) => this.#names.has(text));
    this.#names.add(name);
    this.#subclasses.set(key, { name, op, printed });
    return name;
  }

  #parameter(place: Place, { path, shape, dtype, frozen, buffer }: Parameter, text: string): Line {
    const name = path.slice(path.lastIndexOf(".") + 1);
    const slots = shape.map((size): Slot => ({ name: `${identifier(name, "parameter")}_size`, text: String(size) }));
    const sizes: Line = shape.length === 0 ? ["()"] : slots.flatMap((slot, at): Line => (at === 0 ? [slot] : [", ", slot]));
    const zeros: Line = ["torch.zeros(", ...sizes, dtype === "float32" ? ")" : `, dtype=torch.${dtype})`];
    if (buffer) return [`${text}.register_buffer(${quote(name)}, `, ...zeros, ")"];
    const block = this.#calls.get(place.path)?.[0]?.facts.row["frozen"];
    const fixed = frozen || block === true || (Array.isArray(block) && block.includes(name)) || !/^(b?float|complex)/.test(dtype);
    const value: Line = ["nn.Parameter(", ...zeros, fixed ? ", requires_grad=False)" : ")"];
    return isIdentifier(name) ? [`${text}.${name} = `, ...value] : [`${text}.register_parameter(${quote(name)}, `, ...value, ")"];
  }

  #opaqueName(facts: RowFacts): string {
    const what = typeof facts.row["function"] === "string" ? facts.row["function"] : "an opaque call";
    const known = this.#opaque.get(what);
    if (known !== undefined) return known;
    const name = unique(identifier(what, "opaque"), (text) => this.#names.has(text));
    this.#names.add(name);
    this.#opaque.set(what, name);
    return name;
  }
}

/** Values that are not the same in all modules of a class become its parameters; channels that are always equal become one. */
function parametersOf(members: readonly Instance[]): Pick<Group, "slots" | "parameters" | "inForward"> {
  const slots = members.map(({ init, body }) => [...init.flatMap(slotsOf), ...body.lines.flatMap(({ line }) => slotsOf(line))]);
  const first = members[0] as Instance;
  const forwardFrom = first.init.flatMap(slotsOf).length;
  const parameters = new Map<number, string>();
  const byValues = new Map<string, string>();
  const inForward = new Set<string>();
  const taken = new Set(first.place.children.keys());
  (slots[0] ?? []).forEach((slot, at) => {
    const values = slots.map((list) => list[at]?.text ?? "");
    if (values.every((text) => text === values[0])) return;
    const kind = WIDTHS.test(slot.name) ? "width" : slot.name;
    const key = `${kind} ${values.join(" ")}`;
    const name = byValues.get(key) ?? unique(slot.name, (text) => taken.has(text));
    byValues.set(key, name);
    taken.add(name);
    parameters.set(at, name);
    if (at >= forwardFrom) inForward.add(name);
  });
  return { slots, parameters, inForward };
}

/** The name that a printed summary gives, where the class has another. */
function qualname(name: string, printed: string): string[] {
  return name === printed ? [] : [`    __qualname__ = ${python(printed)}  # as a summary prints it`, ""];
}

function pascal(text: string): string {
  const name = text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  return /^[A-Za-z]/.test(name) && isIdentifier(name) ? name : `Network${name}`;
}

/** Lines of at most the code's width. */
function paragraph(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
