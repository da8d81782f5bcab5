// The part of the core that reads pasted prints, typed. It is a module of its own, about as large as the first, and is loaded with the
// first print that somebody brings.
import { isList, isObject, readAnswer, started, type Keys } from "./answer";
import type { Import, ImportAnswers } from "./types";
import createImporter, { type ImportModule } from "../generated/footprint-import.mjs";
import wasm from "../generated/footprint-import.wasm?url";

export interface Importer {
  import(text: string, answers: ImportAnswers): Import;
}

let loading: Promise<Importer> | null = null;

/** Loaded once; what failed is tried again the next time. */
export function loadImporter(): Promise<Importer> {
  loading ??= start().catch((reason: unknown) => {
    loading = null;
    throw reason;
  });
  return loading;
}

async function start(): Promise<Importer> {
  const module = createImporter({ locateFile: (file) => (file.endsWith(".wasm") ? wasm : file) });
  return wrapImporter(await started(module, "The reader of prints"));
}

function wrapImporter(module: ImportModule): Importer {
  return {
    import: (text, answers) => {
      const read = readAnswer(module.import(text, JSON.stringify(answers)), "import()", "footprint/import", IMPORT_KEYS);
      return read as unknown as Import;
    },
  };
}

const IMPORT_KEYS: Keys = { answers: isObject, questions: isList, lines: isList, diagnostics: isList };
