// Below the rows: the notebook's four lines, the units, what torchsummary itself would print where that differs, and the exports.
import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import type { Notebook, Report } from "../core/types";
import { amount, count, gigabytes, memory } from "../format";
import { parametersOf, sharesParameters } from "../state/parameters";
import type { State, Units } from "../state/store";
import { cellIn, FOOT_LINES, SUM_COLUMNS, type Column } from "./grid-focus";
import { number, type Drawing } from "./line-templates";

interface FootLine {
  readonly label: TemplateResult | string;
  readonly parameters?: TemplateResult;
  readonly memory: TemplateResult;
  readonly beside?: string;
}

export function foot(state: State, draw: Drawing, firstIndex: number): TemplateResult {
  const notebook = state.valid.notebook;
  const lines = notebook === undefined ? [] : notebookLines(state, notebook, draw.units);
  return html`<tfoot class=${classMap({ stale: state.stale })}>
    ${lines.map((line, index) => footLine(line, FOOT_LINES[index] ?? "foot total", firstIndex + index, draw, index === lines.length - 1))}
  </tfoot>`;
}

function notebookLines(state: State, notebook: Notebook, units: Units): FootLine[] {
  const batch = typeof state.run.batch === "number" ? count(state.run.batch) : state.run.batch;
  const door = (path: string, bytes: number) => number(path, amount(bytes, units));
  return [
    {
      label: state.stale ? "Input" : `Input, ${batch} ${state.run.batch === 1 ? "item" : "items"}`,
      memory: door("notebook/input", notebook.input),
    },
    {
      label: html`Forward and backward, 2 × ${door("notebook/forward", notebook.forward)}`,
      memory: door("notebook/forward_backward", notebook.forward + notebook.backward),
    },
    {
      label: `Parameters, ${String(state.run.bytes_per_value)} B each${sharesParameters(state.model, state.valid) ? ", shared ones at each use" : ""}`,
      parameters: html`${count(parametersOf(state.valid))}`,
      memory: door("notebook/parameters", notebook.parameters),
    },
    {
      label: "Total by the notebook’s arithmetic",
      memory: door("notebook/total", notebook.total),
      beside: units === "GB" ? memory(notebook.total) : `= ${gigabytes(notebook.total)} ${units === "MiB" ? "GiB" : "GB"}`,
    },
  ];
}

function footLine(line: FootLine, key: string, rowIndex: number, draw: Drawing, total: boolean): TemplateResult {
  const here = draw.place?.line === key ? cellIn({ key, columns: SUM_COLUMNS }, draw.place.column) : null;
  const tab = (column: Column) => (here === column ? "0" : "-1");
  const cell = (column: Column, extra: Record<string, boolean> = {}) => classMap({ [column]: true, cell: here === column, ...extra });
  return html`<tr role="row" class=${classMap({ total })} data-line=${key} aria-rowindex=${rowIndex}>
    <th role="rowheader" colspan="5" class=${cell("ly")} data-column="ly" tabindex=${tab("ly")}>${line.label}</th>
    <td role="gridcell" class=${cell("pr", { r: true })} data-column="pr" tabindex=${tab("pr")}>${line.parameters ?? nothing}</td>
    <td role="gridcell" class=${cell("mb", { r: true })} data-column="mb" tabindex=${tab("mb")}>${line.memory}</td>
    <td role="gridcell" class=${cell("share")} data-column="share" tabindex=${tab("share")}>${line.beside ?? nothing}</td>
  </tr>`;
}

const UNITS: readonly Units[] = ["MB", "GB", "MiB", "bytes"];
const MEANING: Record<Units, TemplateResult> = {
  MB: html`MB = 2<sup>20</sup> bytes, as in the notebook`,
  GB: html`GB = 2<sup>30</sup> bytes, as in the notebook`,
  MiB: html`MiB = 2<sup>20</sup> bytes`,
  bytes: html`exact`,
};

export function unitSwitch(units: Units): TemplateResult {
  return html`<span id="units-name">Units</span>
    <div class="seg small" role="radiogroup" aria-labelledby="units-name">
      ${UNITS.map(
        (unit) =>
          html`<label><input type="radio" name="table-units" value=${unit} .checked=${unit === units} data-act="units" />${unit}</label>`,
      )}
    </div>
    <span class="note">${MEANING[units]}</span>`;
}

export const EXPORTS = ["CSV", "Markdown", "LaTeX", "JSON", "PyTorch", "torchsummary text"] as const;
export type ExportForm = (typeof EXPORTS)[number];

const BECAUSE: Record<string, string> = {
  "inputs-multiplied": "it multiplies the sizes of the inputs with one another",
  "tuple-multiplied": "it multiplies the items of a tuple output",
  wrapped: "its sums wrap at 64 bits",
  stops: "it cannot print this network",
};

/** In one line, how torchsummary's own print differs from the method. */
export function torchsummaryLine(report: Report): TemplateResult | typeof nothing {
  const differs = report.torchsummary;
  if (differs === undefined) return nothing;
  const because = differs.because.map((reason) => BECAUSE[reason] ?? reason).join(" and ");
  return html`<p class="note torchsummary-line">
    ${differs.total === null ? stops(differs.message ?? because) : `torchsummary would print ${memory(differs.total)}: ${because}.`}
  </p>`;
}

/** The core's message is a sentence of its own, without a full stop. */
function stops(why: string): string {
  const sentence = why.startsWith("torchsummary") ? why : `torchsummary stops: ${why}`;
  return sentence.endsWith(".") ? sentence : `${sentence}.`;
}
