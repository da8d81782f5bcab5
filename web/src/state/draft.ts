// The draft: the reader's own document, kept in the browser's storage so that a reload, a crash or a new deploy loses nothing. A link
// that is opened never takes its place without a way back: the replaced draft is put aside. Storage is handed in; it may fail at any
// time (forbidden, full), and then the page goes on without.
import type { Catalogue } from "../core/types";
import type { World } from "./link";
import { whyNoModel, type ModelDocument } from "./model";
import { DEFAULT_RUN, type GpuChoice, type Run } from "./run";
import type { Snapshot } from "./store";

const DRAFT = "footprint.draft";
const ASIDE = "footprint.drafts-aside";
const MOST_ASIDE = 5;

export interface Draft {
  readonly snapshot: Snapshot;
  /** What stood in the address bar (without "#") when the draft was written: a reload with the same address goes on with the draft. */
  readonly address: string;
  /** What stood there before that: a reload that sets out while the address changes still comes back with it. */
  readonly before?: string;
}

/** The part of Web Storage that is used. */
export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export function writeDraft(storage: Storage, draft: Draft): void {
  put(storage, DRAFT, draft);
}

export async function readDraft(storage: Storage, world: World): Promise<Draft | null> {
  return asDraft(get(storage, DRAFT), world);
}

/** Newest last. */
export function putAside(storage: Storage, draft: Draft): void {
  const kept = get(storage, ASIDE);
  put(storage, ASIDE, [...(Array.isArray(kept) ? (kept as unknown[]) : []), draft].slice(-MOST_ASIDE));
}

export async function takeBack(storage: Storage, world: World): Promise<Draft | null> {
  const kept = get(storage, ASIDE);
  if (!Array.isArray(kept)) return null;
  const draft = await asDraft(kept.at(-1), world);
  put(storage, ASIDE, kept.slice(0, -1));
  return draft;
}

/** What an earlier version wrote may not fit any more: the model is kept whenever it is one, the rest falls back to the defaults. */
async function asDraft(value: unknown, world: World): Promise<Draft | null> {
  if (!isObject(value) || !isObject(value["snapshot"])) return null;
  const { model, preset, run, gpu, method, edited } = value["snapshot"];
  if (whyNoModel(model) !== null) return null;
  return {
    snapshot: {
      model: model as ModelDocument,
      preset: await unchanged(preset, model as ModelDocument, world),
      run: isObject(run) && isObject(run["inputs"]) ? { ...DEFAULT_RUN, ...(run as unknown as Run) } : DEFAULT_RUN,
      gpu: asGpu(gpu, world.catalogue),
      ...(method === "notebook" || method === "step" ? { method } : {}),
      ...(typeof edited === "boolean" ? { edited } : {}),
    },
    address: typeof value["address"] === "string" ? value["address"] : "",
    ...(typeof value["before"] === "string" ? { before: value["before"] } : {}),
  };
}

/** A preset that changed since the draft was written is no unchanged preset: the draft keeps what its reader saw. */
async function unchanged(id: unknown, model: ModelDocument, world: World): Promise<string | null> {
  if (typeof id !== "string") return null;
  const known = world.presets.find((item) => item.id === id)?.model ?? (await world.fromGallery(id).catch(() => null));
  return known && JSON.stringify(known) === JSON.stringify(model) ? id : null;
}

function asGpu(value: unknown, catalogue: Catalogue): GpuChoice {
  const first = catalogue.gpus.find((gpu) => gpu.named) ?? catalogue.gpus[0];
  if (isObject(value) && typeof value["name"] === "string" && "usable_mib" in value) return value as unknown as GpuChoice;
  if (isObject(value) && catalogue.gpus.some((gpu) => gpu.id === value["id"])) return value as unknown as GpuChoice;
  return { id: first?.id ?? "" };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function get(storage: Storage, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? "null") as unknown;
  } catch {
    return null;
  }
}

function put(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the address bar still holds the state.
  }
}
