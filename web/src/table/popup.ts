// A panel beside a cell: in the top layer, so that the table does not cut it off, and placed in page coordinates, so that it scrolls with
// the cell it belongs to. Style goes through the CSSOM, which a strict content security policy allows.

export function placeBeside(popup: HTMLElement, anchor: Element): void {
  const box = anchor.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth: width, offsetHeight: height } = popup;
  const gap = 4;
  const left = Math.max(8, Math.min(box.left, clientWidth - width - 8));
  const below = box.bottom + gap;
  const fitsBelow = below + height <= clientHeight - 8 || box.top < height + gap + 8;
  const top = fitsBelow ? below : box.top - gap - height;
  popup.style.left = `${Math.round(left + window.scrollX)}px`;
  popup.style.top = `${Math.round(Math.max(8 - window.scrollY, top) + window.scrollY)}px`;
}

/** The focusable controls of a panel, in order. */
export function controlsOf(panel: Element): HTMLElement[] {
  const all = panel.querySelectorAll<HTMLElement>("button, input, select, textarea, a[href], [tabindex='0']");
  return [...all].filter((control) => !control.hasAttribute("disabled") && control.getClientRects().length > 0);
}
