// Writes docs/accuracy.md: what `footprint step` predicts beside what PyTorch's allocator recorded (this folder), and
// beside what real cards showed (../measured.json).
//
//     node tests/golden/step/accuracy.mjs FOOTPRINT
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';

import {deviceOf, families, folder, readJson, root, runOf} from './configuration.mjs';
import {bytes, details, list, mebibytes, median, percent, table} from './markdown.mjs';

const [program] = process.argv.slice(2);
if (!program) throw new Error('usage: node tests/golden/step/accuracy.mjs FOOTPRINT');

function footprint(...args) {
  return footprintOf('', ...args);
}

/** `-` among the arguments is the text. */
function footprintOf(text, ...args) {
  const {stdout, stderr, status, signal} = spawnSync(program, args, {encoding: 'utf8', maxBuffer: 2 ** 30, input: text});
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${signal ?? status}: ${stderr}`);
  return JSON.parse(stdout);
}

const predicted = (document, run, ...options) => {
  const {step, fit} = footprint('step', document, '--run', JSON.stringify(run), '--json', ...options);
  return {...step, fit: fit[0]};
};

// ---------------------------------------------------------------- PyTorch's bookkeeping

const cards = footprint('gpus', '--json').gpus;

/**
 * The card that stands for the device of a configuration: one of the table with its capability and multiprocessors. A
 * card of one's own is an A100 to the core: it gets the memory that the configuration says, or as much as was reserved,
 * so that the search for the largest batch, which nobody reads here, ends soon.
 */
function cardOptions(configuration) {
  const {capability, multiprocessors, memory} = deviceOf(configuration);
  const ample = Math.ceil(configuration.peak_reserved / 2 ** 20);
  if (capability === '8.0' && multiprocessors === 108) return ['--usable-mib', `${memory ?? ample}`];
  const card = cards.find((one) => one.compute_capability === capability && one.sm_count === multiprocessors);
  return card && ['--gpu', card.id];
}

const standing = [
  'an A100 for most',
  ...new Set(readJson('cards.json').rows.map((configuration) => cardOptions(configuration)?.[1])),
].filter((id) => id && !/^\d+$/.test(id));

const documents = readJson('documents', 'index.json');
const known = readJson('known.json');

/** Both sides of a configuration; nothing where there is no network, or no card to stand for the device. */
function compare(family, configuration) {
  const {id} = configuration;
  const options = documents[id] && cardOptions(configuration);
  if (!options) return {family, id, left: documents[id] ? 'no card' : 'no network'};
  const step = predicted(path.join(folder, 'documents', `${documents[id]}.json`), runOf(configuration), ...options);
  const outcome = {
    family,
    id,
    allocated: [step.peak_allocated, configuration.peak_allocated],
    reserved: [step.peak_reserved, configuration.peak_reserved],
    place: [step.peak, configuration.peak].map((peak) => `step ${peak.step}, ${peak.phase}`),
  };
  if (deviceOf(configuration).memory === undefined) return outcome;
  // With little memory the report's own peaks are still those of a large card; its verdict is about the small one.
  outcome.little = deviceOf(configuration).memory;
  outcome.reserved[0] = step.fit.reserved;
  outcome.retries = [step.fit.retries, configuration.num_alloc_retries];
  outcome.runs = [step.fit.verdict !== 'does not fit', !configuration.oom];
  return outcome;
}

const exact = ([ours, theirs]) => ours === theirs;
const off = ([ours, theirs]) => Math.abs(ours - theirs) / theirs;
const isExact = (one) => exact(one.allocated) && exact(one.reserved) && exact(one.place);

const outcomes = families.flatMap((family) =>
  readJson(`${family}.json`).rows.map((configuration) => compare(family, configuration)),
);
const compared = outcomes.filter((one) => !one.left && one.little === undefined);
const little = outcomes.filter((one) => one.little !== undefined);
const left = (why) => outcomes.filter((one) => one.left === why).length;
const reasons = {...known['not exact'], ...known['another card']};
const inexact = compared.filter((one) => !isExact(one));
for (const {id} of inexact) if (!reasons[id]) throw new Error(`${id} is not exact, and known.json gives no reason`);
for (const id of Object.keys(reasons))
  if (!inexact.some((one) => one.id === id)) throw new Error(`${id} is exact: take it out of known.json`);

const familyNames = {
  singles: 'single layers and patterns',
  davenet: 'DAVEnet',
  vision: 'vision networks',
  text: 'text networks',
  settings: 'optimizers, precision, checkpointing, freezing',
  cards: 'other cards',
  allocator: 'allocator settings',
};

function familyRow(name, group) {
  const count = (test) => group.filter(test).length;
  const worst = (key) => percent(Math.max(...group.map((one) => off(one[key]))), 2);
  return [
    name,
    group.length,
    count((one) => exact(one.allocated)),
    count((one) => off(one.allocated) <= 0.001),
    worst('allocated'),
    count((one) => exact(one.reserved)),
    worst('reserved'),
    count((one) => exact(one.place)),
  ];
}

const familyTable = table(
  [
    'family',
    'configurations',
    'allocated: exact',
    'within 0.1 %',
    'worst',
    'reserved: exact',
    'worst',
    'step and phase of the peak',
  ],
  [
    ...families.map((family) =>
      familyRow(
        familyNames[family],
        compared.filter((one) => one.family === family),
      ),
    ),
    familyRow('all', compared),
  ],
);

const signed = ([ours, theirs], format) =>
  (ours > theirs ? '+' : ours < theirs ? '−' : '') + format(Math.abs(ours - theirs));
const pair = (values) => [
  bytes(values[0]),
  bytes(values[1]),
  signed(values, bytes),
  signed([values[0] / values[1], 1], (share) => (share === 0 ? '0' : percent(share, 3))),
];

const reasonTable = table(
  ['configuration', 'allocated', 'reserved', 'why'],
  inexact.map((one) => [
    `\`${one.id}\``,
    ...['allocated', 'reserved'].map((key) => (exact(one[key]) ? 'exact' : pair(one[key]).slice(2).join(', '))),
    reasons[one.id] + (exact(one.place) ? '' : ` Peak predicted in ${one.place[0]}, recorded in ${one.place[1]}.`),
  ]),
);

