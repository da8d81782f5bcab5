// The moments of one training step as stacked bands. Geometry and words; no DOM.
import type { Moment, StepCounters } from "../core/types";
import { PARTS, partBytes, type Part } from "./kinds";

export interface Band {
  readonly part: Part;
  readonly name: string;
  /** An SVG path in a box of 1,000 by 1,000, y downwards. */
  readonly path: string;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  /** Where each moment begins, and the end of the last, of a width of `BOX`. */
  readonly edges: readonly number[];
  /** Moments that belong to no row are drawn narrower than the others. */
  readonly narrowed: boolean;
  /** Place of the peak among the moments. */
  readonly peak: number;
  /** Top of the axis, in bytes. */
  readonly end: number;
  readonly bands: readonly Band[];
  readonly phases: readonly { readonly phase: string; readonly from: number; readonly to: number }[];
}

export const BOX = 1_000;

/** The step of the peak, moment by moment; what comes before the first step where the peak is there. */
export function timelineOf(timeline: readonly Moment[], peak: StepCounters["peak"]): Timeline | null {
  const moments = timeline.filter(({ step }) => step === peak.step);
  if (moments.length === 0) return null;
  const highest = moments.reduce((best, { allocated }, at) => (allocated > (moments[best]?.allocated ?? 0) ? at : best), 0);
  const end = Math.max(1, moments[highest]?.allocated ?? 1) * 1.08;
  const { edges, narrowed } = edgesOf(moments);
  return { moments, edges, narrowed, peak: highest, end, bands: bandsOf(moments, edges, end), phases: phasesOf(moments) };
}

/**
 * Each moment is a step of the stairs as wide as every other. Only those of no row, of which a loss can make thousands, are narrowed until
 * they leave three quarters of the width to the rows.
 */
function edgesOf(moments: readonly Moment[]): Pick<Timeline, "edges" | "narrowed"> {
  const rows = moments.filter(({ row }) => row !== undefined).length;
  const others = moments.length - rows;
  const narrowed = rows > 0 && others > rows / 3;
  const narrow = narrowed ? rows / 3 / others : 1;
  const whole = rows + others * narrow;
  const edges = [0];
  let at = 0;
  for (const { row } of moments) {
    at += row === undefined ? narrow : 1;
    edges.push(round((at / whole) * BOX));
  }
  return { edges, narrowed };
}

/** Place of the moment that is drawn at this share of the width. */
export function momentAt({ edges, moments }: Timeline, share: number): number {
  const next = edges.findIndex((edge) => edge > share * BOX);
  return next < 0 ? moments.length - 1 : Math.max(0, next - 1);
}

function bandsOf(moments: readonly Moment[], edges: readonly number[], end: number): Band[] {
  const below = moments.map(() => 0);
  const y = (bytes: number) => round(BOX - (bytes / end) * BOX);
  return PARTS.flatMap(({ part, name, kinds }): Band[] => {
    const amounts = moments.map(({ by_kind }) => partBytes(kinds, by_kind));
    if (amounts.every((bytes) => bytes === 0)) return [];
    const upper: string[] = [];
    const lower: string[] = [];
    amounts.forEach((bytes, at) => {
      const base = below[at] ?? 0;
      const [left, right] = [edges[at] ?? 0, edges[at + 1] ?? BOX];
      upper.push(`${left} ${y(base + bytes)} ${right} ${y(base + bytes)}`);
      lower.unshift(`${right} ${y(base)} ${left} ${y(base)}`);
      below[at] = base + bytes;
    });
    return [{ part, name, path: `M${upper.join(" ")} ${lower.join(" ")}Z` }];
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function phasesOf(moments: readonly Moment[]): Timeline["phases"] {
  const phases: { phase: string; from: number; to: number }[] = [];
  moments.forEach(({ phase }, at) => {
    const last = phases.at(-1);
    if (last?.phase === phase) last.to = at + 1;
    else phases.push({ phase, from: at, to: at + 1 });
  });
  return phases;
}

const PHASES: Readonly<Record<string, string>> = {
  model_to_device: "model to the device",
  optimizer_created: "optimizer made",
  input_to_device: "input to the device",
  zero_grad: "zero_grad",
  forward: "forward",
  loss: "loss",
  backward: "backward",
  optimizer_step: "optimizer",
};

export function phaseName(phase: string): string {
  return PHASES[phase] ?? phase.replaceAll("_", " ");
}
