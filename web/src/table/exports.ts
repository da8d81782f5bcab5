// The table as text for a spreadsheet, a README, a paper, or as torchsummary prints it. Bytes are in every form, so that nobody has to
// guess what was rounded; the columns are those of the screen.
import { amount, count, shape } from "../format";
import type { Notebook } from "../core/types";
import type { Units } from "../state/store";
import type { RowFacts } from "./rows";

export interface ExportedTable {
  readonly title: string;
  readonly batch: string;
  readonly units: Units;
  readonly rows: readonly ExportedRow[];
  readonly notebook: Notebook | undefined;
}

export interface ExportedRow {
  readonly row: number;
  readonly layer: string;
  readonly name: string;
  readonly attributes: string;
  /** Per item. */
  readonly output: string;
  /** This and the bytes are null where an error leaves them unknown. */
  readonly parameters: number | null;
  readonly parameterBytes: number | null;
  readonly forward: number | null;
}

export function exportedRow(facts: RowFacts, attributes: string): ExportedRow {
  const outputs = facts.report?.outputs ?? [];
  return {
    row: facts.index + 1,
    layer: facts.row.op,
    name: facts.row.name ?? facts.name,
    attributes,
    output: outputs.map((output) => shape(output?.slice(1))).join("; "),
    parameters: facts.report?.parameters ?? null,
    parameterBytes: facts.report?.parameter_bytes ?? null,
    forward: facts.report?.forward ?? null,
  };
}

/** RFC 4180: quotes where needed, CR LF at the end of each line. */
export function toCsv(table: ExportedTable): string {
  const quote = (value: string | number) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const head = ["row", "layer", "name", "attributes", "output_per_item", "parameters", "parameter_bytes", "activation_bytes"];
  const rows = table.rows.map((row) => [
    row.row,
    row.layer,
    row.name,
    row.attributes,
    row.output,
    row.parameters ?? "",
    row.parameterBytes ?? "",
    row.forward ?? "",
  ]);
  const totals = totalsOf(table).map(({ label, bytes }) => ["", label, "", "", "", "", "", bytes]);
  return [head, ...rows, ...totals].map((line) => `${line.map(quote).join(",")}\r\n`).join("");
}

export function toMarkdown(table: ExportedTable): string {
  const cell = (value: string) => value.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll("\n", " ");
  const line = (values: readonly string[]) => `| ${values.map(cell).join(" | ")} |`;
  const unit = table.units === "bytes" ? [] : [table.units];
  const head = [
    "#",
    "Layer",
    "Name",
    "Attributes",
    "Output, per item",
    "Parameters",
    ...unit.map((name) => `Activations, ${name}`),
    "Activations, bytes",
  ];
  const rows = table.rows.map((row) =>
    line([String(row.row), row.layer, row.name, row.attributes, row.output, ...amountsOf(row, table.units)]),
  );
  const totals = totalsOf(table).map(({ label, bytes }) =>
    line(["", label, "", "", "", "", ...unit.map(() => amount(bytes, table.units)), count(bytes)]),
  );
  const rule = `|${head.map((_, index) => (index === 0 || index >= 5 ? " ---: " : " --- ")).join("|")}|`;
  return [`**${cell(table.title)}**, batch ${table.batch}`, "", line(head), rule, ...rows, ...totals, ""].join("\n");
}

/** A `booktabs` table. */
export function toLatex(table: ExportedTable): string {
  const unit = table.units === "bytes" ? [] : [table.units];
  const head = [
    "\\#",
    "Layer",
    "Name",
    "Attributes",
    "Output, per item",
    "Parameters",
    ...unit.map((name) => `Activations, ${name}`),
    "Activations, bytes",
  ];
  const line = (values: readonly string[]) => `    ${values.join(" & ")} \\\\`;
  const rows = table.rows.map((row) =>
    line([String(row.row), ...[row.layer, row.name, row.attributes, row.output].map(escapeLatex), ...amountsOf(row, table.units)]),
  );
  const totals = totalsOf(table).map(({ label, bytes }) =>
    line(["", escapeLatex(label), "", "", "", "", ...unit.map(() => amount(bytes, table.units)), count(bytes)]),
  );
  return [
    "% \\usepackage{booktabs}",
    "\\begin{table}",
    `  \\caption{${escapeLatex(table.title)}, batch ${escapeLatex(table.batch)}}`,
    `  \\begin{tabular}{rllllr${"r".repeat(unit.length)}r}`,
    "    \\toprule",
    line(head),
    "    \\midrule",
    ...rows,
    ...(totals.length > 0 ? ["    \\midrule", ...totals] : []),
    "    \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}

/** The last columns of a row, as text. */
function amountsOf({ parameters, forward }: ExportedRow, units: Units): string[] {
  const inUnit = units === "bytes" ? [] : [forward === null ? "?" : amount(forward, units)];
  return [parameters === null ? "?" : count(parameters), ...inUnit, forward === null ? "?" : count(forward)];
}

function totalsOf(table: ExportedTable): { readonly label: string; readonly bytes: number }[] {
  const { notebook } = table;
  if (notebook === undefined) return [];
  return [
    { label: `Input, ${table.batch} ${table.batch === "1" ? "item" : "items"}`, bytes: notebook.input },
    { label: "Forward and backward", bytes: notebook.forward + notebook.backward },
    { label: "Parameters", bytes: notebook.parameters },
    { label: "Total", bytes: notebook.total },
  ];
}

const LATEX: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "×": "$\\times$",
  "−": "$-$",
  "“": "``",
  "”": "''",
};

export function escapeLatex(text: string): string {
  return text.replaceAll(/[\\{}$&#%_^~×−“”]/g, (character) => LATEX[character] ?? character);
}