const outOrRuns = (runs) => (runs ? 'runs' : 'out of memory');
const littleTable = table(
  ['configuration', 'MiB on the card', 'predicted', 'recorded', 'reserved, predicted', 'recorded'],
  little.map((one) => [
    `\`${one.id}\``,
    bytes(one.little),
    ...[0, 1].map((side) => `${outOrRuns(one.runs[side])}, retries: ${one.retries[side]}`),
    ...one.reserved.map(bytes),
  ]),
);
const littleRight = little.filter((one) => exact(one.runs) && exact(one.retries) && exact(one.reserved)).length;

const fullTable = table(
  ['configuration', 'allocated, predicted', 'recorded', 'bytes', '%', 'reserved, predicted', 'recorded', 'bytes', '%'],
  compared.map((one) => [`\`${one.id}\``, ...pair(one.allocated), ...pair(one.reserved)]),
);

// ---------------------------------------------------------------- networks that no golden covers

const others = readJson('networks.json');
const otherDocuments = gunzipSync(readFileSync(path.join(folder, 'networks.jsonl.gz')))
  .toString('utf8')
  .split('\n');
const whole = others.rows.map((configuration, i) => {
  const run = JSON.stringify(runOf(configuration));
  const {step} = footprintOf(otherDocuments[i], 'step', '-', '--run', run, '--json', ...cardOptions(configuration));
  const {id, peak_allocated: allocated, peak_reserved: reserved, peak, fresh = false} = configuration;
  return {
    id,
    fresh,
    library: configuration.model.replace(/:.*/, ''),
    run: configuration.run,
    allocated: [step.peak_allocated, allocated],
    reserved: [step.peak_reserved, reserved],
    place: [step.peak, peak].map((one) => `step ${one.step}, ${one.phase}`),
  };
});
const isEqual = (one) => exact(one.allocated) && exact(one.reserved);
const unequal = whole.filter((one) => !isEqual(one));
for (const {id} of unequal)
  if (!known.networks[id]) throw new Error(`${id} is not exact, and known.json gives no reason`);
