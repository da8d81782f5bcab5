// The verdict in words, once for the eye and once for the ear.
import { memory, percent } from "../format";
import { gpuKey, isCustom } from "../state/run";
import { judgement, word, type Judgement } from "../state/judgement";
import { firstError, type State, type Store } from "../state/store";

/** "16 GB", as the card is sold, or the reader's own name. */
export function cardName(store: Store, state: State): string {
  return nameOf(store, { gpu: gpuKey(state.gpu), name: isCustom(state.gpu) ? state.gpu.name : undefined });
}

/** The card that was judged: while an answer is on its way, the one before it. */
export function judgedCard(store: Store, said: Judgement): string {
  return nameOf(store, said);
}

function nameOf(store: Store, { gpu, name }: Pick<Judgement, "gpu" | "name">): string {
  const card = store.footprint.catalogue.gpus.find(({ id }) => id === gpu);
  return card ? `${card.gb} GB` : name === undefined || name === "" ? "your card" : name;
}

/** "11.83 GB too much" or "4.14 GB free (13 %)" */
export function headroom(free: number, usable: number, units: State["units"]): string {
  return free < 0 ? `${memory(-free, units)} too much` : `${memory(free, units)} free (${percent(free, usable)})`;
}

/** The whole answer as one sentence, for the live region; nothing while it is on its way. */
export function sentence(store: Store): string {
  const { state } = store;
  if (state.stale) {
    const error = firstError(state.report);
    return error ? `${error.row === undefined ? "" : `Row ${error.row}: `}${error.message}. The last valid answer stays.` : "";
  }
  const said = judgement(state);
  if (!said || said.late || state.model.layers.length === 0) return "";
  const largest =
    typeof said.largest === "number" ? ` Largest batch that ${said.method === "step" ? "runs" : "fits"}: ${said.largest}.` : "";
  return `${word(said.verdict)} in ${cardName(store, state)}. Needs ${memory(said.need, state.units)}, ${headroom(said.free, said.usable, state.units)}.${largest}`;
}
