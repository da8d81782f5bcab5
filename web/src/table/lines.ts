// The lines of the table as they stand on the screen, one after another: groups, rows, and a reason under each row that has a fault.
// Folding, searching, hiding functions and sorting happen here, on plain data.
import type { Diagnostic } from "../core/types";
import { type Group, isGroup } from "./groups";
import type { RowFacts } from "./rows";

export type Line =
  | { readonly kind: "group"; readonly key: string; readonly group: Group; readonly folded: boolean }
  | { readonly kind: "row"; readonly key: string; readonly facts: RowFacts; readonly depth: number }
  | { readonly kind: "reason"; readonly key: string; readonly facts: RowFacts; readonly faults: readonly Diagnostic[] };

export interface View {
  /** Keys of folded groups. */
  readonly folded: ReadonlySet<string>;
  /** What a row's text must contain; "" for all. */
  readonly find: string;
  readonly functions: "badges" | "rows";
  readonly order: "document" | "cost";
}

export function linesOf(members: readonly (Group | RowFacts)[], rows: readonly RowFacts[], view: View): readonly Line[] {
  const wanted = view.find.trim().toLowerCase();
  const onlyFunctions = rows.every((row) => row.isFunction);
  const shown = (row: RowFacts) =>
    (view.functions === "rows" || !row.isFunction || onlyFunctions || row.faults.length > 0) &&
    (wanted === "" || searchText(row).includes(wanted));
  const lines: Line[] = [];
  const addRow = (facts: RowFacts, depth: number) => {
    lines.push({ kind: "row", key: `row ${facts.index}`, facts, depth });
    if (facts.faults.length > 0) lines.push({ kind: "reason", key: `reason ${facts.index}`, facts, faults: facts.faults });
  };
  if (view.order === "cost") {
    const byCost = rows.filter(shown).sort((a, b) => (b.report?.forward ?? 0) - (a.report?.forward ?? 0) || a.index - b.index);
    for (const facts of byCost) addRow(facts, 0);
    return lines;
  }
  const walk = (member: Group | RowFacts) => {
    if (!isGroup(member)) {
      if (shown(member)) addRow(member, 0);
      return;
    }
    const any = member.rows.some(shown);
    if (!any) return;
    // A search looks into folded groups, and a fault is never hidden in one.
    const folded = view.folded.has(member.key) && wanted === "" && !member.rows.some((row) => row.faults.length > 0);
    lines.push({ kind: "group", key: `group ${member.key}`, group: member, folded });
    if (!folded) member.members.forEach(walk);
  };
  members.forEach(walk);
  return lines;
}

function searchText(facts: RowFacts): string {
  const { row } = facts;
  const values = Object.entries(row).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [`${facts.index + 1}`, row.op, facts.scope, facts.name, ...values].join(" ").toLowerCase();
}
