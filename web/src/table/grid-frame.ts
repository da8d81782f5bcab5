// The parts of the grid that are no rows of the model: the column names, room for lines that are not drawn, the line with a plus between
// two rows, and what stands there when nothing does.
import { html, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";

export function head(units: string): TemplateResult {
  return html`<thead>
    <tr role="row" aria-rowindex="1">
      <th role="columnheader" class="handle"><span class="vh">Move</span></th>
      <th role="columnheader" class="idx">#</th>
      <th role="columnheader" class="ly">Layer</th>
      <th role="columnheader" class="at">Attributes</th>
      <th role="columnheader" class="sh">Output, per item</th>
      <th role="columnheader" class="pr r">Parameters</th>
      <th role="columnheader" class="mb r">Activations, ${units}</th>
      <th role="columnheader" class="share">Share<span class="roomy"> of forward</span></th>
    </tr>
  </thead>`;
}

/** Room for lines that are not drawn. Its height goes through the property, which the policy allows; a style attribute it does not. */
export function spacer(height: number): TemplateResult {
  return html`<tr class="spacer" aria-hidden="true">
    <td colspan="8" .style=${`height: ${Math.round(height)}px`}></td>
  </tr>`;
}

/** `above` names the row it stands under; while rows are dragged it only shows where they would go. */
export function insertLine(at: number, above: string | null, purpose: "insert" | "drop"): TemplateResult {
  const name = above === null ? "Add layer before the first" : `Add layer after ${above}`;
  return html`<tr role="row" class=${classMap({ insert: true, drop: purpose === "drop" })}>
    <td role="gridcell" colspan="8">
      <button type="button" tabindex="-1" title=${name} data-act="insert" data-at=${at}><span class="vh">${name}</span></button>
    </td>
  </tr>`;
}

export function noLines(text: string): TemplateResult {
  return html`<tr role="row">
    <td role="gridcell" colspan="8" class="none">${text}</td>
  </tr>`;
}
