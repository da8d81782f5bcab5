// The capacity figure: the need by each method, part by part, on one axis with one mark for what the card can use. Geometry in per cent,
// no viewBox, so text keeps its size at any width.
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { FitReport, Notebook, StepCounters } from "../core/types";
import { GB, KB, MB, memory } from "../format";
import type { Judgement } from "../state/judgement";
import type { Units } from "../state/store";
import { partBytes, PARTS, type Part } from "../step/kinds";
import { partBar, swatch } from "../step/parts";

export interface Capacity {
  readonly notebook: Notebook;
  readonly fit: FitReport;
  /** "V100" */
  readonly card: string;
  readonly units: Units;
  /** Too narrow for a bar's name and what of it is too much on one line: that gets a line of its own, whose room is kept. */
  readonly narrow: boolean;
  /** Another state to show in its place, as long as a remedy has focus; the axis stays. */
  readonly preview: { readonly title: string; readonly total: number; readonly fit: FitReport } | null;
  /** `null` until the simulator has answered; its place is kept, and says why. */
  readonly step: { readonly counters: StepCounters; readonly said: Judgement } | null;
  readonly noStep: string;
}

interface Bar {
  readonly label: string;
  readonly amount: string;
  readonly top: number;
  readonly total: number;
  readonly usable: number;
  /** Of an earlier state: what it would leave free or lack now is not said. */
  readonly late: boolean;
  readonly drawn: SVGTemplateResult | readonly SVGTemplateResult[];
}

const TOP = 38;
const NEXT = 54;
const HEIGHT = 26;
const LINE = 16;

export function capacityFigure({ notebook, fit, card, units, narrow, preview, step, noStep }: Capacity): TemplateResult {
  const next = TOP + NEXT + (narrow ? LINE : 0);
  const foot = next + HEIGHT + (narrow ? LINE : 0) + 12;
  const said = step?.said;
  const end = Math.max(notebook.total, fit.usable, preview?.fit.usable ?? 0, said?.most ?? 0, 1) * 1.12;
  const at = (bytes: number) => `${((bytes / end) * 100).toFixed(3)}%`;
  const shown = preview?.fit ?? fit;
  const mark = (shown.usable / end) * 100;
  const anchor = mark < 22 ? "start" : mark > 78 ? "end" : "middle";
  const bars: Bar[] = [
    {
      label: preview ? preview.title : "Notebook arithmetic",
      amount: memory(preview?.total ?? notebook.total, units),
      top: TOP,
      total: preview?.total ?? notebook.total,
      usable: shown.usable,
      late: false,
      drawn: preview
        ? svg`<rect class="preview" x="0" y=${TOP} width=${at(preview.total)} height=${HEIGHT}></rect>`
        : bands(notebookParts(notebook), TOP, at),
    },
    ...(step
      ? [
          {
            label: "PyTorch step",
            amount: memory(step.said.need, units),
            top: next,
            total: step.said.need,
            usable: step.said.usable,
            late: step.said.late,
            drawn: bands(stepParts(step.counters, step.said.need), next, at),
          },
        ]
      : []),
  ];
  return html`<figure class="cap">
    <svg class="plot" role="img" aria-label=${label(notebook, fit, card, units, said)} height=${foot + 16}>
      ${ticks(end).map(
        ({ bytes, text }, index) =>
          svg`<line class="grid-line" x1=${at(bytes)} x2=${at(bytes)} y1="24" y2=${foot}></line><text class="tick" x=${at(bytes)} y=${foot + 14} text-anchor=${index === 0 ? "start" : "middle"}>${text}</text>`,
      )}
      ${cardLine(mark, 14, foot)} ${bars.map((bar) => words(bar, end, units, narrow))}
      ${bars.map((bar) => svg`${beyond(bar, at)}${cardLine(mark, bar.top, bar.top + HEIGHT)}`)}
      ${step && !step.said.late ? whisker(step.counters, step.said, next + HEIGHT / 2, at) : nothing}
      ${step ? nothing : svg`<text class="halo" x="0" y=${next - 6}>PyTorch step, ${noStep}</text>`}
      <text class="strong halo" x="${mark}%" y="9" text-anchor=${anchor}>
        ${preview ? "" : `${card}, `}${memory(shown.usable, units)} usable
      </text>
    </svg>
    ${KEY}
  </figure>`;
}

/** Behind the names, whose ground breaks it, and again across each bar. */
function cardLine(mark: number, from: number, to: number): SVGTemplateResult {
  return svg`<line class="card-line" x1="${mark}%" x2="${mark}%" y1=${from} y2=${to}></line>`;
}

