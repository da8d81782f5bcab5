// What a recorded configuration asks of `footprint step`: its document, its run object, its card.
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const folder = path.dirname(fileURLToPath(import.meta.url));
export const root = path.join(folder, '..', '..', '..');
export const readJson = (...names) => JSON.parse(readFileSync(path.join(folder, ...names), 'utf8'));
export const families = ['singles', 'davenet', 'vision', 'text', 'settings', 'cards', 'allocator'];

/** measure.py takes regular expressions; a run takes patterns, where * is any text and not: turns one around. */
export function patterns(regex) {
  const plain = regex.replaceAll('\\d+', '*').replaceAll('\\d', '*').replaceAll('\\.', '.');
  return plain.startsWith('(?!') ? [`not:${plain.slice(3, -1)}`] : plain.split('|');
}

/** measure.py's names of torch.optim's variants. */
const variants = {
  sgdm: {name: 'sgd', momentum: 0.9},
  nesterov: {name: 'sgd', momentum: 0.9, nesterov: true},
  amsgrad: {name: 'adam', amsgrad: true},
  'rmsprop-centered': {name: 'rmsprop', momentum: 0.9, centered: true},
};

function optimizerOf({optimizer: name, weight_decay: decay, foreach}) {
  const optimizer = {...(variants[name] ?? {name: name ?? 'none'})};
  if (decay) optimizer.weight_decay = decay;
  if (foreach === 'fused') optimizer.fused = true;
  else if (foreach) optimizer.foreach = foreach === 'true';
  return optimizer;
}

/** Classifiers have their targets on the device in eval mode too, though they run no loss. */
const hasTargetsInEval = (model) => model.startsWith('torchvision:') || model === 'nets.py:unet';
const copied = [
  'mode',
  'steps',
  'accumulate',
  'input_grad',
  'ema',
  'clip_norm',
  'channels_last',
  'fresh_batch',
  'sdpa',
];

function allocatorOf({env = {}, run}) {
  const allocator = {};
  for (const setting of (env.PYTORCH_CUDA_ALLOC_CONF ?? '').split(',').filter(Boolean)) {
    const [name, value] = setting.split(':');
    allocator[name] = value === 'True' ? true : Number(value);
  }
  if (run.memory_fraction) allocator.memory_fraction = run.memory_fraction;
  return allocator;
}

/** The run object of docs/formats.md. The device that recorded the truth has no workspaces of cuDNN and no context. */
export function runOf(configuration) {
  const {run: given, model} = configuration;
  const run = {batch: given.batch, optimizer: optimizerOf(given), cudnn_workspace: 0, context: 0};
  for (const key of copied) if (given[key] !== undefined) run[key] = given[key];
  run.loss = given.mode === 'eval' && hasTargetsInEval(model) ? 'ce' : (given.loss ?? 'none').replace(/^hf$/, 'model');
  if (given.zero_grad === 'zero') run.zero_grad = 'zero';
  if (given.amp) run.precision = `amp-${given.amp}`;
  if (given.param_dtype) run.precision = given.param_dtype;
  for (const key of ['freeze', 'checkpoint']) if (given[key]) run[key] = patterns(given[key]);
  const allocator = allocatorOf(configuration);
  if (Object.keys(allocator).length > 0) run.allocator = allocator;
  return run;
}

/** Capability and multiprocessors of the device, and its memory in MiB where it is little. */
export function deviceOf({device, env = {}}) {
  return {
    capability: /cc ([\d.]+)/.exec(device)[1],
    multiprocessors: Number(env.NULLCUDA_SMS ?? 108),
    memory: env.NULLCUDA_MEMORY ? Number(env.NULLCUDA_MEMORY) / 2 ** 20 : undefined,
  };
}
