// Memory against batch size: both methods' lines, the cards they cross, and the largest batch of each. The line of "now" is a slider: dragged
// or moved by arrows, it sets the batch. Every amount comes from the core's report; here they only get a place.
import { ticks } from "d3-array";
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { FitReport, Gpu, Interval, Report, StepFit, Verdict } from "../core/types";
import { count, GB, gigabytes, MB, memory, shortCount } from "../format";
import type { ChartTable } from "./figure";
import { around, Labels, thinned, type Place } from "./labels";
import { linear, type Scale } from "./scale";

const DOT = 5;

export interface BatchChart {
  readonly report: Report;
  readonly batch: number;
  readonly cards: readonly Card[];
  /** What the device is likely to show at batches that have been simulated, in ascending order; empty until the first is. */
  readonly step: readonly StepPoint[];
  /** Kept while the line is dragged, so that the scale does not move under the hand. */
  readonly end: number;
  /** Of the picture, in px. */
  readonly width: number;
  readonly height: number;
}

export interface StepPoint {
  readonly batch: number;
  readonly total: Interval;
  /** Of the chosen card. */
  readonly verdict: Verdict | undefined;
}

export interface Card {
  readonly fit: FitReport;
  /** By the simulated step, of the cards that it was asked about. */
  readonly step: StepFit | undefined;
  readonly gpu: Gpu | undefined;
  readonly label: string;
  readonly chosen: boolean;
}

/** The batch at the right edge: the notebook's series, and beyond it what the chosen card takes by the step. */
export function endOf(report: Report, largest: number | undefined): number {
  return Math.max(2, report.series?.at(-1)?.batch ?? 2, Math.ceil((largest ?? 0) * 1.1));
}

/** Cards whose line lies within the picture, the chosen one always; of two that would touch, the one with the larger name goes. */
function shownCards(cards: readonly Card[], most: number): readonly Card[] {
  const within = cards.filter((card) => card.fit.usable <= most);
  const chosen = within.filter((card) => card.chosen);
  const others = within.filter((card) => !card.chosen).sort((a, b) => a.fit.usable - b.fit.usable);
  const shown = [...chosen];
  for (const card of others) {
    if (shown.every((other) => Math.abs(other.fit.usable - card.fit.usable) > most * 0.055)) shown.push(card);
  }
  return shown.sort((a, b) => a.fit.usable - b.fit.usable);
}

/** The notebook's total is a straight line: this much more for each item. */
function notebookAt({ report, batch }: BatchChart, at: number): number {
  return (report.notebook?.total ?? 0) + (at - batch) * (report.notebook?.per_item ?? 0);
}

function scales(of: BatchChart) {
  const { report, cards, batch, step, end } = of;
  const points = step.filter((point) => point.batch <= end);
  // Where the step's line goes much further, the notebook's leaves the picture at its top.
  const notebook = report.series?.at(-1)?.total ?? 0;
  const far = Math.max(0, ...points.map((point) => point.total.high));
  const here = batch <= end ? notebookAt(of, batch) : 0;
  const needed = Math.max(far === 0 ? notebook : Math.min(notebook, 2 * far), far, here, 1);
  const chosen = cards.find((card) => card.chosen)?.fit.usable ?? 0;
  const most = Math.max(needed, Math.min(chosen, 1.25 * needed)) * 1.02;
  return { x: linear([0, end], [0, 100]), y: linear([0, most], [100, 0]), most, points };
}

const percent = (value: number) => `${value.toFixed(3)}%`;

export function batchChart(
  of: BatchChart,
  reading: string,
  handlers: { readonly key: (event: KeyboardEvent) => void; readonly press: (event: PointerEvent) => void },
): TemplateResult {
  const { x, y, most, points } = scales(of);
  const { report, batch, cards } = of;
  const now = report.notebook;
  const shown = shownCards(cards, most);
  const nowByStep = points.find((point) => point.batch === batch)?.total.likely;
  return html`<div class="area">
    <svg
      class="chart batch-chart"
      role="slider"
      tabindex="0"
      aria-label="Memory against batch size"
      aria-valuemin="1"
      aria-valuemax=${of.end}
      aria-valuenow=${batch}
      aria-valuetext=${reading}
      @keydown=${handlers.key}
      @pointerdown=${handlers.press}
    >
      ${yAxis(y, most)} ${xAxis(x, of)} ${shown.map((card) => cardLine(card, percent(y(card.fit.usable))))}
      ${
        batch <= of.end
          ? svg`<line class="now" x1=${percent(x(batch))} x2=${percent(x(batch))} y1="0" y2="100%"></line>
            <text class="strong halo" x=${percent(x(batch))} y="0" dy="-10" text-anchor=${x(batch) > 90 ? "end" : x(batch) < 8 ? "start" : "middle"}>now, ${count(batch)}</text>`
          : nothing
      }
      ${stepLine(points, x, y)} ${notebookLine(of, x, y, most)} ${shown.flatMap((card) => crossingsOf(card, x, y, of.end)).map(crossing)}
      ${now !== undefined && batch <= of.end ? dot(x(batch), y(now.total)) : nothing}
      ${nowByStep === undefined ? nothing : dot(x(batch), y(nowByStep))} ${labelsOf(of, shown, nowByStep).map(label)}
      <rect class="hit" x="0" y="0" width="100%" height="100%"></rect>
    </svg>
  </div>`;
}

