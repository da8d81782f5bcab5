// The rows as a tree of containers, for folding: a group is an unbroken run of rows under one path, with the sums of its rows.
import type { RowFacts } from "./rows";

export interface Sums {
  /** Elements; `null` where those of a row are not known. */
  readonly parameters: number | null;
  /** Bytes of one forward pass; `null` as above. */
  readonly forward: number | null;
  readonly stale: boolean;
}

export interface Group {
  /** Path and which run of it: the same container called twice makes two groups. */
  readonly key: string;
  readonly path: string;
  /** What the group adds to the path of the group around it; a chain of single groups is one ("image.image_model"). */
  readonly label: string;
  /** The container's class, where a Block row says it. */
  readonly className: string | null;
  readonly depth: number;
  readonly members: readonly (Group | RowFacts)[];
  readonly rows: readonly RowFacts[];
  readonly sums: Sums;
}

export function isGroup(member: Group | RowFacts): member is Group {
  return "members" in member;
}

interface OpenGroup {
  readonly path: string;
  readonly members: (OpenGroup | RowFacts)[];
}

/** The tree's outermost members: groups and rows that stand in none. */
export function groupRows(rows: readonly RowFacts[]): readonly (Group | RowFacts)[] {
  const root: OpenGroup = { path: "", members: [] };
  const open: OpenGroup[] = [root];
  for (const row of rows) {
    const parts = row.scope === "" ? [] : row.scope.split(".");
    let depth = 1;
    while (depth < open.length && open[depth]?.path === parts.slice(0, depth).join(".")) depth += 1;
    open.length = depth;
    for (let level = depth; level <= parts.length; level += 1) {
      const group: OpenGroup = { path: parts.slice(0, level).join("."), members: [] };
      open.at(-1)?.members.push(group);
      open.push(group);
    }
    open.at(-1)?.members.push(row);
  }
  const seen = new Map<string, number>();
  return root.members.map((member) => close(member, "", 0, seen));
}

function close(member: OpenGroup | RowFacts, above: string, depth: number, seen: Map<string, number>): Group | RowFacts {
  if (!("members" in member)) return member;
  let group = member;
  for (let only = group.members[0]; group.members.length === 1 && only !== undefined && "members" in only; only = group.members[0])
    group = only;
  const run = (seen.get(group.path) ?? 0) + 1;
  seen.set(group.path, run);
  const members = group.members.map((inner) => close(inner, group.path, depth + 1, seen));
  const rows = members.flatMap((inner) => (isGroup(inner) ? inner.rows : [inner]));
  const block = rows.find((row) => row.row.op === "Block" && row.row.name === group.path);
  return {
    key: run === 1 ? group.path : `${group.path}#${run}`,
    path: group.path,
    label: above === "" ? group.path : group.path.slice(above.length + 1),
    className: typeof block?.row["class"] === "string" ? block.row["class"] : null,
    depth,
    members,
    rows,
    sums: sumsOf(rows),
  };
}

export function sumsOf(rows: readonly RowFacts[]): Sums {
  return {
    parameters: sumOf(rows.map((row) => row.report?.parameters)),
    forward: sumOf(rows.map((row) => row.report?.forward)),
    stale: rows.some((row) => row.stale),
  };
}

function sumOf(amounts: readonly (number | undefined)[]): number | null {
  return amounts.reduce<number | null>((sum, amount) => (sum === null || amount === undefined ? null : sum + amount), 0);
}

/** "rows 1 to 5: 2 Conv2d, 2 ReLU, 1 MaxPool2d", modules only, in the order in which they first appear. */
export function describeGroup(group: Group): string {
  const first = group.rows[0];
  const last = group.rows.at(-1);
  if (first === undefined || last === undefined) return "";
  const counts = new Map<string, number>();
  for (const row of group.rows) if (!row.isFunction && row.row.op !== "Block") counts.set(row.row.op, (counts.get(row.row.op) ?? 0) + 1);
  const kinds = [...counts].map(([op, count]) => `${count} ${op}`);
  const shown = kinds.length > 4 ? [...kinds.slice(0, 3), "…"] : kinds;
  const span = first === last ? `row ${first.index + 1}` : `rows ${first.index + 1} to ${last.index + 1}`;
  return shown.length > 0 ? `${span}: ${shown.join(", ")}` : span;
}

/** Keys of every group, for "Fold all". */
export function groupKeys(members: readonly (Group | RowFacts)[]): string[] {
  return members.flatMap((member) => (isGroup(member) ? [member.key, ...groupKeys(member.members)] : []));
}
