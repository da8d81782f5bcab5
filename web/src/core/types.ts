// The documents that cross the boundary to the core, as docs/interface.md writes them. Types only: what really arrives is checked
// once, in answer.ts. Amounts are whole bytes unless a comment says otherwise.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

// ——— describe() → catalogue

export type AttributeKind =
  | "integer"
  | "number"
  | "numbers"
  | "boolean"
  | "text"
  | "choice"
  | "integers"
  | "integers-or-word"
  | "sizes"
  | "index"
  | "dtype"
  | "shape"
  | "list";

export interface AttributeType {
  readonly name: string;
  readonly type: AttributeKind;
  /** `integers`: how many there are where one integer does not stand for all; 0: a list of any length. */
  readonly rank?: number;
  readonly words?: readonly string[];
  readonly required?: boolean;
  /** Left out, the incoming shape settles it. */
  readonly inferred?: boolean;
  /** `null`, PyTorch's None, is allowed. */
  readonly nullable?: boolean;
  readonly default?: Json;
  /** In place of `default` where PyTorch's default is a rule in words ("kernel_size"). */
  readonly otherwise?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly help: string;
}

export interface LayerType {
  readonly op: string;
  /** A module gets a row in torchsummary's print; a function is unseen by it. */
  readonly kind: "module" | "function";
  readonly family: string;
  readonly summary: string;
  readonly inplace: boolean;
  readonly inputs: { readonly least: number; readonly most: number | null };
  /** Tensors that travel under their PyTorch name (`weight`, `attn_mask`). */
  readonly keywords: readonly string[];
  readonly attributes: readonly AttributeType[];
}

export type System = "linux" | "windows";

export interface Capacity {
  readonly bytes: number;
  readonly evidence: string;
  readonly source: string;
}

export interface Gpu {
  readonly id: string;
  readonly name: string;
  readonly short: string;
  /** The capacity it is sold with, in GB. */
  readonly gb: number;
  readonly architecture?: string;
  readonly year?: number;
  readonly compute_capability?: string;
  readonly sm_count?: number;
  readonly group: string;
  /** Offered first: one card for each capacity. */
  readonly named: boolean;
  readonly usable: { readonly linux: Capacity; readonly windows?: Capacity };
  readonly nvidia_smi?: Capacity;
}

/** A word that a setting may be, and what runs then. */
export interface Word {
  readonly word: string;
  readonly meaning: string;
}

export interface OptimizerType {
  readonly name: string;
  /** torch.optim's */
  readonly class: string;
  readonly keeps: string;
  /** Its arguments that decide memory. */
  readonly takes: readonly string[];
}

export interface TrainingWords {
  readonly mode: readonly Word[];
  readonly precision: readonly Word[];
  readonly loss: readonly Word[];
  readonly sdpa: readonly Word[];
  readonly torch: readonly Word[];
  readonly optimizer: readonly OptimizerType[];
}

export interface Catalogue {
  readonly format: "footprint/catalogue";
  readonly version: 1;
  readonly release: string;
  readonly layers: readonly LayerType[];
  readonly row: readonly AttributeType[];
  readonly run: readonly AttributeType[];
  readonly training: TrainingWords;
  readonly gpus: readonly Gpu[];
  readonly diagnostics: readonly { readonly code: string; readonly meaning: string }[];
  readonly limits: { readonly rows: number; readonly batch: number; readonly dimensions: number };
}

// ——— estimate(request) → report

export type Want = "layers" | "notebook" | "fit" | "print" | "series" | "largest_batch" | "bridge" | "timeline";

/** A card for the core: a listed one by id, one with another system or memory in use, or one of the reader's own. */
export type GpuRequest =
  | string
  | { readonly id: string; readonly system?: System; readonly in_use_mib?: number | string }
  | { readonly name: string; readonly usable_mib: number | string; readonly in_use_mib?: number | string };

export interface Request {
  readonly model: unknown;
  readonly run?: JsonObject;
  readonly gpus?: readonly GpuRequest[];
  readonly want?: readonly Want[];
}

