// Loads the built modules as node must: the bytes are handed over, because the glue is made for browsers.
import {readFileSync} from 'node:fs';
import {fileURLToPath, pathToFileURL} from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));

export const root = path.resolve(here, '../..');
export const folder = process.env.FOOTPRINT_WASM_MODULE ?? path.join(root, 'web/src/generated');

async function load(name) {
  const {default: create} = await import(pathToFileURL(path.join(folder, `${name}.mjs`)));
  return create({wasmBinary: readFileSync(path.join(folder, `${name}.wasm`))});
}

export const loadModule = () => load('footprint');
/** The module that reads pasted prints. */
export const loadImporter = () => load('footprint-import');
/** The module that simulates a training step. */
export const loadStepper = () => load('footprint-step');
