// <fp-charts>: three pictures of the report. They are made in the frame after the answer, or later while nobody is near them, so
// that an edit is never slower for them. What the step says of other batches and cards is simulated while somebody is near, and drawn as
// it comes. While the model has a fault, the last valid pictures stay, greyed.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Report, Request, Verdict } from "../core/types";
import { batchText, count } from "../format";
import { StoreController } from "../state/connect";
import { gpuKey, isCustom, listed, makeRequest, requestGpus, type Method } from "../state/run";
import { atBatch, chosenStepFit, judgingMethod, waitsForStep, type State } from "../state/store";
import { sameButBatch, StepSeries } from "../step/series";
import { batchChart, batchReading, batchTable, batchTitle, endOf, type BatchChart, type Card, type StepPoint } from "./batch-chart";
import { batchesAround, cardMap, mapTable, mapTitle, moveOnMap, type CardMap, type MapPlace } from "./card-map";
import "./charts.css";
import { figure, type Figure } from "./figure";
import { rowsChart, rowsOf, rowsTable, rowsTitle, type RowsChart } from "./rows-chart";

interface Answers {
  readonly state: State;
  readonly batch: number;
  /** With series and every named card. */
  readonly report: Report;
  /** Of the map, in ascending order, and what the notebook says of each. */
  readonly batches: readonly number[];
  readonly byNotebook: readonly (Report["fit"] | undefined)[];
}

/** Longer models have their charts made only when somebody comes near them. */
const ROWS_UNSEEN = 500;

type Name = "batch" | "rows" | "map";

class FpCharts extends LitElement {
  readonly #connected = new StoreController(this);
  #answers: Answers | null = null;
  /** The last state without a fault: what the charts show while there is one. */
  #valid: State | null = null;
  /** The last state that the step has answered. */
  #stepped: State | null = null;
  #near = false;
  #watch: IntersectionObserver | null = null;
  #asked = false;
  #tables: ReadonlySet<Name> = new Set();
  #row: number | null = null;
  #mapPlace: MapPlace | null = null;
  /** The right edge while the line is dragged. */
  #heldEnd: number | null = null;
  #drags = 0;
  /** Of the first picture as it was drawn last, so that its numbers find room. */
  #size = { width: 560, height: 304 };
  readonly #resized = new ResizeObserver(() => this.#measure());
  readonly #series = new StepSeries(() => this.requestUpdate());

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch = new IntersectionObserver(
      ([entry]) => {
        this.#near = entry?.isIntersecting === true;
        this.#ask();
        this.#askStep();
      },
      { rootMargin: "600px" },
    );
    this.#watch.observe(this);
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watch?.disconnect();
    this.#resized.disconnect();
    this.#series.forget();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { state } = this.#connected;
    if (state.stale) return;
    this.#valid = state;
    if (state.stepped.fresh) this.#stepped = state;
    // Numbers of another model or run go at once, whether anybody is near to ask for new ones or not.
    this.#series.follow(state);
    if (!this.#makes(state) && this.#answers?.state.model !== state.model) this.#answers = null;
  }

