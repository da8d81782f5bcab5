// Numbers in a picture, placed so that none stands on another, on a mark or across a line. In px: the picture says how large it is.

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where a text stands beside its point: `dx` and `dy` as SVG has them, and the end of the text that is there. */
export interface Place {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: "start" | "end";
}

/** Of 12 px text in the widest of the fonts that a system brings. */
const LETTER = 8.2;
const ASCENT = 10;
const DESCENT = 3;

export function widthOf(text: string): number {
  return text.length * LETTER;
}

/** Beside a point, nearest first; on the side that is wished for before the other. */
export function around(distance: number, wished: "left" | "right", above: boolean): readonly Place[] {
  const sides = wished === "left" ? (["end", "start"] as const) : (["start", "end"] as const);
  const near = above ? [-7, 15] : [15, -7];
  return [...near, 4, -20, 28, -33].flatMap((dy) =>
    sides.map((anchor): Place => ({ dx: (anchor === "start" ? 1 : -1) * (dy === 4 ? distance + 3 : distance), dy, anchor })),
  );
}

export class Labels {
  readonly #taken: Box[] = [];
  readonly #width: number;
  readonly #height: number;
  readonly #lines: readonly number[];

  /** `lines`: heights of the horizontal lines that no text may cross. */
  constructor(width: number, height: number, lines: readonly number[]) {
    this.#width = width;
    this.#height = height;
    this.#lines = lines;
  }

  /** A mark that no text may cover. */
  mark(x: number, y: number, radius: number): void {
    this.#taken.push({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius });
  }

  /** The first place that is free, which is then taken; none where the picture is too full. */
  place(text: string, x: number, y: number, places: readonly Place[]): Place | undefined {
    const found = places.find((place) => this.#isFree(boxOf(text, x, y, place)));
    if (found) this.#taken.push(boxOf(text, x, y, found));
    return found;
  }

  #isFree({ left, right, top, bottom }: Box): boolean {
    if (left < 0 || right > this.#width || top < 0 || bottom > this.#height) return false;
    if (this.#lines.some((y) => y > top - 1 && y < bottom + 1)) return false;
    return this.#taken.every((other) => right < other.left || left > other.right || bottom < other.top || top > other.bottom);
  }
}

function boxOf(text: string, x: number, y: number, { dx, dy, anchor }: Place): Box {
  const [from, base, width] = [x + dx, y + dy, widthOf(text)];
  const left = anchor === "start" ? from : from - width;
  return { left, right: left + width, top: base - ASCENT, bottom: base + DESCENT };
}

/** Of the marks of an axis, as many as stand apart: the first and the last, then the others in order. */
export function thinned(marks: readonly { readonly at: number; readonly text: string }[]): readonly (typeof marks)[number][] {
  const kept: (typeof marks)[number][] = [];
  const last = marks.at(-1);
  for (const mark of [...marks.slice(0, 1), ...(last && marks.length > 1 ? [last] : []), ...marks.slice(1, -1)]) {
    const apart = (other: typeof mark) => Math.abs(other.at - mark.at) > (widthOf(other.text) + widthOf(mark.text)) / 2 + 6;
    if (kept.every(apart)) kept.push(mark);
  }
  return kept.sort((a, b) => a.at - b.at);
}
