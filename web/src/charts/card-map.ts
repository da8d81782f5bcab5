// Which card for which batch: a small table of verdicts by the method that judges, each asked of the core. A cell is a button that sets
// card and batch.
import { html, type TemplateResult } from "lit";
import type { Gpu, Verdict } from "../core/types";
import { count, memory, shortCount } from "../format";
import { sign, tone } from "../icons";
import type { ChartTable } from "./figure";

export interface CardMap {
  readonly batches: readonly number[];
  /** A verdict for each batch, as far as they are there. */
  readonly rows: readonly { readonly gpu: Gpu; readonly verdicts: readonly (Verdict | undefined)[] }[];
  readonly batch: number;
  readonly chosen: string;
}

/** The batch of now, parts and multiples of it: enough to see where each card ends. One that has no eighths stands among powers of two. */
export function batchesAround(batch: number): readonly number[] {
  if (batch < 8) return [...new Set([1, 2, 4, 8, 16, 32, 64, 128, batch])].sort((a, b) => a - b);
  const eighth = batch / 8;
  const around = [1, 2, 4, 6, 8, 10, 12, 16].map((eighths) => Math.max(1, Math.round(eighth * eighths)));
  return [...new Set([...around, batch])].filter((value) => Number.isSafeInteger(value)).sort((a, b) => a - b);
}

/** The tab stop stands on the cell of now until the arrows have moved it. */
export interface MapPlace {
  readonly row: number;
  readonly column: number;
}

export function cardMap(
  map: CardMap,
  place: MapPlace,
  handlers: { readonly key: (event: KeyboardEvent) => void; readonly choose: (gpu: Gpu, batch: number, at: MapPlace) => void },
): TemplateResult {
  return html`<div class="mapwrap">
    <table class="map" role="grid" aria-label="Cards against batches" @keydown=${handlers.key}>
      <thead>
        <tr role="row">
          <td role="gridcell"></td>
          ${map.batches.map((batch) => html`<th role="columnheader" scope="col" title=${count(batch)}>${shortCount(batch)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${map.rows.map(
          ({ gpu, verdicts }, row) =>
            html`<tr role="row">
              <th role="rowheader" scope="row" title=${gpu.name}>${gpu.gb} GB</th>
              ${map.batches.map((batch, column) => cell(map, gpu, verdicts[column], { row, column }, batch, place, handlers.choose))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cell(
  map: CardMap,
  gpu: Gpu,
  verdict: Verdict | undefined,
  at: MapPlace,
  batch: number,
  place: MapPlace,
  choose: (gpu: Gpu, batch: number, at: MapPlace) => void,
): TemplateResult {
  const now = gpu.id === map.chosen && batch === map.batch;
  const label = `${gpu.gb} GB ${gpu.short}, batch ${count(batch)}: ${verdict ?? "not known yet"}${now ? ", now" : ""}`;
  return html`<td
    role="gridcell"
    class="${verdict === undefined ? "" : `m-${tone(verdict)}`} ${now ? "on" : ""}"
    aria-selected=${now ? "true" : "false"}
  >
    <button
      type="button"
      data-map="${at.row},${at.column}"
      tabindex=${at.row === place.row && at.column === place.column ? "0" : "-1"}
      aria-label=${label}
      title=${label}
      @click=${() => choose(gpu, batch, at)}
    >
      ${verdict === undefined ? "" : sign(verdict)}
    </button>
  </td>`;
}

/** Where an arrow leads within the map, or null where it is not a key that moves. */
export function moveOnMap(place: MapPlace, key: string, rows: number, columns: number): MapPlace | null {
  const within = (row: number, column: number): MapPlace => ({
    row: Math.min(Math.max(row, 0), rows - 1),
    column: Math.min(Math.max(column, 0), columns - 1),
  });
  switch (key) {
    case "ArrowUp":
      return within(place.row - 1, place.column);
    case "ArrowDown":
      return within(place.row + 1, place.column);
    case "ArrowLeft":
      return within(place.row, place.column - 1);
    case "ArrowRight":
      return within(place.row, place.column + 1);
    case "Home":
      return within(place.row, 0);
    case "End":
      return within(place.row, columns - 1);
    default:
      return null;
  }
}

/** "Batch 128 runs tightly from 11 GB, fits from 32 GB" or what else the column of now says; without a verdict there, only what the map is about. */
export function mapTitle(map: CardMap): string {
  const column = map.batches.indexOf(map.batch);
  const known = map.rows.filter(({ verdicts }) => verdicts[column] !== undefined);
  if (known.length === 0) return "Which card for which batch";
  const smallest = known.find(({ verdicts }) => verdicts[column] !== "does not fit");
  if (smallest === undefined) return `No card here takes batch ${count(map.batch)}`;
  const roomy = known.find(({ verdicts }) => verdicts[column] === "fits");
  const batch = `Batch ${count(map.batch)}`;
  if (roomy === undefined) return `${batch} runs tightly from ${smallest.gpu.gb} GB, fits no card here with room`;
  if (roomy === smallest) return `${batch} fits from ${roomy.gpu.gb} GB`;
  return `${batch} runs tightly from ${smallest.gpu.gb} GB, fits from ${roomy.gpu.gb} GB`;
}

export function mapTable(map: CardMap): ChartTable {
  return {
    caption: "Cards against batches",
    head: ["Card", "Usable", ...map.batches.map((batch) => `batch ${count(batch)}`)],
    rows: map.rows.map(({ gpu, verdicts }) => [
      `${gpu.gb} GB ${gpu.short}`,
      memory(gpu.usable.linux.bytes),
      ...verdicts.map((verdict) => verdict ?? ""),
    ]),
  };
}
