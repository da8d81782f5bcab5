// What an estimate costs, native and in WebAssembly, and how both grow; what a simulated training step costs; the weight of the page.
//
//     node tests/bench/bench.mjs BENCH_NATIVE WORK_FOLDER
import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {performance} from 'node:perf_hooks';

import {loadModule, loadStepper, root} from '../wasm/module.mjs';

const [program, folder] = process.argv.slice(2);
const [footprint, stepper] = await Promise.all([loadModule(), loadStepper()]);

/** The median of at least 15 runs and at least half a second of them, after as many that let V8 compile. */
function milliseconds(work) {
  const until = (count, duration) => {
    const times = [];
    for (const start = performance.now(); times.length < count || performance.now() - start < duration; ) {
      const before = performance.now();
      work();
      times.push(performance.now() - before);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  };
  until(15, 200);
  return until(15, 500);
}

const measured = execFileSync(program, [folder], {encoding: 'utf8'})
  .trim()
  .split('\n')
  .map((line) => {
    const [rows, bytes, parse, native, step] = line.split(' ').map(Number);
    const [request, stepRequest] = ['json', 'step.json'].map((end) => readFileSync(path.join(folder, `${rows}.${end}`), 'utf8'));
    const wasm = milliseconds(() => footprint.estimate(request));
    return {rows, bytes, parse, native, wasm, step, wasmStep: milliseconds(() => stepper.step(stepRequest))};
  });

// Growth: how many times longer for ten times the rows, between this line and the one above. Linear is 10.
const growth = (key, k) => {
  if (k === 0) return '';
  const [from, to] = [measured[k - 1], measured[k]];
  return (10 ** (Math.log(to[key] / from[key]) / Math.log(to.rows / from.rows))).toFixed(1);
};
const header = ['rows', 'request', 'parse', 'native', '÷ parse', 'wasm', '÷ parse', '÷ native', 'growth', 'wasm growth'];
const lines = measured.map(({rows, bytes, parse, native, wasm}, k) => [
  rows.toLocaleString('en'),
  `${(bytes / 1024).toFixed(1)} KB`,
  `${parse.toFixed(3)} ms`,
  `${native.toFixed(3)} ms`,
  (native / parse).toFixed(2),
  `${wasm.toFixed(3)} ms`,
  (wasm / parse).toFixed(2),
  (wasm / native).toFixed(2),
  growth('native', k),
  growth('wasm', k),
]);
const print = (header, lines) => {
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => line[column].length)));
  for (const line of [header, ...lines]) console.log(line.map((cell, column) => cell.padStart(widths[column])).join('   '));
};

console.log(`One estimate on ${os.cpus()[0].model}, node ${process.versions.node}; median times`);
console.log('parse: nlohmann_json reads the same request, native; growth: times longer for ten times the rows\n');
print(header, lines);

console.log('\nThree simulated training steps with the report of them, on no card');
print(
  ['rows', 'native', 'wasm', '÷ native', 'growth', 'wasm growth'],
  measured.map(({rows, step, wasmStep}, k) => [
    rows.toLocaleString('en'),
    `${step.toFixed(3)} ms`,
    `${wasmStep.toFixed(3)} ms`,
    (wasmStep / step).toFixed(2),
    growth('step', k),
    growth('wasmStep', k),
  ]),
);

const thousand = measured.find(({rows}) => rows === 1000);
console.log('\nAims at 1,000 rows: an estimate in 2 ms, in WebAssembly 5, and no longer than the parse; three steps in 20 ms and 50');
for (const [name, value, limit] of [
  ['native', thousand.native, 2],
  ['WebAssembly', thousand.wasm, 5],
  ['native ÷ parse', thousand.native / thousand.parse, 1],
  ['three steps, native', thousand.step, 20],
  ['three steps, WebAssembly', thousand.wasmStep, 50],
])
  console.log(`  ${value <= limit ? 'met   ' : 'missed'}  ${name} ${value.toFixed(2)} (aim ${limit})`);

console.log('\nFirst load of the page, gzip');
process.exitCode = spawnSync('npm', ['run', '--silent', 'sizes'], {cwd: path.join(root, 'web'), stdio: 'inherit'}).status;
