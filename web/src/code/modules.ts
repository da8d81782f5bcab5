// The modules and parameters of a class: what its __init__ says.
import { kindOf, locate, stepTo } from "./places";
import { parentOf, placeOf, within, type CallItem, type Network, type Parameter, type Place, type RowFacts } from "./network";
import { construction, isParameterName } from "./spelling";
import { identifier, isIdentifier, quote, type Call, type Line, type Names, type Slot } from "./text";

/** A class of PyTorch under the name that the network gives it. */
export interface Subclass {
  readonly name: string;
  readonly op: string;
  readonly printed: string;
}

export class Modules {
  readonly #network: Network;
  readonly #calls: ReadonlyMap<string, readonly CallItem[]>;
  readonly #names: Names;
  readonly #use: (place: Place, prefix: string) => Call;
  readonly #subclasses = new Map<string, Subclass>();
  /** By class: what is said once its modules are made. */
  readonly #after = new Map<Place, Line[]>();

  /** `held`: see Outside. `use` makes a module of the class at a place. */
  constructor(
    network: Network,
    calls: ReadonlyMap<string, readonly CallItem[]>,
    held: ReadonlyMap<string, ReadonlyMap<string, string>>,
    names: Names,
    use: (place: Place, prefix: string) => Call,
  ) {
    this.#network = network;
    this.#calls = calls;
    this.#names = names;
    this.#use = use;
    this.#settleRows();
    for (const { path, tiedTo } of [...network.known, ...parametersBelow(network.root)]) if (tiedTo !== null) this.#tie(path, tiedTo);
    for (const [caller, modules] of held) for (const [path, name] of modules) this.#hold(caller, path, name);
  }

  get subclasses(): Iterable<Subclass> {
    return this.#subclasses.values();
  }

  init(place: Place): Line[] {
    const lines: Line[] = [];
    this.#fill(place, place, "self", lines);
    return [...lines, ...(this.#after.get(place) ?? [])];
  }

  // ——— once the modules are made

  #settleRows(): void {
    const known = new Map<string, Parameter[]>();
    for (const parameter of this.#network.known)
      for (let path = parentOf(parameter.path); path !== ""; path = parentOf(path)) push(known, path, parameter);
    for (const facts of this.#network.rows) {
      if (facts.shares || facts.path === null || facts.row.op === "Block") continue;
      const place = this.#commonClass(parentOf(facts.path), facts.path);
      this.#freeze(place, facts, facts.path, known.get(facts.path) ?? []);
      for (const [name, { key }] of facts.tensors) {
        if (!isParameterName(name)) continue;
        const own = `${facts.path}.${name}`;
        if (key.startsWith("p:")) this.#tie(own, key.slice(2));
        else this.#say(place, `del ${locate(place, own) ?? ""}  # computed in forward`);
      }
    }
  }

  #freeze(place: Place, { row: { frozen } }: RowFacts, path: string, known: readonly Parameter[]): void {
    if (frozen === true) this.#say(place, `${locate(place, path) ?? ""}.requires_grad_(False)`);
    const names = new Set(Array.isArray(frozen) ? frozen.map((name) => `${path}.${String(name)}`) : []);
    for (const parameter of known) {
      if (parameter.buffer) continue;
      const text = locate(place, parameter.path) ?? "";
      if (parameter.dtype !== "float32") this.#say(place, `${text}.data = ${text}.data.to(torch.${parameter.dtype})`);
      if (parameter.frozen && frozen !== true) names.add(parameter.path);
    }
    for (const name of names) this.#say(place, `${locate(place, name) ?? ""}.requires_grad_(False)`);
  }

  #tie(path: string, to: string): void {
    const place = this.#commonClass(parentOf(path), parentOf(to));
    this.#say(place, `${locate(place, path) ?? ""} = ${locate(place, to) ?? ""}`);
  }

  #hold(caller: string, path: string, name: string): void {
    const place = this.#commonClass(caller, path);
    const holder = caller === place.path ? "self" : (locate(place, caller) ?? "");
    this.#say(place, `${holder}.${name} = ${locate(place, path) ?? ""}`);
  }

  #say(place: Place, text: string): void {
    push(this.#after, place, [text]);
  }

  /** The class in whose code both can be reached. */
  #commonClass(one: string, other: string): Place {
    let path = one;
    while (!within(other, path) || placeOf(this.#network.root, path)?.isClass !== true) path = parentOf(path);
    return placeOf(this.#network.root, path) ?? this.#network.root;
  }

  // ——— the modules themselves

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
    const kind = kindOf(place);
    if (kind === "class") return;
    if (kind === "holder" || kind === "module") {
      this.#fill(owner, place, text, lines);
      return;
    }
    for (const [key, child] of place.children) this.#fillLater(owner, child, text + stepTo(place, key), lines);
  }

  #make(owner: Place, place: Place): Line {
    const relative = place.path.slice(owner.path === "" ? 0 : owner.path.length + 1);
    const prefix = identifier(relative, `m${relative.replaceAll(/\W+/g, "_")}`);
    switch (kindOf(place)) {
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
    const kind = kindOf(place);
    if (kind === "list") return [{ open: "nn.ModuleList([", items, close: "])" }];
    if (kind === "dict") return [{ open: "nn.ModuleDict({", items, close: "})", keys }];
    if (place.isNumbered) return [{ open: "nn.Sequential(", items, close: ")" }];
    return [{ open: "nn.Sequential(OrderedDict([", items, close: "]))", keys }];
  }

  #callee(facts: RowFacts): string {
    const printed = facts.row["class"];
    const { op } = facts.row;
    if (typeof printed !== "string" || printed === op) return `nn.${op}`;
    const key = `${printed} ${op}`;
    const known = this.#subclasses.get(key);
    if (known) return known.name;
    const name = this.#names.take(identifier(printed, op));
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
}

function parametersBelow(place: Place): Parameter[] {
  return [...place.parameters, ...[...place.children.values()].flatMap(parametersBelow)];
}

function push<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
