// A number of the report is named by its path, as `explain` takes it (docs: interface): "notebook/total", "layers/conv1/forward".
import type { Report } from "../core/types";
import type { Cell } from "./store";

/** Columns of the table by what is asked of a row. */
const COLUMNS: Readonly<Record<string, string>> = {
  outputs: "sh",
  parameters: "pr",
  parameter_bytes: "pr",
  unseen: "pr",
  forward: "mb",
};

/** Where the number stands in the table; null for one that is no row's. A number in the place of a name is always a row's number. */
export function cellOfNumber(path: string, report: Report): Cell | null {
  const [part, row, amount] = path.split("/");
  const column = COLUMNS[amount ?? ""];
  if (part !== "layers" || row === undefined || column === undefined) return null;
  const found = report.layers?.find((layer) => (/^\d+$/.test(row) ? layer.row === Number(row) : layer.name === row));
  return found ? { row: found.row - 1, column } : null;
}

/** A number of the training step, which only its simulator can explain. */
export function isOfStep(path: string): boolean {
  return path.startsWith("step/") || path.startsWith("bridge/");
}
