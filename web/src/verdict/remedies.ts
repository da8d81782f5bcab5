// What would make it fit: every remedy is tried in the core before it is offered, so it carries its own verdict.
import type { FitReport, GpuRequest, Report } from "../core/types";
import { count, memory, withoutUnit } from "../format";
import { fitOf, gpuKey, isCustom, listed, type GpuChoice, type Run } from "../state/run";
import { chosenFit, type Store } from "../state/store";

export interface Remedy {
  readonly title: string;
  readonly detail: string;
  readonly fit: FitReport;
  readonly total: number;
  /** What Enter applies, as one undo step. */
  readonly run?: Partial<Run>;
  readonly gpu?: GpuChoice;
}

/** The remedies of the shown answer, in the order of how little they change. */
export function remedies(store: Store): Remedy[] {
  const { state } = store;
  const fit = chosenFit(state, state.report);
  if (!fit || !state.report.notebook || fit.verdict === "fits") return [];
  const batches = [fit.verdict === "tight" ? null : fit.largest_batch, roomiestBatch(store, fit.largest_batch)];
  return [
    ...[...new Set(batches)].flatMap((batch) =>
      batch !== null && batch > 0 && batch !== state.run.batch ? batchRemedy(store, batch) : [],
    ),
    ...othersClosed(store),
    ...largerCards(store, fit),
  ];
}

function batchRemedy(store: Store, batch: number): Remedy[] {
  const report = tryBatch(store, batch);
  const fit = fitOf(report, store.state.gpu);
  if (!fit || !report.notebook) return [];
  const { units } = store.state;
  const room = fit.verdict === "fits" ? ", 10 % free" : "";
  return [
    {
      title: `Batch ${count(batch)}`,
      detail: memory(report.notebook.total, units) + room,
      fit,
      total: report.notebook.total,
      run: { batch },
    },
  ];
}

/** The largest batch that the core calls "fits", with a tenth of the card free, by bisection below the largest that fits at all. */
function roomiestBatch(store: Store, largest: number | null): number | null {
  if (largest === null) return null;
  let fits = 0;
  let over = largest + 1;
  while (over - fits > 1) {
    const middle = fits + Math.floor((over - fits) / 2);
    if (fitOf(tryBatch(store, middle), store.state.gpu)?.verdict === "fits") fits = middle;
    else over = middle;
  }
  return fits;
}

function tryBatch(store: Store, batch: number): Report {
  const { gpu, run } = store.state;
  return store.footprint.estimate(store.request({ run: { ...run, batch }, gpus: [gpu], want: ["notebook", "fit"] }));
}

/** Where other programs are what is in the way. */
function othersClosed(store: Store): Remedy[] {
  const { gpu } = store.state;
  if (gpu.in_use_mib === undefined) return [];
  const { in_use_mib: _, ...alone } = gpu;
  return cardRemedy(store, alone, "Nothing else on the card");
}

/** The smallest larger card that holds it, and, where that one is tight, the smallest that holds it with room. */
function largerCards(store: Store, fit: FitReport): Remedy[] {
  const { state, footprint } = store;
  const larger = (state.report.fit ?? []).filter((other) => other.gpu !== gpuKey(state.gpu) && other.usable > fit.usable);
  larger.sort((a, b) => a.usable - b.usable);
  const found = [larger.find((other) => other.verdict !== "does not fit"), larger.find((other) => other.verdict === "fits")];
  const system = isCustom(state.gpu) ? undefined : state.gpu.system;
  return [...new Set(found)].flatMap((other) => {
    const card = footprint.catalogue.gpus.find((item) => item.id === other?.gpu);
    if (!card || (fit.verdict === "tight" && other?.verdict !== "fits")) return [];
    return cardRemedy(store, listed(card, system, state.gpu.in_use_mib), `${card.gb} GB card`);
  });
}

function cardRemedy(store: Store, gpu: GpuChoice, title: string): Remedy[] {
  const request: readonly GpuRequest[] = [gpu];
  const report = store.footprint.estimate(store.request({ gpus: request, want: ["notebook", "fit"] }));
  const fit = fitOf(report, gpu);
  if (!fit || !report.notebook || fit.verdict === "does not fit") return [];
  const { total } = report.notebook;
  return [{ title, detail: `${withoutUnit(memory(total), memory(fit.usable))} of ${memory(fit.usable)}`, fit, total, gpu }];
}
