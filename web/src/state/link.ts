// A whole state as the part of an address after "#", which browsers send to nobody (docs: formats, "Share link"). Reading is total: any
// text gives a state or a refusal in words, never an exception and never a part of a state.
import type { Catalogue, System, TrainingWords, Word } from "../core/types";
import { canonical } from "./canonical";
import { deeperThan, MOST_DEPTH, whyNoModel, type FromGallery, type ModelDocument, type Preset } from "./model";
import {
  DEFAULT_RUN,
  isCustom,
  type GpuChoice,
  type Method,
  type NumberOrText,
  type OptimizerChoice,
  type Run,
  type Training,
} from "./run";
import type { Snapshot } from "./store";
import { DEFAULT_OPTIMIZER, DEFAULT_PRECISION, optimizersOf } from "./training";

export const LINK_VERSION = 1;
export const LINK_LIMITS = {
  /** Some mail and chat programs cut longer ones. */
  comfortable: 2_000,
  /** Longer ones are not written: a file is offered. */
  written: 16_384,
  read: 32_768,
  inflated: 256 * 1024,
  rows: 2_000,
  name: 128,
  /** Of the path of a number: a row's name and what is asked of it. */
  path: 200,
  /** Of modules that are computed again in backward. */
  patterns: 64,
} as const;

/** The answer that the author of a link saw. */
export interface Was {
  readonly release: string;
  /** Bytes. */
  readonly total: number;
}

export interface Refusal {
  readonly title: string;
  readonly text: string;
  /** Made by a version that this page is too old for: reloading may help. */
  readonly newer: boolean;
}

export interface OpenedState {
  readonly snapshot: Snapshot;
  readonly was: Was | null;
  /** Path of the number whose arithmetic is to be open; whether there is such a number only the core can tell. */
  readonly number: string | null;
}

export type Opened = OpenedState | { readonly refused: Refusal };

/** What a link may name. */
export interface World {
  readonly catalogue: Catalogue;
  readonly presets: readonly Preset[];
  readonly fromGallery: FromGallery;
}

// ——— writing

export async function writeLink(snapshot: Snapshot, was: Was | null, number: string | null = null): Promise<string> {
  return readableLink(snapshot, was, number) ?? `v=${LINK_VERSION}&z=${toBase64(await deflate(canonical(packed(snapshot, was, number))))}`;
}

/** The short form, where a preset is unchanged and every setting has a key of its own. `j` and what follows close it: see `readLink`. */
function readableLink({ preset, run, gpu, method }: Snapshot, was: Was | null, number: string | null): string | null {
  const batch = run.batch;
  if (preset === null || isCustom(gpu) || run.bytes_per_value !== DEFAULT_RUN.bytes_per_value || Object.keys(run.inputs).length > 0)
    return null;
  if (!isCount(batch, 1) || run.loss !== undefined || run.checkpoint !== undefined) return null;
  if (run.optimizer && Object.keys(run.optimizer).length > 1) return null;
  const used = gpu.in_use_mib ?? 0;
  if (!isCount(used, 0)) return null;
  return [
    `v=${LINK_VERSION}`,
    `m=${encodeURIComponent(preset)}`,
    `b=${batch}`,
    ...(run.precision === undefined ? [] : [`p=${encodeURIComponent(run.precision)}`]),
    ...(run.optimizer === undefined ? [] : [`o=${encodeURIComponent(run.optimizer.name)}`]),
    `g=${encodeURIComponent(gpu.id)}`,
    ...(used > 0 ? [`u=${used}`] : []),
    ...(gpu.system === "windows" ? ["os=windows"] : []),
    ...(number === null ? [] : [`n=${encodeURIComponent(number).replaceAll("%2F", "/")}`]),
    `j=${method ?? "notebook"}`,
    ...(was ? [`was=${writeWas(was)}`] : []),
  ].join("&");
}

function packed({ model, run, gpu, method }: Snapshot, was: Was | null, number: string | null): object {
  const asked = {
    ...(run.batch !== DEFAULT_RUN.batch ? { batch: run.batch } : {}),
    ...(run.bytes_per_value !== DEFAULT_RUN.bytes_per_value ? { bytes_per_value: run.bytes_per_value } : {}),
    ...(Object.keys(run.inputs).length > 0 ? { inputs: run.inputs } : {}),
    ...trainingOf(run),
  };
  return {
    model,
    ...(Object.keys(asked).length > 0 ? { run: asked } : {}),
    gpu: packedGpu(gpu),
    method: method ?? "notebook",
    ...(number === null ? {} : { number }),
    ...(was ? { was: writeWas(was) } : {}),
  };
}

