// The two methods at the verdict: which of them judges, what the step says where it does, and what the other would have said.
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { count, memory } from "../format";
import { sign, tone } from "../icons";
import { METHOD_NAMES, judgementBy, word, type Judgement } from "../state/judgement";
import type { Method } from "../state/run";
import { judgingMethod, type State, type Store } from "../state/store";
import { cardName, headroom } from "./sentence";

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

/** Why another method than the chosen one judges. */
function waiting(state: State): TemplateResult | typeof nothing {
  if (state.method !== "step" || judgingMethod(state) === "step") return nothing;
  return state.stepped.fault === null
    ? html`<span>simulating; until then the notebook’s arithmetic</span>`
    : html`<span>no answer for this state; the notebook’s arithmetic judges</span>`;
}

/** Word and sentence of the step. */
export function stepAnswer(store: Store, state: State, said: Judgement): TemplateResult {
  const none = said.largest === 0;
  return html`<h1 class="word is-${tone(said.verdict)}">
      ${sign(said.verdict)}${none ? "No batch fits" : word(said.verdict)} in ${cardName(store, state)}
    </h1>
    <p class="why">
      Needs <b>${needText(said, state)}</b>, ${headroom(said.free, said.usable, state.units)}. ${because(said, state)}${largest(said)}
    </p>`;
}

function needText({ need, most }: Judgement, { units }: State): string {
  const now = memory(need, units);
  const highest = memory(most, units);
  return now === highest ? now : `${now}, at most ${highest}`;
}

function because(said: Judgement, state: State): string {
  if (said.because === "interval") return "Whether it runs depends on what cuDNN and CUDA’s context take. ";
  if (said.because !== "retries") return "";
  const times = state.stepped.answer?.fit?.find((fit) => fit.usable === said.usable)?.retries ?? 1;
  return `It runs only because PyTorch gives cached memory back, ${times === 1 ? "once" : `${count(times)} times`}. `;
}

function largest({ largest: batch }: Judgement): TemplateResult | typeof nothing {
  if (batch === undefined) return nothing;
  if (batch === null) return html`The batch costs nothing: any size fits.`;
  return html`Largest batch that fits: <b>${count(batch)}</b>.`;
}

/** What the method that does not judge says, and the way to the bridge between the two. */
export function otherMethod(store: Store, state: State): TemplateResult {
  const judging = judgingMethod(state);
  const judge = judgementBy(judging, state);
  const other = judgementBy(judging === "step" ? "notebook" : "step", state);
  if (!judge || !other || state.stale || state.stepped.fault !== null) return html`<p class="other"></p>`;
  const otherwise = other.verdict !== judge.verdict;
  const apart = Math.abs(judge.need - other.need);
  return html`<p class="other">
    ${sign(other.verdict)}
    <span>
      ${other.method === "step" ? html`The <b>PyTorch step</b>` : html`<b>Notebook arithmetic</b>`}
      ${otherwise ? "would decide otherwise" : "agrees"}: ${word(other.verdict).toLowerCase()} in ${cardName(store, state)}, needs
      ${needText(other, state)},
      ${headroom(other.free, other.usable, state.units)}${
        typeof other.largest === "number" ? `, largest batch ${count(other.largest)}` : ""
      }.
      <button type="button" class="num" @click=${showBridge}>Why the two are ${memory(apart, state.units)} apart</button>
    </span>
  </p>`;
}

function showBridge(): void {
  const heading = document.querySelector<HTMLElement>("#step-h");
  heading?.scrollIntoView({ block: "start" });
  heading?.focus({ preventScroll: true });
}
