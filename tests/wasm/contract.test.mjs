// What docs/interface.md promises of the five functions, seen from JavaScript.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {before, test} from 'node:test';

import {badDocuments, badRequests, bytesOf, examples, goldens, presets, prints} from './documents.mjs';
import {folder, loadImporter, loadModule, loadStepper} from './module.mjs';

let footprint;
let importer;
let stepper;
before(async () => {
  [footprint, importer, stepper] = await Promise.all([loadModule(), loadImporter(), loadStepper()]);
});

const estimate = (request) => JSON.parse(footprint.estimate(JSON.stringify(request)));
const errorsOf = (request) =>
  JSON.parse(footprint.estimate(bytesOf(request))).diagnostics.filter(({severity}) => severity === 'error');
const explain = (request, at) => JSON.parse(footprint.explain(JSON.stringify(request), at));

// (N, 1, 28, 28) -> Conv2d(1, 8, 3) -> (N, 8, 26, 26): 8·(1·3·3 + 1) = 80 parameters, 8·26·26·4 bytes an item.
const small = {
  format: 'footprint/model',
  version: 1,
  inputs: [{name: 'image', shape: [1, 28, 28]}],
  layers: [
    {op: 'Conv2d', name: 'conv', out_channels: 8, kernel_size: 3},
    {op: 'ReLU', name: 'relu'},
  ],
};

test('describe gives the catalogue', () => {
  const catalogue = JSON.parse(footprint.describe());
  assert.equal(catalogue.format, 'footprint/catalogue');
  assert.equal(catalogue.version, 1);
  for (const list of ['layers', 'row', 'run', 'gpus', 'diagnostics']) assert.ok(catalogue[list].length > 0, list);
  const conv = catalogue.layers.find((layer) => layer.op === 'Conv2d');
  assert.deepEqual(
    conv.attributes.filter((attribute) => attribute.required).map((attribute) => attribute.name),
    ['out_channels', 'kernel_size'],
  );
});

test('estimate gives a report with the three default parts', () => {
  const report = estimate({model: small, run: {batch: 5}});
  assert.equal(report.format, 'footprint/report');
  assert.deepEqual(report.diagnostics, []);
  const [conv, relu] = report.layers;
  assert.equal(conv.parameters, 80);
  assert.deepEqual(conv.outputs, [[5, 8, 26, 26]]);
  assert.equal(conv.forward, 5 * 8 * 26 * 26 * 4);
  assert.equal(relu.parameters, 0);
  // The notebook: activations are counted forward and backward, the input and the parameters once.
  const [input, forward, parameters] = [5 * 28 * 28 * 4, 2 * 5 * 8 * 26 * 26 * 4, 80 * 4];
  assert.equal(report.notebook.input, input);
  assert.equal(report.notebook.forward, forward);
  assert.equal(report.notebook.backward, forward);
  assert.equal(report.notebook.total, input + 2 * forward + parameters);
  assert.equal(report.fit.length, JSON.parse(footprint.describe()).gpus.length);
  assert.equal(report.series, undefined);
});

test('the report of a wrong model names the row, and judges the others', () => {
  const model = structuredClone(small);
  model.layers[0].kernel_size = 29;
  const report = estimate({model});
  const [error] = report.diagnostics;
  assert.equal(error.severity, 'error');
  assert.equal(error.code, 'kernel-exceeds-input');
  assert.equal(error.row, 1);
  assert.equal(error.field, 'kernel_size');
  assert.equal(report.layers.length, 2);
  assert.equal(report.notebook, undefined);
});

test('explain gives the derivation of a number of the report', () => {
  const derivation = explain({model: small, run: {batch: 5}}, 'layers/conv/parameters');
  assert.equal(derivation.format, 'footprint/derivation');
  assert.equal(derivation.value, 80);
  for (const form of ['text', 'latex', 'mathml']) assert.ok(derivation[form].length > 0, form);
  assert.match(derivation.mathml, /^<math/);
});

test('explain says that a path names no number', () => {
  const derivation = explain({model: small}, 'layers/nowhere/forward');
  assert.equal(derivation.diagnostics[0].code, 'unknown-path');
});

test('text beyond ASCII passes unharmed in both directions', () => {
  for (const name of ['größe', '層', '🧠', 'a\u0000b']) {
    const model = structuredClone(small);
    model.layers[0].name = name;
    assert.equal(estimate({model}).layers[0].name, name);
  }
});

