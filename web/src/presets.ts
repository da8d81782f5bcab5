// The model documents of presets/: the few that are bundled with the page, in the order in which they are offered, and those of the gallery,
// which are fetched when they are wanted.
import { whyNoModel, type ModelDocument, type Preset } from "./state/model";

const files: Record<string, ModelDocument> = import.meta.glob("../../presets/*.json", { eager: true, import: "default" });

/** These first; others follow by name. */
const FIRST = ["davenet", "davenet-audio", "davenet-audio-2048", "davenet-image", "vgg16", "teaching-cnn"];

export const PRESETS: readonly Preset[] = Object.entries(files)
  .map(([path, model]) => ({ id: path.replace(/^.*\//, "").replace(/\.json$/, ""), model }))
  .filter((preset) => whyNoModel(preset.model) === null)
  .sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));

/** A network of the gallery; `null` where there is none of that id. Rejects where it could not be fetched. */
export async function fromGallery(id: string): Promise<ModelDocument | null> {
  return (await import("./gallery/documents")).galleryDocument(id);
}

function rank(id: string): number {
  const at = FIRST.indexOf(id);
  return at < 0 ? FIRST.length : at;
}
