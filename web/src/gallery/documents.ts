// The documents of presets/gallery/, each a file of its own that is fetched when it is wanted. Only this list of their names is here, and
// it too comes with the first network that somebody asks for.
import type { ModelDocument } from "../state/model";

const files = import.meta.glob<ModelDocument>(["../../../presets/gallery/*.json", "!../../../presets/gallery/index.json"], {
  import: "default",
});
const documents = new Map(Object.entries(files).map(([path, load]) => [path.replace(/^.*\//, "").replace(/\.json$/, ""), load]));

/** `null` where the gallery has no network of that id. */
export async function galleryDocument(id: string): Promise<ModelDocument | null> {
  return (await documents.get(id)?.()) ?? null;
}
