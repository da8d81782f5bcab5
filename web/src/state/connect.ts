// Joins an element to the store: the element redraws when the state changes, and reads it through `.state`.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { State, Store } from "./store";

let store: Store | null = null;

/** Set once, by main.ts, before any element is made. */
export function provideStore(made: Store): void {
  store = made;
}

export class StoreController implements ReactiveController {
  readonly store: Store;
  readonly #redraw: () => void;

  constructor(host: ReactiveControllerHost) {
    if (!store) throw new Error("provideStore() comes before the first element.");
    this.store = store;
    this.#redraw = () => host.requestUpdate();
    host.addController(this);
  }

  get state(): State {
    return this.store.state;
  }

  hostConnected(): void {
    this.store.addEventListener("change", this.#redraw);
  }

  hostDisconnected(): void {
    this.store.removeEventListener("change", this.#redraw);
  }
}