test('bytes are taken as they are', () => {
  const request = JSON.stringify({model: small});
  assert.equal(footprint.estimate(new TextEncoder().encode(request)), footprint.estimate(request));
});

test('calls leave nothing behind: the thousandth answer is the first', () => {
  const request = JSON.stringify({model: small});
  const first = footprint.estimate(request);
  for (let k = 0; k < 1000; ++k) footprint.estimate(k % 2 ? request : '{');
  assert.equal(footprint.estimate(request), first);
});

test('every preset, golden and example is without errors', () => {
  for (const list of [presets, goldens, examples]) {
    assert.ok(list.length > 0);
    for (const {file, text} of list) assert.deepEqual(errorsOf(`{"model": ${text}}`), [], file);
  }
});

test('every bad document and request is told what is wrong', () => {
  const documents = badDocuments.map(({file, text}) => ({file, request: `{"model": ${text}}`}));
  for (const list of [documents, badRequests]) {
    assert.ok(list.length > 0);
    for (const {file, request} of list) assert.notDeepEqual(errorsOf(request), [], file);
  }
});

test('import gives a document, or why there is none, and both modules only what is theirs', () => {
  assert.equal(footprint.import, undefined);
  assert.equal(importer.estimate, undefined);
  const read = (text, answers = '') => JSON.parse(importer.import(text, answers));
  for (const {file, text} of prints) {
    const {format, kind, model, diagnostics} = read(text);
    assert.equal(format, 'footprint/import', file);
    assert.equal(kind, file.includes('.repr.') ? 'repr' : 'torchinfo', file);
    assert.ok(model.layers.length > 0, file);
    // What no print of such a module says is said to be taken as PyTorch's default.
    const unprinted = [['AvgPool2d', 'ceil_mode'], ['MultiheadAttention', 'batch_first']].filter(([op]) => text.includes(` ${op}(`));
    const expected = kind === 'repr' ? unprinted.map(([, field]) => ['warning', field]) : [];
    assert.deepEqual(diagnostics.map(({severity, field}) => [severity, field]), expected, file);
    const cut = read(text.slice(0, text.length * 0.6));
    assert.equal(cut.model, null, file);
    assert.match(cut.diagnostics[0].message, /line \d+/, file);
  }
  for (const text of ['', '\0', 'größe', '(', 'Net(', '{', 'Model: "keras"']) {
    const {model, diagnostics} = read(text);
    assert.equal(model, null);
    assert.equal(diagnostics.length, 1, text);
  }
  assert.equal(read('Net()', '{').model, null);
});

test('step gives the counters of a training step, in a module that has nothing else', () => {
  assert.equal(footprint.step, undefined);
  assert.deepEqual([stepper.estimate, stepper.import], [undefined, undefined]);
  const {text} = presets.find(({file}) => file.endsWith('davenet-image.json'));
  const run = {batch: 128, optimizer: {name: 'sgd', momentum: 0.9}, loss: 'pow2'};
  const ask = (request) => JSON.parse(stepper.step(JSON.stringify(request)));
  const {format, version, diagnostics, step, bridge, fit} = ask({model: JSON.parse(text), run, gpus: ['a100-40gb']});
  assert.deepEqual([format, version, diagnostics], ['footprint/step', 1, []]);
  assert.equal((step.peak_allocated / 2 ** 20).toFixed(2), '9536.02');
  assert.equal(step.peak_reserved / 2 ** 20, 15350);
  assert.equal(bridge[0].bytes, 29647056128);
  assert.equal(bridge.reduce((sum, {bytes}) => sum + bytes, 0), step.device_total.likely);
  assert.deepEqual(fit.map(({gpu, method}) => [gpu, method]), [['a100-40gb', 'step']]);
  const wrong = ask({model: small, run: {optimizer: {name: 'sgdm'}}});
  assert.equal(wrong.step, undefined);
  assert.equal(wrong.diagnostics[0].severity, 'error');
});

for (const name of ['footprint', 'footprint-import', 'footprint-step']) {
  test(`the glue of ${name} builds no code at run time, which the page forbids`, () => {
    const glue = readFileSync(path.join(folder, `${name}.mjs`), 'utf8');
    assert.doesNotMatch(glue, /\beval\s*\(|\bnew\s+Function\b|(?<!WebAssembly\.)\bFunction\s*\(/);
  });
}
