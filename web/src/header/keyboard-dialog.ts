// What the keyboard does, in one list.
import { html, LitElement, type TemplateResult } from "lit";
import { closeOnBackdrop, dialogHead, showDialog } from "../dialogs";

const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    "Everywhere",
    [
      ["Ctrl+Z, Ctrl+Y", "undo, redo"],
      ["?", "this list"],
      ["Esc", "close what is open; focus goes back to where it was"],
    ],
  ],
  [
    "Batch size",
    [
      ["↑ ↓", "one more, one fewer"],
      ["Page ↑, Page ↓", "sixteen more, sixteen fewer"],
      ["Alt+↑, Alt+↓", "twice, half"],
    ],
  ],
  [
    "Layers",
    [
      ["↑ ↓ ← →", "from cell to cell; Home, End: ends of the row; with Ctrl: of the table"],
      ["Enter, F2, typing", "edit the cell, or open its number’s arithmetic"],
      ["Esc", "leave the cell as it was"],
      ["Shift+↑ ↓", "select rows"],
      ["Ctrl+C, Ctrl+V", "copy and paste rows"],
      ["Ctrl+D, Delete", "duplicate, delete rows"],
      ["Alt+↑ ↓", "move rows"],
      ["Insert", "a new row below"],
      ["Tab", "leave the table"],
    ],
  ],
];

class KeyboardDialog extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<dialog class="dialog" aria-labelledby="keyboard-h" @click=${closeOnBackdrop}>
      ${dialogHead("Keyboard", "keyboard-h")}
      <div class="body">
        ${KEYS.map(
          ([where, keys]) =>
            html`<section>
              <h3 class="quiet">${where}</h3>
              <dl class="keys">
                ${keys.map(
                  ([key, does]) =>
                    html`<div>
                      <dt><kbd>${key}</kbd></dt>
                      <dd>${does}</dd>
                    </div>`,
                )}
              </dl>
            </section>`,
        )}
      </div>
    </dialog>`;
  }
}

customElements.define("fp-keyboard", KeyboardDialog);

export function openKeyboard(): void {
  void showDialog(new KeyboardDialog());
}
