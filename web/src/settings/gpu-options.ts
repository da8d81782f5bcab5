// The cards as options of a native select: one of each capacity first, then all of them by kind.
import { html, type TemplateResult } from "lit";
import type { Catalogue, Gpu } from "../core/types";
import { capital } from "../format";
import { gpuLabel } from "../state/run";

export function gpuOptions(catalogue: Catalogue, chosen: string | null): TemplateResult {
  const named = catalogue.gpus.filter((gpu) => gpu.named);
  const others = catalogue.gpus.filter((gpu) => !gpu.named).sort(bySize);
  const groups = [...new Set(others.map((gpu) => gpu.group))];
  return html`<optgroup label="One of each size">${named.map((gpu) => option(gpu, chosen))}</optgroup>
    ${groups.map(
      (group) =>
        html`<optgroup label=${capital(group)}>${others.filter((gpu) => gpu.group === group).map((gpu) => option(gpu, chosen))}</optgroup>`,
    )}`;
}

function option(gpu: Gpu, chosen: string | null): TemplateResult {
  return html`<option value=${gpu.id} ?selected=${gpu.id === chosen}>${gpuLabel(gpu)}</option>`;
}

function bySize(a: Gpu, b: Gpu): number {
  return a.gb - b.gb || a.short.localeCompare(b.short);
}
