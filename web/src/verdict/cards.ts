// Every card: tanks on one ruler with the need drawn across, and the largest batch each takes. The size is a button that chooses it.
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { FitReport, Gpu, Verdict } from "../core/types";
import { openDialog } from "../dialogs";
import { count, GB, memory, ratio, shortCount } from "../format";
import { sign } from "../icons";
import { NARROW } from "../narrow";
import { judgement, judgementBy } from "../state/judgement";
import { gpuKey, isCustom, listed } from "../state/run";
import { atBatch, chosenStepFit, type State, type Store } from "../state/store";

const HEIGHT = 151;
/** Room above the tallest tank for its stroke. */
const ROOM = 4;
/** From the base of one label to that of the next. */
const LABEL = 13;
const MOST_COLUMNS = { wide: 10, narrow: 7 };
const USUAL_GB = 80;

export function cards(store: Store, state: State, report: State["valid"]): TemplateResult | typeof nothing {
  const { notebook } = report;
  if (!notebook) return nothing;
  const rows = shownCards(store, state, report);
  if (rows.length === 0) return nothing;
  // Where other programs have taken every card, the need is the whole ruler.
  const most = Math.max(...rows.map(({ fit }) => fit.usable)) || notebook.total || 1;
  const y = (bytes: number) => HEIGHT - (Math.max(0, bytes) / most) * (HEIGHT - ROOM);
  const step = state.stepped.fault === null ? judgementBy("step", state) : undefined;
  const needs = [
    { bytes: notebook.total, kind: "" },
    ...(step ? [{ bytes: step.need, kind: step.late ? "step by-step" : "step" }] : []),
  ].map((need): Need => ({ ...need, beyond: need.bytes > most, at: y(Math.min(need.bytes, most)) }));
  const judged = judgement(state)?.need ?? notebook.total;
  return html`<aside class="cards" aria-labelledby="cards-h">
    <h2 id="cards-h">Every card${atBatch(state)}, and the largest batch it takes</h2>
    <table>
      <thead>
        <tr aria-hidden="true">
          <td class="tank needs">
            <svg aria-hidden="true">${needLines(needs)}${needLabels(needs)}</svg>
          </td>
          ${rows.map(({ fit }) => tank(fit.usable, judged, y, needs))}
        </tr>
        <tr>
          <th scope="row">Card, GB</th>
          ${rows.map(({ card, fit }) => cardHead(store, state, card, fit))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Notebook</th>
          ${rows.map(({ fit }) => largestCell(fit.verdict, fit.largest_batch))}
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
  const columns = NARROW.matches ? MOST_COLUMNS.narrow : MOST_COLUMNS.wide;
  const shown = all.slice(Math.max(0, end - columns), end);
  const first = all[chosen];
  return first && !shown.includes(first) ? [first, ...shown.slice(1)] : shown;
}

/** What a method says is needed: solid by the notebook, dashed by the step. */
interface Need {
  readonly bytes: number;
  readonly kind: string;
  /** Higher than the ruler: then its number stands alone, with an arrow. */
  readonly beyond: boolean;
  /** Its height on the ruler. */
  readonly at: number;
}

function needLines(needs: readonly Need[]): SVGTemplateResult[] {
  const within = needs.filter(({ beyond }) => !beyond);
  return within.map(({ kind, at }) => svg`<line class="need ${kind}" x1="0" x2="100%" y1=${at.toFixed(1)} y2=${at.toFixed(1)}></line>`);
}

/** Above their lines, and the upper one above the lower; at the ruler's top below it. */
function needLabels(needs: readonly Need[]): SVGTemplateResult[] {
  const placed: SVGTemplateResult[] = [];
  let below = Infinity;
  const byHeight = [...needs].sort((a, b) => a.bytes - b.bytes);
  for (const [index, { bytes, kind, beyond, at }] of byHeight.entries()) {
    const upper = byHeight.length - 1 - index;
    const base = Math.max(Math.min(at - 5, below - LABEL), LABEL * (1 + upper) + 2);
    below = base;
    placed.push(svg`<text class="halo ${kind}" x="0" y=${base.toFixed(1)}>${beyond ? "↑ " : ""}${needText(bytes)}</text>`);
  }
  return placed;
}

/** Filled as far as the method that judges would. */
function tank(usable: number, total: number, y: (bytes: number) => number, needs: readonly Need[]): TemplateResult {
  const top = y(usable);
  const used = y(Math.min(usable, total));
  return html`<td class="tank">
    <svg aria-hidden="true">
      ${svg`<rect class="body" x="20%" y=${top.toFixed(1)} width="60%" height=${(HEIGHT - top).toFixed(1)}></rect><rect class="used" x="20%" y=${used.toFixed(1)} width="60%" height=${(HEIGHT - used).toFixed(1)}></rect>`}${needLines(needs)}
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
  return largestCell(fit.verdict, largest);
}

/** As short as its column asks for; in full where it is pointed at. */
function largestCell(verdict: Verdict, largest: number | null | undefined): TemplateResult {
  const text = largest === undefined ? "" : largest === null ? "any" : shortCount(largest, 1000);
  return html`<td title=${typeof largest === "number" ? count(largest) : nothing}>${sign(verdict, "spoken")}${text}</td>`;
}

/** Without hundredths where there is no room for them. */
function needText(total: number): string {
  return total < 1000 * GB ? memory(total) : `${ratio(total, GB, 0)} GB`;
}
