// A document as PyTorch code: a class for the network and for each container that is called, modules under the names of their paths, a
// readable forward. Modules of one class that differ only in values share it and hand the values in. What a document does not describe
// raises NotImplementedError.
import type { Catalogue, Report } from "../core/types";
import type { ModelDocument } from "../state/model";
import { argumentsOf, writeBody, type Body, type Outside } from "./body";
import { Classes, classText, qualname, type Instance } from "./classes";
import { Modules } from "./modules";
import { placeOf, readNetwork, textOf, within, type CallItem, type Network, type Place, type RowFacts } from "./network";
import { findSequences } from "./sequences";
import { identifier, isIdentifier, Names, quote, TAKEN, unique, WIDTH, wrapped, type Line } from "./text";

export interface Code {
  readonly text: string;
  /** Of the class that is the network. */
  readonly name: string;
  /** Calls that raise NotImplementedError. */
  readonly missing: readonly string[];
}

/** Two batches that are no size of any network. */
const BATCHES = [7_919, 7_927] as const;
/** What the code beside the classes uses: a class or function of this name would hide it. */
const USED_OUTSIDE = ["isinstance", "model", "output", "sum"];

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

class NetworkWriter {
  readonly #network: Network;
  readonly #release: string;
  readonly #outside: Outside;
  readonly #held = new Map<string, Map<string, string>>();
  /** The calls of each container, by its path. */
  readonly #calls = new Map<string, CallItem[]>();
  readonly #opaque = new Map<string, string>();
  /** Of classes and functions. */
  readonly #names = new Names([...TAKEN, ...USED_OUTSIDE]);
  readonly #root: string;

  constructor(network: Network, release: string) {
    this.#network = network;
    this.#release = release;
    this.#outside = { network, held: this.#held, opaque: (facts) => this.#opaqueName(facts), arguments: new Map() };
    this.#root = this.#names.take(pascal(network.document.name ?? ""));
    const prints = new Map(
      network.rows.flatMap(({ path, shares, row }) => (path === null || shares ? [] : [[path, row["prints"]] as const])),
    );
    this.#collect(network.items, "", (path) => Number(prints.get(path) ?? 1));
    findSequences(network, this.#calls, this.#outside);
  }

  /** `prints`: how many modules a summary prints of the one at the path. */
  #collect(items: readonly CallItem[], caller: string, prints: (path: string) => number): void {
    for (const item of items) {
      const { path, shares } = item.facts;
      if (path === null) continue;
      if (shares && !within(path, caller) && prints(path) > 1) this.#hold(caller, path);
      if (item.items === null) continue;
      const calls = this.#calls.get(path);
      if (calls) calls.push(item);
      else this.#calls.set(path, [item]);
      this.#collect(item.items, path, prints);
    }
  }

  #hold(caller: string, path: string): void {
    const names = this.#held.get(caller) ?? new Map<string, string>();
    this.#held.set(caller, names);
    if (names.has(path)) return;
    const taken = new Set([...(placeOf(this.#network.root, caller)?.children.keys() ?? []), ...names.values()]);
    const name = identifier(path.slice(path.lastIndexOf(".") + 1), "shared");
    names.set(
      path,
      unique(name, (text) => taken.has(text)),
    );
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
    const classes = new Classes(this.#names);
    const modules = new Modules(this.#network, this.#calls, this.#held, this.#names, (place, prefix) => classes.use(place, prefix));
    const groups = byHeight.flatMap((places) => classes.group(places.map((place) => this.#instance(place, modules.init(place)))));
    const subclasses = [...modules.subclasses].map(({ name, op, printed }) =>
      [`class ${name}(nn.${op}):`, `    """nn.${op} under the name that the network gives it."""`, ...qualname(name, printed)].join("\n"),
    );
    const missing = [...this.#opaque].map(([what, name]) =>
      [
        `def ${name}(*inputs):`,
        `    # The document knows the shapes that this call gives, not what it computes.`,
        `    raise NotImplementedError(${quote(`${what} has no PyTorch code in the document`)})`,
      ].join("\n"),
    );
    const text = [...missing, ...subclasses, ...groups.map(classText), this.#main()].join("\n\n\n");
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

  #instance(place: Place, init: readonly Line[]): Instance {
    const { document, items, outputs } = this.#network;
    const call = this.#calls.get(place.path)?.[0];
    if (place.parent !== null && call) {
      const printed = call.facts.row["class"];
      return { place, printed: typeof printed === "string" ? printed : "Block", init, body: this.#bodyOf(place, call) };
    }
    const given = document.inputs.map(({ name }) => ({ key: `i:${name}`, output: 0 }));
    const returns = typeof document["returns"] === "string" ? document["returns"] : outputs.length > 1 ? "tuple" : "tensor";
    return {
      place,
      printed: this.#root,
      init,
      body: writeBody(place, items, given, this.#outside, { returned: outputs, returns, asList: false, only: undefined }),
    };
  }

  #opaqueName(facts: RowFacts): string {
    const what = typeof facts.row["function"] === "string" ? facts.row["function"] : "an opaque call";
    const known = this.#opaque.get(what);
    if (known !== undefined) return known;
    const name = this.#names.take(identifier(what, "opaque"));
    this.#opaque.set(what, name);
    return name;
  }
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
