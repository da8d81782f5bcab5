// Rows that move, copy and go together: while functions are shown as badges of a row, what is done to the row is done to them too.
import type { RowFacts } from "./rows";
import type { View } from "./lines";

/** The rows of the unit that begins with this row: itself, and the functions that its badges name. */
function unitAt(rows: readonly RowFacts[], index: number, functions: View["functions"]): number[] {
  const unit = [index];
  if (functions === "rows" || rows[index]?.isFunction) return unit;
  for (let next = index + 1; rows[next]?.isFunction === true && rows[next]?.faults.length === 0; next += 1) unit.push(next);
  return unit;
}

export function withFunctions(rows: readonly RowFacts[], picked: readonly number[], functions: View["functions"]): number[] {
  return [...new Set(picked.flatMap((index) => unitAt(rows, index, functions)))].sort((a, b) => a - b);
}

/** How far the rows go, in rows of the document, to pass one row of the screen. 0: they stand at the end. */
export function stepOf(rows: readonly RowFacts[], picked: readonly number[], functions: View["functions"], towards: "up" | "down"): number {
  const first = picked[0];
  const last = picked.at(-1);
  if (first === undefined || last === undefined) return 0;
  if (towards === "down") return last + 1 < rows.length ? unitAt(rows, last + 1, functions).length : 0;
  if (first === 0) return 0;
  let start = first - 1;
  if (functions === "badges") while (start > 0 && rows[start]?.isFunction === true && rows[start]?.faults.length === 0) start -= 1;
  return start - first;
}

/** How far `moveRows` has to take the rows for them to stand before row `before` of the document. */
export function distanceTo(picked: readonly number[], before: number): number {
  const first = picked[0];
  if (first === undefined) return 0;
  const gone = new Set(picked);
  let at = before;
  for (const index of gone) if (index < before) at -= 1;
  return at - first;
}
