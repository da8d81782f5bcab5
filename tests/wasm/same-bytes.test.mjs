// Native and WebAssembly answer every call with the same bytes: over all presets, goldens and example documents, in
// several runs, right and wrong, for the derivation of every number, for every print with and without answers, and for training steps of the
// presets and the gallery.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {before, test} from 'node:test';

import {
  badDocuments,
  badRequests,
  bytesOf,
  examples,
  gallery,
  goldens,
  numberPaths,
  presets,
  prints,
} from './documents.mjs';
import {loadImporter, loadModule, loadStepper} from './module.mjs';

const native = process.env.FOOTPRINT_REPORT_NATIVE;

let footprint;
let importer;
let stepper;
before(async () => {
  assert.ok(native, 'FOOTPRINT_REPORT_NATIVE must name the report_native program');
  [footprint, importer, stepper] = await Promise.all([loadModule(), loadImporter(), loadStepper()]);
});

/** Answers of the native program to calls, each the function's name and its arguments, one byte a character. */
function nativeAnswers(calls) {
  const lines = calls.map(([name, request, at]) =>
    name === 'describe' ? name : name === 'estimate' ? `estimate\t${request}` : `explain\t${at}\t${request}`,
  );
  return nativeLines(lines);
}

function nativeLines(lines) {
  const {status, stdout, stderr} = spawnSync(native, {
    input: bytesOf(lines.join('\n') + '\n'),
    maxBuffer: 1 << 30,
  });
  assert.equal(status, 0, String(stderr));
  const answers = stdout.toString().split('\n');
  assert.equal(answers.pop(), '');
  return answers;
}

function compare(calls) {
  assert.ok(calls.length > 0);
  const answers = nativeAnswers(calls);
  assert.equal(answers.length, calls.length);
  calls.forEach(([name, ...values], k) => {
    assertSame(footprint[name](...values.map(bytesOf)), answers[k], `${name} ${values.join(' ').slice(0, 2000)}`);
  });
}

/** Shows the first difference with what stands around it: two whole reports side by side help nobody. */
function assertSame(answer, expected, call) {
  if (answer === expected) return;
  let at = 0;
  while (answer[at] === expected[at]) ++at;
  const around = (text) => text.slice(Math.max(0, at - 200), at + 200);
  assert.equal(around(answer), around(expected), `${call}, from character ${at}`);
}

const cards = '"v100-16gb", {"id": "v100-16gb", "system": "windows"}, {"name": "mine", "usable_mib": 11000}';
const all = '["layers", "notebook", "fit", "print", "series"]';
const requestsOf = (text) => [
  `{"model": ${text}}`,
  `{"model": ${text}, "run": {"batch": 1}, "want": ${all}}`,
  `{"model": ${text}, "run": {"batch": 128}, "want": ${all}}`,
  `{"model": ${text}, "run": {"batch": 37, "bytes_per_value": 2}, "gpus": [${cards}]}`,
  `{"model": ${text}, "run": {"batch": 1000000000000}, "want": ${all}}`,
];

test('describe', () => compare([['describe']]));

for (const {file, text} of [...presets, ...goldens, ...examples, ...badDocuments]) {
  test(`estimate ${file}`, () => compare(requestsOf(text).map((request) => ['estimate', request])));
}

for (const {file, text} of gallery) {
  test(`estimate ${file}`, () => compare([['estimate', `{"model": ${text}, "run": {"batch": 3}, "want": ${all}}`]]));

  test(`explain numbers of ${file}`, () => {
    const request = `{"model": ${text}, "run": {"batch": 128}}`;
    const paths = numberPaths(JSON.parse(footprint.estimate(bytesOf(request))));
    const everyNth = Math.ceil(paths.length / 20);
    compare(paths.filter((_, k) => k % everyNth === 0).map((at) => ['explain', request, at]));
  });
}

for (const {file, text} of [...presets, ...examples]) {
  test(`explain every number of ${file}`, () => {
    const request = `{"model": ${text}, "run": {"batch": 128}}`;
    compare(numberPaths(JSON.parse(footprint.estimate(bytesOf(request)))).map((at) => ['explain', request, at]));
  });
}

const sizes = {davenet_audio: [40, 1024], q_conv1d: [2, 64], q_nested_sequential: [5]};

/** The size of the network's input, and the last that each question offers for an answer: the first is often "as printed". */
function answersTo(text, file) {
  const inputs = {input: sizes[path.basename(file).split('.')[0]] ?? [3, 224, 224]};
  const {questions} = JSON.parse(importer.import(text, JSON.stringify({inputs})));
  const offered = questions.filter(({options}) => options.length > 0);
  return {inputs, answers: Object.fromEntries(offered.map(({id, options}) => [id, options.at(-1).answer]))};
}

for (const {file, full, text} of prints) {
  test(`import ${file}`, () => {
    const given = ['', '{"inputs": 1}', '{"answers": {"forward/No": "x"}}', JSON.stringify(answersTo(text, file))];
    const expected = nativeLines(given.map((answers) => `import\t${full}\t${answers}`));
    given.forEach((answers, k) => assertSame(importer.import(text, answers), expected[k], `import ${file} ${answers}`));
  });
}

const sgd = '"optimizer": {"name": "sgd", "momentum": 0.9}';
const steps = [
  `{"batch": 128, ${sgd}, "loss": "pow2"}`,
  '{"batch": 3, "precision": "amp-fp16", "optimizer": {"name": "adamw", "weight_decay": 0.01}, "accumulate": 2}',
  '{"batch": 7, "mode": "inference"}',
  '{"batch": 5, "precision": "bf16", "optimizer": {"name": "none"}, "checkpoint": ["no.such.module"]}',
  '{"batch": 0}',
];

function compareSteps(requests) {
  const expected = nativeLines(requests.map((request) => `step\t${request}`));
  requests.forEach((request, k) => assertSame(stepper.step(bytesOf(request)), expected[k], `step ${request.slice(0, 2000)}`));
}

for (const {file, text} of presets) {
  test(`step ${file}`, () =>
    compareSteps(steps.map((run) => `{"model": ${text}, "run": ${run}, "gpus": []}`)));
}

for (const {file, text} of gallery) {
  test(`step ${file}`, () => compareSteps([`{"model": ${text}, "run": {"batch": 3, ${sgd}}, "gpus": []}`]));
}

test('step on several cards, with the largest batch', () => {
  const {text} = presets.find(({file}) => file.endsWith('teaching-cnn.json'));
  compareSteps([
    `{"model": ${text}, "run": {"batch": 8}, "gpus": [{"name": "mine", "usable_mib": 600}, "a100-40gb", "v100-16gb"]}`,
  ]);
});

test('step of requests that are wrong themselves', () => compareSteps(badRequests.map(({request}) => request)));

test('estimate requests that are wrong themselves', () =>
  compare(badRequests.map(({request}) => ['estimate', request])));

test('wrong models: each row without one attribute, and with each attribute replaced', () => {
  const calls = [];
  for (const {text} of presets) {
    const model = JSON.parse(text);
    model.layers.forEach((row, at) => {
      for (const attribute of Object.keys(row)) {
        for (const value of [undefined, null, -1, 0, 1e15, 0.5, 'x', true, [], [3, 3], [1, 2, 3], {}]) {
          const layers = model.layers.with(at, {...row, [attribute]: value});
          calls.push(['estimate', JSON.stringify({model: {...model, layers}, gpus: ['v100-16gb']})]);
        }
      }
    });
  }
  compare(calls);
});
