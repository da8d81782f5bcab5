// Ties the simulator to the store: every state without a fault is asked about, the newest alone is answered.
import { Stepper } from "../core/stepper";
import type { Want } from "../core/types";
import type { Store } from "../state/store";

const PARTS: readonly Want[] = ["fit", "largest_batch", "bridge", "timeline"];

/** For as long as the page is open. */
export function startStepping(store: Store, stepper = new Stepper()): void {
  let asked: unknown = null;
  let every = false;
  // A report is made for each change of what is asked: that it is still the same report means that the answer is on its way.
  const ask = () => {
    const { report, stale, model, gpu, stepped } = store.state;
    if (report === asked && (stepped.everyCard === every || !stepped.everyCard)) return;
    asked = report;
    every = stepped.everyCard;
    if (stale || model.layers.length === 0) {
      stepper.forget();
      return;
    }
    stepper.ask(store.request({ want: PARTS, ...(every ? {} : { gpus: [gpu] }) }), (told) => {
      if (store.state.report === report) store.setStepped(told);
    });
  };
  store.addEventListener("change", ask);
  ask();
}
