// Loads the built module as node must: the bytes are handed over, because the glue is made for browsers.
import {readFileSync} from 'node:fs';
import {fileURLToPath, pathToFileURL} from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));

export const root = path.resolve(here, '../..');
export const folder = process.env.FOOTPRINT_WASM_MODULE ?? path.join(root, 'web/src/generated');

export async function loadModule() {
  const {default: create} = await import(pathToFileURL(path.join(folder, 'footprint.mjs')));
  return create({wasmBinary: readFileSync(path.join(folder, 'footprint.wasm'))});
}
