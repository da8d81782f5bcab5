// The capacity figure: the need, part by part, on one axis with one mark for what the card can use. Geometry in per cent, no viewBox,
// so text keeps its size at any width.
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { FitReport, Notebook } from "../core/types";
import { amount, memory } from "../format";
import type { Units } from "../state/store";

export interface Capacity {
  readonly notebook: Notebook;
  readonly fit: FitReport;
  /** "V100" */
  readonly card: string;
  readonly units: Units;
  /** Another state to show in its place, as long as a remedy has focus; the axis stays. */
  readonly preview: { readonly title: string; readonly total: number; readonly fit: FitReport } | null;
}

const TOP = 38;
const HEIGHT = 26;
const KB = 2 ** 10;
const MB = 2 ** 20;
const GB = 2 ** 30;

export function capacityFigure({ notebook, fit, card, units, preview }: Capacity): TemplateResult {
  const end = Math.max(notebook.total, fit.usable, preview?.fit.usable ?? 0) * 1.12;
  const at = (bytes: number) => `${((bytes / end) * 100).toFixed(3)}%`;
  const total = preview?.total ?? notebook.total;
  const shown = preview?.fit ?? fit;
  const over = shown.free < 0;
  const mark = (shown.usable / end) * 100;
  const anchor = mark < 22 ? "start" : mark > 78 ? "end" : "middle";
  const label = `Memory needed, ${memory(notebook.total, units)}, against the usable memory of ${card}, ${memory(fit.usable, units)}: ${
    fit.free < 0 ? `${memory(-fit.free, units)} too much` : `${memory(fit.free, units)} free`
  }.`;
  return html`<figure class="cap">
    <svg class="plot" role="img" aria-label=${label} height="92">
      ${ticks(end).map(
        ({ bytes, text }, index) =>
          svg`<line class="grid-line" x1=${at(bytes)} x2=${at(bytes)} y1="24" y2="76"></line><text class="tick" x=${at(bytes)} y="90" text-anchor=${index === 0 ? "start" : "middle"}>${text}</text>`,
      )}
      ${preview ? svg`<rect class="preview" x="0" y=${TOP} width=${at(total)} height=${HEIGHT}></rect>` : parts(notebook, at)}
      ${
        over
          ? svg`<rect class="over-veil" x=${at(shown.usable)} y=${TOP} width=${at(total - shown.usable)} height=${HEIGHT}></rect><rect class="over-box" x=${at(shown.usable)} y=${TOP} width=${at(total - shown.usable)} height=${HEIGHT}></rect>`
          : svg`<rect class="free" x=${at(total)} y=${TOP + 0.5} width=${at(shown.usable - total)} height=${HEIGHT - 1}></rect>`
      }
      <line class="card-line" x1="${mark}%" x2="${mark}%" y1="14" y2="76"></line>
      <text class="halo" x="0" y="32">
        ${preview ? preview.title : "Notebook arithmetic"}
        <tspan class="strong" dx="3">${preview ? memory(total, units) : `${amount(total, units)} ${units}`}</tspan>
      </text>
      ${over ? svg`<text class="over-text halo" x=${at(total)} y="32" text-anchor="end">${memory(-shown.free, units)} too much</text>` : nothing}
      <text class="strong halo" x="${mark}%" y="9" text-anchor=${anchor}>
        ${preview ? "" : `${card}, `}${memory(shown.usable, units)} usable
      </text>
    </svg>
    ${KEY}
  </figure>`;
}

function parts(notebook: Notebook, at: (bytes: number) => string): SVGTemplateResult {
  const { parameters, input, forward, backward } = notebook;
  const gradients = parameters + input + forward;
  const bar = (name: string, from: number, bytes: number) =>
    svg`<rect class=${name} x=${at(from)} y=${TOP} width=${at(bytes)} height=${HEIGHT}></rect>`;
  return svg`${bar("p-parameters", 0, parameters)}${bar("p-input", parameters, input)}${bar("p-activations", parameters + input, forward)}${bar("p-gradients", gradients, backward)}${bar("t-gradients", gradients, backward)}<line class="gap" x1=${at(gradients)} x2=${at(gradients)} y1=${TOP} y2=${TOP + HEIGHT}></line>`;
}

const KEY = html`<ul class="key" aria-label="Parts">
  ${["input", "activations", "gradients", "parameters"].map(
    (part) =>
      html`<li>
        <svg class="swatch" aria-hidden="true">
          <rect class="p-${part}" width="11" height="11"></rect>
          ${part === "gradients" ? svg`<rect class="t-gradients" width="11" height="11"></rect>` : nothing}
        </svg>
        ${part}
      </li>`,
  )}
</ul>`;

/** At most six marks at powers of two, from zero, the unit at the first. */
function ticks(end: number): { readonly bytes: number; readonly text: string }[] {
  const [unit, name] = end >= 2 * GB ? [GB, "GB"] : end >= 2 * MB ? [MB, "MB"] : [KB, "KB"];
  let step = unit;
  while (end / step > 5.2) step *= 2;
  const marks = Math.floor(end / step);
  return Array.from({ length: marks + 1 }, (_, index) => ({
    bytes: index * step,
    text: index === 0 ? `0 ${name}` : String((index * step) / unit),
  }));
}
