// Every card that the core knows: what PyTorch can use of it and where that number comes from, its verdict and its largest batch.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Gpu, System } from "../core/types";
import { closeOnBackdrop, dialogHead, showDialog } from "../dialogs";
import { count, memory } from "../format";
import { sign } from "../icons";
import { gpuKey, isCustom, listed } from "../state/run";
import { atBatch, type Store } from "../state/store";

class CardsDialog extends LitElement {
  store!: Store;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { state, footprint } = this.store;
    const system: System = isCustom(state.gpu) ? "linux" : (state.gpu.system ?? "linux");
    const cards = [...footprint.catalogue.gpus].sort((a, b) => a.gb - b.gb || a.short.localeCompare(b.short));
    const gpus = cards.map((card) => listed(card, system, state.gpu.in_use_mib));
    const { fit } = footprint.estimate(this.store.request({ gpus, want: ["fit"] }));
    return html`<dialog class="dialog allcards" aria-labelledby="cards-dialog-h" @click=${closeOnBackdrop}>
      ${dialogHead(`Every card${atBatch(state)}`, "cards-dialog-h")}
      <div class="body">
        <p class="note">
          Usable is what PyTorch can see, on
          ${system === "windows" ? "Windows" : "Linux"}${
            state.gpu.in_use_mib === undefined ? "" : `, less the ${state.gpu.in_use_mib} MiB that other programs use`
          }.
          It is less than the number on the box; where each is from stands beside it. Verdicts and largest batches here are by the
          notebook’s arithmetic, which answers for all cards at once.
        </p>
        <div class="scroll" tabindex="0" role="region" aria-label="Every card">
          <table>
            <thead>
              <tr>
                <th scope="col" class="r">GB</th>
                <th scope="col">Card</th>
                <th scope="col" class="r">Usable</th>
                <th scope="col">Verdict</th>
                <th scope="col" class="r">Largest batch</th>
                <th scope="col">Source of the usable memory</th>
              </tr>
            </thead>
            <tbody>
              ${cards.map((card) =>
                this.#row(
                  card,
                  system,
                  fit?.find((item) => item.gpu === card.id),
                ),
              )}
            </tbody>
          </table>
        </div>
      </div>
    </dialog>`;
  }

  #row(card: Gpu, system: System, fit: NonNullable<ReturnType<Store["footprint"]["estimate"]>["fit"]>[number] | undefined): TemplateResult {
    const { state } = this.store;
    const capacity = card.usable[system] ?? card.usable.linux;
    return html`<tr class=${card.id === gpuKey(state.gpu) ? "on" : ""}>
      <td class="r">${card.gb}</td>
      <th scope="row">
        <button type="button" class="num" @click=${(event: Event) => this.#choose(card, system, event)}>${card.short}</button>
      </th>
      <td class="r">${memory(fit?.usable ?? capacity.bytes, state.units)}</td>
      <td>${fit ? html`${sign(fit.verdict)} ${fit.verdict}` : nothing}</td>
      <td class="r">${fit ? (fit.largest_batch === null ? "any" : count(fit.largest_batch)) : nothing}</td>
      <td>
        <small>${capacity.evidence}: ${capacity.source}</small>
      </td>
    </tr>`;
  }

  #choose(card: Gpu, system: System, event: Event): void {
    this.store.setGpu(listed(card, system, this.store.state.gpu.in_use_mib), `${card.gb} GB card, ${card.short}`);
    (event.currentTarget as HTMLElement).closest("dialog")?.close();
  }
}

customElements.define("fp-cards-dialog", CardsDialog);

export function openCards(store: Store): void {
  const element = new CardsDialog();
  element.store = store;
  void showDialog(element);
}
