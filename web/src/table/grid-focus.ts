// Where the one tab stop of the grid stands and where a key takes it. Lines are those on the screen, the totals included; a line of a
// group or of the totals has fewer cells than a row, so the column that the reader came from is kept apart from the cell he stands on.
import type { Line } from "./lines";

export type Column = "idx" | "ly" | "at" | "sh" | "pr" | "mb" | "share";

export const ROW_COLUMNS: readonly Column[] = ["idx", "ly", "at", "sh", "pr", "mb", "share"];
export const SUM_COLUMNS: readonly Column[] = ["ly", "pr", "mb", "share"];
/** A reason is one wide cell; its fixes are controls inside it. */
const COLUMNS_OF = { row: ROW_COLUMNS, group: SUM_COLUMNS, reason: ["ly"] } as const satisfies Record<Line["kind"], readonly Column[]>;
export const FOOT_LINES = ["foot input", "foot forward", "foot parameters", "foot total"] as const;

export interface Place {
  readonly line: string;
  readonly column: Column;
}

export interface Stop {
  readonly key: string;
  readonly columns: readonly Column[];
}

/** Every line that the keys can reach, in order. */
export function stopsOf(lines: readonly Line[]): readonly Stop[] {
  return [
    ...lines.map((line): Stop => ({ key: line.key, columns: COLUMNS_OF[line.kind] })),
    ...FOOT_LINES.map((key) => ({ key, columns: SUM_COLUMNS })),
  ];
}

/** The cell of a line that stands in the column: group and totals reach over those that they do not have. */
export function cellIn(stop: Stop, column: Column): Column {
  return stop.columns.includes(column) ? column : "ly";
}

export interface Move {
  readonly key: string;
  readonly ctrl: boolean;
  /** Lines that make a page. */
  readonly page: number;
  /** Columns that the table's width hides. */
  readonly hidden: ReadonlySet<Column>;
}

/** Where the key leads, or null where it is not a key that moves. */
export function moveFrom(stops: readonly Stop[], from: Place, move: Move): Place | null {
  const at = Math.max(
    0,
    stops.findIndex((stop) => stop.key === from.line),
  );
  const stop = stops[at];
  if (stop === undefined) return null;
  const toLine = (line: number): Place => {
    const target = stops[Math.min(Math.max(line, 0), stops.length - 1)] ?? stop;
    return { line: target.key, column: from.column };
  };
  const columns = stop.columns.filter((column) => !move.hidden.has(column));
  const here = Math.max(0, columns.indexOf(cellIn(stop, from.column)));
  const toColumn = (index: number): Place => ({
    line: stop.key,
    column: columns[Math.min(Math.max(index, 0), columns.length - 1)] ?? "ly",
  });
  const end = (place: Place, which: "first" | "last"): Place => {
    const own = stops.find((candidate) => candidate.key === place.line)?.columns.filter((column) => !move.hidden.has(column)) ?? [];
    return { line: place.line, column: (which === "first" ? own[0] : own.at(-1)) ?? "ly" };
  };
  switch (move.key) {
    case "ArrowUp":
      return toLine(move.ctrl ? 0 : at - 1);
    case "ArrowDown":
      return toLine(move.ctrl ? stops.length - 1 : at + 1);
    case "ArrowLeft":
      return toColumn(here - 1);
    case "ArrowRight":
      return toColumn(here + 1);
    case "PageUp":
      return toLine(at - move.page);
    case "PageDown":
      return toLine(at + move.page);
    case "Home":
      return move.ctrl ? end(toLine(0), "first") : toColumn(0);
    case "End":
      return move.ctrl ? end(toLine(stops.length - 1), "last") : toColumn(columns.length - 1);
    default:
      return null;
  }
}

/** Row indices between two lines, both included, in the order of the document. */
export function rowsBetween(lines: readonly Line[], from: string, to: string): number[] {
  const indexOf = (key: string) => lines.findIndex((line) => line.key === key);
  const ends = [indexOf(from), indexOf(to)];
  if (ends.includes(-1)) return [];
  const rows = lines.slice(Math.min(...ends), Math.max(...ends) + 1).flatMap((line) => (line.kind === "row" ? [line.facts.index] : []));
  return rows.sort((a, b) => a - b);
}
