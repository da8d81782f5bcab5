// Every model document of the project, and the requests and paths that its numbers are asked for with; what people paste.
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';

import {root} from './module.mjs';

function filesBelow(folder, ending = '.json') {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {withFileTypes: true})
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(full, ending) : full.endsWith(ending) ? [full] : [];
    })
    .sort();
}

/** What lies beside the documents: the answers that other tests expect of them. */
const isAnswer = (file) => ['expected.json', 'index.json'].includes(path.basename(file));

/** A document's bytes, one a character, so that those that are no UTF-8 survive. */
const textOf = (bytes) => Buffer.from(bytes).toString('latin1');
export const bytesOf = (text) => Buffer.from(text, 'latin1');

/** On one line, which is how the native program takes it. */
const read = (folder) =>
  filesBelow(path.join(root, folder))
    .filter((file) => !isAnswer(file))
    .map((file) => ({
      file: path.relative(root, file),
      text: textOf(readFileSync(file)).replaceAll(/\s*\n\s*/g, ' '),
    }));

const fromGallery = ({file}) => file.startsWith('presets/gallery/');
export const presets = read('presets').filter((preset) => !fromGallery(preset));
/** Networks of up to thousands of rows: what is asked of every number of a preset would take hours here. */
export const gallery = read('presets').filter(fromGallery);
export const goldens = read('tests/golden/documents');
export const examples = read('tests/documents').filter(({file}) => !file.startsWith('tests/documents/bad/'));
export const badRequests = read('tests/documents/bad/requests').map(({file, text}) => ({file, request: text}));
export const badDocuments = read('tests/documents/bad').filter(({file}) => !file.includes('/requests/'));

/** What the real tools print of real networks. */
export const prints = filesBelow(path.join(root, 'tests/golden/prints'), '.txt').map((full) => ({
  file: path.relative(root, full),
  full,
  text: readFileSync(full, 'utf8'),
}));

/** The path of every number of a report that can be explained, as docs/interface.md names them. */
export function numberPaths(report) {
  const paths = [];
  for (const layer of report.layers ?? []) {
    paths.push(`layers/${layer.row}/parameters`, `layers/${layer.row}/forward`);
    layer.outputs?.forEach((shape, k) => shape?.forEach((_, d) => paths.push(`layers/${layer.row}/outputs/${k}/${d}`)));
    if (layer.name) paths.push(`layers/${textOf(layer.name)}/forward`);
  }
  for (const name of Object.keys(report.notebook ?? {})) paths.push(`notebook/${name}`);
  for (const card of report.fit ?? [])
    for (const name of ['usable', 'free', 'largest_batch']) paths.push(`fit/${card.gpu}/${name}`);
  return paths;
}
