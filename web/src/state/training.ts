// The settings of the training step by PyTorch's names, as the core knows them. Each stands in links, so none may go.

export const PRECISIONS: readonly (readonly [value: string, name: string])[] = [
  ["fp32", "float32"],
  ["amp-fp16", "autocast float16"],
  ["amp-bf16", "autocast bfloat16"],
  ["fp16", "model.half()"],
  ["bf16", "model.bfloat16()"],
];

export interface OptimizerType {
  readonly name: string;
  readonly label: string;
  readonly momentum: boolean;
  readonly weight_decay: boolean;
}

const optimizer = (name: string, label: string, takes: { momentum?: boolean; weight_decay?: boolean } = {}): OptimizerType => ({
  name,
  label,
  momentum: takes.momentum ?? false,
  weight_decay: takes.weight_decay ?? true,
});

export const OPTIMIZERS: readonly OptimizerType[] = [
  optimizer("sgd", "SGD", { momentum: true }),
  optimizer("adam", "Adam"),
  optimizer("adamw", "AdamW"),
  optimizer("rmsprop", "RMSprop", { momentum: true }),
  optimizer("adagrad", "Adagrad"),
  optimizer("adadelta", "Adadelta"),
  optimizer("adafactor", "Adafactor"),
  optimizer("adamax", "Adamax"),
  optimizer("nadam", "NAdam"),
  optimizer("radam", "RAdam"),
  optimizer("rprop", "Rprop", { weight_decay: false }),
  optimizer("asgd", "ASGD"),
  optimizer("none", "none", { weight_decay: false }),
];

export const LOSSES: readonly (readonly [value: string, name: string])[] = [
  ["ce", "cross_entropy"],
  ["mse", "mse_loss"],
  ["pow2", "output.pow(2).mean()"],
  ["sum", "output.sum()"],
  ["misa", "MISA, of DAVEnet"],
  ["model", "made by the model"],
  ["none", "none"],
];

export const DEFAULT_PRECISION = "fp32";
export const DEFAULT_OPTIMIZER = "sgd";
