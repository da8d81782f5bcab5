// <fp-step>: the two methods side by side, the bridge between them, and the training step moment by moment. It starts the simulator, which
// answers later than the page; until then, and while a new answer is under way, what was last known stays, greyed.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { figure } from "../charts/figure";
import type { BlockKind, Notebook, StepCounters, StepReport } from "../core/types";
import { amount, capital, count, memory } from "../format";
import { sign } from "../icons";
import { StoreController } from "../state/connect";
import { atBatch, type State } from "../state/store";
import { bridgeLines } from "./bridge";
import { bridgeList, bridgeTable } from "./bridge-list";
import { kindName, partOf, PARTS } from "./kinds";
import { swatch } from "./parts";
import "./step.css";
import { startStepping } from "./stepping";
import { momentAt, phaseName, timelineOf, type Timeline } from "./timeline";
import { timelineChart, timelineTable, type TimelineChart } from "./timeline-chart";

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"];

class FpStep extends LitElement {
  static override readonly properties = { at: { state: true }, showsTable: { state: true } };
  /** Place of the moment that is read. */
  declare at: number | null;
  declare showsTable: boolean;
  readonly #connected = new StoreController(this);
  #asks = false;
  #timeline: { readonly of: StepReport; readonly is: Timeline | null } | null = null;

  constructor() {
    super();
    this.at = null;
    this.showsTable = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.#asks) startStepping(this.#connected.store);
    this.#asks = true;
  }

  protected override render(): TemplateResult {
    const { state } = this.#connected;
    const { answer, fresh, fault } = state.stepped;
    const { notebook } = state.valid;
    const empty = state.model.layers.length === 0;
    const greyed = state.stale ? "isstale" : fresh ? "" : "late";
    return html`<section class="sec wrap" id="step" aria-labelledby="step-h">
      <div class="bar">
        <h2 id="step-h" tabindex="-1">Two methods, and the bridge between them</h2>
        <span class="note">${state.units}${atBatch(state)}</span>
      </div>
      ${
        fault === null || state.stale
          ? nothing
          : html`<p class="alert warn">
              ${sign("tight")}<span><b>The PyTorch step has no answer.</b> ${fault}.</span>
            </p>`
      }
      ${
        answer?.step && notebook && !empty
          ? html`<div class="methods ${greyed}">
                ${this.#notebook(notebook, state)} ${this.#bridge(answer, state)} ${this.#step(answer, answer.step, state)}
              </div>
              ${this.#moments(answer, answer.step, state, greyed)}`
          : html`<p class="note waiting" role="status">
              ${empty ? "The methods come with the first layer." : fault === null && !state.stale ? "Simulating a training step…" : ""}
            </p>`
      }
    </section>`;
  }

  // ——— the notebook's side

  #notebook(notebook: Notebook, state: State): TemplateResult {
    const lines = [
      ["input", "Input", "input", notebook.input],
      ["activations", "Forward", "forward", notebook.forward],
      ["gradients", "Backward", "backward", notebook.backward],
      ["parameters", "Parameters", "parameters", notebook.parameters],
    ] as const;
    return html`<div class="side">
      <h3>
        <svg class="rule" aria-hidden="true"><line class="nb" x1="0" x2="100%" y1="4" y2="4"></line></svg>Notebook arithmetic
      </h3>
      <p class="note">torchsummary’s sum: input + 2 × forward + parameters. Exact, to the printed character.</p>
      <table class="sumtable">
        <thead>
          <tr>
            <th scope="col">Counted</th>
            <th scope="col">${state.units}</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(
            ([part, name, path, bytes]) =>
              html`<tr>
                <th scope="row">${swatch(part)}${name}</th>
                <td>${this.#door(`notebook/${path}`, amount(bytes, state.units))}</td>
              </tr>`,
          )}
          <tr class="total">
            <th scope="row">Total</th>
            <td>${this.#door("notebook/total", amount(notebook.total, state.units))}</td>
          </tr>
        </tbody>
      </table>
    </div>`;
  }

  #door(path: string, text: string): TemplateResult {
    return html`<button type="button" class="num" @click=${() => this.#connected.store.explain(path)}>${text}</button>`;
  }

  // ——— the bridge

  #bridge({ bridge }: StepReport, state: State): TemplateResult {
    const lines = bridgeLines(bridge ?? []);
    return html`<div class="mid">
      ${figure({
        name: "bridge",
        title: "From one number to the other",
        note: `${count(Math.max(0, lines.length - 2))} differences that sum exactly to what the device is likely to show.`,
        chart: bridgeList(lines, state.units, (path) => this.#connected.store.explain(path)),
        table: bridgeTable(lines, state.units),
        showsTable: false,
        toggleTable: () => undefined,
        pictures: false,
      })}
    </div>`;
  }

  // ——— the step's side

  #step({ diagnostics }: StepReport, step: StepCounters, state: State): TemplateResult {
    const { units } = state;
    const kinds = PARTS.flatMap((part) => part.kinds).filter((kind) => (step.by_kind[kind] ?? 0) > 0);
    const { low, likely, high } = step.device_total;
    return html`<div class="side">
      <h3>
        <svg class="rule" aria-hidden="true"><line class="st" x1="0" x2="100%" y1="4" y2="4"></line></svg>PyTorch step
      </h3>
      <p class="note">What PyTorch’s caching allocator hands out, at the worst moment of three simulated training steps.</p>
      <table class="sumtable">
        <thead>
          <tr>
            <th scope="col">Alive at the peak</th>
            <th scope="col">${units}</th>
          </tr>
        </thead>
        <tbody>
          ${kinds.map(
            (kind: BlockKind) =>
              html`<tr>
                <th scope="row">${swatch(partOf(kind))}${capital(kindName(kind))}</th>
                <td>${amount(step.by_kind[kind] ?? 0, units)}</td>
              </tr>`,
          )}
          <tr class="total">
            <th scope="row">Peak allocated</th>
            <td>${this.#door("step/peak_allocated", amount(step.peak_allocated, units))}</td>
          </tr>
          <tr class="strong">
            <th scope="row">Peak reserved</th>
            <td>${this.#door("step/peak_reserved", amount(step.peak_reserved, units))}</td>
          </tr>
          <tr class="strong">
            <th scope="row">On the device, likely</th>
            <td>${this.#door("step/device_total", amount(likely, units))}</td>
          </tr>
          <tr class="after">
            <th scope="row">at least, at most</th>
            <td><span>${amount(low, units)}</span> to <span>${amount(high, units)}</span></td>
          </tr>
        </tbody>
      </table>
      <p class="note attributed">
        ${this.#peak(step)} PyTorch’s own counters, <code>max_memory_allocated</code> and <code>max_memory_reserved</code>, read
        ${memory(step.peak_allocated, "bytes")} and ${memory(step.peak_reserved, "bytes")} where cuDNN takes no workspace; a real card adds
        CUDA’s context and what the library takes.
      </p>
      ${diagnostics
        .filter(({ severity }) => severity === "warning")
        .slice(0, 5)
        .map(({ message, row }) => html`<p class="note attributed">${row === undefined ? "" : `Row ${row}: `}${message}.</p>`)}
    </div>`;
  }

