// Total: whatever goes in, a document of the promised format comes out, and the next call is answered as if nothing had
// been.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';

import {bytesOf, presets, prints} from './documents.mjs';
import {loadImporter, loadModule} from './module.mjs';

let footprint;
let importer;
before(async () => {
  [footprint, importer] = await Promise.all([loadModule(), loadImporter()]);
});

const preset = new TextDecoder().decode(bytesOf(`{"model": ${presets[0].text}}`));

function mustAnswer(request, at = 'notebook/total') {
  const report = JSON.parse(footprint.estimate(request));
  assert.equal(report.format, 'footprint/report');
  const derivation = JSON.parse(footprint.explain(request, at));
  assert.equal(derivation.format, 'footprint/derivation');
  return report;
}

function mustComplain(request, at) {
  const report = mustAnswer(request, at);
  assert.ok(report.diagnostics.some((diagnostic) => diagnostic.severity === 'error'));
  return report;
}

/** A fixed sequence, so that a failure can be repeated (Numerical Recipes' linear congruential generator). */
function* numbers(seed) {
  for (let state = seed >>> 0; ; yield state >>> 16) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
}

test('random bytes', () => {
  const random = numbers(1);
  for (let k = 0; k < 2000; ++k) {
    const length = random.next().value % 200;
    const bytes = Uint8Array.from({length}, () => random.next().value);
    mustComplain(bytes, bytes);
  }
});

test('a request cut anywhere', () => {
  const bytes = new TextEncoder().encode(preset);
  for (let length = 0; length < bytes.length; length += 1 + (length >> 5)) mustComplain(bytes.subarray(0, length));
});

test('a request with one byte changed anywhere', () => {
  const random = numbers(2);
  const bytes = new TextEncoder().encode(preset);
  for (let k = 0; k < 2000; ++k) {
    const changed = bytes.slice();
    changed[random.next().value % bytes.length] = random.next().value;
    mustAnswer(changed);
  }
});

for (const depth of [1000, 100_000, 1_000_000]) {
  test(`nesting ${depth} deep`, () => {
    for (const [open, close] of ['[]', ['{"model":', '}'], ['{"model":{"layers":[', ']}}']]) {
      mustComplain(open.repeat(depth));
      mustComplain(open.repeat(depth) + '0' + close.repeat(depth));
    }
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    mustComplain(`{"model": {"inputs": [{"name": "x", "shape": ${nested}}], "layers": [{"op": "ReLU"}]}}`);
    mustAnswer(preset, '/'.repeat(depth));
  });
}

test('NUL bytes', () => {
  mustComplain('\0');
  mustComplain('{"model": \0}');
  mustComplain('\0'.repeat(10_000), '\0');
  mustAnswer(preset, 'notebook\0/total');
});

test('lone surrogates, bare and escaped', () => {
  for (const surrogate of ['\ud800', '\udc00', '\\ud800', '\\udc00x', '\\udc00\\ud800'])
    mustAnswer(`{"model": {"layers": [{"op": "ReLU", "name": "${surrogate}"}]}}`, `layers/${surrogate}/forward`);
});

test('bytes that are no UTF-8', () => {
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    const text = new TextEncoder();
    const request = Uint8Array.from([
      ...text.encode('{"model": {"layers": [{"op": "'),
      ...bad,
      ...text.encode('"}]}}'),
    ]);
    mustComplain(request, Uint8Array.from(bad));
  }
});

test('prints cut anywhere and with one byte changed, random bytes, answers of every kind', () => {
  const mustRead = (...values) => assert.equal(JSON.parse(importer.import(...values)).format, 'footprint/import');
  const random = numbers(3);
  for (const {text} of prints.filter(({text}) => text.length < 6000)) {
    const bytes = new TextEncoder().encode(text);
    for (let k = 0; k < 20; ++k) {
      mustRead(bytes.subarray(0, random.next().value % bytes.length), '');
      const changed = bytes.slice();
      changed[random.next().value % bytes.length] = random.next().value;
      mustRead(changed, '{"inputs": {"input": [3, 224, 224]}}');
    }
    for (const answers of ['[', '1', '{"answers": {"forward/VGG": 1}}', '{"inputs": {"input": [0]}}', '\ud800'])
      mustRead(text, answers);
  }
  for (let k = 0; k < 500; ++k) {
    const length = random.next().value % 200;
    mustRead(Uint8Array.from({length}, () => random.next().value), '');
  }
  for (const open of ['Net(', '(', '[', 'Net(\n(a): '])
    for (const depth of [1000, 100_000]) mustRead(open.repeat(depth), '');
});

test('JSON of every other kind', () => {
  const texts = ['', ' ', 'null', 'true', '0', '-0', '1e999', '"model"', '[]', '{}', '[{}]', 'NaN', '{"model": null}'];
  for (const text of [...texts, '{"model": []}', '{"model": {}, "model": 1}']) mustComplain(text);
});

test('numbers of every size', () => {
  const batches = ['0', '-1', '1e3', '1.5', '1000000000000', '9223372036854775807', '-9223372036854775808', '1e400'];
  for (const batch of batches) mustAnswer(preset.replace(/}$/, `, "run": {"batch": ${batch}}}`));
});

test('rows beyond the limit are refused in time', () => {
  const rows = Array(20_001).fill({op: 'ReLU'});
  const model = {format: 'footprint/model', version: 1, inputs: [{name: 'x', shape: [1]}], layers: rows};
  const report = mustComplain(JSON.stringify({model}));
  assert.ok(report.diagnostics.some((diagnostic) => /20,?000/.test(JSON.stringify(diagnostic))));
});

test('memory is given back: 300 large requests need no more than 30', () => {
  const large = `{"model": "${'x'.repeat(1 << 17)}"}`;
  for (let k = 0; k < 30; ++k) mustComplain(large);
  const grown = footprint.HEAPU8.length;
  for (let k = 0; k < 270; ++k) mustComplain(large);
  assert.equal(footprint.HEAPU8.length, grown);
});

test('after all that a preset is answered as at first', async () => {
  const fresh = await loadModule();
  assert.equal(footprint.estimate(preset), fresh.estimate(preset));
  assert.deepEqual(JSON.parse(footprint.estimate(preset)).diagnostics, []);
});
