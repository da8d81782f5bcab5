// The batch's slider and keys: where the slider ends, where its tick stands, what the keys do.
import { svg, type SVGTemplateResult } from "lit";
import { count } from "../format";
import type { Judgement } from "../state/judgement";

const LEAST_END = 256;

/** A power of two that leaves room on both sides of the batch and of the largest that fits. */
export function sliderEnd(batch: number | string, largest: number | null): number {
  const shown = Math.max(typeof batch === "number" && Number.isFinite(batch) ? batch : 1, Math.min(largest ?? 1, 65_536));
  let end = LEAST_END;
  while (end < shown * 1.1 && end < 2 ** 40) end *= 2;
  return end;
}

/** The mark under the slider at the largest batch by the method that judges, or nothing where it lies outside. */
export function batchTick({ largest, method }: Judgement, end: number): SVGTemplateResult | null {
  if (typeof largest !== "number" || largest < 1 || largest > end) return null;
  const at = ((largest - 1) / (end - 1)) * 100;
  const anchor = at < 20 ? "start" : at > 80 ? "end" : "middle";
  return svg`<line x1="${at}%" x2="${at}%" y1="-2" y2="4"></line><text x="${at}%" y="14" text-anchor=${anchor}>${count(largest)} ${method === "step" ? "runs" : "fits"}, ${method}</text>`;
}

/** Arrows one, Page keys sixteen, Alt with arrows double and halve; null for every other key. */
export function stepBatch(batch: number | string, { key, altKey, ctrlKey, metaKey }: KeyboardEvent): number | null {
  if (typeof batch !== "number" || ctrlKey || metaKey) return null;
  const up = key === "ArrowUp" || key === "PageUp";
  if (!up && key !== "ArrowDown" && key !== "PageDown") return null;
  const arrow = key.startsWith("Arrow");
  const next = arrow && altKey ? (up ? batch * 2 : Math.floor(batch / 2)) : batch + (up ? 1 : -1) * (arrow ? 1 : 16);
  return Math.max(1, next);
}