  #peak({ peak }: StepCounters): TemplateResult {
    const { row, name, kernel } = peak;
    const when = peak.step < 0 ? "before the first step" : `of the ${ORDINALS[peak.step] ?? `${count(peak.step + 1)}th`} step`;
    const place =
      row === undefined
        ? nothing
        : html` by
            <button type="button" class="num" @click=${() => this.#showRow(row)}>
              row ${row}${name === undefined ? "" : `, ${name}`}
            </button>`;
    return html`The peak comes in ${phaseName(peak.phase)} ${when}${place}${kernel === undefined ? "" : `, in ${kernel}`}.`;
  }

  #showRow(row: number): void {
    this.#connected.store.select({ row: row - 1, column: "ly" });
    document.dispatchEvent(new Event("fp-show-cell"));
  }

  // ——— moment by moment

  #moments(answer: StepReport, step: StepCounters, state: State, greyed: string): TemplateResult | typeof nothing {
    if (this.#timeline?.of !== answer) this.#timeline = { of: answer, is: timelineOf(answer.timeline ?? [], step.peak) };
    const timeline = this.#timeline.is;
    if (timeline === null) return nothing;
    const layers = state.valid.layers ?? [];
    const chart: TimelineChart = {
      timeline,
      peak: step.peak,
      units: state.units,
      at: this.at !== null && this.at < timeline.moments.length ? this.at : null,
      rowName: (row) => `row ${row}${layers[row - 1]?.name === undefined ? "" : ` · ${layers[row - 1]?.name ?? ""}`}`,
    };
    const peak = timeline.moments[timeline.peak];
    return html`<div class="figs moments ${greyed}">
      ${figure({
        name: "training-step",
        title: peak ? `${capital(phaseName(peak.phase))} holds the peak, ${memory(peak.allocated, state.units)}` : "One training step",
        note: `One training step, allocation by allocation, stacked by kind: moments in their order, not time${timeline.narrowed ? "; those that belong to no row are drawn narrower" : ""}. Point at a moment, or use the arrow keys, to light up its row; Enter goes there.`,
        chart: timelineChart(chart, {
          key: (event) => this.#key(event, chart),
          move: (event) => {
            const box = (event.currentTarget as Element).getBoundingClientRect();
            this.#read(momentAt(timeline, (event.clientX - box.left) / box.width), timeline);
          },
          leave: () => this.#leave(),
          click: () => this.#open(chart),
        }),
        table: timelineTable(chart),
        showsTable: this.showsTable,
        toggleTable: () => (this.showsTable = !this.showsTable),
        pictures: true,
      })}
    </div>`;
  }

  #read(at: number, { moments }: Timeline): void {
    this.at = Math.min(Math.max(at, 0), moments.length - 1);
    light(moments[this.at]?.row ?? null);
  }

  #leave(): void {
    this.at = null;
    light(null);
  }

  #open({ timeline, at }: TimelineChart): void {
    const row = timeline.moments[at ?? timeline.peak]?.row;
    if (row !== undefined) this.#showRow(row);
  }

  #key(event: KeyboardEvent, chart: TimelineChart): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { moments, peak } = chart.timeline;
    const at = chart.at ?? peak;
    const page = Math.max(2, Math.round(moments.length / 20));
    const to: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      PageUp: at + page,
      PageDown: at - page,
      Home: 0,
      End: moments.length - 1,
    };
    const next = to[event.key];
    if (next !== undefined) this.#read(next, chart.timeline);
    else if (event.key === "Enter") this.#open(chart);
    else if (event.key === "Escape" && this.at !== null) this.#leave();
    else return;
    event.preventDefault();
  }
}

/** The table lights the row up, wherever it stands. */
function light(row: number | null): void {
  document.dispatchEvent(new CustomEvent<number | null>("fp-light-row", { detail: row }));
}

customElements.define("fp-step", FpStep);