function notebookLine(of: BatchChart, x: Scale, y: Scale, most: number): SVGTemplateResult | typeof nothing {
  const perItem = of.report.notebook?.per_item ?? 0;
  const first = notebookAt(of, 1);
  if (first > most) return nothing;
  const last = perItem > 0 ? Math.min(of.end, 1 + (most - first) / perItem) : of.end;
  return svg`<line class="nb" x1=${percent(x(1))} y1=${percent(y(first))} x2=${percent(x(last))} y2=${percent(y(notebookAt(of, last)))}></line>`;
}

function stepLine(points: readonly StepPoint[], x: Scale, y: Scale): SVGTemplateResult | typeof nothing {
  if (points.length < 2) return nothing;
  const place = (batch: number, bytes: number) => `${x(batch).toFixed(3)} ${y(bytes).toFixed(3)}`;
  const high = points.map(({ batch, total }) => place(batch, total.high));
  const low = points.map(({ batch, total }) => place(batch, total.low)).reverse();
  const likely = points.map(({ batch, total }) => place(batch, total.likely));
  return svg`<svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="none">
    <path class="band" d="M${[...high, ...low].join("L")}z"></path>
    <path class="st" d="M${likely.join("L")}"></path>
  </svg>`;
}

function dot(x: number, y: number): SVGTemplateResult {
  return svg`<circle class="dot" cx=${percent(x)} cy=${percent(y)} r=${DOT}></circle>`;
}

/** A number beside its point, or nothing where there is no room for it: the table has it. */
function label({ kind, text, x, y, place }: Label): SVGTemplateResult | typeof nothing {
  if (place === undefined) return nothing;
  return svg`<text class="${kind} halo" x=${percent(x)} y=${percent(y)} dx=${place.dx} dy=${place.dy} text-anchor=${place.anchor}>${text}</text>`;
}

function yAxis(y: Scale, most: number): SVGTemplateResult {
  const small = most < GB / 2;
  const unit = small ? MB : GB;
  return svg`${ticks(0, most / unit, 5).map(
    (tick) =>
      svg`<text class="tick" x="0" dx="-8" y=${`${y(tick * unit).toFixed(3)}%`} dy="4" text-anchor="end">${tick < 10_000 ? tick.toLocaleString("en") : shortCount(tick)}</text>`,
  )}<text class="tick" x="0" dx="-8" y="0" dy="-10" text-anchor="end">${small ? "MB" : "GB"}</text>`;
}

function xAxis(x: Scale, { end, width }: BatchChart): SVGTemplateResult {
  const whole = ticks(0, end, 8).filter((tick) => Number.isInteger(tick) && tick > 1 && tick < end);
  const marks = [1, ...whole, end].map((tick) => ({ at: (x(tick) / 100) * width, text: count(tick) }));
  return svg`<line class="base-line" x1="0" x2="100%" y1="100%" y2="100%"></line>
    ${thinned(marks).map(({ at, text }) => svg`<text class="tick" x=${percent((at / width) * 100)} y="100%" dy="17" text-anchor="middle">${text}</text>`)}
    <text class="tick" x="100%" y="100%" dy="32" text-anchor="end">batch size</text>`;
}

function cardLine(card: Card, y: string): SVGTemplateResult {
  return svg`<line class=${card.chosen ? "gpu on" : "gpu"} x1="0" x2="100%" y1=${y} y2=${y}></line>
    <text class=${card.chosen ? "strong" : ""} x="100%" dx="8" y=${y} dy="4">${card.label}</text>`;
}

/** Where a card's line meets the largest batch that a method lets it take. */
interface Crossing {
  readonly kind: "nbt" | "stt";
  readonly largest: number;
  readonly x: number;
  readonly y: number;
}

function crossingsOf({ fit, step }: Card, x: Scale, y: Scale, end: number): readonly Crossing[] {
  const both = [
    ["nbt", fit.largest_batch],
    ["stt", step?.largest_batch],
  ] as const;
  return both.flatMap(([kind, largest]) =>
    largest === null || largest === undefined || largest < 1 || largest > end ? [] : [{ kind, largest, x: x(largest), y: y(fit.usable) }],
  );
}

function crossing({ kind, x, y }: Crossing): SVGTemplateResult {
  return svg`<circle class=${kind === "stt" ? "cross step" : "cross"} cx=${percent(x)} cy=${percent(y)} r="3.5"></circle>`;
}

interface Label {
  readonly kind: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly place: Place | undefined;
}

type Wanted = Omit<Label, "place"> & { readonly places: readonly Place[] };

