// The kinds of blocks that the core tells apart, gathered into the parts of memory that the page has a colour for. No DOM.
import type { BlockKind, ByKind } from "../core/types";

export type Part = "input" | "activations" | "gradients" | "parameters" | "optimizer" | "workspace" | "context";

/** From the ground up: what is there all the time, then what comes and goes. */
export const PARTS: readonly { readonly part: Part; readonly name: string; readonly kinds: readonly BlockKind[] }[] = [
  { part: "parameters", name: "parameters", kinds: ["parameter", "buffer"] },
  { part: "optimizer", name: "optimizer state", kinds: ["optimizer_state", "grad_scaler", "ema"] },
  { part: "input", name: "input", kinds: ["input"] },
  { part: "activations", name: "activations", kinds: ["activation", "output"] },
  { part: "gradients", name: "gradients", kinds: ["activation_gradient", "gradient"] },
  { part: "workspace", name: "temporaries", kinds: ["temporary", "workspace"] },
];

const KIND_NAMES: Readonly<Record<BlockKind, string>> = {
  parameter: "parameters",
  buffer: "buffers",
  input: "input and targets",
  gradient: "gradients of parameters",
  optimizer_state: "optimizer state",
  grad_scaler: "gradient scaler",
  ema: "moving average",
  output: "outputs of the network",
  activation: "activations kept for backward",
  activation_gradient: "gradients of activations",
  temporary: "temporaries of operations",
  workspace: "workspaces",
};

export function kindName(kind: BlockKind): string {
  return KIND_NAMES[kind];
}

export function partOf(kind: BlockKind): Part {
  return PARTS.find(({ kinds }) => kinds.includes(kind))?.part ?? "workspace";
}

export function partBytes(kinds: readonly BlockKind[], alive: ByKind): number {
  return kinds.reduce((bytes, kind) => bytes + (alive[kind] ?? 0), 0);
}
