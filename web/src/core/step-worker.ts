// The worker in which a training step is simulated: the third module of the core, away from the frame of the page. Told once where the
// module's bytes lie, it answers requests in the order in which they come; stepper.ts sends one at a time, and none after a fault, so that
// neither a load that failed nor a module that stopped in the middle of a step is ever used again.
import { DERIVATION_KEYS, readAnswer, REPORT_KEYS, started } from "./answer";
import type { Derivation, Request, StepReport } from "./types";
import createStepper, { type StepModule } from "../generated/footprint-step.mjs";

export interface Asked {
  readonly turn: number;
  readonly request: Request;
  /** Of the number whose derivation is asked for; without it the step itself is. */
  readonly path?: string;
  /** Address of the module's bytes. */
  readonly wasm: string;
}

export type Answered =
  { readonly turn: number; readonly report: StepReport | Derivation } | { readonly turn: number; readonly fault: string };

let loading: Promise<StepModule> | null = null;

addEventListener("message", (event: MessageEvent<Asked>) => void answer(event.data));

async function answer({ turn, request, path, wasm }: Asked): Promise<void> {
  let said: Answered;
  try {
    loading ??= started(createStepper({ locateFile: (file) => (file.endsWith(".wasm") ? wasm : file) }), "The simulator of steps");
    const module = await loading;
    const text = JSON.stringify(request);
    const report =
      path === undefined
        ? readAnswer(module.step(text), "step()", "footprint/step", REPORT_KEYS)
        : readAnswer(module.explain(text, path), "explain()", "footprint/derivation", DERIVATION_KEYS);
    said = { turn, report: report as unknown as StepReport | Derivation };
  } catch (reason) {
    said = { turn, fault: reason instanceof Error ? reason.message : String(reason) };
  }
  postMessage(said);
}
