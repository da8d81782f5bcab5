// The line with a plus that appears at the left edge between two rows: which rows the pointer is between.

const EDGE_X = 40; // px from the table's left edge: handle and number
const EDGE_Y = 9; // px above and below the line between two rows

/** The row of the document before which the plus would insert, or null where the pointer is not between two rows. */
export function insertionAt(event: PointerEvent): number | null {
  const line = (event.target as Element).closest<HTMLElement>("tr[data-row]:not(.reason)");
  if (line === null || event.pointerType === "touch") return null;
  const box = line.getBoundingClientRect();
  if (event.clientX - box.left > EDGE_X) return null;
  if (event.clientY > box.bottom - EDGE_Y) return Number(line.dataset["next"]);
  return event.clientY < box.top + EDGE_Y ? Number(line.dataset["row"]) : null;
}