/** Only what is set. */
function trainingOf({ precision, optimizer, loss, checkpoint }: Training): Training {
  return {
    ...(precision === undefined ? {} : { precision }),
    ...(optimizer === undefined ? {} : { optimizer }),
    ...(loss === undefined ? {} : { loss }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

function packedGpu(gpu: GpuChoice): string | object {
  const used = inUse(gpu.in_use_mib ?? 0);
  if (isCustom(gpu)) return { name: gpu.name, usable_mib: gpu.usable_mib, ...used };
  const system = gpu.system === "windows" ? { system: gpu.system } : {};
  return Object.keys(used).length + Object.keys(system).length === 0 ? gpu.id : { id: gpu.id, ...system, ...used };
}

/** Nothing in use is the default, which is left out. */
function inUse(mib: NumberOrText): { in_use_mib?: NumberOrText } {
  return mib === 0 ? {} : { in_use_mib: mib };
}

function writeWas({ release, total }: Was): string {
  return `${release},${total}`;
}

// ——— reading

class Refused extends Error {
  constructor(
    readonly title: string,
    readonly text: string,
    readonly newer = false,
  ) {
    super(title);
  }
}

const ASK_AGAIN = "Ask for it again, or for a file.";
const cutOff = (where: string) => new Refused("This link is cut off.", `${where} ${ASK_AGAIN}`);
const damaged = (what: string) => new Refused("This link cannot be read.", `${what} ${ASK_AGAIN}`);
const notHere = (what: string) => new Refused("This link asks for something that is not here.", what);

export async function readLink(fragment: string, world: World): Promise<Opened> {
  try {
    return await read(fragment.startsWith("#") ? fragment.slice(1) : fragment, world);
  } catch (reason) {
    if (reason instanceof Refused) return { refused: { title: reason.title, text: reason.text, newer: reason.newer } };
    return { refused: { title: "This link cannot be read.", text: ASK_AGAIN, newer: false } };
  }
}

const KEYS = ["v", "m", "b", "p", "o", "g", "u", "os", "n", "j", "was", "z"] as const;
type Key = (typeof KEYS)[number];
type Fields = ReadonlyMap<Key, string>;

async function read(fragment: string, world: World): Promise<Opened> {
  if (fragment.length > LINK_LIMITS.read) {
    throw new Refused(
      "This link is too long.",
      `It has ${fragment.length} characters; at most ${LINK_LIMITS.read} are read. Ask for a file instead.`,
    );
  }
  const fields = splitFields(fragment);
  const version = fields.get("v");
  if (version === undefined || !/^[1-9]\d{0,8}$/.test(version)) throw damaged("It does not say which version of links it is (v=…).");
  if (Number(version) > LINK_VERSION) {
    throw new Refused(`This link was made by a newer Footprint (v=${version}).`, "It was not opened; your document is as it was.", true);
  }
  return fields.has("z") ? readPacked(fields, world) : readReadable(fields, world);
}

function splitFields(fragment: string): Fields {
  const fields = new Map<Key, string>();
  for (const part of fragment.split("&")) {
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    const key = KEYS.find((item) => item === name);
    if (key === undefined || equals < 0) {
      // A newer version may have other keys; its number says more than they do.
      if (fields.has("v") && Number(fields.get("v")) > LINK_VERSION) break;
      throw equals < 0 && fields.size > 0 ? cutOff(`It ends with “${clip(part)}”.`) : damaged(`It has an unknown part “${clip(name)}”.`);
    }
    if (fields.has(key)) throw damaged(`It says “${key}” twice.`);
    fields.set(key, decode(part.slice(equals + 1)));
  }
  return fields;
}

/**
 * All of m, b, g and j have to be there. `j` is written after them, so a readable link that was cut anywhere lacks it, or ends inside
 * a word that is not known, or inside `was`, which `sameAnswer` takes into account.
 */
async function readReadable(fields: Fields, world: World): Promise<Opened> {
  const need = (key: Key, what: string): string => {
    const value = fields.get(key);
    if (value === undefined || value === "") throw cutOff(`It ends before it says ${what}.`);
    return value;
  };
  const id = need("m", "which model");
  const batch = need("b", "the batch size");
  const card = need("g", "which GPU");
  const method = readMethod(need("j", "by which method"));
  const optimizer = fields.get("o");
  const training = readTraining(
    { precision: fields.get("p"), optimizer: optimizer === undefined ? undefined : { name: optimizer } },
    world,
  );
  const gpu: GpuChoice = {
    id: card,
    ...readSystem(fields.get("os")),
    ...inUse(fields.has("u") ? readCount(fields.get("u") ?? "", 0, "memory in use (u)") : 0),
  };
  checkCard(card, world);
  const opened = {
    run: { ...DEFAULT_RUN, ...training, batch: readCount(batch, 1, "batch size (b)") },
    was: readWas(fields.get("was")),
    number: readNumber(fields.get("n")),
  };
  const model = await readPreset(id, world);
  return { snapshot: { model, preset: id, run: opened.run, gpu, method }, was: opened.was, number: opened.number };
}

/** Last of all, since a network of the gallery has to be fetched. */
async function readPreset(id: string, world: World): Promise<ModelDocument> {
  const preset = world.presets.find((item) => item.id === id);
  if (preset) return preset.model;
  const model = await world.fromGallery(id).catch(() => {
    throw new Refused(
      "The network of this link could not be loaded.",
      `It is “${clip(id)}” of the gallery. Open the link again when you are connected.`,
    );
  });
  if (!model) throw notHere(`There is no preset “${clip(id)}”. ${ASK_AGAIN}`);
  return model;
}

async function readPacked(fields: Fields, world: World): Promise<Opened> {
  for (const key of fields.keys()) if (key !== "v" && key !== "z") throw damaged(`It says “${key}” beside a packed state.`);
  const bytes = fromBase64(fields.get("z") ?? "");
  let value: unknown;
  try {
    value = JSON.parse(await inflate(bytes));
  } catch (reason) {
    if (reason instanceof Refused) throw reason;
    throw damaged("What it holds is no JSON.");
  }
  if (deeperThan(value, MOST_DEPTH)) throw damaged(`What it holds is nested more than ${MOST_DEPTH} deep.`);
  const state = readObject(value, "The link", ["model", "run", "gpu", "method", "number", "was"]);
  const method = state["method"] === undefined ? "notebook" : readMethod(state["method"]);
  const model = readModel(state["model"]);
  const text = canonical(model);
  const preset = world.presets.find((item) => canonical(item.model) === text);
  return {
    snapshot: {
      model: preset?.model ?? model,
      preset: preset?.id ?? null,
      run: readRun(state["run"], world),
      gpu: readGpu(state["gpu"], world),
      method,
    },
    was: state["was"] === undefined ? null : readWas(typeof state["was"] === "string" ? state["was"] : ""),
    number: readNumber(state["number"]),
  };
}

const MODEL_KEYS = ["format", "version", "name", "source", "inputs", "layers", "outputs", "returns", "loss", "parameters"];
const INPUT_KEYS = ["name", "shape", "dtype", "batch_dim"];

function readModel(value: unknown): ModelDocument {
  const why = whyNoModel(value);
  if (why !== null) throw damaged(`Its model cannot be opened: ${why}`);
  const model = value as ModelDocument;
  readObject(model, "Its model", MODEL_KEYS);
  for (const input of model.inputs) readObject(input, "An input of its model", INPUT_KEYS);
  if (model.layers.length > LINK_LIMITS.rows) {
    throw damaged(`Its model has ${model.layers.length} rows; a link may have ${LINK_LIMITS.rows}.`);
  }
  const names = [model.name, ...model.inputs.map((input) => input.name), ...model.layers.map((row) => row.name)];
  const long = names.find((name) => typeof name === "string" && name.length > LINK_LIMITS.name);
  if (long !== undefined) throw damaged(`It has a name of ${long.length} characters; at most ${LINK_LIMITS.name} are read.`);
  return model;
}

function readRun(value: unknown, world: World): Run {
  if (value === undefined) return DEFAULT_RUN;
  const run = readObject(value, "Its run", ["batch", "bytes_per_value", "inputs", "precision", "optimizer", "loss", "checkpoint", "mode"]);
  checkChoice("mode", run["mode"], "train");
  const inputs = run["inputs"] === undefined ? {} : readObject(run["inputs"], "Its run", null);
  for (const [name, sizes] of Object.entries(inputs)) {
    const fine = isShortText(sizes) || (Array.isArray(sizes) && sizes.length <= 16 && sizes.every((size) => typeof size === "number"));
    if (name.length > LINK_LIMITS.name || !fine) throw damaged("The input sizes of its run cannot be read.");
  }
  return {
    batch: readNumberOrText(run["batch"] ?? DEFAULT_RUN.batch, "batch size"),
    bytes_per_value: readNumberOrText(run["bytes_per_value"] ?? DEFAULT_RUN.bytes_per_value, "bytes per value"),
    inputs: inputs as Run["inputs"],
    ...readTraining(run, world),
  };
}

/** Of the training step; what is PyTorch's default is left out, so that equal settings are equal links. */
function readTraining(run: Readonly<Record<string, unknown>>, world: World): Training {
  const { checkpoint } = run;
  const known = world.catalogue.training;
  const wordsOf = (words: readonly Word[]) => words.map(({ word }) => word);
  const precision = readWord("precision", run["precision"], wordsOf(known.precision));
  const loss = readWord("loss", run["loss"], wordsOf(known.loss));
  const optimizer = readOptimizer(run["optimizer"], known);
  if (
    checkpoint !== undefined &&
    !(Array.isArray(checkpoint) && checkpoint.length <= LINK_LIMITS.patterns && checkpoint.every(isShortText))
  )
    throw damaged("The checkpointed modules of its run cannot be read.");
  return {
    ...(precision === undefined || precision === DEFAULT_PRECISION ? {} : { precision }),
    ...(optimizer === undefined || (optimizer.name === DEFAULT_OPTIMIZER && Object.keys(optimizer).length === 1) ? {} : { optimizer }),
    ...(loss === undefined ? {} : { loss }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

function readOptimizer(value: unknown, words: TrainingWords): OptimizerChoice | undefined {
  if (value === undefined) return undefined;
  const optimizer = readObject(value, "Its optimizer", ["name", "momentum", "weight_decay"]);
  const name = readWord(
    "optimizer",
    optimizer["name"],
    optimizersOf(words).map((known) => known.name),
  );
  if (name === undefined) throw damaged("Its optimizer has no name.");
  const amount = (key: "momentum" | "weight_decay") =>
    optimizer[key] === undefined ? {} : { [key]: readNumberOrText(optimizer[key], `optimizer’s ${key}`) };
  return { name, ...amount("momentum"), ...amount("weight_decay") };
}

function readWord(what: string, value: unknown, known: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  const found = known.find((word) => word === value);
  if (found !== undefined) return found;
  throw notHere(`Its ${what} is “${clip(say(value))}”; this version knows ${known.join(", ")}.`);
}

function readGpu(value: unknown, world: World): GpuChoice {
  if (value === undefined) throw damaged("It names no GPU.");
  if (typeof value === "string") {
    checkCard(value, world);
    return { id: value };
  }
  const gpu = readObject(value, "Its GPU", ["id", "system", "in_use_mib", "name", "usable_mib"]);
  const used = inUse(gpu["in_use_mib"] === undefined ? 0 : readNumberOrText(gpu["in_use_mib"], "memory in use"));
  if (typeof gpu["id"] === "string") {
    if ("name" in gpu || "usable_mib" in gpu) throw damaged("Its GPU is both a listed card and one of its own.");
    checkCard(gpu["id"], world);
    return { id: gpu["id"], ...readSystem(gpu["system"]), ...used };
  }
  if (!isShortText(gpu["name"]) || "id" in gpu || "system" in gpu) throw damaged("Its GPU has no name.");
  return { name: gpu["name"], usable_mib: readNumberOrText(gpu["usable_mib"], "memory of its GPU"), ...used };
}

function readSystem(value: unknown): { system?: System } {
  if (value === undefined || value === "linux") return {};
  if (value === "windows") return { system: "windows" };
  throw notHere(`Its system is “${clip(say(value))}”; there are linux and windows.`);
}

function checkCard(id: string, world: World): void {
  if (!world.catalogue.gpus.some((gpu) => gpu.id === id)) throw notHere(`There is no GPU “${clip(id)}”. ${ASK_AGAIN}`);
}

function readMethod(method: unknown): Method {
  if (method === "notebook" || method === "step") return method;
  if (typeof method === "string" && method !== "" && ["notebook", "step"].some((word) => word.startsWith(method)))
    throw cutOff(`It ends with “${method}”.`);
  throw notHere(`It judges by “${clip(say(method))}”; this version has the notebook’s arithmetic and the PyTorch step.`);
}

/** A setting of other methods: the one value that changes nothing here is accepted, another is not passed over. */
function checkChoice(what: string, value: unknown, accepted: string): void {
  if (value !== undefined && value !== accepted) {
    throw notHere(`Its ${what} is “${clip(say(value))}”; this version knows only ${accepted}.`);
  }
}

function readCount(text: string, least: number, what: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (!isCount(value, least)) throw damaged(`Its ${what} is “${clip(text)}”, not a whole number of at least ${least}.`);
  return value;
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function readNumberOrText(value: unknown, what: string): number | string {
  if (typeof value === "number" || isShortText(value)) return value;
  throw damaged(`Its ${what} is no number.`);
}

function isShortText(value: unknown): value is string {
  return typeof value === "string" && value.length <= LINK_LIMITS.name;
}

function readWas(text: string | undefined): Was | null {
  if (text === undefined) return null;
  const parts = /^([0-9A-Za-z.+-]{1,40}),(\d{1,19})$/.exec(text);
  if (!parts) throw cutOff(`It ends with “was=${clip(text)}”.`);
  return { release: parts[1] ?? "", total: Number(parts[2]) };
}

function readNumber(value: unknown): string | null {
  if (value === undefined) return null;
  // A half of a surrogate pair is no text that could be written again.
  if (typeof value === "string" && value !== "" && value.length <= LINK_LIMITS.path && !/\p{Surrogate}/u.test(value)) return value;
  throw damaged(`The number that it opens is “${clip(say(value))}”, which is no path of one.`);
}

/** An object with no other keys than these; `null`: any. */
function readObject(value: unknown, what: string, keys: readonly string[] | null): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw damaged(`${what} is no JSON object.`);
  const strange = keys && Object.keys(value).find((key) => !keys.includes(key));
  if (typeof strange === "string") throw damaged(`${what} has an unknown part “${clip(strange)}”.`);
  return value as Record<string, unknown>;
}

function say(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** For a sentence: foreign text may be long. */
export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw damaged(`“${clip(text)}” is no text.`);
  }
}

// ——— the answer then and now

/**
 * One line where the answer is no longer what the author of the link saw, else null. A `was` that is the beginning of today's number
 * in the same release is the end of a link that was cut there: nothing else is missing from it.
 */
export function changedSince(was: Was | null, now: Was | null, show: (bytes: number) => string): string | null {
  if (!was || !now || was.total === now.total) return null;
  if (was.release === now.release && String(now.total).startsWith(String(was.total))) return null;
  const because =
    was.release === now.release
      ? "because the link was altered after it was made"
      : `because the arithmetic or the preset changed between ${was.release} and ${now.release}`;
  return `This link’s answer was ${show(was.total)} with ${was.release}, now it is ${show(now.total)}, ${because}.`;
}

// ——— bytes

async function deflate(text: string): Promise<Uint8Array> {
  return collect(new TextEncoder().encode(text), new CompressionStream("deflate-raw"), Number.POSITIVE_INFINITY);
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      await collect(bytes, new DecompressionStream("deflate-raw"), LINK_LIMITS.inflated),
    );
  } catch (reason) {
    if (reason instanceof Refused) throw reason;
    throw cutOff("It ends in the middle of the model.");
  }
}

/** Through the stream, stopping as soon as more than `most` bytes have come out of it. */
async function collect(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, most: number): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // The reader below reports what goes wrong; these two promises would report it again to nobody.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      reader.cancel().catch(() => undefined);
      throw damaged(`It unpacks to more than ${most / 1024} KiB.`);
    }
    chunks.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** base64url without padding, RFC 4648 section 5. */
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (text === "") throw cutOff("It ends before the model.");
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw damaged("Its packed state has characters that no link has.");
  if (text.length % 4 === 1) throw cutOff("It ends in the middle of the model.");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
