// Which lines of a long table exist as elements: those near the screen, and the one with the focus. Heights are measured as lines are
// drawn and guessed from their kind until then, so a table of thousands of rows scrolls like a short one.
import type { Line } from "./lines";

/** Up to here every line is drawn: searching in the page then works as in any table. */
export const DRAW_ALL = 160;
const MARGIN = 600; // px above and below the screen, so that a fast scroll does not show a gap

/** Lines from `from` up to and without `to`, after `before` px that are not drawn. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly before: number;
}

export interface Drawn {
  readonly stretches: readonly Stretch[];
  /** px below the last stretch. */
  readonly after: number;
}

export function whole(lines: readonly Line[]): Drawn {
  return { stretches: [{ from: 0, to: lines.length, before: 0 }], after: 0 };
}

export class RowWindow {
  readonly #heights = new Map<string, number>();
  readonly #guess = { row: 32, group: 32, reason: 36 };

  measured(line: Line, height: number): void {
    if (height <= 0) return;
    this.#heights.set(line.key, height);
    this.#guess[line.kind] = height;
  }

  /** Another width makes rows of other heights. */
  forget(): void {
    this.#heights.clear();
  }

  heightOf(line: Line): number {
    return this.#heights.get(line.key) ?? this.#guess[line.kind];
  }

  /** `top` is where the screen begins, in px from the first line. */
  draw(lines: readonly Line[], top: number, screen: number, kept: string | null): Drawn {
    if (lines.length <= DRAW_ALL) return whole(lines);
    let y = 0;
    let from = -1;
    let to = lines.length;
    let before = 0;
    let keptAt = -1;
    let keptY = 0;
    let endY = 0;
    for (const [index, line] of lines.entries()) {
      const height = this.heightOf(line);
      if (line.key === kept) [keptAt, keptY] = [index, y];
      if (from < 0 && y + height >= top - MARGIN) [from, before] = [index, y];
      y += height;
      if (from >= 0 && to === lines.length && y > top + screen + MARGIN && index + 1 < lines.length) [to, endY] = [index + 1, y];
    }
    if (from < 0) [from, before] = [lines.length - 1, y - this.#last(lines)];
    if (to === lines.length) endY = y;
    const main: Stretch = { from, to, before };
    if (keptAt < 0 || (keptAt >= from && keptAt < to)) return { stretches: [main], after: y - endY };
    const height = this.heightOf(lines[keptAt] as Line);
    if (keptAt < from) {
      return {
        stretches: [
          { from: keptAt, to: keptAt + 1, before: keptY },
          { ...main, before: before - keptY - height },
        ],
        after: y - endY,
      };
    }
    return { stretches: [main, { from: keptAt, to: keptAt + 1, before: keptY - endY }], after: y - keptY - height };
  }

  /** px from the first line to the top of this one. */
  topOf(lines: readonly Line[], key: string): number {
    let y = 0;
    for (const line of lines) {
      if (line.key === key) return y;
      y += this.heightOf(line);
    }
    return y;
  }

  #last(lines: readonly Line[]): number {
    const line = lines.at(-1);
    return line ? this.heightOf(line) : 0;
  }
}