export interface Fix {
  readonly field: string;
  /** Left out: the attribute is taken away. */
  readonly value?: Json;
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: string;
  /** Counted from 1; left out where the fault is not in a row. */
  readonly row?: number;
  readonly name?: string;
  readonly field?: string;
  readonly message: string;
  readonly values?: JsonObject;
  readonly fixes?: readonly Fix[];
}

export type Shape = readonly (number | null)[];

export interface LayerReport {
  /** Counted from 1 over all rows, functions too. */
  readonly row: number;
  readonly name?: string;
  readonly op: string;
  /** torchsummary's names of the row ("Conv2d-2"); none for a function. */
  readonly labels: readonly string[];
  readonly inputs: readonly (Shape | null)[];
  /** `null` where an error here or above leaves them unknown. An element that is no tensor is `null` too. */
  readonly outputs: readonly (Shape | null)[] | null;
  /** Elements, not bytes. This and the other amounts are left out of every row while the request has an error. */
  readonly parameters?: number;
  readonly parameter_bytes?: number;
  /** `null` where the row has no weight. */
  readonly trainable?: boolean | null;
  readonly forward?: number;
  /** Parameters that torchsummary does not count, where there are any. */
  readonly unseen?: number;
  readonly inplace?: boolean;
  /** Attributes that the incoming shape settled. */
  readonly resolved?: JsonObject;
}

export interface Notebook {
  readonly input: number;
  readonly forward: number;
  readonly backward: number;
  readonly parameters: number;
  readonly total: number;
  /** What one more item of the batch adds. */
  readonly per_item: number;
}

export type Verdict = "fits" | "tight" | "does not fit";

export interface FitReport {
  readonly gpu: string;
  /** Of a card of the reader's own, whose `gpu` is "custom". */
  readonly name?: string;
  readonly method: "notebook";
  readonly verdict: Verdict;
  readonly usable: number;
  /** Negative when it does not fit. */
  readonly free: number;
  /** 0: not even one item fits; `null`: the batch costs nothing. */
  readonly largest_batch: number | null;
  readonly binds: "activations" | "input" | "parameters";
}

/** What torchsummary itself would print, where that differs from the notebook's method. */
export interface Torchsummary {
  /** `null`: it stops. */
  readonly total: number | null;
  readonly because: readonly string[];
  /** Where and why it stops. */
  readonly message?: string;
}

/** With an error in the request everything from `notebook` on is left out. */
export interface Report {
  readonly format: "footprint/report";
  readonly version: 1;
  readonly diagnostics: readonly Diagnostic[];
  readonly layers?: readonly LayerReport[];
  readonly notebook?: Notebook;
  readonly torchsummary?: Torchsummary;
  readonly print?: { readonly text: string; readonly stopped?: { readonly rule: string; readonly row?: number; readonly message: string } };
  readonly fit?: readonly FitReport[];
  readonly series?: readonly { readonly batch: number; readonly total: number }[];
}

// ——— step(request) → step

export type BlockKind =
  | "parameter"
  | "buffer"
  | "input"
  | "gradient"
  | "optimizer_state"
  | "grad_scaler"
  | "ema"
  | "output"
  | "activation"
  | "activation_gradient"
  | "temporary"
  | "workspace";
/** Kinds of which nothing is alive are left out. */
export type ByKind = Readonly<Partial<Record<BlockKind, number>>>;

