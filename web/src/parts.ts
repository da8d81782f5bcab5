// Parts of the page that are loaded when they are wanted: charts after the first paint, dialogs and exports on request. Where a deploy took
// a part's file away, main.ts has reloaded the page before this is told; what is left is a lost connection.
import type { Store } from "./state/store";

/** `null` where the part could not be loaded; the reader has been told. */
export async function loadPart<Part>(store: Store, part: () => Promise<Part>): Promise<Part | null> {
  try {
    return await part();
  } catch {
    store.notify({
      tone: "warn",
      title: "A part of the page could not be loaded.",
      text: "Your document is safe. Try again when you are connected, or reload the page: the draft is kept.",
      action: { label: "Reload", name: "reload" },
    });
    return null;
  }
}
