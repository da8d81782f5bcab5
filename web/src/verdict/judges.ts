// The two methods at the verdict: which of them judges, what the step says where it does, and what the other would have said.
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { count, memory } from "../format";
import { sign, tone } from "../icons";
import { METHOD_NAMES, judgementBy, word, type Judgement } from "../state/judgement";
import type { Method } from "../state/run";
import { judgingMethod, waitsForStep, type State, type Store } from "../state/store";
import { cardName, headroom, judgedCard } from "./sentence";

const METHODS: readonly Method[] = ["step", "notebook"];

export function judgedBy(store: Store, state: State): TemplateResult {
  return html`<div class="by">
    <span id="judged-by">Judged by</span>
    <div class="seg small" role="radiogroup" aria-labelledby="judged-by">
      ${METHODS.map(
        (method) =>
          html`<label
            ><input
              type="radio"
              name="judge"
              value=${method}
              .checked=${live(state.method === method)}
              @change=${() => store.setMethod(method)}
            />${METHOD_NAMES[method]}</label
          >`,
      )}
    </div>
    ${waiting(state)}
  </div>`;
}

/** That the answer is on its way, said once that takes longer than an eye notices. */
function waiting(state: State): TemplateResult | typeof nothing {
  return state.method === "step" && waitsForStep(state) ? html`<span class="simulating">simulating…</span>` : nothing;
}

/** Where the step's first answer will stand, as high as most of them are. */
export function stepWaits(): TemplateResult {
  return html`<h1 class="word waits">Simulating…</h1>
    <p class="why by-step">The training step is run through PyTorch’s allocator.</p>`;
}

/** Word and sentence of the step. */
export function stepAnswer(store: Store, state: State, said: Judgement): TemplateResult {
  const none = said.largest === 0;
  const need = needText(said, state);
  return html`<h1 class="word by-step is-${tone(said.verdict)}">
      ${sign(said.verdict)}${none ? "No batch fits" : word(said.verdict)} in ${judgedCard(store, said)}
    </h1>
    <p class="why by-step">
      Needs <b>${isTotal(said, state) ? door(store, "step/device_total", need.now) : need.now}</b>${need.most},
      ${headroom(said.free, said.usable, state.units)}. ${because(said)}${largest(said)}
    </p>`;
}

function needText({ need, most }: Judgement, { units }: State): { readonly now: string; readonly most: string } {
  const now = memory(need, units);
  const highest = memory(most, units);
  return { now, most: now === highest ? "" : `, at most ${highest}` };
}

/** Whether the need is the report's own number, whose arithmetic is known; of a step that runs or not it is the least. */
function isTotal({ need }: Judgement, { stepped }: State): boolean {
  return need === stepped.answer?.step?.device_total.likely;
}

function door(store: Store, path: string, text: string): TemplateResult {
  return html`<button type="button" class="num" @click=${() => store.explain(path)}>${text}</button>`;
}

/** What makes it tight. */
function because({ because: why, retries }: Judgement): string {
  if (why === "little-free") return "Tight: under a tenth of the card is free. ";
  if (why === "interval") return "Tight: whether it runs depends on what cuDNN and CUDA’s context take. ";
  if (why !== "retries") return "";
  return `Tight: it runs only because PyTorch gives cached memory back, ${retries === 1 ? "once" : `${count(retries)} times`}. `;
}

/** The core looks for it with what is likely, and counts a batch that runs by giving cached memory back. */
function largest({ largest: batch, because: why }: Judgement): TemplateResult | typeof nothing {
  if (batch === undefined) return nothing;
  if (batch === null) return html`The batch costs nothing: any size fits.`;
  return html`Largest batch that likely runs${why === "retries" ? " so" : ""}: <b>${count(batch)}</b>.`;
}

/** What the method that does not judge says, and the way to the bridge between the two. */
export function otherMethod(store: Store, state: State): TemplateResult {
  const judging = judgingMethod(state);
  const judge = judgementBy(judging, state);
  const other = judgementBy(judging === "step" ? "notebook" : "step", state);
  if (!other || state.stale || state.stepped.fault !== null) return html`<p class="other"></p>`;
  if (other.late)
    return html`<p class="other">
      <span>The <b>PyTorch step</b> is being simulated.</span>
    </p>`;
  // An answer that is on its way is not compared with one that is there; the room for the comparison is kept.
  const late = judge === undefined || judge.late;
  const compared = other.verdict === judge?.verdict ? " agrees:" : " would decide otherwise:";
  const otherNeed = needText(other, state);
  const apart = Math.abs((judge?.need ?? 0) - other.need);
  return html`<p class="other">
    ${sign(other.verdict)}
    <span>
      ${other.method === "step" ? html`The <b>PyTorch step</b>` : html`<b>Notebook arithmetic</b>`}${late ? ":" : compared}
      ${word(other.verdict).toLowerCase()} in ${cardName(store, state)}, needs ${otherNeed.now}${otherNeed.most},
      ${headroom(other.free, other.usable, state.units)}${
        typeof other.largest === "number" ? `, largest batch ${count(other.largest)}` : ""
      }.
      <button type="button" class="num ${late ? "unsaid" : ""}" @click=${showBridge}>
        Why the two are ${late ? "…" : memory(apart, state.units)} apart
      </button>
    </span>
  </p>`;
}

function showBridge(): void {
  const heading = document.querySelector<HTMLElement>("#step-h");
  heading?.scrollIntoView({ block: "start" });
  heading?.focus({ preventScroll: true });
}
