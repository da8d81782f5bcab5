// The model document (docs: formats, "Model document") as plain data. The page keeps it as it was written and never judges it: the
// core does. So a value may be of any type; a cell whose text could not be read holds that text.
import type { Json } from "../core/types";

export interface ModelInput {
  readonly name: string;
  /** Left out where it is not known, which the core calls a fault. */
  readonly shape?: Json;
  readonly dtype?: string;
  readonly [key: string]: Json | undefined;
}

/** One call, in order. Everything but `op` is an attribute, under PyTorch's name or one of the row's own (`name`, `inputs`, `shares`…). */
export interface Row {
  readonly op: string;
  readonly name?: string;
  readonly [attribute: string]: Json | undefined;
}

export interface ModelDocument {
  readonly format: "footprint/model";
  readonly version: 1;
  readonly name?: string;
  readonly source?: string;
  readonly inputs: readonly ModelInput[];
  readonly layers: readonly Row[];
  readonly [key: string]: unknown;
}

/** A document that the page carries under a name of its own: `presets/<id>.json`. */
export interface Preset {
  readonly id: string;
  readonly model: ModelDocument;
}

/** A network of `presets/gallery/`, fetched; `null` where there is none of that id. Rejects where it could not be fetched. */
export type FromGallery = (id: string) => Promise<ModelDocument | null>;

export const EMPTY_MODEL: ModelDocument = {
  format: "footprint/model",
  version: 1,
  name: "New model",
  inputs: [{ name: "input", shape: [3, 224, 224] }],
  layers: [],
};

/** Deeper values than any document needs are refused before something walks through them by recursion. */
export const MOST_DEPTH = 64;

export function deeperThan(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? (Object.values(item) as unknown[]) : []));
  }
  return false;
}

/**
 * Whether the page can hold the value as a document: the shape of the outermost parts, nothing more. Returns what is wrong in one
 * sentence, or null.
 */
export function whyNoModel(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "It is not a JSON object.";
  if (deeperThan(value, MOST_DEPTH)) return `It is nested more than ${MOST_DEPTH} deep.`;
  const model = value as Record<string, unknown>;
  if (model["format"] !== "footprint/model") {
    return typeof model["format"] === "string"
      ? `Its format is “${model["format"].slice(0, 60)}”; a model document says “footprint/model”.`
      : "It has no “format”: a model document says “footprint/model”.";
  }
  if (model["version"] !== 1) return `It is version ${JSON.stringify(model["version"] ?? null).slice(0, 20)}; this page reads version 1.`;
  if (!isListOfObjects(model["inputs"])) return "Its “inputs” is not a list of objects.";
  if (!isListOfObjects(model["layers"])) return "Its “layers” is not a list of objects.";
  const bad = (model["layers"] as Record<string, unknown>[]).findIndex((row) => typeof row["op"] !== "string");
  if (bad >= 0) return `Row ${bad + 1} has no “op”.`;
  if ("name" in model && typeof model["name"] !== "string") return "Its “name” is not text.";
  return null;
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));
}
