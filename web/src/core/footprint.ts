// The core that the page cannot do without, typed. It throws when it cannot be loaded or answers something else than it promises.
import { DERIVATION_KEYS, isList, isObject, isText, readAnswer, REPORT_KEYS, started, type Keys } from "./answer";
import type { Catalogue, Derivation, Report, Request } from "./types";
import createFootprint, { type FootprintModule } from "../generated/footprint.mjs";
import wasm from "../generated/footprint.wasm?url";

export interface Footprint {
  readonly catalogue: Catalogue;
  estimate(request: Request): Report;
  explain(request: Request, path: string): Derivation;
}

export async function loadFootprint(): Promise<Footprint> {
  const module = createFootprint({ locateFile: (file) => (file.endsWith(".wasm") ? wasm : file) });
  return wrapFootprint(await started(module, "The calculator"));
}

/** The typed face of the three functions. */
function wrapFootprint(module: FootprintModule): Footprint {
  const catalogue = readAnswer(module.describe(), "describe()", "footprint/catalogue", CATALOGUE_KEYS) as unknown as Catalogue;
  return {
    catalogue,
    estimate: (request) => {
      const report = readAnswer(module.estimate(JSON.stringify(request)), "estimate()", "footprint/report", REPORT_KEYS);
      return report as unknown as Report;
    },
    explain: (request, path) => {
      const derivation = readAnswer(module.explain(JSON.stringify(request), path), "explain()", "footprint/derivation", DERIVATION_KEYS);
      return derivation as unknown as Derivation;
    },
  };
}

const CATALOGUE_KEYS: Keys = {
  release: isText,
  layers: isList,
  row: isList,
  run: isList,
  training: isObject,
  gpus: isList,
  diagnostics: isList,
};
