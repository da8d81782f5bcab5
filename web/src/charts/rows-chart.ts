// Activations of each row, in order: where the forward pass holds its memory. A row that writes over its input is dashed: the notebook
// counts it, a GPU does not. Bars are one path, so that thousands of rows are drawn as fast as ten.
import { max, sum, ticks } from "d3-array";
import { html, nothing, svg, type TemplateResult } from "lit";
import type { LayerReport, Report } from "../core/types";
import { amount, axisUnits, bytesIn, count, percent } from "../format";
import type { Units } from "../state/store";
import type { ChartTable } from "./figure";
import { linear, type Scale } from "./scale";

type Row = LayerReport & { readonly forward: number };

export interface RowsChart {
  /** Rows that torchsummary sees, in order. */
  readonly rows: readonly Row[];
  readonly forward: number;
  readonly units: Units;
  /** Place among the rows of the one that is read; null before anybody has been here. */
  readonly at: number | null;
}

export function rowsOf(report: Report): readonly Row[] {
  return (report.layers ?? []).filter((layer): layer is Row => layer.labels.length > 0 && layer.forward !== undefined);
}

const GAP = 0.22; // of a bar's width

export function rowsChart(
  of: RowsChart,
  handlers: { readonly key: (event: KeyboardEvent) => void; readonly move: (event: PointerEvent) => void; readonly click: () => void },
): TemplateResult {
  const { rows, units, at } = of;
  const most = max(rows, (row) => row.forward) ?? 0;
  const axis = axisUnits(most, units);
  const unit = bytesIn(axis);
  const y = linear([0, most > 0 ? most * 1.08 : 1], [100, 0]);
  const x = linear([0, Math.max(1, rows.length)], [0, 100]);
  const here = at === null ? undefined : rows[at];
  const finding = findingOf(rows, of.forward);
  return html`<div class="area flush">
    <svg
      class="chart low rows-chart"
      role="slider"
      tabindex="0"
      aria-label="Activations of each row"
      aria-orientation="horizontal"
      aria-valuemin="1"
      aria-valuemax=${Math.max(1, rows.length)}
      aria-valuenow=${(at ?? 0) + 1}
      aria-valuetext=${readRow(here ?? rows[0], of)}
      @keydown=${handlers.key}
      @pointermove=${handlers.move}
      @click=${handlers.click}
    >
      ${ticks(0, (most * 1.08) / unit || 1, 4).map(
        (
          tick,
        ) => svg`<line class="grid-line" x1="0" x2="100%" y1=${`${y(tick * unit).toFixed(3)}%`} y2=${`${y(tick * unit).toFixed(3)}%`}></line>
          <text class="tick" x="0" dx="-8" y=${`${y(tick * unit).toFixed(3)}%`} dy="4" text-anchor="end">${tick.toLocaleString("en")}</text>`,
      )}
      <svg width="100%" height="100%" viewBox="0 0 ${Math.max(1, rows.length)} 100" preserveAspectRatio="none">
        <path class="p-activations" d=${bars(rows, y, (row) => row.inplace !== true)}></path>
        <path class="ghost" d=${bars(rows, y, (row) => row.inplace === true)}></path>
      </svg>
      <line class="base-line" x1="0" x2="100%" y1="100%" y2="100%"></line>
      <text class="tick" x="0" dx="-8" y="0" dy="-10" text-anchor="end">${axis}</text>
      ${rowTicks(rows).map((place) => svg`<text class="tick" x=${`${x(place + 0.5).toFixed(3)}%`} y="100%" dy="17" text-anchor="middle">${rows[place]?.row}</text>`)}
      <text class="tick" x="100%" y="100%" dy="32" text-anchor="end">row</text>
      ${
        finding === null || here !== undefined
          ? nothing
          : svg`<text class="strong halo wide" x=${`${Math.min(55, x(finding.last + 1.3)).toFixed(3)}%`} y=${`${y(finding.least).toFixed(3)}%`} dy="12">${finding.label(units)}</text>`
      }
      ${
        here === undefined || at === null
          ? nothing
          : svg`<rect class="colsel" x=${`${x(at).toFixed(3)}%`} width=${`${x(1).toFixed(3)}%`} y="0" height="100%"></rect>
            <text class="strong halo" x=${x(at) > 55 ? "100%" : "0"} y="0" dy="-10" dx=${x(at) > 55 ? 0 : 8} text-anchor=${x(at) > 55 ? "end" : "start"}>${readRow(here, of)}</text>`
      }
      <rect class="hit" x="0" y="0" width="100%" height="100%"></rect>
    </svg>
  </div>`;
}

