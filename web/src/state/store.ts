// The one state of the page and everything that may change it. Elements read `state` and call these methods; the store asks the core
// at once, so the answer on the screen is always that of the document beside it. No DOM.
import type { Footprint } from "../core/footprint";
import type { Diagnostic, FitReport, LayerReport, Report, Request, StepFit, StepReport, Verdict } from "../core/types";
import { batchText } from "../format";
import { EMPTY_MODEL, type ModelDocument, type Preset, type Row } from "./model";
import { DEFAULT_RUN, fitOf, gpuKey, makeRequest, requestGpus, type GpuChoice, type Method, type Run } from "./run";

export type Units = "MB" | "GB" | "MiB" | "bytes";

/** What undo keeps, what the draft stores and what a link carries. */
export interface Snapshot {
  readonly model: ModelDocument;
  /** The preset's id while the model is an unchanged preset. */
  readonly preset: string | null;
  readonly run: Run;
  readonly gpu: GpuChoice;
  /** Left out in what was kept before there were two: the notebook's. */
  readonly method?: Method;
  /** Whether the model was changed since it was opened; left out where that is not known. */
  readonly edited?: boolean;
}

/** The training step, simulated beside the page; its answers come later than the report's. */
export interface Stepped {
  /** The last answer with numbers of this document; `null` before the first. */
  readonly answer: StepReport | null;
  /** Whether that is the answer to the state on the screen. */
  readonly fresh: boolean;
  /** Why there is none; stands until there is one again, so that the method that judges does not change for every try. */
  readonly fault: string | null;
  /** What the answer without numbers found wrong. */
  readonly diagnostics: readonly Diagnostic[];
  /** Cards other than the chosen one were asked about too. */
  readonly everyCard: boolean;
}

export interface Cell {
  readonly row: number;
  readonly column: string;
}

export interface Answer {
  readonly total: number;
  readonly verdict: Verdict;
}

export type RowAmount = "outputs" | "parameters" | "forward";

export interface ChangedRow {
  /** From 0. */
  readonly row: number;
  readonly amounts: readonly RowAmount[];
}

/** The last change, for the line that says what it did. */
export interface Change {
  readonly label: string;
  /** `null` where the document had or has an error. */
  readonly from: Answer | null;
  readonly to: Answer | null;
  /** What the step said was needed before, in bytes; `null` where it had not answered. What it says now is told by its answer. */
  readonly stepFrom: number | null;
  /** Rows whose numbers are not what they were. */
  readonly rows: readonly ChangedRow[];
  /** Counts changes, so that the same change twice is seen twice. */
  readonly serial: number;
  readonly undone: boolean;
}

/** Something to tell that is not about a cell: a link that was refused, a draft that was put aside. */
export interface Notice {
  readonly tone: "error" | "warn" | "info";
  readonly title: string;
  readonly text: string;
  readonly action?: { readonly label: string; readonly name: "back-to-draft" | "share" | "reload" };
  /** What it speaks of in the document, with the row where that is in one. Such a notice goes when another document is opened. */
  readonly places?: readonly { readonly text: string; readonly row: Row | undefined }[];
}

export interface State extends Snapshot {
  /** The current document's report, diagnostics included. */
  readonly report: Report;
  /** The last report without errors. */
  readonly valid: Report;
  /** Whether `valid` is of an earlier state. */
  readonly stale: boolean;
  readonly method: Method;
  readonly edited: boolean;
  readonly stepped: Stepped;
  readonly units: Units;
  /** The grid's cell. */
  readonly selected: Cell | null;
  /** Path of the number whose arithmetic is open. */
  readonly explaining: string | null;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly change: Change | null;
  readonly notice: Notice | null;
}

interface Step {
  readonly label: string;
  readonly snapshot: Snapshot;
}

/** Where a change began: the state before it, or before the gesture that it goes on with. */
type Began = Pick<Change, "from" | "stepFrom"> & { readonly report: Report; readonly model: ModelDocument };

export interface EditOptions {
  /** Changes of one gesture (a drag, a number being typed) are one undo step. */
  readonly gesture?: string;
}

