// Which containers are an nn.Sequential: those whose modules are called one after the other, all of them, each time.
import { allRows, argumentsOf, isPlain, leavesOf, readsOf, type Outside } from "./body";
import { parentOf, within, type CallItem, type Network, type Place } from "./network";

/** What one forward calls. */
interface Calls {
  readonly caller: string;
  readonly items: readonly CallItem[];
}

interface Step {
  readonly calls: Calls;
  readonly at: number;
}

/** `calls`: of each container, by its path. */
export function findSequences(network: Network, calls: ReadonlyMap<string, readonly CallItem[]>, outside: Outside): void {
  const inside = [...calls].flatMap(([caller, items]) => items.map((item) => ({ caller, items: item.items ?? [] })));
  const steps = stepsByContainer([{ caller: "", items: network.items }, ...inside]);
  const readers = new Map<string, number>();
  const seeReader = (key: string) => readers.set(key, (readers.get(key) ?? 0) + 1);
  for (const facts of network.rows) readsOf({ facts, items: null }, outside).forEach(({ key }) => seeReader(key));
  for (const { key } of network.outputs) seeReader(key);

  const follows = (one: CallItem, next: CallItem): boolean => {
    const key = `v${one.facts.index}`;
    const reads = next.items === null ? next.facts.inputs : argumentsOf(next, outside);
    if (!reads.some((reference) => reference?.key === key)) return false;
    if ([...(network.read.get(key) ?? [])].some((output) => output !== 0)) return false;
    const reading =
      next.items === null
        ? 1
        : allRows([next]).filter((facts) => readsOf({ facts, items: null }, outside).some((reference) => reference.key === key)).length;
    return readers.get(key) === reading;
  };
  const isCalledInTurn = (place: Place): boolean => {
    const leaves = leavesOf(place).map((leaf) => leaf.path);
    let last: Step | null = null;
    for (const step of steps.get(place.path) ?? []) {
      const { calls, at } = step;
      if (within(calls.caller, place.path)) continue;
      if (last?.calls === calls && at < last.at + leaves.length) continue; // in the run that was just seen
      const run = calls.items.slice(at, at + leaves.length);
      const isPlainRun =
        run.length === leaves.length && run.every((item, step) => item.facts.path === leaves[step] && isPlain(item, outside));
      if (!isPlainRun || !run.every((item, step) => step === 0 || follows(run[step - 1] as CallItem, item))) return false;
      last = step;
    }
    return last !== null;
  };
  const visit = (place: Place): boolean => {
    const children = [...place.children.values()].map(
      (child) => visit(child) || child.isClass || (child.module !== null && child.children.size === 0),
    );
    const holdsModulesOnly = place.parent !== null && !place.isClass && place.module === null && place.parameters.length === 0;
    place.isSequence = holdsModulesOnly && children.every(Boolean) && isCalledInTurn(place);
    return place.isSequence;
  };
  visit(network.root);
}

/** The calls of what lies in a container, by its path. */
function stepsByContainer(all: readonly Calls[]): Map<string, Step[]> {
  const steps = new Map<string, Step[]>();
  for (const calls of all)
    for (const [at, { facts }] of calls.items.entries())
      for (let path = parentOf(facts.path ?? ""); path !== ""; path = parentOf(path)) {
        const list = steps.get(path);
        if (list) list.push({ calls, at });
        else steps.set(path, [{ calls, at }]);
      }
  return steps;
}