function bars(rows: readonly Row[], y: Scale, wanted: (row: Row) => boolean): string {
  return rows
    .flatMap((row, index) => {
      if (!wanted(row) || row.forward <= 0) return [];
      const top = y(row.forward).toFixed(2);
      return [`M${index} 100V${top}H${(index + 1 - GAP).toFixed(2)}V100z`];
    })
    .join("");
}

/** A few row numbers, the first and the last among them. */
function rowTicks(rows: readonly Row[]): readonly number[] {
  if (rows.length <= 1) return rows.length === 0 ? [] : [0];
  const step = Math.max(1, Math.ceil(rows.length / 7));
  const places = rows.flatMap((_, index) => (index % step === 0 && rows.length - 1 - index >= step / 2 ? [index] : []));
  return [...places, rows.length - 1];
}

export function readRow(row: Row | undefined, { forward, units }: RowsChart): string {
  if (row === undefined) return "no rows";
  const name = row.name === undefined ? "" : ` ${row.name}`;
  const inplace = row.inplace === true ? ", in place" : "";
  return `Row ${row.row}, ${row.op}${name}: ${amount(row.forward, units)} ${units}, ${percent(row.forward, forward, 1)}${inplace}`;
}

interface Finding {
  readonly rows: readonly Row[];
  /** Place of the last of them among all rows. */
  readonly last: number;
  readonly least: number;
  readonly share: number;
  label(units: Units): string;
}

/** The rows that tower over the rest: larger than half of the largest, as long as they are the lesser part of all rows. */
export function findingOf(rows: readonly Row[], forward: number): Finding | null {
  const most = max(rows, (row) => row.forward) ?? 0;
  if (most === 0 || forward === 0) return null;
  const large = rows.filter((row) => row.forward > most / 2);
  const chosen = large.length * 2 <= rows.length ? large : rows.filter((row) => row.forward === most).slice(0, 1);
  const first = chosen[0];
  const end = chosen.at(-1);
  if (first === undefined || end === undefined) return null;
  const places = chosen.map((row) => rows.indexOf(row));
  const together = places.every((place, index) => index === 0 || place === (places[index - 1] ?? 0) + 1);
  const equal = chosen.every((row) => row.forward === first.forward);
  const share = sum(chosen, (row) => row.forward);
  return {
    rows: chosen,
    last: places.at(-1) ?? 0,
    least: Math.min(...chosen.map((row) => row.forward)),
    share,
    label: (units) => {
      const which =
        chosen.length === 1 ? `row ${first.row}` : together ? `rows ${first.row} to ${end.row}` : `${count(chosen.length)} rows`;
      const each = equal ? `: ${amount(first.forward, units)} ${units}${chosen.length > 1 ? " each" : ""}` : "";
      return `${which}${each}, ${percent(share, forward)} of everything`;
    },
  };
}

const WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];

export function rowsTitle(rows: readonly Row[], forward: number): string {
  const finding = findingOf(rows, forward);
  if (finding === null) return "Activations of each row";
  const number = finding.rows.length;
  const share = percent(finding.share, forward);
  if (number === 1)
    return `Row ${finding.rows[0]?.row ?? 1}, ${finding.rows[0]?.name ?? finding.rows[0]?.op ?? ""}, holds ${share} of the forward pass`;
  return `${WORDS[number] ?? count(number)} rows hold ${share} of the forward pass`;
}

export function rowsTable({ rows, forward, units }: RowsChart): ChartTable {
  return {
    caption: "Activations of each row",
    head: ["Row", "Layer", "Name", `Activations, ${units}`, "Bytes", "Share", "In place"],
    rows: rows.map((row) => [
      String(row.row),
      row.op,
      row.name ?? "",
      amount(row.forward, units),
      count(row.forward),
      forward > 0 ? percent(row.forward, forward, 1) : "",
      row.inplace === true ? "yes" : "",
    ]),
  };
}
