// The model documents of presets/, bundled with the page, in the order in which they are offered.
import { whyNoModel, type ModelDocument, type Preset } from "./state/model";

const files: Record<string, ModelDocument> = import.meta.glob("../../presets/*.json", { eager: true, import: "default" });

/** These first; others follow by name. */
const FIRST = ["davenet", "davenet-audio", "davenet-audio-2048", "davenet-image", "vgg16", "teaching-cnn"];

export const PRESETS: readonly Preset[] = Object.entries(files)
  .map(([path, model]) => ({ id: path.replace(/^.*\//, "").replace(/\.json$/, ""), model }))
  .filter((preset) => whyNoModel(preset.model) === null)
  .sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));

function rank(id: string): number {
  const at = FIRST.indexOf(id);
  return at < 0 ? FIRST.length : at;
}