for (const id of Object.keys(known.networks))
  if (!unequal.some((one) => one.id === id)) throw new Error(`${id} is exact: take it out of known.json`);

const libraryNames = {
  torchvision: `torchvision ${others.torchvision}`,
  timm: `timm ${others.timm}`,
  hf: `transformers ${others.transformers}`,
  'written.py': 'written by hand',
};
const settingOf = ({optimizer, amp, param_dtype: type}) =>
  [optimizer, amp && `amp-${amp}`, type].filter(Boolean).join(', ');
const settings = [...new Set(whole.map(({run}) => settingOf(run)))].sort();

const wholeTable = table(
  ['networks', 'number', 'allocated: exact', 'within 0.1 %', 'worst', 'reserved: exact', 'worst', 'step and phase of the peak'],
  [
    ...Object.entries(libraryNames).map(([library, name]) =>
      familyRow(
        name,
        whole.filter((one) => one.library === library),
      ),
    ),
    familyRow('all', whole),
    familyRow(
      'of these: no rule was mended with them',
      whole.filter(({fresh}) => fresh),
    ),
  ],
);

const spans = [
  ['0', (share) => share === 0],
  ['to 0.01 %', (share) => share > 0 && share <= 0.0001],
  ['to 0.1 %', (share) => share > 0.0001 && share <= 0.001],
  ['to 1 %', (share) => share > 0.001 && share <= 0.01],
  ['to 5 %', (share) => share > 0.01 && share <= 0.05],
  ['more', (share) => share > 0.05],
];
const spanTable = table(
  ['difference', ...spans.map(([name]) => name)],
  ['allocated', 'reserved'].map((key) => [key, ...spans.map(([, test]) => whole.filter((one) => test(off(one[key]))).length)]),
);

const settingTable = table(
  ['run with', 'networks', 'allocated: exact', 'reserved: exact'],
  settings.map((setting) => {
    const group = whole.filter(({run}) => settingOf(run) === setting);
    const count = (key) => group.filter((one) => exact(one[key])).length;
    return [setting, group.length, count('allocated'), count('reserved')];
  }),
);

const unequalTable = table(
  ['network', 'run with', 'allocated', 'reserved', 'why'],
  unequal.map((one) => [
    `\`${one.id}\`${one.fresh ? ', new' : ''}`,
    settingOf(one.run),
    ...['allocated', 'reserved'].map((key) => (exact(one[key]) ? 'exact' : pair(one[key]).slice(2).join(', '))),
    known.networks[one.id].why,
  ]),
);

const barTable = table(
  ['', 'figures', 'median', 'worst'],
  [
    ['`footprint step`, peak allocated', whole.length, ...[median, (all) => Math.max(...all)]
      .map((of) => percent(of(whole.map((one) => off(one.allocated))), 2))],
    ["PyTorch's MemTracker", 42, '0.76 %', '3.2 %'],
    ['torch-preflight', 16, '1.2 %', '30.8 %'],
  ],
);

const wholeFullTable = table(
  ['network', 'run with', 'allocated, predicted', 'recorded', 'bytes', '%', 'reserved, predicted', 'recorded', 'bytes', '%'],
  whole.map((one) => [`\`${one.id}\``, settingOf(one.run), ...pair(one.allocated), ...pair(one.reserved)]),
);
const refusedList = list(others.refused.map(({id, refused}) => `\`${id}\`: ${refused.replaceAll('|', '\\|')}`));
const wholeRight = whole.filter(isEqual).length;
const fresh = whole.filter((one) => one.fresh);

