// The classes of the code: modules that are written alike share one, and what differs between them is handed in.
import type { Body } from "./body";
import type { Place } from "./network";
import { identifier, Names, python, render, skeletonOf, slotsOf, wrapped, type Call, type Line, type Slot } from "./text";

/** A module that is to have a class. */
export interface Instance {
  readonly place: Place;
  readonly printed: string;
  readonly init: readonly Line[];
  readonly body: Body;
}

export interface Group {
  readonly name: string;
  readonly instances: readonly Instance[];
  readonly slots: readonly (readonly Slot[])[];
  /** By the slot's place: the name of the parameter that it became. */
  readonly parameters: ReadonlyMap<number, string>;
  readonly inForward: ReadonlySet<string>;
}

/** Values that are the same number because one module’s output is the next one’s input. */
const WIDTHS = /(channels|features|normalized_shape|embed_dim|embedding_dim|input_size|hidden_size|weight_size|bias_size|groups)$/;

export class Classes {
  readonly #names: Names;
  readonly #groups = new Map<Place, { readonly group: Group; readonly at: number }>();

  constructor(names: Names) {
    this.#names = names;
  }

  group(instances: readonly Instance[]): Group[] {
    const bySkeleton = new Map<string, Instance[]>();
    for (const instance of instances) {
      const { printed, init, body, place } = instance;
      const lines = body.lines.map(({ indent, line }) => [indent, skeletonOf(line)]);
      const key = JSON.stringify([place.parent === null, printed, init.map(skeletonOf), body.parameters, lines]);
      const alike = bySkeleton.get(key);
      if (alike) alike.push(instance);
      else bySkeleton.set(key, [instance]);
    }
    return [...bySkeleton.values()].map((members) => {
      const { place, printed } = members[0] as Instance;
      const name = place.parent === null ? printed : this.#names.take(identifier(printed, "Block"));
      const group = { name, instances: members, ...parametersOf(members) };
      members.forEach((member, at) => this.#groups.set(member.place, { group, at }));
      return group;
    });
  }

  /** The call that makes the module at the place; values that become parameters of the caller are called `prefix_…`. */
  use(place: Place, prefix: string): Call {
    const member = this.#groups.get(place);
    if (!member) throw new Error(`${place.path} has no class.`);
    const { group, at } = member;
    const said = new Set<string>();
    const args = [...group.parameters].flatMap(([slot, keyword]) => {
      if (said.has(keyword)) return [];
      said.add(keyword);
      return [{ name: `${prefix}_${keyword}`, text: group.slots[at]?.[slot]?.text ?? "None", keyword }];
    });
    return { callee: group.name, args };
  }
}

export function classText(group: Group): string {
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

/** Values that are not the same in all modules of a class become its parameters; channels that are always equal become one. */
function parametersOf(members: readonly Instance[]): Pick<Group, "slots" | "parameters" | "inForward"> {
  const slots = members.map(({ init, body }) => [...init.flatMap(slotsOf), ...body.lines.flatMap(({ line }) => slotsOf(line))]);
  const first = members[0] as Instance;
  const forwardFrom = first.init.flatMap(slotsOf).length;
  const parameters = new Map<number, string>();
  const byValues = new Map<string, string>();
  const inForward = new Set<string>();
  const names = new Names(first.place.children.keys());
  (slots[0] ?? []).forEach((slot, at) => {
    const values = slots.map((list) => list[at]?.text ?? "");
    if (values.every((text) => text === values[0])) return;
    const kind = WIDTHS.test(slot.name) ? "width" : slot.name;
    const key = `${kind} ${values.join(" ")}`;
    const name = byValues.get(key) ?? names.take(slot.name);
    byValues.set(key, name);
    parameters.set(at, name);
    if (at >= forwardFrom) inForward.add(name);
  });
  return { slots, parameters, inForward };
}

/** The name that a printed summary gives, where the class has another. */
export function qualname(name: string, printed: string): string[] {
  return name === printed ? [] : [`    __qualname__ = ${python(printed)}  # as a summary prints it`, ""];
}
