// Native and WebAssembly answer every call with the same bytes: over all presets, goldens and example documents, in
// several runs, right and wrong, and for the derivation of every number.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
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
} from './documents.mjs';
import {loadModule} from './module.mjs';

const native = process.env.FOOTPRINT_REPORT_NATIVE;

let footprint;
before(async () => {
  assert.ok(native, 'FOOTPRINT_REPORT_NATIVE must name the report_native program');
  footprint = await loadModule();
});

/** Answers of the native program to calls, each the function's name and its arguments, one byte a character. */
function nativeAnswers(calls) {
  const lines = calls.map(([name, request, at]) =>
    name === 'describe' ? name : name === 'estimate' ? `estimate\t${request}` : `explain\t${at}\t${request}`,
  );
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
    const answer = footprint[name](...values.map(bytesOf));
    if (answer === answers[k]) return;
    // The first difference with what stands around it: two whole reports side by side help nobody.
    let at = 0;
    while (answer[at] === answers[k][at]) ++at;
    const around = (text) => text.slice(Math.max(0, at - 200), at + 200);
    assert.equal(around(answer), around(answers[k]), `${name} ${values.join(' ').slice(0, 2000)}, from character ${at}`);
  });
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