// ---------------------------------------------------------------- real cards

const {rows: measured, outside: mostOutside} = readJson('..', 'measured.json');
const optimizerNames = {sgd: 'SGD', adam: 'Adam', adamw: 'AdamW'};

/** low, likely, high of the whole device in bytes, for every optimizer and context that the run may have had. */
function intervals(row, document, batch) {
  const names = row.optimizer ? [row.optimizer] : ['sgd', 'adam'];
  return names.map((name) => {
    const run = {batch, torch: '2.6', loss: row.loss ?? 'ce', optimizer: {name}};
    const input = row.input ? ['--input', row.input] : [];
    const {device_total: total, context} = predicted(path.join(root, document), run, '--gpu', row.gpu, ...input);
    const most = row.torch ? 0 : (mostOutside[row.card]?.[0] ?? 0) * 2 ** 20;
    return {name, ...total, high: total.high + Math.max(most - context.high, 0)};
  });
}

function figureOf(row, document, batch, mebibyte, length) {
  const found = intervals(row, document, batch);
  const [low, high] = [Math.min(...found.map((one) => one.low)), Math.max(...found.map((one) => one.high))];
  const seen = mebibyte * 2 ** 20;
  return {row, batch, length, seen, low, high, likely: found, inside: low <= seen && seen <= high};
}

const figures = measured
  .filter((row) => row.document)
  .flatMap((row) => row.figures.map(([batch, mebibyte]) => figureOf(row, row.document, batch, mebibyte)));
const byLength = measured
  .filter((row) => row.lengths)
  .flatMap((row) =>
    Object.entries(row.lengths).flatMap(([length, document]) =>
      row.figures.map(([batch, mebibyte]) => figureOf(row, document, batch, mebibyte, length)),
    ),
  );
const notBuilt = measured.filter((row) => !row.document && !row.lengths);

const small = (share) => percent(share, share < 0.001 ? 2 : 1);
function verdict({seen, low, high}) {
  if (seen < low) return `below by ${small((low - seen) / seen)}`;
  return seen > high ? `above by ${small((seen - high) / seen)}` : 'inside';
}

const optimizersOf = (figure) => figure.likely.map(({name}) => optimizerNames[name]).join(', ');
const figureTable = (rows) =>
  table(
    ['model', 'batch', 'card', 'optimizer', 'measured', 'low', 'likely', 'high', 'measured is'],
    rows.map((one) => [
      one.row.model + (one.length ? `, length ${one.length}` : ''),
      one.batch,
      one.row.card,
      one.row.optimizer ? optimizersOf(one) : `not stated: ${optimizersOf(one)}`,
      mebibytes(one.seen),
      mebibytes(one.low),
      one.likely.map(({likely}) => mebibytes(likely)).join(', '),
      mebibytes(one.high),
      verdict(one),
    ]),
  );

/** By card: how many lie inside, above and below, and how far from the nearest likely figure. */
const groups = [...new Set(figures.map(({row}) => row.card))].map((card) => [
  card,
  figures.filter(({row}) => row.card === card),
]);
const distance = ({seen, likely}) => Math.min(...likely.map((one) => Math.abs(one.likely - seen) / seen));
const groupRow = ([card, rows]) => [
  card,
  rows.length,
  rows.filter(({inside}) => inside).length,
  rows.filter(({seen, high}) => seen > high).length,
  rows.filter(({seen, low}) => seen < low).length,
  percent(median(rows.map(distance)), 1),
];
const groupTable = table(
  ['card', 'figures', 'inside', 'above', 'below', 'distance to the nearest likely figure, median'],
  [...groups, ['all', figures]].map(groupRow),
);

const count = (larger, smaller) => figures.filter((one) => one[larger] > one[smaller]).length;

