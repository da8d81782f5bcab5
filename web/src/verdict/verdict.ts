// The verdict, first on the page: word, need, headroom, largest batch, the capacity to scale, what would make it fit, every card.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./verdict.css";
import type { Diagnostic, FitReport, Notebook, Report } from "../core/types";
import { openDialog } from "../dialogs";
import { batchText, capital, count, difference, memory, rowCount, withoutUnit } from "../format";
import { icon, sign, tone } from "../icons";
import { NARROW } from "../narrow";
import { StoreController } from "../state/connect";
import { gpuKey, isCustom } from "../state/run";
import { judgementBy, word, type Judgement } from "../state/judgement";
import { chosenFit, errorsOf, firstError, judgingMethod, waitsForStep, type Change, type State } from "../state/store";
import { capacityFigure } from "./capacity";
import { cards } from "./cards";
import { judgedBy, otherMethod, stepAnswer, stepWaits } from "./judges";
import { remedies, type Remedy } from "./remedies";
import { cardName, headroom } from "./sentence";

/** A model of more rows has its remedies worked out in a pause, not in the frame of the edit. */
const ROWS_AT_ONCE = 300;
const PAUSE_MS = 150;

/** Faults that are not in a row are in a field of the settings strip. */
const FIELDS: Readonly<Record<string, { readonly id: string; readonly name: string }>> = {
  batch: { id: "batch", name: "batch size" },
  bytes_per_value: { id: "bytes", name: "bytes per value" },
  in_use_mib: { id: "in-use", name: "in use by others" },
  usable_mib: { id: "usable", name: "usable memory" },
  checkpoint: { id: "training-door", name: "checkpointed modules" },
  loss: { id: "training-door", name: "loss" },
  precision: { id: "training-door", name: "precision" },
  optimizer: { id: "training-door", name: "optimizer" },
  momentum: { id: "training-door", name: "momentum" },
  weight_decay: { id: "training-door", name: "weight_decay" },
};

