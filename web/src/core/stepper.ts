// The simulated training step, typed. It runs in a worker, so that the page keeps its frame however long a step takes. One request is in
// flight; of those that come meanwhile only the newest is sent, and an answer that is no longer asked for is dropped. Nothing throws: what
// goes wrong arrives as a sentence.
import type { Answered, Asked } from "./step-worker";
import type { Derivation, Request, StepReport } from "./types";
import wasm from "../generated/footprint-step.wasm?url";

export type Told<Report = StepReport> = { readonly report: Report } | { readonly fault: string };
type Tell<Report> = (told: Told<Report>) => void;

/** The part of a worker that is used. */
export interface Line {
  postMessage(asked: Asked): void;
  addEventListener(type: "message", listener: (event: { readonly data: Answered }) => void): void;
  addEventListener(type: "error", listener: (event: { readonly message?: string }) => void): void;
  terminate(): void;
}

/** Of steps; with `Derivation`, of the arithmetic of their numbers. */
export class Stepper<Report extends StepReport | Derivation = StepReport> {
  readonly #open: () => Line;
  readonly #wasm = new URL(wasm, import.meta.url).href;
  #line: Line | null = null;
  #turn = 0;
  #flying: { readonly turn: number; readonly tell: Tell<Report> } | null = null;
  #waiting: { readonly request: Request; readonly path: string | undefined; readonly tell: Tell<Report> } | null = null;

  constructor(open: () => Line = openWorker) {
    this.#open = open;
  }

  /** Takes the place of what was asked before and has not been answered. */
  ask(request: Request, tell: Tell<Report>, path?: string): void {
    this.#waiting = { request, path, tell };
    this.#send();
  }

  /** Nothing that was asked is wanted any more. */
  forget(): void {
    this.#waiting = null;
    if (this.#flying) this.#flying = { turn: this.#flying.turn, tell: () => undefined };
  }

  #send(): void {
    if (this.#flying !== null || this.#waiting === null) return;
    const { request, path, tell } = this.#waiting;
    this.#waiting = null;
    this.#turn += 1;
    this.#flying = { turn: this.#turn, tell };
    this.#line ??= this.#connect();
    this.#line.postMessage({ turn: this.#turn, request, ...(path === undefined ? {} : { path }), wasm: this.#wasm });
  }

  #connect(): Line {
    const line = this.#open();
    // Of the worker itself, which could not be loaded or broke, and of the module in it, which could not be started or stopped in the
    // middle of a step: neither is used again, and the next request gets a new worker.
    const fail = (fault: string): void => {
      if (this.#line !== line) return;
      line.terminate();
      this.#line = null;
      this.#land({ fault });
    };
    line.addEventListener("message", ({ data }) => {
      if (data.turn !== this.#flying?.turn) return;
      if ("fault" in data) fail(data.fault);
      else this.#land({ report: data.report as Report });
    });
    line.addEventListener("error", ({ message }) => {
      const why = message === undefined || message === "" ? "its file could not be loaded" : message;
      fail(`The simulator of steps stopped: ${why}`);
    });
    return line;
  }

  #land(told: Told<Report>): void {
    const flown = this.#flying;
    this.#flying = null;
    // While a newer request waits, this answer is of a state that has passed.
    if (this.#waiting === null) flown?.tell(told);
    this.#send();
  }
}

function openWorker(): Line {
  return new Worker(new URL("./step-worker.ts", import.meta.url), { type: "module" });
}
