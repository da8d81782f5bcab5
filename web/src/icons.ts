// The page's drawings: sixteen-pixel line icons for buttons, and the three signs of a verdict (their shapes are in index.html).
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { Verdict } from "./core/types";

const PATHS = {
  undo: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7M3 6.5l3-3M3 6.5l3 3",
  redo: "M13 6.5H6.5a3.5 3.5 0 0 0 0 7H9M13 6.5l-3-3M13 6.5l-3 3",
  import: "M8 2v8M5 7l3 3 3-3M2.5 11v2.5h11V11",
  share: "M6.5 9.5l3-3M7 4.5l1.3-1.3a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.3 1.3a2.8 2.8 0 0 1-4-4L5 7.5",
  keyboard: "M1.5 4.5h13v7h-13zM4 7h.1M6.5 7h.1M9 7h.1M11.5 7h.1M5 9.3h6",
  gallery: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  add: "M8 3v10M3 8h10",
} as const;

export type Icon = keyof typeof PATHS;

export function icon(name: Icon): TemplateResult {
  return html`<svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d=${PATHS[name]}></path></svg>`;
}

export const brandMark: SVGTemplateResult = svg`<svg viewBox="0 0 20 20" aria-hidden="true"><rect class="p-activations" x="1" y="11" width="18" height="7" rx="1"></rect><rect class="p-gradients" x="1" y="6" width="12" height="4" rx="1"></rect><rect class="p-parameters" x="1" y="2" width="6" height="3" rx="1"></rect></svg>`;

/** "is-over" and so on: the colour, and the id of the drawing behind the dash. */
export function tone(verdict: Verdict): "fits" | "tight" | "over" {
  return verdict === "does not fit" ? "over" : verdict;
}

/** The sign alone is decoration beside the word; where the word is missing, it is spoken. */
export function sign(verdict: Verdict, spoken: "spoken" | "silent" = "silent"): TemplateResult {
  const name = tone(verdict);
  const drawing = svg`<use href=${`#${name}`}></use>`;
  return spoken === "spoken"
    ? html`<svg class="sign is-${name}" role="img" aria-label=${verdict}>${drawing}</svg>`
    : html`<svg class="sign is-${name}" aria-hidden="true">${drawing}</svg>`;
}
