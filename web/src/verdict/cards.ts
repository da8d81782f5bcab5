// Every card: tanks on one ruler with the need drawn across, and the largest batch each takes. The size is a button that chooses it.
import { html, nothing, svg, type TemplateResult } from "lit";
import type { FitReport, Gpu } from "../core/types";
import { openDialog } from "../dialogs";
import { count, gigabytes, memory } from "../format";
import { sign } from "../icons";
import { gpuKey, isCustom, listed } from "../state/run";
import { atBatch, chosenStepFit, type State, type Store } from "../state/store";

const HEIGHT = 151;
/** Room above the tallest tank for its stroke. */
const ROOM = 4;
const MOST_COLUMNS = 10;
const USUAL_GB = 80;

export function cards(store: Store, state: State, report: State["valid"]): TemplateResult | typeof nothing {
  const { notebook } = report;
  if (!notebook) return nothing;
  const rows = shownCards(store, state, report);
  if (rows.length === 0) return nothing;
  const most = Math.max(...rows.map(({ fit }) => fit.usable));
  const y = (bytes: number) => HEIGHT - (Math.max(0, bytes) / most) * (HEIGHT - ROOM);
  const need = y(Math.min(notebook.total, most * 1.02)).toFixed(1);
  return html`<aside class="cards" aria-labelledby="cards-h">
    <h2 id="cards-h">Every card${atBatch(state)}, and the largest batch it takes</h2>
    <table>
      <thead>
        <tr aria-hidden="true">
          <td class="tank needs">
            <svg aria-hidden="true">
              ${svg`<line class="need" x1="0" x2="100%" y1=${need} y2=${need}></line><text x="0" y=${Number(need) - 5}>${needText(notebook.total)}</text>`}
            </svg>
          </td>
          ${rows.map(({ fit }) => tank(fit.usable, notebook.total, y, need))}
        </tr>
        <tr>
          <th scope="row">Card, GB</th>
          ${rows.map(({ card, fit }) => cardHead(store, state, card, fit))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Notebook</th>
          ${rows.map(({ fit }) => html`<td>${sign(fit.verdict, "spoken")}${batchText(fit.largest_batch)}</td>`)}
        </tr>
        <tr class="by-step">
          <th scope="row">PyTorch step</th>
          ${rows.map(({ card }) => stepCell(state, card))}
        </tr>
      </tbody>
    </table>
    <button
      type="button"
      class="num"
      ?disabled=${state.stale || state.stepped.everyCard || chosenStepFit(state) === undefined}
      @click=${() => store.judgeEveryCard()}
    >
      Every card by the step
    </button>
    <button type="button" class="num" @click=${() => openDialog("cards")}>
      All ${count(store.footprint.catalogue.gpus.length)} cards, with sources
    </button>
  </aside>`;
}

interface Shown {
  readonly card: Gpu;
  readonly fit: FitReport;
}

/**
 * One card of each size, as many as one ruler can show: up to 80 GB, or further up to the chosen card or the first that fits. All of
 * them are in the dialog behind the button.
 */
function shownCards(store: Store, state: State, report: State["valid"]): Shown[] {
  const all = store.footprint.catalogue.gpus.flatMap((card): Shown[] => {
    const fit = card.named ? report.fit?.find((item) => item.gpu === card.id) : undefined;
    return fit ? [{ card, fit }] : [];
  });
  const chosen = all.findIndex(({ card }) => card.id === gpuKey(state.gpu));
  const holds = all.findIndex(({ fit }) => fit.verdict === "fits");
  const usual = all.findIndex(({ card }) => card.gb >= USUAL_GB);
  const end = Math.max(usual < 0 ? all.length - 1 : usual, holds, chosen) + 1;
  const shown = all.slice(Math.max(0, end - MOST_COLUMNS), end);
  const first = all[chosen];
  return first && !shown.includes(first) ? [first, ...shown.slice(1)] : shown;
}

function tank(usable: number, total: number, y: (bytes: number) => number, need: string): TemplateResult {
  const top = y(usable);
  const used = y(Math.min(usable, total));
  return html`<td class="tank">
    <svg aria-hidden="true">
      ${svg`<rect class="body" x="20%" y=${top.toFixed(1)} width="60%" height=${(HEIGHT - top).toFixed(1)}></rect><rect class="used" x="20%" y=${used.toFixed(1)} width="60%" height=${(HEIGHT - used).toFixed(1)}></rect><line class="need" x1="0" x2="100%" y1=${need} y2=${need}></line>`}
    </svg>
  </td>`;
}

function cardHead(store: Store, state: State, card: Gpu, fit: FitReport): TemplateResult {
  const chosen = card.id === gpuKey(state.gpu);
  const system = isCustom(state.gpu) ? undefined : state.gpu.system;
  const choose = () => store.setGpu(listed(card, system, state.gpu.in_use_mib), `${card.gb} GB card, ${card.short}`);
  return html`<th scope="col" class=${chosen ? "on" : ""}>
    <button
      type="button"
      class="pickcard"
      aria-pressed=${String(chosen)}
      title="${card.short}, ${memory(fit.usable, state.units)} usable"
      @click=${choose}
    >
      ${card.gb}<span class="vh"> GB ${card.short}</span>
    </button>
  </th>`;
}

/** The chosen card has its largest batch; others are judged when that is asked for. */
function stepCell(state: State, card: Gpu): TemplateResult {
  const fit = state.stepped.answer?.fit?.find((item) => item.gpu === card.id);
  if (!fit || state.stepped.fault !== null) return html`<td><span aria-hidden="true">·</span><span class="vh">not asked</span></td>`;
  const { largest_batch: largest } = fit;
  return html`<td>${sign(fit.verdict, "spoken")}${largest === undefined ? "" : batchText(largest)}</td>`;
}

function needText(total: number): string {
  return total >= 2 ** 30 / 20 ? `${gigabytes(total)} GB` : memory(total);
}

/** Four digits at most: the column is narrow, and the dialog has the number in full. */
function batchText(batch: number | null): string {
  if (batch === null) return "any";
  if (batch < 10_000) return String(batch);
  return batch < 10_000_000 ? `${count(Math.floor(batch / 1000))}k` : `${count(Math.floor(batch / 1_000_000))}M`;
}
