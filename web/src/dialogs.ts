// Dialogs are asked for, not called: an element says which, app.ts knows where they live and loads them when they are wanted.
import { html, type TemplateResult } from "lit";
import { icon } from "./icons";

export type DialogName = "share" | "import" | "keyboard" | "cards" | "gallery";

export function openDialog(name: DialogName): void {
  document.dispatchEvent(new CustomEvent<DialogName>("fp-open", { detail: name }));
}

/** The head that every dialog has. */
export function dialogHead(title: string, id: string): TemplateResult {
  return html`<header>
    <h2 id=${id}>${title}</h2>
    <button type="button" class="btn plain" aria-label="Close" @click=${closeDialog}>${icon("close")}</button>
  </header>`;
}

export function closeDialog(event: Event): void {
  (event.currentTarget as HTMLElement).closest("dialog")?.close();
}

/** A press on the backdrop, outside the dialog's own box, closes it. */
export function closeOnBackdrop(event: MouseEvent): void {
  const dialog = event.currentTarget as HTMLDialogElement;
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
}

/** Shows an element that holds a `<dialog>`, and takes it away when that closes; focus goes back where it was. */
export async function showDialog(element: HTMLElement & { readonly updateComplete: Promise<boolean> }): Promise<void> {
  document.querySelector(element.tagName.toLowerCase())?.remove();
  document.body.append(element);
  await element.updateComplete;
  const dialog = element.querySelector("dialog");
  dialog?.addEventListener("close", () => element.remove(), { once: true });
  dialog?.showModal();
}