function label(notebook: Notebook, fit: FitReport, card: string, units: Units, said: Judgement | undefined): string {
  const left = (free: number) => (free < 0 ? `${memory(-free, units)} too much` : `${memory(free, units)} free`);
  const step = said && !said.late ? ` By the PyTorch step ${memory(said.need, units)}: ${left(said.free)}.` : "";
  return `Memory needed, ${memory(notebook.total, units)}, against the usable memory of ${card}, ${memory(fit.usable, units)}: ${left(fit.free)}.${step}`;
}

/** The bar, and what of it lies beyond the card, or how much of the card is free. */
function beyond({ top, total, usable, late, drawn }: Bar, at: (bytes: number) => string): SVGTemplateResult {
  if (late) return svg`<g class="by-step">${drawn}</g>`;
  const over = total > usable;
  const rest = over
    ? svg`<rect class="over-veil" x=${at(usable)} y=${top} width=${at(total - usable)} height=${HEIGHT}></rect><rect class="over-box" x=${at(usable)} y=${top} width=${at(total - usable)} height=${HEIGHT}></rect>`
    : svg`<rect class="free" x=${at(total)} y=${top + 0.5} width=${at(usable - total)} height=${HEIGHT - 1}></rect>`;
  return svg`${drawn}${rest}`;
}

/** Name and need above the bar. What is too much ends where the bar does, or follows the need where the bar is too short for both. */
function words(
  { label: name, amount: needed, top, total, usable, late }: Bar,
  end: number,
  units: Units,
  narrow: boolean,
): SVGTemplateResult {
  const over = total > usable && !late ? `${memory(total - usable, units)} too much` : "";
  const room = total / end > 0.55;
  const x = `${((total / end) * 100).toFixed(3)}%`;
  const after = over === "" || narrow || room ? nothing : svg`<tspan class="over-text" dx="8">${over}</tspan>`;
  const own =
    over === "" || !(narrow || room)
      ? nothing
      : svg`<text class="over-text halo" x=${room ? x : "0"} y=${narrow ? top + HEIGHT + LINE - 3 : top - 6} text-anchor=${room ? "end" : "start"}>${over}</text>`;
  return svg`<text class="halo ${late ? "by-step" : ""}" x="0" y=${top - 6}>${name} <tspan class="strong" dx="3">${needed}</tspan>${after}</text>${own}`;
}

/** From the least to the most that the device may show. */
function whisker({ device_total: { low } }: StepCounters, { need, most }: Judgement, y: number, at: (bytes: number) => string) {
  const least = Math.min(need, low);
  if (most <= least) return nothing;
  return svg`<line class="whisker" x1=${at(least)} x2=${at(most)} y1=${y} y2=${y}></line>${[least, most].map(
    (bytes) => svg`<line class="whisker" x1=${at(bytes)} x2=${at(bytes)} y1=${y - 5} y2=${y + 5}></line>`,
  )}`;
}

type PartBytes = readonly [part: Part, bytes: number];

function notebookParts({ parameters, input, forward, backward }: Notebook): readonly PartBytes[] {
  return [
    ["parameters", parameters],
    ["input", input],
    ["activations", forward],
    ["gradients", backward],
  ];
}

/** What is alive at the peak, then what is reserved beside it, then CUDA's context: together what the card shows. */
function stepParts(step: StepCounters, need: number): readonly PartBytes[] {
  const alive = PARTS.map(({ part, kinds }): PartBytes => [part, partBytes(kinds, step.by_kind)]);
  const context = step.context.likely;
  const reserved = Math.max(0, need - context - step.peak_allocated);
  return [["context", context], ...alive.map(([part, bytes]): PartBytes => [part, part === "workspace" ? bytes + reserved : bytes])];
}

function bands(parts: readonly PartBytes[], top: number, at: (bytes: number) => string): SVGTemplateResult[] {
  let from = 0;
  return parts
    .filter(([, bytes]) => bytes > 0)
    .map(([part, bytes], index) => {
      const x = at(from);
      from += bytes;
      const gap = index === 0 ? nothing : svg`<line class="gap" x1=${x} x2=${x} y1=${top} y2=${top + HEIGHT}></line>`;
      return svg`${partBar(part, x, String(top), at(bytes), String(HEIGHT))}${gap}`;
    });
}

const NAMES: readonly (readonly [part: Part, name: string])[] = [
  ["input", "input"],
  ["activations", "activations"],
  ["gradients", "gradients"],
  ["parameters", "parameters"],
  ["optimizer", "optimizer state"],
  ["workspace", "temporaries and cache"],
  ["context", "CUDA context"],
];

const KEY = html`<ul class="key" aria-label="Parts">
  ${NAMES.map(([part, name]) => html`<li>${swatch(part)}${name}</li>`)}
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