const MOST_STEPS = 200;
const NOT_YET: Stepped = { answer: null, fresh: false, fault: null, diagnostics: [], everyCard: false };

export class Store extends EventTarget {
  readonly footprint: Footprint;
  readonly presets: readonly Preset[];
  #state: State;
  #past: Step[] = [];
  #future: Step[] = [];
  #gesture: (Began & { readonly id: string }) | null = null;
  #serial = 0;

  constructor(footprint: Footprint, presets: readonly Preset[], start: Snapshot) {
    super();
    this.footprint = footprint;
    this.presets = presets;
    const report = footprint.estimate(this.#requestOf(start));
    this.#state = {
      ...start,
      report,
      valid: report,
      stale: hasErrors(report),
      method: start.method ?? "notebook",
      edited: start.edited ?? false,
      stepped: NOT_YET,
      units: "MB",
      selected: null,
      explaining: null,
      canUndo: false,
      canRedo: false,
      change: null,
      notice: null,
    };
  }

  get state(): State {
    return this.#state;
  }

  /** One undo step; recalculated before it returns. */
  edit(label: string, change: (model: ModelDocument) => ModelDocument, options: EditOptions = {}): void {
    const model = change(this.#state.model);
    if (model !== this.#state.model) this.#commit(label, { ...this.#snapshot(), model, preset: null, edited: true }, options);
  }

  setRun(label: string, run: Partial<Run>, options: EditOptions = {}): void {
    this.#commit(label, { ...this.#snapshot(), run: { ...this.#state.run, ...run } }, options);
  }

  /** With settings gone that are not in it. */
  replaceRun(label: string, run: Run): void {
    this.#commit(label, { ...this.#snapshot(), run }, {});
  }

  setGpu(gpu: GpuChoice, label = "Card", options: EditOptions = {}): void {
    this.#commit(label, { ...this.#snapshot(), gpu }, options);
  }

  /** Another document in place of this one; undo brings this one back. */
  openModel(model: ModelDocument, options: { readonly preset?: string; readonly label: string }): void {
    const run = { ...this.#state.run, inputs: {} };
    this.#commit(options.label, { ...this.#snapshot(), model, run, preset: options.preset ?? null, edited: false }, {}, true);
  }

  /** False where there is no such preset. */
  openPreset(id: string): boolean {
    const preset = this.presets.find((item) => item.id === id);
    if (!preset) return false;
    this.openModel(preset.model, { preset: id, label: preset.model.name ?? id });
    return true;
  }

  openEmpty(): void {
    this.openModel(EMPTY_MODEL, { label: "Empty model" });
  }

  /** A whole state, as of a link or a draft; undo brings this one back. */
  openSnapshot(snapshot: Snapshot, label: string): void {
    this.#commit(label, snapshot, {}, true);
  }

  undo(): void {
    const step = this.#past.pop();
    if (!step) return;
    this.#future.push({ label: step.label, snapshot: this.#snapshot() });
    this.#show(step.snapshot, step.label, true);
  }

  redo(): void {
    const step = this.#future.pop();
    if (!step) return;
    this.#past.push({ label: step.label, snapshot: this.#snapshot() });
    this.#show(step.snapshot, step.label, false);
  }

  select(cell: Cell | null): void {
    if (cell?.row !== this.#state.selected?.row || cell?.column !== this.#state.selected?.column) this.#set({ selected: cell });
  }

  explain(path: string | null): void {
    if (path !== this.#state.explaining) this.#set({ explaining: path });
  }

  /** Which method judges is how the document is looked at, so it is no undo step; it travels in links all the same. */
  setMethod(method: Method): void {
    if (method !== this.#state.method) this.#set({ method });
  }

  /** What the simulator says of the state on the screen; an answer without numbers leaves the last one that had some. */
  setStepped(told: { readonly report: StepReport } | { readonly fault: string }): void {
    const { stepped } = this.#state;
    if ("fault" in told) this.#set({ stepped: { ...stepped, fresh: false, fault: told.fault, diagnostics: [] } });
    else if (told.report.step) this.#set({ stepped: { ...stepped, answer: told.report, fresh: true, fault: null, diagnostics: [] } });
    else {
      const { diagnostics } = told.report;
      this.#set({
        stepped: { ...stepped, fresh: false, fault: firstError(told.report)?.message ?? "the core gave no step", diagnostics },
      });
    }
  }

  /** Every card by the step, for the state on the screen: the next one asks about the chosen card alone again. */
  judgeEveryCard(): void {
    this.#set({ stepped: { ...this.#state.stepped, fresh: false, everyCard: true } });
  }

  setUnits(units: Units): void {
    if (units !== this.#state.units) this.#set({ units });
  }

  notify(notice: Notice | null): void {
    if (notice !== this.#state.notice) this.#set({ notice });
  }

  /** The request whose report is shown, with other parts in place of its own. */
  request(extra: Partial<Request> = {}): Request {
    return { ...this.#requestOf(this.#state), ...extra };
  }

  #requestOf(snapshot: Snapshot): Request {
    return makeRequest(snapshot.model, snapshot.run, requestGpus(snapshot.gpu, this.footprint.catalogue));
  }

  #snapshot(): Snapshot {
    const { model, preset, run, gpu, method, edited } = this.#state;
    return { model, preset, run, gpu, method, edited };
  }

  #commit(label: string, next: Snapshot, options: EditOptions, opens = false): void {
    const gesture = options.gesture;
    const goesOn = gesture !== undefined && this.#gesture?.id === gesture && this.#past.length > 0;
    if (!goesOn) {
      this.#past.push({ label, snapshot: this.#snapshot() });
      if (this.#past.length > MOST_STEPS) this.#past.shift();
      this.#gesture = gesture === undefined ? null : { id: gesture, ...began(this.#state) };
    } else {
      const step = this.#past.at(-1);
      if (step) this.#past[this.#past.length - 1] = { ...step, label };
    }
    this.#future = [];
    this.#recalculate(next, label, false, opens);
  }

  #show(snapshot: Snapshot, label: string, undone: boolean): void {
    this.#gesture = null;
    this.#recalculate({ ...snapshot, method: this.#state.method }, label, undone, snapshot.model.inputs !== this.#state.model.inputs);
  }

  #recalculate(next: Snapshot, label: string, undone: boolean, opens: boolean): void {
    const before = this.#state;
    const report = this.footprint.estimate(this.#requestOf(next));
    const stale = hasErrors(report);
    const answer = stale ? null : answerIn(report, next.gpu);
    this.#serial += 1;
    const { selected } = before;
    const { from, stepFrom, ...old } = this.#gesture ?? began(before);
    this.#set({
      ...next,
      method: next.method ?? "notebook",
      edited: next.edited ?? false,
      stepped: opens ? NOT_YET : { ...before.stepped, fresh: false, everyCard: false },
      report,
      // Of another document the old answer says nothing: then even a faulty report is the better one.
      valid: stale && !opens ? before.valid : report,
      stale,
      selected: selected && selected.row < next.model.layers.length ? selected : null,
      explaining: opens ? null : before.explaining,
      notice: opens && before.notice?.places ? null : before.notice,
      change: {
        label,
        from,
        to: answer,
        stepFrom,
        rows: stale || opens ? [] : changedRows(old.model, old.report, next.model, report),
        serial: this.#serial,
        undone,
      },
    });
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change, canUndo: this.#past.length > 0, canRedo: this.#future.length > 0 };
    this.dispatchEvent(new Event("change"));
  }
}

/** The first state of somebody who has never been here. */
export function startSnapshot(presets: readonly Preset[], preset: string, gpu: string, batch: number): Snapshot {
  const found = presets.find((item) => item.id === preset);
  return {
    model: found?.model ?? EMPTY_MODEL,
    preset: found?.id ?? null,
    run: { ...DEFAULT_RUN, batch },
    gpu: { id: gpu },
    method: "step",
  };
}

export function hasErrors(report: Report): boolean {
  return report.diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/** The errors of a report, those that one field causes for several cards counted once, without the path into the request. */
export function errorsOf(report: Pick<Report, "diagnostics">): Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const diagnostic of report.diagnostics) {
    if (diagnostic.severity !== "error") continue;
    const place = `${diagnostic.row ?? ""}/${diagnostic.field ?? ""}`;
    if (diagnostic.row === undefined && seen.has(place)) continue;
    const message = diagnostic.message.replace(/^(run(\.\w+)?|gpus\[\d+\]): /, "");
    seen.set(diagnostic.row === undefined ? place : `${place}/${seen.size}`, { ...diagnostic, message });
  }
  return [...seen.values()];
}

export function firstError(report: Pick<Report, "diagnostics">): Diagnostic | undefined {
  return errorsOf(report)[0];
}

/** " at batch 128", of what is shown; nothing while that is of an earlier state, whose batch was another. */
export function atBatch({ run, stale }: State): string {
  return stale ? "" : ` at batch ${batchText(run.batch)}`;
}

/** The chosen card's entry of the report. */
export function chosenFit(state: State, report: Report = state.valid): FitReport | undefined {
  return fitOf(report, state.gpu);
}

/** The simulated step's judgement of the chosen card, of the last answer that there is. */
export function chosenStepFit(state: State): StepFit | undefined {
  return state.stepped.answer?.fit?.find((fit) => fit.gpu === gpuKey(state.gpu));
}

/** The same, and until the chosen card has been judged that of the card before it: of an answer the first is the card it was asked for. */
export function lastStepFit(state: State): StepFit | undefined {
  return chosenStepFit(state) ?? (state.stepped.fresh ? undefined : state.stepped.answer?.fit?.[0]);
}

/**
 * The method whose verdict is shown: the chosen one, also while its answer is on its way; the notebook's only where the simulator has
 * failed.
 */
export function judgingMethod(state: State): Method {
  return state.method === "step" && state.stepped.fault === null ? "step" : "notebook";
}

/** Whether the step's answer to the state on the screen is on its way. */
export function waitsForStep({ stepped, stale, model }: State): boolean {
  return !stepped.fresh && stepped.fault === null && !stale && model.layers.length > 0;
}

/** What the step says is needed of the chosen card, or the least with which it would run; `null` until it has answered to this state. */
export function stepNeed(state: State): number | null {
  const fit = chosenStepFit(state);
  return state.stepped.fresh && fit ? fit.usable - fit.free : null;
}

function began(state: State): Began {
  return { from: answerOf(state), stepFrom: stepNeed(state), report: state.valid, model: state.model };
}

function answerOf(state: State): Answer | null {
  return state.stale ? null : answerIn(state.report, state.gpu);
}

function answerIn(report: Report, gpu: GpuChoice): Answer | null {
  const fit = fitOf(report, gpu);
  return report.notebook && fit ? { total: report.notebook.total, verdict: fit.verdict } : null;
}

const AMOUNTS: readonly RowAmount[] = ["outputs", "parameters", "forward"];

/** Shapes without the batch, as the table has them. */
function shownOf(layer: LayerReport, name: RowAmount): string | undefined {
  return JSON.stringify(name === "outputs" ? layer.outputs?.map((shape) => shape?.slice(1)) : layer[name]);
}

/** Rows are the same objects before and after an edit that leaves them alone, so a row that moved is still found. */
function changedRows(oldModel: ModelDocument, oldReport: Report, model: ModelDocument, report: Report): ChangedRow[] {
  const before = new Map(oldModel.layers.map((row, index) => [row, oldReport.layers?.[index]] as const));
  return model.layers.flatMap((row, index) => {
    const now = report.layers?.[index];
    const old = before.get(row) ?? (model.layers.length === oldModel.layers.length ? oldReport.layers?.[index] : undefined);
    if (!now) return [];
    const amounts = AMOUNTS.filter((name) => old?.op !== now.op || shownOf(old, name) !== shownOf(now, name));
    return amounts.length === 0 ? [] : [{ row: index, amounts }];
  });
}