/** "27.61 → 15.13 GB, −12.48 GB", the unit once where both have the same. */
function totals(from: number, to: number, units: State["units"]): TemplateResult {
  const now = memory(to, units);
  if (from === to) return html`${now} as before.`;
  return html`${withoutUnit(memory(from, units), now)} → ${now}, <b>${difference(to - from, units)}</b>.`;
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

class VerdictElement extends LitElement {
  static override readonly properties = { preview: { state: true }, offered: { state: true } };
  declare preview: Remedy | null;
  declare offered: readonly Remedy[];
  readonly #state = new StoreController(this);
  #offeredFor: Report | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.preview = null;
    this.offered = [];
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    NARROW.addEventListener("change", this.#resized);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    NARROW.removeEventListener("change", this.#resized);
  }

  readonly #resized = () => this.requestUpdate();

  protected override willUpdate(): void {
    const { state } = this.#state;
    if (state.stale || this.#offeredFor === state.report) return;
    this.#offeredFor = state.report;
    this.preview = null;
    clearTimeout(this.#timer);
    if (state.model.layers.length <= ROWS_AT_ONCE) this.offered = remedies(this.#state.store);
    else this.#timer = setTimeout(() => (this.offered = remedies(this.#state.store)), PAUSE_MS);
  }

  protected override render(): TemplateResult {
    const { state, store } = this.#state;
    const { valid } = state;
    const fit = chosenFit(state);
    const empty = state.model.layers.length === 0;
    const waits = waitsForStep(state) ? "waits-for-step" : "";
    return html`<section class="wrap verdict ${state.stale ? "isstale" : waits}" id="verdict" aria-label="Verdict" tabindex="-1">
      <div>
        <span class="watched" aria-hidden="true"></span
        >${empty ? this.#empty() : fit && valid.notebook ? this.#judged(state, fit, valid.notebook) : this.#none(state)}
      </div>
      ${cards(store, state, valid)} ${this.#changed(state.change)}
    </section>`;
  }

  #judged(state: State, fit: FitReport, notebook: Notebook): TemplateResult {
    const { store } = this.#state;
    const byStep = judgingMethod(state) === "step";
    const failed = state.stepped.fault !== null;
    const step = failed ? undefined : judgementBy("step", state);
    const counters = state.stepped.answer?.step;
    return html`${judgedBy(store, state)} ${failed && state.method === "step" && !state.stale ? this.#noStep(state) : nothing}
    ${byStep ? (step ? stepAnswer(store, state, step) : stepWaits()) : this.#answer(state, fit, notebook)}
    ${capacityFigure({
      notebook,
      fit,
      card: this.#card(state),
      units: state.units,
      narrow: NARROW.matches,
      preview: this.preview,
      step: counters && step ? { counters, said: step } : null,
      noStep: failed ? "no answer" : "simulating…",
    })}
    ${state.stale ? this.#staleness(state) : byStep ? this.#stepRemedy(state, step) : this.#remedies(fit)} ${otherMethod(store, state)}`;
  }

  /** What the simulator found wrong, with the way to the field, and that another method than the chosen one judges. */
  #noStep(state: State): TemplateResult {
    const error = firstError({ diagnostics: state.stepped.diagnostics });
    return html`<p class="alert warn nostep">
      ${sign("tight")}
      <span
        ><b>The PyTorch step has no answer:</b> ${error ? this.#place(error) : nothing} ${state.stepped.fault}. Until it has one, the
        notebook’s arithmetic judges.</span
      >
    </p>`;
  }

  /** The simulator has the largest batch of the chosen card at hand; other remedies would be simulated for nothing most of the time. */
  #stepRemedy(state: State, step: Judgement | undefined): TemplateResult | typeof nothing {
    if (!step) return nothing;
    const { verdict, largest, late } = step;
    if (verdict === "fits" || typeof largest !== "number" || largest < 1 || largest >= Number(state.run.batch)) return nothing;
    return html`<div class="fixes" role="group" aria-label="What would make it fit">
      <span class="lead">Make it fit</span>
      <button
        type="button"
        class="fix by-step"
        ?disabled=${late}
        @click=${() => this.#state.store.setRun(`Batch ${batchText(state.run.batch)} → ${count(largest)}`, { batch: largest })}
      >
        <strong>Batch ${count(largest)}</strong><small>the largest that runs</small>
      </button>
    </div>`;
  }

  #answer(state: State, fit: FitReport, notebook: Notebook): TemplateResult {
    const { store } = this.#state;
    const name = tone(fit.verdict);
    const none = fit.largest_batch === 0;
    return html`<h1 class="word is-${name}">
        ${sign(fit.verdict)}${none ? "No batch fits" : word(fit.verdict)} in ${cardName(store, state)}
      </h1>
      <p class="why">
        Needs <b>${this.#door("notebook/total", memory(notebook.total, state.units))}</b>, ${headroom(fit.free, fit.usable, state.units)}.
        ${fit.verdict === "tight" ? "Tight: under a tenth of the card is free." : nothing}
        ${none ? this.#binding(fit, notebook, state) : this.#largest(fit)}
      </p>`;
  }

  /** A number that opens its arithmetic. */
  #door(path: string, text: string): TemplateResult {
    return html`<button type="button" class="num" @click=${() => this.#state.store.explain(path)}>${text}</button>`;
  }

  #largest({ gpu, largest_batch: largest }: FitReport): TemplateResult {
    if (largest === null) return html`The batch costs nothing: any size fits.`;
    return html`Largest batch that fits: <b>${this.#door(`fit/${gpu}/largest_batch`, count(largest))}</b>.`;
  }

  #binding(fit: FitReport, notebook: Notebook, state: State): TemplateResult {
    const usable = memory(fit.usable, state.units);
    if (fit.binds === "parameters") {
      const amount = memory(notebook.parameters, state.units);
      return html`The parameters alone take ${this.#door("notebook/parameters", amount)} of ${usable}. Largest batch that fits: <b>0</b>.`;
    }
    const item = memory(notebook.per_item, state.units);
    const parameters = memory(notebook.parameters, state.units);
    return html`One item takes ${item} beside ${parameters} of parameters; the card has ${usable}. Largest batch that fits: <b>0</b>.`;
  }

  #card(state: State): string {
    if (isCustom(state.gpu)) return cardName(this.#state.store, state);
    const card = this.#state.store.footprint.catalogue.gpus.find((gpu) => gpu.id === gpuKey(state.gpu));
    return card?.short ?? gpuKey(state.gpu);
  }

  #remedies(fit: FitReport): TemplateResult | typeof nothing {
    if (this.offered.length === 0) return nothing;
    return html`<div class="fixes" role="group" aria-label=${fit.verdict === "tight" ? "What would make room" : "What would make it fit"}>
      <span class="lead">${fit.verdict === "tight" ? "Make room" : "Make it fit"}</span>
      ${this.offered.map(
        (remedy) =>
          html`<button
            type="button"
            class="fix"
            @click=${() => this.#apply(remedy)}
            @focus=${() => (this.preview = remedy)}
            @blur=${() => (this.preview = null)}
            @pointerenter=${() => (this.preview = remedy)}
            @pointerleave=${() => (this.preview = null)}
          >
            <strong>${remedy.title}</strong>${sign(remedy.fit.verdict, "spoken")}<small>${remedy.detail}</small>
          </button>`,
      )}
    </div>`;
  }

  #apply(remedy: Remedy): void {
    const { store, state } = this.#state;
    this.preview = null;
    if (remedy.run) store.setRun(`Batch ${batchText(state.run.batch)} → ${batchText(remedy.run.batch ?? "")}`, remedy.run);
    if (remedy.gpu) store.setGpu(remedy.gpu, remedy.title);
    // The button that was pressed may be gone; the verdict is what it changed.
    void this.updateComplete.then(() => {
      if (document.activeElement === document.body) this.querySelector<HTMLElement>("#verdict")?.focus({ preventScroll: true });
    });
  }

  // ——— no answer, or not the current one

  #staleness(state: State): TemplateResult {
    const errors = errorsOf(state.report);
    const [error] = errors;
    return html`<p class="alert lastvalid">
      ${sign("does not fit")}
      <span
        >${state.valid.notebook ? html`<b>The last valid answer.</b>` : nothing}
        ${errors.length === 1 ? "One fault is" : `${count(errors.length)} faults are`} in the way:
        ${error ? html`${this.#place(error)} ${error.message}. ${this.#fixes(error)}` : nothing}</span
      >
    </p>`;
  }

  #none(state: State): TemplateResult {
    return html`<h1 class="word">No answer yet</h1>
      <p class="why">Nothing can be computed before this is mended.</p>
      ${this.#staleness(state)}`;
  }

  /** Where the fault is, as a way to it. */
  #place(error: Diagnostic): TemplateResult | typeof nothing {
    const { row, field } = error;
    if (row !== undefined) return html`<button type="button" class="num" @click=${() => this.#goToCell(row, field)}>row ${row}</button>:`;
    const place = FIELDS[field ?? ""];
    return place ? html`<button type="button" class="num" @click=${() => focusOn(place.id)}>${place.name}</button>:` : nothing;
  }

  /** What the core says would do, for the fields of the strip; those of a row stand under the row. */
  #fixes({ row, fixes }: Diagnostic): TemplateResult[] {
    if (row !== undefined) return [];
    return (fixes ?? []).flatMap(({ field, value }) => {
      const place = FIELDS[field];
      if (!place || (field !== "batch" && field !== "bytes_per_value") || typeof value !== "number") return [];
      const name = `${place.name} ${value}`;
      return html`<button type="button" class="num" @click=${() => this.#state.store.setRun(capital(name), { [field]: value })}>
        ${capital(name)}
      </button>`;
    });
  }

  #goToCell(row: number, field: string | undefined): void {
    this.#state.store.select({ row: row - 1, column: field ?? "op" });
    document.dispatchEvent(new Event("fp-show-cell"));
  }

  #empty(): TemplateResult {
    const { store } = this.#state;
    return html`<div class="empty">
      <h1 class="word small">No layers yet</h1>
      <p class="note">Start from a network, bring your own, or add the first row.</p>
      <div class="fixes">
        ${store.presets.map(
          (preset) =>
            html`<button type="button" class="fix" @click=${() => store.openPreset(preset.id)}>
              <strong>${preset.model.name ?? preset.id}</strong><small>${rowCount(preset.model.layers.length)}</small>
            </button>`,
        )}
        <button type="button" class="btn" @click=${() => openDialog("import")}>${icon("import")}<span>Open a file</span></button>
      </div>
    </div>`;
  }

  // ——— after a change

  /** Its place is kept, so that nothing moves when it speaks. The live region of the page says the answer; this is for the eye. */
  #changed(change: Change | null): TemplateResult {
    const { store, state } = this.#state;
    if (!change) return html`<div class="changed"></div>`;
    // By the method that judges; the step's answer comes into its place later.
    const method = judgingMethod(state);
    const said = state.stale ? undefined : judgementBy(method, state);
    const from = method === "step" ? change.stepFrom : (change.from?.total ?? null);
    return html`<div class="changed said">
      ${said && !said.late ? sign(said.verdict) : nothing}
      <span><b>${change.undone ? "Undone: " : ""}${change.label}.</b> ${this.#outcome(said, from)}</span>
      ${change.undone || !state.canUndo ? nothing : html`<button type="button" class="btn plain" @click=${() => store.undo()}>${icon("undo")}<span>Take back</span></button>`}
    </div>`;
  }

  /** "Step 14.64 → 14.02 GB, −0.62 GB. Fits in 16 GB." */
  #outcome(said: Judgement | undefined, from: number | null): TemplateResult | typeof nothing {
    const { store, state } = this.#state;
    if (waitsForStep(state) && judgingMethod(state) === "step") return html`Simulating…`;
    if (!said || said.late) return nothing;
    const { units } = state;
    const need = from === null ? html`${memory(said.need, units)}.` : totals(from, said.need, units);
    return html`${said.method === "step" ? "Step" : "Notebook"} ${need} ${word(said.verdict)} in ${cardName(store, state)}.`;
  }
}

customElements.define("fp-verdict", VerdictElement);
