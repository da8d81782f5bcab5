// The one module that knows WebAssembly, and the only one that throws: when the core cannot be loaded, or what it says is not what
// docs/interface.md promises (a stale file beside a new page, for example). A model with faults never throws: its report says so.
import type { Catalogue, Derivation, Report, Request } from "./types";
import createFootprint, { type FootprintModule } from "../generated/footprint.mjs";
import wasm from "../generated/footprint.wasm?url";

export interface Footprint {
  readonly catalogue: Catalogue;
  estimate(request: Request): Report;
  explain(request: Request, path: string): Derivation;
}

/** The core is there but does not speak the page's language, or is not there at all. */
export class CoreError extends Error {
  override readonly name = "CoreError";
}

export async function loadFootprint(): Promise<Footprint> {
  let module: FootprintModule;
  try {
    module = await createFootprint({ locateFile: (file) => (file.endsWith(".wasm") ? wasm : file) });
  } catch (reason) {
    throw new CoreError(`The calculator could not be started: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
  return wrapFootprint(module);
}

/** The typed face of the three functions. */
function wrapFootprint(module: FootprintModule): Footprint {
  const catalogue = parse(module.describe(), "describe()", "footprint/catalogue", CATALOGUE_KEYS) as unknown as Catalogue;
  return {
    catalogue,
    estimate: (request) => {
      const report = parse(module.estimate(JSON.stringify(request)), "estimate()", "footprint/report", REPORT_KEYS);
      return report as unknown as Report;
    },
    explain: (request, path) => {
      const derivation = parse(module.explain(JSON.stringify(request), path), "explain()", "footprint/derivation", DERIVATION_KEYS);
      return derivation as unknown as Derivation;
    },
  };
}

/** Keys that are always there, each with a test of its value. */
type Keys = Readonly<Record<string, (value: unknown) => boolean>>;
const text = (value: unknown) => typeof value === "string";
const list = (value: unknown) => Array.isArray(value);
const CATALOGUE_KEYS: Keys = { release: text, layers: list, row: list, run: list, gpus: list, diagnostics: list };
const REPORT_KEYS: Keys = { diagnostics: list };
const DERIVATION_KEYS: Keys = { path: text };

function parse(answer: string, from: string, format: string, keys: Keys): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    throw new CoreError(`${from} of the core gave no JSON: ${answer.slice(0, 80)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new CoreError(`${from} of the core gave no object.`);
  const document = value as Record<string, unknown>;
  if (document["format"] !== format || document["version"] !== 1) {
    throw new CoreError(
      `${from} of the core speaks ${String(document["format"])} version ${String(document["version"])}; this page reads ${format} version 1.`,
    );
  }
  for (const [key, holds] of Object.entries(keys)) {
    if (!holds(document[key])) throw new CoreError(`${from} of the core gave no usable "${key}".`);
  }
  return document;
}