  /** Whether the charts of the state are made now; else when somebody comes near. */
  #makes(state: State): boolean {
    return this.#near || state.model.layers.length <= ROWS_UNSEEN;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.#measure();
    this.#ask();
    this.#askStep();
  }

  #measure(): void {
    const { width = 0, height = 0 } = this.querySelector(".batch-chart")?.getBoundingClientRect() ?? {};
    if (width === 0 || (width === this.#size.width && height === this.#size.height)) return;
    this.#size = { width, height };
    this.requestUpdate();
  }

  /** Near the screen in the next frame, else when the page has nothing else to do; once for however many changes came before that. */
  #ask(): void {
    if (this.#valid === null || this.#asked || this.#answers?.state.report === this.#valid.report) return;
    if (!this.#makes(this.#valid)) return;
    this.#asked = true;
    const answer = () => {
      this.#asked = false;
      if (this.#valid !== null && this.isConnected) this.#answers = this.#answer(this.#valid);
      this.requestUpdate();
    };
    if (this.#near) requestAnimationFrame(answer);
    else if ("requestIdleCallback" in window) requestIdleCallback(answer);
    else requestAnimationFrame(answer); // Safari
  }

  #answer(state: State): Answers | null {
    const { footprint } = this.#connected.store;
    const { batch } = state.run;
    if (typeof batch !== "number" || state.model.layers.length === 0) return null;
    const report = footprint.estimate({ ...this.#request(state, batch), want: ["layers", "notebook", "fit", "series"] });
    const batches = batchesAround(batch);
    const byNotebook = batches.map((at) =>
      at === batch ? report.fit : footprint.estimate({ ...this.#request(state, at), want: ["fit"] }).fit,
    );
    return { state, batch, report, batches, byNotebook };
  }

  #request(state: State, batch: number): Request {
    return makeRequest(state.model, { ...state.run, batch }, requestGpus(state.gpu, this.#connected.store.footprint.catalogue));
  }

  /** The step at the batches that are drawn, when the answer to the reader's own is there and somebody is near. */
  #askStep(): void {
    const { state } = this.#connected;
    const answers = this.#answers;
    if (!this.#near || answers?.state.report !== state.report || !state.stepped.fresh) return;
    // Where the chosen card ends, its line bends: with less than the step would take, PyTorch gives cached memory back.
    const largest = chosenStepFit(state)?.largest_batch;
    const ends = [1, this.#end(answers), ...(largest !== undefined && largest > 0 ? [largest, largest + 1] : [])];
    this.#series.ask(state, [answers.batch, ...ends, ...answers.batches], (batch) => ({ ...this.#request(state, batch), want: ["fit"] }));
  }

  #end({ report, state }: Answers): number {
    return this.#heldEnd ?? endOf(report, chosenStepFit({ ...state, stepped: this.#connected.state.stepped })?.largest_batch);
  }

  protected override render(): TemplateResult {
    const answers = this.#answers;
    const { stale } = this.#connected.state;
    const empty = this.#connected.state.model.layers.length === 0;
    return html`<section class="sec wrap" id="charts" aria-labelledby="charts-h">
      <h2 class="vh" id="charts-h">Charts</h2>
      ${
        answers === null || empty
          ? html`<div class="figs waiting">${empty ? html`<p class="note">Charts come with the first layer.</p>` : nothing}</div>`
          : html`<div class="figs ${stale ? "isstale" : ""}">${this.#batch(answers)} ${this.#map(answers)} ${this.#rows(answers)}</div>`
      }
    </section>`;
  }

  #figure(name: Name, of: Omit<Figure, "showsTable" | "toggleTable" | "pictures">): TemplateResult {
    return figure({
      ...of,
      pictures: name !== "map",
      showsTable: this.#tables.has(name),
      toggleTable: () => {
        const tables = new Set(this.#tables);
        if (!tables.delete(name)) tables.add(name);
        this.#tables = tables;
        this.requestUpdate();
      },
    });
  }

  // ——— memory against batch

  #batch(answers: Answers): TemplateResult {
    const chart = this.#batchChart(answers);
    return this.#figure("batch", {
      name: "memory-against-batch",
      title: batchTitle(chart.cards),
      note: "Memory against batch size; what the step shows of it is on the chosen card. Circles: the largest batch of each card. Drag the line to set the batch.",
      chart: batchChart(chart, batchReading(chart), { key: this.#batchKey, press: this.#press }),
      table: batchTable(chart),
    });
  }

  #batchChart(answers: Answers): BatchChart {
    const { report, state, batch } = answers;
    const { catalogue } = this.#connected.store.footprint;
    const chosen = gpuKey(state.gpu);
    const known = this.#connected.state.stepped.fault === null && this.#stepped !== null && sameButBatch(this.#stepped, state);
    const byStep = known ? this.#stepped?.stepped.answer?.fit : undefined;
    const cards = (report.fit ?? []).map((fit): Card => {
      const gpu = catalogue.gpus.find((candidate) => candidate.id === fit.gpu);
      return {
        fit,
        step: byStep?.find((one) => one.gpu === fit.gpu),
        gpu,
        label: gpu === undefined ? (fit.name === undefined || fit.name === "" ? "Your card" : fit.name) : `${gpu.gb} GB`,
        chosen: fit.gpu === chosen,
      };
    });
    const step = this.#series.points.flatMap(([at, { step, fit }]): StepPoint[] =>
      step ? [{ batch: at, total: step.device_total, verdict: fit?.find((one) => one.gpu === chosen)?.verdict }] : [],
    );
    return { report, cards, step, batch, end: this.#end(answers), ...this.#size };
  }

  #setBatch(batch: number, gesture?: string): void {
    const { store, state } = this.#connected;
    const next = Math.max(1, Math.round(batch));
    if (next !== state.run.batch)
      store.setRun(`Batch ${batchText(state.run.batch)} → ${count(next)}`, { batch: next }, gesture === undefined ? {} : { gesture });
  }

  readonly #batchKey = (event: KeyboardEvent) => {
    const { batch } = this.#connected.state.run;
    const end = this.#answers === null ? 1 : this.#end(this.#answers);
    if (typeof batch !== "number" || event.ctrlKey || event.metaKey) return;
    const to = ((): number | null => {
      switch (event.key) {
        case "ArrowRight":
        case "ArrowUp":
          return event.altKey ? batch * 2 : batch + 1;
        case "ArrowLeft":
        case "ArrowDown":
          return event.altKey ? Math.floor(batch / 2) : batch - 1;
        case "PageUp":
          return batch + 16;
        case "PageDown":
          return batch - 16;
        case "Home":
          return 1;
        case "End":
          return end;
        default:
          return null;
      }
    })();
    if (to === null) return;
    event.preventDefault();
    this.#setBatch(to);
  };

  readonly #press = (event: PointerEvent) => {
    if (event.button !== 0 || this.#answers === null) return;
    const svg = event.currentTarget as SVGSVGElement;
    this.#heldEnd = this.#end(this.#answers);
    this.#drags += 1;
    const gesture = `batch line ${this.#drags}`;
    const end = this.#heldEnd;
    const set = (move: PointerEvent) => {
      const box = svg.getBoundingClientRect();
      this.#setBatch(Math.min(end, ((move.clientX - box.left) / box.width) * end), gesture);
    };
    set(event);
    svg.setPointerCapture(event.pointerId);
    const stop = new AbortController();
    const done = () => {
      stop.abort();
      this.#heldEnd = null;
      this.requestUpdate();
    };
    svg.addEventListener("pointermove", set, { signal: stop.signal });
    svg.addEventListener("pointerup", done, { signal: stop.signal });
    svg.addEventListener("pointercancel", done, { signal: stop.signal });
  };

  // ——— activations of each row

  #rows({ report, state }: Answers): TemplateResult {
    const rows = rowsOf(report);
    const chart: RowsChart = {
      rows,
      forward: report.notebook?.forward ?? 0,
      units: this.#connected.state.units,
      at: this.#row !== null && this.#row < rows.length ? this.#row : null,
    };
    const inplace = rows.some((row) => row.inplace === true);
    return this.#figure("rows", {
      name: "activations-of-each-row",
      title: rowsTitle(rows, chart.forward),
      note: `Activations of each row in order${atBatch(state)}.${inplace ? " Dashed: in place, counted by the notebook, free on the GPU." : ""}`,
      chart: rowsChart(chart, {
        key: (event) => this.#rowKey(event, chart),
        move: (event) => {
          const box = (event.currentTarget as Element).getBoundingClientRect();
          this.#read(Math.floor(((event.clientX - box.left) / box.width) * rows.length), rows.length);
        },
        click: () => this.#openRow(chart),
      }),
      table: rowsTable(chart),
    });
  }

  #read(at: number, of: number): void {
    const row = Math.min(Math.max(at, 0), of - 1);
    if (row === this.#row) return;
    this.#row = row;
    this.requestUpdate();
  }

  #openRow({ rows, at }: RowsChart): void {
    const row = at === null ? undefined : rows[at];
    if (row === undefined) return;
    this.#connected.store.select({ row: row.row - 1, column: "mb" });
    document.dispatchEvent(new Event("fp-show-cell"));
  }

  #rowKey(event: KeyboardEvent, chart: RowsChart): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = chart.at ?? 0;
    const last = chart.rows.length - 1;
    const steps: Record<string, number> = {
      ArrowRight: chart.at === null ? 0 : at + 1,
      ArrowUp: chart.at === null ? 0 : at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      PageUp: at + 10,
      PageDown: at - 10,
      Home: 0,
      End: last,
    };
    const to = steps[event.key];
    if (to !== undefined) this.#read(to, chart.rows.length);
    else if (event.key === "Enter") this.#openRow(chart);
    else if (event.key === "Escape" && this.#row !== null) {
      this.#row = null;
      this.requestUpdate();
    } else return;
    event.preventDefault();
  }

  // ——— cards against batches

  #cardMap({ state, report, batch, batches, byNotebook }: Answers): CardMap & { readonly method: Method } {
    const method = judgingMethod({ ...state, stepped: this.#connected.state.stepped, method: this.#connected.state.method });
    const fits = method === "notebook" ? byNotebook : batches.map((at) => this.#series.at(at)?.fit);
    const rows = this.#connected.store.footprint.catalogue.gpus
      .filter((gpu) => gpu.named && report.fit?.some((fit) => fit.gpu === gpu.id))
      .map((gpu) => ({ gpu, verdicts: fits.map((list): Verdict | undefined => list?.find((fit) => fit.gpu === gpu.id)?.verdict) }));
    return { batches, batch, chosen: gpuKey(state.gpu), rows, method };
  }

  #map(answers: Answers): TemplateResult {
    const { state } = answers;
    const map = this.#cardMap(answers);
    const row = map.rows.findIndex(({ gpu }) => gpu.id === map.chosen);
    const place = this.#mapPlace ?? { row: Math.max(0, row), column: Math.max(0, map.batches.indexOf(map.batch)) };
    const system = isCustom(state.gpu) ? undefined : state.gpu.system;
    return this.#figure("map", {
      name: "cards-against-batches",
      title: mapTitle(map),
      note: `By the ${map.method === "step" ? "PyTorch step" : "notebook’s arithmetic"}, which judges. ${map.method === "step" && (this.#series.waits || waitsForStep(this.#connected.state)) ? "Simulating…" : "Choose a cell to set both."}`,
      chart: cardMap(map, place, {
        key: (event) => {
          const to = moveOnMap(place, event.key, map.rows.length, map.batches.length);
          if (to === null) return;
          event.preventDefault();
          this.#mapPlace = to;
          this.requestUpdate();
          void this.updateComplete.then(() => this.querySelector<HTMLElement>(`[data-map="${to.row},${to.column}"]`)?.focus());
        },
        choose: (gpu, batch, at) => {
          const { store } = this.#connected;
          this.#drags += 1;
          const gesture = `map ${this.#drags}`;
          const label = `${gpu.gb} GB card, batch ${count(batch)}`;
          this.#mapPlace = at;
          store.setGpu(listed(gpu, system, state.gpu.in_use_mib), label, { gesture });
          store.setRun(label, { batch }, { gesture });
          // The columns are made anew around the batch: the cell of now is where the reader is.
          this.#mapPlace = null;
        },
      }),
      table: mapTable(map),
    });
  }
}

customElements.define("fp-charts", FpCharts);
