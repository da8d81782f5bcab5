// The timeline drawn: one training step, moment by moment, stacked by part; the peak is marked, and a moment is read by pointer or keys.
import { ticks } from "d3-array";
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ChartTable } from "../charts/figure";
import { linear } from "../charts/scale";
import type { Moment, StepReport } from "../core/types";
import { amount, axisUnits, bytesIn, memory } from "../format";
import { NARROW } from "../narrow";
import type { Units } from "../state/store";
import { PARTS, partBytes } from "./kinds";
import { swatch } from "./parts";
import { BOX, phaseName, type Timeline } from "./timeline";

export interface TimelineChart {
  readonly timeline: Timeline;
  readonly peak: NonNullable<StepReport["step"]>["peak"];
  readonly units: Units;
  /** Place of the moment that is read; null before anybody has been here. */
  readonly at: number | null;
  readonly rowName: (row: number) => string;
}

export function timelineChart(
  of: TimelineChart,
  handlers: {
    readonly key: (event: KeyboardEvent) => void;
    readonly move: (event: PointerEvent) => void;
    readonly leave: () => void;
    readonly click: () => void;
  },
): TemplateResult {
  const { timeline, units, at } = of;
  const { moments, edges, end, bands, phases, peak } = timeline;
  const axis = axisUnits(end, units);
  const unit = bytesIn(axis);
  const y = linear([0, end], [100, 0]);
  const x = (place: number) => ((edges[place] ?? BOX) / BOX) * 100;
  const per = (value: number) => `${value.toFixed(3)}%`;
  const shown = at ?? peak;
  const here = moments[shown];
  const middle = (x(shown) + x(shown + 1)) / 2;
  // Above its moment, or from the nearer side where it is nearly as long as the picture is wide.
  const label = NARROW.matches
    ? { x: middle > 50 ? 100 : 0, anchor: middle > 50 ? "end" : "start" }
    : { x: middle, anchor: middle < 30 ? "start" : middle > 70 ? "end" : "middle" };
  const top = y(here?.allocated ?? 0);
  return html`<div class="area flush">
      <svg
        class="chart low timeline-chart"
        role="slider"
        tabindex="0"
        aria-label="Moments of the training step"
        aria-orientation="horizontal"
        aria-valuemin="1"
        aria-valuemax=${moments.length}
        aria-valuenow=${shown + 1}
        aria-valuetext=${here ? readMoment(here, of, shown === peak) : nothing}
        @keydown=${handlers.key}
        @pointermove=${handlers.move}
        @pointerleave=${handlers.leave}
        @blur=${handlers.leave}
        @click=${handlers.click}
      >
        ${ticks(0, end / unit, 5).map(
          (tick) =>
            svg`<line class="grid-line" x1="0" x2="100%" y1=${per(y(tick * unit))} y2=${per(y(tick * unit))}></line><text class="tick" x="0" dx="-8" y=${per(y(tick * unit))} dy="4" text-anchor="end">${tick.toLocaleString("en")}</text>`,
        )}
        <svg width="100%" height="100%" viewBox="0 0 ${BOX} ${BOX}" preserveAspectRatio="none">
          ${bands.map(({ part, path }) => svg`<path class="p-${part} edged" d=${path}></path>`)}
        </svg>
        <line class="base-line" x1="0" x2="100%" y1="100%" y2="100%"></line>
        <text class="tick" x="0" dx="-8" y="0" dy="-10" text-anchor="end">${axis}</text>
        ${phases
          .filter(({ from, to }) => x(to) - x(from) > 9)
          .map(({ phase, from }) => svg`<text class="tick" x=${per(x(from))} y="100%" dy="17">${phaseName(phase)}</text>`)}
        ${phases.slice(1).map(({ from }) => svg`<line class="phase" x1=${per(x(from))} x2=${per(x(from))} y1="0" y2="100%"></line>`)}
        <line class="peak" x1=${per(middle)} x2=${per(middle)} y1="0" y2=${per(top)}></line>
        <circle class="dot" cx=${per(middle)} cy=${per(top)} r="4.5"></circle>
        ${here ? svg`<text class="strong halo" x=${per(label.x)} y="0" dy="-8" text-anchor=${label.anchor}>${readMoment(here, of, shown === peak, true)}</text>` : nothing}
        <rect class="hit" x="0" y="0" width="100%" height="100%"></rect>
      </svg>
    </div>
    <ul class="key" aria-label="Parts">
      ${bands.map(
        ({ part, name }) =>
          html`<li>
            ${swatch(part)}${name} <span class="amount">${here ? amount(partBytes(kindsOf(part), here.by_kind), units) : ""}</span>
          </li>`,
      )}
    </ul>`;
}

function kindsOf(part: string) {
  return PARTS.find((item) => item.part === part)?.kinds ?? [];
}

/** "backward, row 27 · conv5: 9,212.00 MB allocated" */
export function readMoment(moment: Moment, { peak, rowName, units }: TimelineChart, isPeak: boolean, short = false): string {
  const kernel = isPeak && peak.kernel !== undefined ? peak.kernel : "";
  const where = moment.row === undefined ? kernel : short ? `row ${moment.row}` : rowName(moment.row);
  const place = [phaseName(moment.phase), where].filter((part) => part !== "").join(", ");
  return `${isPeak ? "Peak " : ""}${memory(moment.allocated, units)}${short ? "" : " allocated"}, ${place}`;
}

export function timelineTable({ timeline, units, rowName }: TimelineChart): ChartTable {
  const { moments, bands } = timeline;
  return {
    caption: "Moments of the training step",
    head: ["Moment", "Phase", "Row", ...bands.map(({ name }) => `${name}, ${units}`), `allocated, ${units}`, `reserved, ${units}`],
    rows: moments.map((moment, at) => [
      String(at + 1),
      phaseName(moment.phase),
      moment.row === undefined ? "" : rowName(moment.row),
      ...bands.map(({ part }) => amount(partBytes(kindsOf(part), moment.by_kind), units)),
      amount(moment.allocated, units),
      amount(moment.reserved, units),
    ]),
  };
}
