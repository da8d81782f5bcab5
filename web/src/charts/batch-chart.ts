// Memory against batch size: the notebook's line, the cards it crosses, and where it crosses them. The line of "now" is a slider: dragged
// or moved by arrows, it sets the batch. Every amount comes from the core's report; here they only get a place.
import { ticks } from "d3-array";
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { FitReport, Gpu, Report } from "../core/types";
import { count, gigabytes, memory } from "../format";
import type { ChartTable } from "./figure";
import { linear, type Scale } from "./scale";

export interface BatchChart {
  readonly report: Report;
  readonly batch: number;
  readonly cards: readonly Card[];
  /** Kept while the line is dragged, so that the scale does not move under the hand. */
  readonly end: number;
}

export interface Card {
  readonly fit: FitReport;
  readonly gpu: Gpu | undefined;
  readonly label: string;
  readonly chosen: boolean;
}

const GB = 2 ** 30;

/** The batch at the right edge. */
export function endOf(report: Report): number {
  return Math.max(2, report.series?.at(-1)?.batch ?? 2);
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

export function scales({ report, cards, end }: BatchChart) {
  const totals = report.series?.map((point) => point.total) ?? [];
  const chosen = cards.find((card) => card.chosen)?.fit.usable ?? 0;
  const most = Math.max(...totals, Math.min(chosen, 1.25 * Math.max(...totals, 1)), 1);
  const x = linear([0, end], [0, 100]);
  const y = linear([0, most * 1.02], [100, 0]);
  return { x, y, most: most * 1.02 };
}

export function batchChart(
  of: BatchChart,
  reading: string,
  handlers: { readonly key: (event: KeyboardEvent) => void; readonly press: (event: PointerEvent) => void },
): TemplateResult {
  const { x, y, most } = scales(of);
  const { report, batch, cards } = of;
  const series = report.series ?? [];
  const now = report.notebook;
  const at = (value: number) => `${value.toFixed(3)}%`;
  const last = series.at(-1);
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
      ${yAxis(y, most)} ${xAxis(x, of.end)} ${shownCards(cards, most).map((card) => cardLine(card, at(y(card.fit.usable))))}
      ${
        batch <= of.end
          ? svg`<line class="now" x1=${at(x(batch))} x2=${at(x(batch))} y1="0" y2="100%"></line>
            <text class="strong halo" x=${at(x(batch))} y="0" dy="-10" text-anchor=${x(batch) > 90 ? "end" : x(batch) < 8 ? "start" : "middle"}>now, ${count(batch)}</text>`
          : nothing
      }
      ${series.slice(1).map((point, index) => {
        const before = series[index] ?? point;
        return svg`<line class="nb" x1=${at(x(before.batch))} y1=${at(y(before.total))} x2=${at(x(point.batch))} y2=${at(y(point.total))}></line>`;
      })}
      ${shownCards(cards, most).map((card) => crossing(card, of, x, y))}
      ${
        now !== undefined && batch <= of.end
          ? svg`<circle class="dot" cx=${at(x(batch))} cy=${at(y(now.total))} r="5"></circle>
            <text class="strong halo" x=${at(x(batch))} dx=${x(batch) > 85 ? -9 : 9} y=${at(y(now.total))} dy="15" text-anchor=${x(batch) > 85 ? "end" : "start"}>${gigabytes(now.total)}</text>`
          : nothing
      }
      ${
        now !== undefined && last !== undefined
          ? svg`<text class="nbt halo wide" x="3%" y="9%">Notebook: ${memory(now.per_item)} an item</text>`
          : nothing
      }
      <rect class="hit" x="0" y="0" width="100%" height="100%"></rect>
    </svg>
  </div>`;
}

function yAxis(y: Scale, most: number): SVGTemplateResult {
  const small = most < GB / 2;
  const unit = small ? 2 ** 20 : GB;
  return svg`${ticks(0, most / unit, 5).map(
    (tick) =>
      svg`<text class="tick" x="0" dx="-8" y=${`${y(tick * unit).toFixed(3)}%`} dy="4" text-anchor="end">${tick.toLocaleString("en")}</text>`,
  )}<text class="tick" x="0" dx="-8" y="0" dy="-10" text-anchor="end">${small ? "MB" : "GB"}</text>`;
}

function xAxis(x: Scale, end: number): SVGTemplateResult {
  const whole = ticks(0, end, 8).filter((tick) => Number.isInteger(tick) && tick > 0 && x(tick) < 97);
  return svg`<line class="base-line" x1="0" x2="100%" y1="100%" y2="100%"></line>
    ${[1, ...whole.filter((tick) => x(tick) - x(1) > 4), ...(end > 1 ? [end] : [])].map(
      (tick, index, all) =>
        svg`<text class=${index % 2 === 1 && index < all.length - 1 ? "tick wide" : "tick"} x=${`${x(tick).toFixed(3)}%`} y="100%" dy="17" text-anchor="middle">${count(tick)}</text>`,
    )}
    <text class="tick" x="100%" y="100%" dy="32" text-anchor="end">batch size</text>`;
}

function cardLine(card: Card, y: string): SVGTemplateResult {
  return svg`<line class=${card.chosen ? "gpu on" : "gpu"} x1="0" x2="100%" y1=${y} y2=${y}></line>
    <text class=${card.chosen ? "strong" : ""} x="100%" dx="8" y=${y} dy="4">${card.label}</text>`;
}

function crossing(card: Card, of: BatchChart, x: Scale, y: Scale): SVGTemplateResult | typeof nothing {
  const largest = card.fit.largest_batch;
  if (largest === null || largest < 1 || largest > of.end) return nothing;
  const [cx, cy] = [`${x(largest).toFixed(3)}%`, `${y(card.fit.usable).toFixed(3)}%`];
  return svg`<circle class="cross" cx=${cx} cy=${cy} r="3.5"></circle>
    <text class="nbt halo" x=${cx} dx="-7" y=${cy} dy="-6" text-anchor="end">${count(largest)}</text>`;
}

export function batchTitle(cards: readonly Card[]): string {
  const chosen = cards.find((card) => card.chosen);
  if (chosen === undefined) return "Memory against batch size";
  const largest = chosen.fit.largest_batch;
  const name = chosen.gpu === undefined ? chosen.label : `A ${chosen.label} card`;
  if (largest === null) return `${name} takes any batch: it costs nothing`;
  return largest === 0
    ? `${name} does not take a single item`
    : `${name} takes ${count(largest)} ${largest === 1 ? "item" : "items"} by the notebook`;
}

export function batchReading({ report, batch, cards }: BatchChart): string {
  const chosen = cards.find((card) => card.chosen);
  const total = report.notebook?.total;
  if (total === undefined || chosen === undefined) return `Batch ${count(batch)}`;
  return `Batch ${count(batch)}: ${memory(total)}, ${chosen.fit.verdict} in ${chosen.label}`;
}

export function batchTable({ report, cards }: BatchChart): ChartTable {
  return {
    caption: "Memory against batch size, and the largest batch of each card",
    head: ["Batch or card", "Memory needed or usable", "Bytes", "Largest batch"],
    rows: [
      ...(report.series ?? []).map((point) => [`batch ${count(point.batch)}`, memory(point.total), count(point.total), ""]),
      ...cards.map((card) => [
        card.gpu === undefined ? card.label : `${card.label} · ${card.gpu.short}`,
        memory(card.fit.usable),
        count(card.fit.usable),
        card.fit.largest_batch === null ? "any" : count(card.fit.largest_batch),
      ]),
    ],
  };
}
