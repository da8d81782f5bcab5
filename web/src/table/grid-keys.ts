// Which command a key is, in the grid. Arrows and their kin, which only move, are in grid-focus.ts.

export type GridCommand =
  "undo" | "redo" | "duplicate" | "select all" | "move up" | "move down" | "enter" | "edit" | "delete" | "insert" | "leave selection";

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

export function commandOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): GridCommand | null {
  if (ctrlKey || metaKey) return altKey ? null : withControl(key.toLowerCase(), shiftKey);
  if (altKey) return key === "ArrowUp" ? "move up" : key === "ArrowDown" ? "move down" : null;
  return ALONE[key] ?? null;
}

function withControl(key: string, shift: boolean): GridCommand | null {
  switch (key) {
    case "z":
      return shift ? "redo" : "undo";
    case "y":
      return "redo";
    case "d":
      return "duplicate";
    case "a":
      return "select all";
    default:
      return null;
  }
}

const ALONE: Readonly<Record<string, GridCommand>> = {
  Enter: "enter",
  F2: "edit",
  Delete: "delete",
  Backspace: "delete",
  Insert: "insert",
  Escape: "leave selection",
};
