// The training step at other batches than the one on the screen, for the charts: asked one after the other in a worker of its own, so
// that the answer to the reader's own batch never waits for them. Answers are kept while nothing but the batch changes.
import { Stepper } from "../core/stepper";
import type { Request, StepReport } from "../core/types";
import type { State } from "../state/store";

/** Far more than a chart shows at once; a long drag of the batch leaves many behind. */
const MOST_KEPT = 200;

type Asked = Pick<State, "model" | "run" | "gpu">;

/** Whether nothing but the batch tells the two apart: what the step said of one batch then holds in both. */
export function sameButBatch(one: Asked, other: Asked): boolean {
  return one.model === other.model && textOf(one) === textOf(other);
}

function textOf({ run, gpu }: Asked): string {
  return JSON.stringify([{ ...run, batch: null }, gpu]);
}

export class StepSeries {
  readonly #tell: () => void;
  readonly #stepper: Stepper;
  #of: Asked | null = null;
  readonly #answers = new Map<number, StepReport | null>();
  #queue: number[] = [];
  /** The batch that is being simulated. */
  #flying: number | undefined;

  /** `tell` is called after each answer. */
  constructor(tell: () => void, stepper = new Stepper()) {
    this.#tell = tell;
    this.#stepper = stepper;
  }

  /** Of the batches asked for, those that have been answered with a step. */
  at(batch: number): StepReport | undefined {
    return this.#answers.get(batch) ?? undefined;
  }

  /** Batches in ascending order, each with its step. */
  get points(): readonly (readonly [number, StepReport])[] {
    return [...this.#answers].flatMap(([batch, answer]) => (answer ? [[batch, answer] as const] : [])).sort(([a], [b]) => a - b);
  }

  /** Whether something is still to come. */
  get waits(): boolean {
    return this.#flying !== undefined;
  }

  /** What was answered for another model or run, and what is still asked for it, is dropped. */
  follow(state: Asked): void {
    if (this.#of !== null && sameButBatch(this.#of, state)) return;
    this.forget();
    this.#of = state;
  }

  /** The first batches come first. */
  ask(state: Asked, batches: readonly number[], request: (batch: number) => Request): void {
    this.follow(state);
    if (this.#answers.size > MOST_KEPT) this.#answers.clear();
    this.#queue = [...new Set(batches)].filter((batch) => batch !== this.#flying && !this.#answers.has(batch));
    if (this.#flying === undefined) this.#next(request);
  }

  forget(): void {
    this.#stepper.forget();
    this.#answers.clear();
    this.#queue = [];
    this.#flying = undefined;
    this.#of = null;
  }

  #next(request: (batch: number) => Request): void {
    const batch = (this.#flying = this.#queue.shift());
    if (batch === undefined) return;
    this.#stepper.ask(request(batch), (told) => {
      this.#answers.set(batch, "report" in told && told.report.step ? told.report : null);
      this.#next(request);
      this.#tell();
    });
  }
}
