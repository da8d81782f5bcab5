// A model document can be dropped or pasted anywhere on the page. What other elements take for themselves (rows pasted into the table,
// text into a field) is left alone.
import "./import.css";
import { loadPart } from "../parts";
import type { Store } from "../state/store";

export function watchImports(store: Store): void {
  const veil = document.createElement("div");
  veil.className = "dropping";
  veil.textContent = "Drop to open the model";
  const showVeil = (): void => {
    if (!veil.isConnected) document.body.append(veil);
  };

  document.addEventListener("dragover", (event) => {
    if (!hasFile(event.dataTransfer)) return;
    event.preventDefault();
    showVeil();
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.remove();
  });
  document.addEventListener("drop", (event) => {
    veil.remove();
    if (event.defaultPrevented || !hasFile(event.dataTransfer)) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void take(store, file);
  });
  document.addEventListener("paste", (event) => {
    if (event.defaultPrevented || takesText(event.target)) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.trimStart().startsWith("{")) return;
    event.preventDefault();
    void take(store, text);
  });
}

async function take(store: Store, source: string | File): Promise<void> {
  (await loadPart(store, () => import("./import-dialog")))?.openImport(store, source);
}

function hasFile(data: DataTransfer | null): boolean {
  return data?.types.includes("Files") ?? false;
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
