// The parts of memory drawn: a colour each, and a texture over it where two colours are near.
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { Part } from "./kinds";

/** The parts' textures lie over their colours. */
export function textured(part: Part): boolean {
  return part === "gradients" || part === "optimizer" || part === "workspace";
}

export function swatch(part: Part): TemplateResult {
  return html`<svg class="swatch" aria-hidden="true">
    <rect class="p-${part}" width="11" height="11"></rect>
    ${textured(part) ? svg`<rect class="t-${part}" width="11" height="11"></rect>` : nothing}
  </svg>`;
}

/** A rectangle of a part, its geometry as written: "12 %", "40". */
export function partBar(part: Part, x: string, y: string, width: string, height: string): SVGTemplateResult {
  const rect = (name: string) => svg`<rect class=${name} x=${x} y=${y} width=${width} height=${height}></rect>`;
  return svg`${rect(`p-${part}`)}${textured(part) ? rect(`t-${part}`) : nothing}`;
}
