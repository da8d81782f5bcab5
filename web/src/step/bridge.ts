// The bridge as a waterfall: from the notebook's total, entry by entry, down to what the device is likely to show. No DOM.
import type { BridgeEntry } from "../core/types";
import type { Part } from "./kinds";

export interface BridgeLine {
  readonly code: string;
  readonly message: string;
  readonly bytes: number;
  readonly rows: readonly number[];
  /** Where the bar lies, in bytes from zero. */
  readonly from: number;
  readonly to: number;
  /** `ends`: the notebook's total and the sum. */
  readonly kind: "ends" | "down" | "up";
}

/** One line an entry, the first standing on the ground, and the sum of all. */
export function bridgeLines(bridge: readonly BridgeEntry[]): BridgeLine[] {
  let level = 0;
  const lines = bridge.map((entry, index): BridgeLine => {
    const before = level;
    level += entry.bytes;
    return {
      code: entry.code,
      message: entry.message,
      bytes: entry.bytes,
      rows: entry.rows ?? [],
      from: index === 0 ? 0 : Math.min(before, level),
      to: Math.max(before, level),
      kind: index === 0 ? "ends" : entry.bytes < 0 ? "down" : "up",
    };
  });
  if (lines.length === 0) return [];
  return [...lines, { code: "device", message: "likely on the device", bytes: level, rows: [], from: 0, to: level, kind: "ends" }];
}

/** The whole height that the waterfall reaches, for its scale. */
export function bridgeEnd(lines: readonly BridgeLine[]): number {
  return Math.max(1, ...lines.map(({ to }) => to));
}

const PART_OF: Readonly<Record<string, Part>> = {
  "kept-beside-outputs": "activations",
  functions: "activations",
  loss: "activations",
  containers: "activations",
  inputs: "input",
  parameters: "parameters",
  buffers: "parameters",
  "parameter-gradients": "gradients",
  "optimizer-state": "optimizer",
  "other-state": "optimizer",
  context: "context",
};

/** The colour of what an entry adds. */
export function bridgePart(code: string): Part {
  return PART_OF[code] ?? "workspace";
}
