// A model document or a print can be dropped or pasted anywhere on the page. What other elements take for themselves (rows pasted into the
// table, text into a field) is left alone, and so is text that is dragged about within the page.
import "./import.css";
import { loadPart } from "../parts";
import type { Store } from "../state/store";
import { opensAsModel } from "./recognise";

export function watchImports(store: Store): void {
  const veil = document.createElement("div");
  veil.className = "dropping";
  veil.textContent = "Drop to open the model";
  const showVeil = (): void => {
    if (!veil.isConnected) document.body.append(veil);
  };

  let own = false;
  document.addEventListener("dragstart", () => (own = true));
  document.addEventListener("dragend", () => (own = false));
  const isText = (event: DragEvent): boolean => hasType(event, "text/plain") && !hasType(event, "text/uri-list");
  const isForUs = (event: DragEvent): boolean => hasType(event, "Files") || (!own && isText(event) && !takesText(event.target));

  document.addEventListener("dragover", (event) => {
    if (!isForUs(event)) {
      veil.remove();
      return;
    }
    event.preventDefault();
    showVeil();
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.remove();
  });
  document.addEventListener("drop", (event) => {
    veil.remove();
    if (event.defaultPrevented || !isForUs(event)) return;
    event.preventDefault();
    const dropped = event.dataTransfer?.files[0] ?? event.dataTransfer?.getData("text/plain");
    if (dropped !== undefined) void take(store, dropped);
  });
  document.addEventListener("paste", (event) => {
    if (event.defaultPrevented || takesText(event.target)) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!opensAsModel(text)) return;
    event.preventDefault();
    void take(store, text);
  });
}

async function take(store: Store, source: string | File): Promise<void> {
  await (await loadPart(store, () => import("./import-dialog")))?.openImport(store, source);
}

function hasType({ dataTransfer }: DragEvent, type: string): boolean {
  return dataTransfer?.types.includes(type) ?? false;
}

/** Inputs that a text cannot be pasted into. */
const WITHOUT_TEXT = new Set(["button", "checkbox", "file", "radio", "range", "reset", "submit"]);

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !WITHOUT_TEXT.has(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement;
}