/** What one more item of a batch takes, from the smallest batch of a row to the largest: context and driver drop out. */
function growthRow(row) {
  const own = figures.filter((one) => one.row === row);
  const [first, last] = [own[0], own.at(-1)];
  const each = (of) => ((of(last) - of(first)) / 2 ** 20 / (last.batch - first.batch)).toFixed(1);
  return [
    row.model,
    row.card,
    `${first.batch} to ${last.batch}`,
    each(({seen}) => seen),
    first.likely.map((_, k) => each(({likely}) => likely[k].likely)).join(', '),
  ];
}
const growthTable = table(
  ['model', 'card', 'batch', 'measured', 'likely (SGD, Adam)'],
  measured.filter((row) => row.document && row.figures.length > 1).map(growthRow),
);

const sources = list(
  measured.map(
    ({model, card, source, stand_in: standIn}) =>
      `${model}, ${card}: ${source}.${standIn ? ` Predicted with ${standIn}.` : ''}`,
  ),
);

// ---------------------------------------------------------------- the page

const inAll = compared.filter(isExact).length;
const page = `# Accuracy
\`./dev accuracy\` writes this page; nothing in it is edited by hand. It holds \`footprint step\` against two truths and keeps them apart:

- **PyTorch's bookkeeping.** What PyTorch's caching allocator counts (\`max_memory_allocated\`, \`max_memory_reserved\`). It follows from
  the program alone, so a prediction is right or wrong, to the byte.
- **A real card.** What \`nvidia-smi\` shows. It has parts that no program states in advance, so a prediction is an interval.

## PyTorch's bookkeeping
${outcomes.length} configurations of PyTorch 2.15 were recorded (\`tests/golden/step\`). ${compared.length} are compared here, ${little.length} are runs with too
little memory (below)${left('no card') > 0 ? `, for ${left('no card')} the table of cards has none with their capability and multiprocessors` : ''}, and ${left('no network')} are random requests without a network, which
\`tests/core/allocator_test.cpp\` replays. **${inAll} of ${compared.length}** agree in peak allocated, peak reserved, and the step and phase of the peak.

${familyTable}

For the device of a recording stands a card with its capability and multiprocessors: ${standing.join(', ')}.
"Worst" is the largest difference, either way. cuDNN's workspaces are 0 here on both sides: the truth was recorded without them.

### Those that are not exact
${reasonTable}

### Too little memory
PyTorch gives cached memory back and tries again, or runs out. ${littleRight} of ${little.length} are right in whether the run ends, in the number of retries
and in reserved, to the byte. Allocated is left to \`tests/core/step_test.cpp\`: the report's is that of a large card.

${littleTable}

${details(`Every configuration: predicted, recorded, difference (${compared.length})`, fullTable)}

### Networks that no golden covers
${whole.length} whole networks, none of which is above, each three steps at batch 2: \`tests/golden/step/record_networks.py\` runs it on PyTorch's own
allocator under the null device, exports its document, and writes both. torch ${others.torch}, torchvision ${others.torchvision}, timm ${others.timm},
transformers ${others.transformers}. **${wholeRight} of ${whole.length}** agree to the byte in peak allocated and peak reserved (\`tests/core/step_test.cpp\` holds it).

${wholeTable}

While most of these networks were first compared, rules that they showed to be wrong were mended, most with a case of their own. The last row
is the measure of a network that nobody looked at: ${fresh.length} were chosen beforehand and recorded once.

${spanTable}

${settingTable}

What others report of themselves is no comparison on the same networks. It says where the bar lies: the distance of a predicted peak
from the one that PyTorch counts, either way:

${barTable}

${unequalTable}

${others.refused.length > 0 ? `Not recorded, ${others.refused.length}:\n\n${refusedList}` : 'None of the list was left out.'}

Listed in \`networks.py\` and not recorded yet, ${others.pending.length}: ${others.pending.map((name) => `\`${name}\``).join(', ')}.

${details(`Every network: predicted, recorded, difference (${whole.length})`, wholeFullTable)}

