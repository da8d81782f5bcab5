// Ties the window of drawn lines to the page: looks where the screen stands, asks for a redraw when other lines come into it, measures the
// lines that were drawn, and forgets the heights when the table gets another width. On paper every line is drawn.
import type { LitElement, ReactiveController } from "lit";
import type { Line } from "./lines";
import { DRAW_ALL, RowWindow, whole, type Drawn } from "./row-window";

export class DrawnLines implements ReactiveController {
  now: Drawn = { stretches: [], after: 0 };
  readonly #host: LitElement;
  readonly #lines: () => readonly Line[];
  readonly #window = new RowWindow();
  /** The line with the focus is drawn wherever it stands. */
  #kept: string | null = null;
  #width = 0;
  #printing = false;
  readonly #resize = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    if (width !== this.#width) this.#window.forget();
    this.#width = width;
  });

  constructor(host: LitElement, lines: () => readonly Line[]) {
    this.#host = host;
    this.#lines = lines;
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener("scroll", this.#moved, { passive: true });
    window.addEventListener("resize", this.#moved, { passive: true });
    window.addEventListener("beforeprint", this.#prints);
    window.addEventListener("afterprint", this.#prints);
    this.#resize.observe(this.#host);
  }

  hostDisconnected(): void {
    window.removeEventListener("scroll", this.#moved);
    window.removeEventListener("resize", this.#moved);
    window.removeEventListener("beforeprint", this.#prints);
    window.removeEventListener("afterprint", this.#prints);
    this.#resize.disconnect();
  }

  choose(lines: readonly Line[], kept: string | null): void {
    this.#kept = kept;
    this.now = this.#draw(lines);
  }

  /** Heights matter only where lines are left out. */
  measure(lines: readonly Line[]): void {
    if (lines.length <= DRAW_ALL) return;
    for (const { from, to } of this.now.stretches) {
      for (const line of lines.slice(from, to)) {
        const element = this.#host.querySelector(`tr[data-line="${CSS.escape(line.key)}"]`);
        if (element !== null) this.#window.measured(line, element.getBoundingClientRect().height);
      }
    }
  }

  #draw(lines: readonly Line[]): Drawn {
    if (this.#printing) return whole(lines);
    const body = this.#host.querySelector("tbody");
    const top = body === null ? 0 : -body.getBoundingClientRect().top;
    return this.#window.draw(lines, top, window.innerHeight, this.#kept);
  }

  readonly #prints = ({ type }: Event) => {
    this.#printing = type === "beforeprint";
    this.#host.requestUpdate();
  };

  readonly #moved = () => {
    const ends = (drawn: Drawn) => drawn.stretches.map(({ from, to }) => `${from}-${to}`).join();
    if (ends(this.#draw(this.#lines())) !== ends(this.now)) this.#host.requestUpdate();
  };
}
