// What one method says of the chosen card: the same answers, whichever judges.
import type { StepReport, Verdict } from "../core/types";
import { chosenFit, judgingMethod, lastStepFit, type State } from "./store";
import type { Method } from "./run";

export interface Judgement {
  readonly method: Method;
  /** The card that is judged, with the name of the reader's own. */
  readonly gpu: string;
  readonly name: string | undefined;
  /** Of an earlier state, of another card even: the answer to the one on the screen is on its way. */
  readonly late: boolean;
  readonly verdict: Verdict;
  readonly need: number;
  /** Beyond which it cannot go; the notebook's need is one number. */
  readonly most: number;
  readonly usable: number;
  /** Negative where it does not fit. */
  readonly free: number;
  /** `null`: the batch costs nothing; undefined: not known. */
  readonly largest: number | null | undefined;
  /** Of "tight" by the step. */
  readonly because: "little-free" | "interval" | "retries" | undefined;
  /** How often PyTorch gives cached memory back so that it runs. */
  readonly retries: number;
}

export function judgementBy(method: Method, state: State): Judgement | undefined {
  return method === "step" ? byStep(state) : byNotebook(state);
}

/** Of the method that judges. */
export function judgement(state: State): Judgement | undefined {
  return judgementBy(judgingMethod(state), state);
}

function byNotebook(state: State): Judgement | undefined {
  const fit = chosenFit(state);
  const { notebook } = state.valid;
  if (!fit || !notebook) return undefined;
  const { gpu, name, verdict, usable, free, largest_batch: largest } = fit;
  const need = notebook.total;
  return { method: "notebook", gpu, name, late: false, verdict, need, most: need, usable, free, largest, because: undefined, retries: 0 };
}

/**
 * What the step needs on its card: what it takes there, or the least with which it would run. Memory in use by others is not in what is
 * usable.
 */
function byStep(state: State): Judgement | undefined {
  const fit = lastStepFit(state);
  const step: StepReport["step"] = state.stepped.answer?.step;
  if (!fit || !step) return undefined;
  const { gpu, name, verdict, usable, free, because, retries, largest_batch: largest } = fit;
  const need = usable - free;
  const most = Math.max(need, step.device_total.high);
  return { method: "step", gpu, name, late: !state.stepped.fresh, verdict, need, most, usable, free, largest, because, retries };
}

export const METHOD_NAMES: Readonly<Record<Method, string>> = { notebook: "Notebook arithmetic", step: "PyTorch step" };

export function word(verdict: Verdict): string {
  return verdict === "fits" ? "Fits" : verdict === "tight" ? "Tight" : "Does not fit";
}
