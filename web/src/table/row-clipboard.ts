// Rows to and from the clipboard, through the browser's own copy and paste events: they need no permission and work on every page.
import { opensAsModel } from "../import/recognise";
import type { TableCommands } from "./commands";

/** Returns whether there was anything to copy. */
export function copyRows(event: ClipboardEvent, rows: readonly number[], commands: TableCommands): boolean {
  if (event.target instanceof HTMLInputElement || rows.length === 0 || event.clipboardData === null) return false;
  event.clipboardData.setData("text/plain", commands.copy(rows));
  event.preventDefault();
  event.stopPropagation();
  return true;
}

/** `null`: this is not for the table. A whole document or a print is not rows: what opens models takes it. */
export function pasteRows(event: ClipboardEvent, after: number | null, commands: TableCommands): ReturnType<TableCommands["paste"]> | null {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (event.target instanceof HTMLInputElement || text.trim() === "" || opensAsModel(text)) return null;
  event.preventDefault();
  event.stopPropagation();
  return commands.paste(text, after);
}