/** The needs of now first, then what the chosen card takes, then the other cards, then what the lines are. */
function labelsOf(of: BatchChart, shown: readonly Card[], nowByStep: number | undefined): readonly Label[] {
  const { report, batch, end, width, height } = of;
  const { x, y, points } = scales(of);
  const px = (value: number) => (value / 100) * width;
  const py = (value: number) => (value / 100) * height;
  const labels = new Labels(
    width,
    height,
    shown.map(({ fit }) => py(y(fit.usable))),
  );
  const now = batch <= end ? report.notebook?.total : undefined;
  const dots = [
    ...(now === undefined ? [] : [{ kind: "nbt", bytes: now, places: around(9, x(batch) > 85 ? "left" : "right", false) }]),
    ...(nowByStep === undefined ? [] : [{ kind: "stt", bytes: nowByStep, places: around(9, x(batch) < 15 ? "right" : "left", true) }]),
  ].map(({ kind, bytes, places }): Wanted => ({ kind, text: gigabytes(bytes), x: x(batch), y: y(bytes), places }));
  const crossings = [...shown.filter(({ chosen }) => chosen), ...shown.filter(({ chosen }) => !chosen)].flatMap((card) =>
    crossingsOf(card, x, y, end).map(({ kind, largest, ...at }): Wanted => ({
      kind,
      text: count(largest),
      ...at,
      places: around(7, kind === "nbt" ? "left" : "right", kind === "nbt"),
    })),
  );
  for (const at of dots) labels.mark(px(at.x), py(at.y), DOT + 1);
  for (const at of crossings) labels.mark(px(at.x), py(at.y), 4);
  const down = (anchor: Place["anchor"], step: number) =>
    Array.from({ length: 12 }, (_, line): Place => ({ dx: 0, dy: line * step, anchor }));
  const lines: Wanted[] = [
    ...(report.notebook === undefined
      ? []
      : [{ kind: "nbt wide", text: `Notebook: ${memory(report.notebook.per_item)} an item`, x: 3, y: 9, places: down("start", 12) }]),
    ...(points.length < 2
      ? []
      : [{ kind: "stt wide", text: "PyTorch step, likely; shaded: least to most", x: 99, y: 97, places: down("end", -12) }]),
  ];
  return [...dots, ...crossings, ...lines].map(({ places, ...wanted }) => ({
    ...wanted,
    place: labels.place(wanted.text, px(wanted.x), py(wanted.y), places),
  }));
}

export function batchTitle(cards: readonly Card[]): string {
  const chosen = cards.find((card) => card.chosen);
  if (chosen === undefined) return "Memory against batch size";
  const name = chosen.gpu === undefined ? chosen.label : `A ${chosen.label} card`;
  const largest = chosen.fit.largest_batch;
  const notebook = ((): string => {
    if (largest === null) return `${name} takes any batch: it costs nothing`;
    if (largest === 0) return `${name} does not take a single item by the notebook`;
    return `${name} takes ${count(largest)} ${largest === 1 ? "item" : "items"} by the notebook`;
  })();
  const step = chosen.step?.largest_batch;
  return step === undefined || largest === null ? notebook : `${notebook}, ${step === 0 ? "none" : count(step)} by the step`;
}

/** Said when the line is read: both methods, as far as they have answered. */
export function batchReading({ report, batch, cards, step }: BatchChart): string {
  const chosen = cards.find((card) => card.chosen);
  const total = report.notebook?.total;
  if (total === undefined || chosen === undefined) return `Batch ${count(batch)}`;
  const notebook = `Batch ${count(batch)}: by the notebook ${memory(total)}, ${chosen.fit.verdict} in ${chosen.label}`;
  const point = step.find((one) => one.batch === batch);
  if (point?.verdict === undefined) return notebook;
  return `${notebook}; by the step likely ${memory(point.total.likely)}, ${point.verdict}`;
}

export function batchTable({ report, cards, step }: BatchChart): ChartTable {
  const batches = new Map<number, { notebook?: number; step?: number }>();
  for (const point of report.series ?? []) batches.set(point.batch, { notebook: point.total });
  for (const point of step) batches.set(point.batch, { ...batches.get(point.batch), step: point.total.likely });
  const largest = (batch: number | null | undefined) => (batch === null ? "any" : batch === undefined ? "" : count(batch));
  const amount = (bytes: number | undefined) => (bytes === undefined ? "" : memory(bytes));
  return {
    caption: "Memory against batch size, and the largest batch of each card",
    head: ["Batch or card", "Notebook", "Step, likely", "Usable", "Largest batch, notebook", "Largest batch, step"],
    rows: [
      ...[...batches]
        .sort(([a], [b]) => a - b)
        .map(([batch, needs]) => [`batch ${count(batch)}`, amount(needs.notebook), amount(needs.step), "", "", ""]),
      ...cards.map((card) => [
        card.gpu === undefined ? card.label : `${card.label} · ${card.gpu.short}`,
        "",
        "",
        memory(card.fit.usable),
        largest(card.fit.largest_batch),
        largest(card.step?.largest_batch),
      ]),
    ],
  };
}
