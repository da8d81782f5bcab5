// What is asked of the model: the run, the card, and the request to the core that both make.
import type { Catalogue, FitReport, Gpu, GpuRequest, Json, JsonObject, Report, Request, System } from "../core/types";
import type { ModelDocument } from "./model";

/** A number, or the text of a field that could not be read as one: then the core says why. */
export type NumberOrText = number | string;

/** Which of the two methods judges. */
export type Method = "notebook" | "step";

// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface is no JSON object to the compiler
export type OptimizerChoice = {
  readonly name: string;
  readonly momentum?: NumberOrText;
  readonly weight_decay?: NumberOrText;
};

/** What the training step needs to know; the notebook's arithmetic does not look at it. Left out: the core's default. */
export interface Training {
  readonly precision?: string;
  readonly optimizer?: OptimizerChoice;
  /** Left out: the model's own. */
  readonly loss?: string;
  /** Patterns of modules that are computed again in backward. */
  readonly checkpoint?: readonly string[];
}

export interface Run extends Training {
  readonly batch: NumberOrText;
  readonly bytes_per_value: NumberOrText;
  /** Sizes other than the model's, by the input's name; a text where the field could not be read. */
  readonly inputs: Readonly<Record<string, Json>>;
}

export const DEFAULT_RUN: Run = { batch: 1, bytes_per_value: 4, inputs: {} };

/** A card of the catalogue. */
export interface ListedGpu {
  readonly id: string;
  /** Left out: Linux. */
  readonly system?: System;
  /** What other programs hold, in MiB; left out: nothing. */
  readonly in_use_mib?: NumberOrText;
}
/** A card of the reader's own. */
export interface CustomGpu {
  readonly name: string;
  readonly usable_mib: NumberOrText;
  readonly in_use_mib?: NumberOrText;
}
export type GpuChoice = ListedGpu | CustomGpu;

export function isCustom(gpu: GpuChoice): gpu is CustomGpu {
  return !("id" in gpu);
}

/** The id under which the report speaks of the card. */
export function gpuKey(gpu: GpuChoice): string {
  return isCustom(gpu) ? "custom" : gpu.id;
}

/** The chosen card first, then one card of each capacity, all on the same system and with the same amount in use. */
export function requestGpus(gpu: GpuChoice, catalogue: Catalogue): GpuRequest[] {
  const rest = catalogue.gpus.filter((card) => card.named && card.id !== gpuKey(gpu));
  const system = isCustom(gpu) ? undefined : gpu.system;
  return [gpu, ...rest.map((card) => listed(card, system, gpu.in_use_mib))];
}

/** The same circumstances on another card of the catalogue. A card that is not sold for Windows is taken as on Linux. */
export function listed(card: Gpu, system: System | undefined, inUse: NumberOrText | undefined): ListedGpu {
  return {
    id: card.id,
    ...(system === "windows" && card.usable.windows ? { system } : {}),
    ...(inUse !== undefined && inUse !== 0 ? { in_use_mib: inUse } : {}),
  };
}

export function makeRequest(model: ModelDocument, run: Run, gpus: readonly GpuRequest[]): Request {
  return { model, run: run as unknown as JsonObject, gpus, want: ["layers", "notebook", "fit"] };
}

/** The report's judgement of the chosen card. */
export function fitOf(report: Report, gpu: GpuChoice): FitReport | undefined {
  return report.fit?.find((fit) => fit.gpu === gpuKey(gpu));
}

/** "16 GB · V100" or the reader's own name. */
export function gpuLabel(card: Gpu): string {
  return `${card.gb} GB · ${card.short}`;
}

/** Whole digits become a number; everything else stays the text it was, for the core to judge. */
export function readNumber(text: string): NumberOrText {
  const trimmed = text.trim().replaceAll(/[,_\u00a0\u202f]/g, "");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : text;
}

/** "3 × 224 × 224", with any of × x * , or spaces between; text that is no list of whole numbers stays text. */
export function readSizes(text: string): Json {
  const parts = text
    .trim()
    .replaceAll(/^[[(]|[\])]$/g, "")
    .trim()
    .split(/\s*[×x*,;\s]\s*/i);
  return parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : text;
}

/** Empty where there are none. */
export function writeSizes(sizes: unknown): string {
  if (sizes === undefined) return "";
  if (Array.isArray(sizes)) return sizes.map(String).join(" × ");
  return typeof sizes === "string" ? sizes : JSON.stringify(sizes);
}