## Real cards
${figures.length} figures that others published, for networks that have a document here. **${figures.filter(({inside}) => inside).length} of ${figures.length}** lie inside the predicted interval.
Nothing was fitted to them.

${groupTable}

What the sources do not say is assumed, the same for all:

- **Optimizer.** Where it is not stated, SGD without momentum and Adam are both predicted. The interval goes from the lower end of the one to
  the upper end of the other; "likely" has both, in this order. A stated SGD is taken without momentum.
- **Version.** Where it is not stated, PyTorch 2.6, the older of the two that \`step\` knows, as for those that state it.
- **Loss.** Cross entropy over 1,000 classes; for BERT and GPT-2 the model's own.
- **cuDNN.** Which of its engines ran is not stated: the interval is the one below.
- **Outside the allocator.** What is measured on a card of this kind under today's PyTorch, as below. A row that does not state its version
  may be older, when a context held every kernel, and its reading may include the driver's reserve: there the upper end has
  ${Object.entries(mostOutside)
    .map(([card, [mebibyte]]) => `${bytes(mebibyte)} MiB (${card})`)
    .join(', ')}, each from another reading than these.

All in MiB:

${figureTable(figures)}

What one more item takes, in MiB, from the smallest batch to the largest. What does not grow with the batch, such as the context, drops out:

${growthTable}

**What this shows.** ${count('seen', 'high')} figures lie above their interval, ${count('low', 'seen')} below. The interval is wide where convolutions are large and float32,
because what cuDNN's engines take there goes from nothing to several times the tensors. On the A100 the VGGs grow with the batch as the
likely engine says (Winograd's tiles), and twice as fast as the tensors alone; on the V100 and the K80, in an older PyTorch, they do not.

**Length not stated.** The source of this row does not give the length of a text, so it is predicted for three and counted nowhere.

${figureTable(byLength)}

**Not predicted**, for want of a document: ${notBuilt.map((row) => `${row.model} (${row.card}), batch ${row.figures[0][0]}, measured ${bytes(row.figures[0][1])} MiB`).join('; ')}.

${details('Sources, and networks that stand for others', sources)}

## What is exact, assumed, not modelled
**Exact**: for eager PyTorch on one card, which memory each operation asks for and when it gives it back; what autograd keeps; gradients,
optimizer state, autocast's casts, checkpointing; the allocator's rounding, splitting, segments and retries. Checked above.

**Assumed**, and so an interval or a sentence in the report:

- The CUDA context is what was read on cards of the same kind; on others 3.9 MiB for each multiprocessor, from 0.7 to 1.3 times that, at
  least 110 MiB ([010](decisions/010-what-a-real-card-adds.md)). \`--context\` replaces it by what you measured.
- cuDNN's workspaces for convolutions are nothing; what the usual engine takes (Winograd's tiles, or copies for tensor cores); what the
  hungriest takes (the input as a matrix). Blocks that they leave behind are used again, so all three are replayed. \`--cudnn-workspace\`
  replaces them.
- A run is what \`tests/golden/step/README.md\` says: one fixed batch, three steps, the names \`out\` and \`loss\` held from one step to the next.
- Of an operation that is not written down, the inputs are kept and each gets a gradient. The report says so, row by row.

**Not modelled**:

- What recurrent layers reserve in cuDNN, and its workspace for batch norm. The report warns of the first.
- Sizes that depend on values: masks, routing of experts, early stopping.
- \`torch.compile\`, CUDA graphs, several cards, other libraries in the process (NCCL, Triton, flash-attention).
- Other programs on the card, unless \`--in-use-mib\` says how much they use.
- CPU memory.
`;

writeFileSync(path.join(root, 'docs', 'accuracy.md'), page);
console.log(
  `docs/accuracy.md: ${inAll} of ${compared.length} configurations exact, ${littleRight} of ${little.length} with little memory; ` +
    `${wholeRight} of ${whole.length} networks that no golden covers; ` +
    `${figures.filter(({inside}) => inside).length} of ${figures.length} figures of real cards inside the interval`,
);
