// The worker in which a training step is simulated: the third module of the core, away from the frame of the page. Told once where the
// module's bytes lie, it answers requests in the order in which they come; stepper.ts sends one at a time.
import { isList, readAnswer, started, type Keys } from "./answer";
import type { Request, StepReport } from "./types";
import createStepper, { type StepModule } from "../generated/footprint-step.mjs";

export interface Asked {
  readonly turn: number;
  readonly request: Request;
  /** Address of the module's bytes. */
  readonly wasm: string;
}

export type Answered = { readonly turn: number; readonly report: StepReport } | { readonly turn: number; readonly fault: string };

const STEP_KEYS: Keys = { diagnostics: isList };
let loading: Promise<StepModule> | null = null;

addEventListener("message", (event: MessageEvent<Asked>) => void answer(event.data));

async function answer({ turn, request, wasm }: Asked): Promise<void> {
  let said: Answered;
  try {
    loading ??= started(createStepper({ locateFile: (file) => (file.endsWith(".wasm") ? wasm : file) }), "The simulator of steps");
    const module = await loading;
    said = {
      turn,
      report: readAnswer(module.step(JSON.stringify(request)), "step()", "footprint/step", STEP_KEYS) as unknown as StepReport,
    };
  } catch (reason) {
    said = { turn, fault: reason instanceof Error ? reason.message : String(reason) };
  }
  postMessage(said);
}
