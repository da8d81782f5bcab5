// Moving rows by their handle: the pointer says before which row they would stand, a line shows it, letting go does it, Esc does not.

export interface DragHost {
  /** Rows that the handle of this row takes along. */
  begin(row: number): readonly number[];
  /** The line is drawn before this row of the document; null: nowhere. */
  show(before: number | null, rows: readonly number[]): void;
  drop(rows: readonly number[], before: number): void;
}

const EDGE = 60; // px from the edge of the screen from where the page scrolls along

export class RowDrag {
  readonly #host: DragHost;
  #rows: readonly number[] = [];
  #before: number | null = null;
  #stop: AbortController | null = null;
  #y = 0;
  #frame = 0;

  constructor(host: DragHost) {
    this.#host = host;
  }

  get active(): boolean {
    return this.#stop !== null;
  }

  start(event: PointerEvent, row: number): void {
    // A second finger neither starts a drag nor ends the one that is under way.
    if (event.button !== 0 || this.active) return;
    event.preventDefault();
    this.#rows = this.#host.begin(row);
    this.#before = null;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const follow = (type: "pointermove" | "pointerup" | "pointercancel", act: (event: PointerEvent) => void): void =>
      window.addEventListener(type, (other) => other.pointerId === event.pointerId && act(other), { signal });
    follow("pointermove", (move) => this.#move(move.clientX, move.clientY));
    follow("pointerup", () => this.#end(true));
    follow("pointercancel", () => this.#end(false));
    window.addEventListener(
      "keydown",
      (key) => {
        if (key.key !== "Escape") return;
        key.preventDefault();
        key.stopPropagation();
        this.#end(false);
      },
      { signal, capture: true },
    );
  }

  #move(x: number, y: number): void {
    this.#y = y;
    const line = document.elementFromPoint(x, y)?.closest<HTMLElement>("tr[data-row]:not(.reason)");
    if (line) {
      const box = line.getBoundingClientRect();
      const row = Number(line.dataset["row"]);
      this.#before = y < box.top + box.height / 2 ? row : Number(line.dataset["next"] ?? row + 1);
    }
    this.#host.show(this.#before, this.#rows);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#scroll);
  }

  readonly #scroll = (): void => {
    this.#frame = 0;
    if (!this.active) return;
    const over = this.#y < EDGE ? this.#y - EDGE : Math.max(0, this.#y - window.innerHeight + EDGE);
    if (over === 0) return;
    window.scrollBy(0, over / 4);
    this.#frame = requestAnimationFrame(this.#scroll);
  };

  #end(drop: boolean): void {
    this.#stop?.abort();
    this.#stop = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const before = this.#before;
    this.#host.show(null, []);
    if (drop && before !== null) this.#host.drop(this.#rows, before);
  }
}