export interface Interval {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

export interface StepCounters {
  /** torch.cuda.max_memory_allocated() */
  readonly peak_allocated: number;
  /** torch.cuda.max_memory_reserved(), with workspaces 0 */
  readonly peak_reserved: number;
  readonly retries: number;
  readonly context: Interval;
  readonly reserved: Interval;
  /** What nvidia-smi shows. */
  readonly device_total: Interval;
  readonly fragmentation: number;
  /** The moment of the peak, and the block that made it. */
  readonly peak: {
    readonly event: number;
    readonly step: number;
    readonly phase: string;
    readonly row?: number;
    readonly name?: string;
    readonly kernel?: string;
    readonly kind?: string;
    readonly bytes?: number;
  };
  /** Alive at the peak. */
  readonly by_kind: ByKind;
  readonly by_row: readonly { readonly row: number; readonly name?: string; readonly bytes: number }[];
}

export interface BridgeEntry {
  readonly code: string;
  readonly message: string;
  readonly bytes: number;
  readonly rows?: readonly number[];
}

export interface StepFit {
  readonly gpu: string;
  readonly name?: string;
  readonly method: "step";
  readonly verdict: Verdict;
  /** Of "tight". */
  readonly because?: "little-free" | "interval" | "retries";
  readonly usable: number;
  readonly free: number;
  readonly retries: number;
  /** Left out where steps that would decide it are too long to be simulated. */
  readonly largest_batch?: number;
}

export interface Moment {
  readonly event: number;
  /** −1: before the first step. */
  readonly step: number;
  readonly phase: string;
  readonly allocated: number;
  readonly reserved: number;
  readonly by_kind: ByKind;
  readonly row?: number;
}

/** With an error everything but the diagnostics is left out. */
export interface StepReport {
  readonly format: "footprint/step";
  readonly version: 1;
  readonly diagnostics: readonly Diagnostic[];
  readonly step?: StepCounters;
  /** From the notebook's total (first) down to what the device is likely to show: the sum of all entries. */
  readonly bridge?: readonly BridgeEntry[];
  readonly fit?: readonly StepFit[];
  readonly timeline?: readonly Moment[];
}

// ——— explain(request, path) → derivation

export interface DerivationLine {
  readonly kind: string;
  readonly text: string;
  readonly latex: string;
  readonly mathml: string;
}

export interface DerivationTerm {
  readonly symbol: string;
  readonly mathml: string;
  readonly value: number;
  readonly unit: string;
  readonly sentence: string;
  readonly source?: string;
  /** A term that is itself a result has a derivation of its own. */
  readonly path?: string;
}

export interface Derivation {
  readonly format: "footprint/derivation";
  readonly version: 1;
  readonly path: string;
  readonly title?: string;
  readonly value?: number;
  readonly unit?: string;
  readonly lines?: readonly DerivationLine[];
  readonly text?: string;
  readonly latex?: string;
  readonly mathml?: string;
  readonly terms?: readonly DerivationTerm[];
  readonly notes?: readonly { readonly method: string; readonly sentence: string; readonly source?: string }[];
  readonly diagnostics?: readonly Diagnostic[];
}

// ——— import(text, answers) → import

/** What the reader has said so far; nothing is kept between calls. */
export interface ImportAnswers {
  /** Sizes without the batch, by the input's name. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** By question. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What a print does not say, asked once for all the rows that it is about. */
export interface ImportQuestion {
  /** "forward/ResNet", "input/image" */
  readonly id: string;
  /** The first of `rows`, counted from 1. */
  readonly row?: number;
  readonly rows?: readonly number[];
  readonly input?: string;
  readonly class?: string;
  readonly field?: string;
  readonly message: string;
  /** Offers, likely ones first; none is taken by itself. */
  readonly options: readonly { readonly answer: string; readonly message: string }[];
  /** How an answer is written. */
  readonly example?: string;
}

/** A number of a table beside the core's own. */
export interface ImportLine {
  /** Of the print, counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly row?: number;
  readonly what: string;
  readonly printed: string;
  /** `null` while it is not known. */
  readonly ours: string | null;
  readonly equal: boolean;
  /** ours − printed, where both are numbers. */
  readonly difference?: number;
  readonly reason?: string;
}

export interface Import {
  readonly format: "footprint/import";
  readonly version: 1;
  /** `null` where the text is none of them. */
  readonly kind: "repr" | "torchsummary" | "torchinfo" | "model" | null;
  /** A model document; `null` where nothing could be read, and then a diagnostic says why. */
  readonly model: unknown;
  /** Those that were taken, by question. */
  readonly answers: Readonly<Record<string, string>>;
  readonly questions: readonly ImportQuestion[];
  readonly lines: readonly ImportLine[];
  readonly diagnostics: readonly Diagnostic[];
}
