// What runs where a training setting says nothing; what there is to choose from, the catalogue knows.
import type { OptimizerType, TrainingWords } from "../core/types";

export const DEFAULT_PRECISION = "fp32";
export const DEFAULT_OPTIMIZER = "sgd";

const NO_OPTIMIZER: OptimizerType = { name: "none", class: "none", keeps: "nothing: gradients alone", takes: [] };

/** Those of torch.optim, and none. */
export function optimizersOf(words: TrainingWords): readonly OptimizerType[] {
  return [...words.optimizer, NO_OPTIMIZER];
}
