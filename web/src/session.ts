// Ties the store to the tab around it: the address bar, the draft in the browser's storage, links that arrive while the page is open.
import type { Footprint } from "./core/footprint";
import { memory } from "./format";
import { canonical } from "./state/canonical";
import { putAside, readDraft, takeBack, writeDraft, type Draft } from "./state/draft";
import { changedSince, clip, LINK_LIMITS, readLink, writeLink, type Opened, type Was, type World } from "./state/link";
import type { FromGallery, Preset } from "./state/model";
import { cellOfNumber, isOfStep } from "./state/number";
import { startSnapshot, Store, type Notice, type Snapshot, type State } from "./state/store";

/** What a first visit shows: the notebook's own question. */
const START = { preset: "davenet-image", gpu: "v100-16gb", batch: 128 };
/** Safari refuses more than a hundred changes of the address in thirty seconds. */
const ADDRESS_PAUSE_MS = 500;
/** A slider moves faster than two storages should be written. */
const DRAFT_PAUSE_MS = 250;

export async function startSession(footprint: Footprint, presets: readonly Preset[], fromGallery: FromGallery): Promise<Session> {
  const world: World = { catalogue: footprint.catalogue, presets, fromGallery };
  const draft = (await readDraft(sessionStore(), world)) ?? (await readDraft(localStore(), world));
  const first = draft?.snapshot ?? startSnapshot(presets, START.preset, START.gpu, START.batch);
  const fragment = linkIn(location.hash);
  const opened = fragment === "" ? null : await readLink(fragment, world);
  const number = opened && "number" in opened ? opened.number : null;
  const reloaded = performance.getEntriesByType("navigation").some((entry) => (entry as PerformanceNavigationTiming).type === "reload");
  const isDraft = fragment === draft?.address || (reloaded && fragment === draft?.before);
  if (opened === null || isDraft) return new Session(new Store(footprint, presets, first), world, draft, null, number);
  const store = new Store(footprint, presets, "refused" in opened ? first : opened.snapshot);
  return new Session(store, world, draft, opened, number);
}

export class Session {
  readonly store: Store;
  readonly #world: World;
  /** The reader's own document while a link is shown that has not been changed yet. */
  #waiting: Draft | null = null;
  /** Whether the shown state is the reader's own, to be kept as the draft. */
  #own: boolean;
  #opening = false;
  #shown: State;
  #address = linkIn(location.hash);
  #before = this.#address;
  #addressTimer: ReturnType<typeof setTimeout> | undefined;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  #writing = 0;
  #arrivals = 0;

  constructor(store: Store, world: World, draft: Draft | null, opened: Opened | null, number: string | null) {
    this.store = store;
    this.#world = world;
    const byLink = opened !== null && !("refused" in opened);
    this.#own = draft !== null && !byLink;
    const found = number === null || this.#openNumber(number);
    if (opened) this.#tell(opened, draft, found);
    this.#shown = store.state;
    store.addEventListener("change", () => this.#changed());
    addEventListener("hashchange", (event) => void this.#arrived(linkIn(new URL(event.newURL).hash)));
    addEventListener("pagehide", () => this.#keepNow());
    document.addEventListener("fp-leaving", () => this.#keepNow());
    document.addEventListener("fp-back-to-draft", () => void this.#backToDraft());
    this.#writeAddressSoon();
    this.#title();
  }

  #changed(): void {
    const before = this.#shown;
    this.#shown = this.store.state;
    const { model, run, gpu, method, explaining } = this.#shown;
    const sameSnapshot = model === before.model && run === before.run && gpu === before.gpu && method === before.method;
    if (sameSnapshot && explaining === before.explaining) return;
    this.#writeAddressSoon();
    if (sameSnapshot) return;
    this.#title();
    if (this.#opening) return; // the reader has not changed anything of it yet
    this.#own = true;
    if (this.#waiting) {
      if (!sameState(this.#waiting.snapshot, this.#shown)) putAside(localStore(), this.#waiting);
      this.#waiting = null;
    }
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => this.#keepNow(), DRAFT_PAUSE_MS);
  }

  #keepNow(): void {
    clearTimeout(this.#draftTimer);
    if (!this.#own) return;
    const { model, preset, run, gpu, method, edited } = this.store.state;
    const draft: Draft = { snapshot: { model, preset, run, gpu, method, edited }, address: this.#address, before: this.#before };
    writeDraft(sessionStore(), draft);
    writeDraft(localStore(), draft);
  }

  #writeAddressSoon(): void {
    clearTimeout(this.#addressTimer);
    this.#addressTimer = setTimeout(() => void this.#writeAddress(), ADDRESS_PAUSE_MS);
  }

  async #writeAddress(): Promise<void> {
    const turn = (this.#writing += 1);
    const link = await currentLink(this.store);
    if (turn !== this.#writing) return; // the document has moved on
    const address = link.length > LINK_LIMITS.written ? "" : link;
    if (address !== linkIn(location.hash))
      history.replaceState(history.state, "", address === "" ? location.pathname + location.search : `#${address}`);
    if (address !== this.#address) this.#before = this.#address;
    this.#address = address;
    this.#keepNow();
  }

  /** Somebody put another link into the address bar of the open page. */
  async #arrived(fragment: string): Promise<void> {
    if (fragment === this.#address) return;
    clearTimeout(this.#addressTimer);
    const turn = (this.#arrivals += 1);
    if (fragment !== "") {
      this.#keepNow();
      const opened = await readLink(fragment, this.#world);
      if (turn !== this.#arrivals) return; // another link has come meanwhile
      if ("refused" in opened) this.#tell(opened, null, true);
      else {
        const draft = this.#own ? { snapshot: this.store.state, address: this.#address } : this.#waiting;
        this.#opening = true;
        this.store.openSnapshot(opened.snapshot, "Link opened");
        this.#opening = false;
        this.#own = false;
        this.#waiting = null;
        this.#tell(opened, draft, opened.number === null || this.#openNumber(opened.number));
      }
    }
    this.#writeAddressSoon();
  }

  /** Opens the arithmetic of a number and shows where it stands. False where the model has no such number. */
  #openNumber(path: string): boolean {
    const { store } = this;
    const { report, stale } = store.state;
    // With a fault in the model no number has an arithmetic; it opens when the fault is mended.
    if (!stale && !isOfStep(path) && store.footprint.explain(store.request(), path).value === undefined) return false;
    store.select(cellOfNumber(path, report));
    store.explain(path);
    return true;
  }

  #tell(opened: Opened, draft: Draft | null, foundNumber: boolean): void {
    if ("refused" in opened) {
      const { title, text, newer } = opened.refused;
      this.store.notify({
        tone: newer ? "warn" : "error",
        title,
        text: newer ? text : `${text} Your document is as it was.`,
        ...(newer ? { action: { label: "Reload to update", name: "reload" } } : {}),
      });
      return;
    }
    const { report } = this.store.state;
    const now = report.notebook ? answer(this.store, report.notebook.total) : null;
    const difference = changedSince(opened.was, now, (bytes) => memory(bytes));
    const waits = draft !== null && !sameState(draft.snapshot, opened.snapshot);
    if (waits) this.#waiting = draft;
    const missing = foundNumber ? null : `It points to the number “${clip(opened.number ?? "")}”, which this model does not have.`;
    if (difference === null && missing === null && !waits) return;
    const notice: Notice = {
      tone: difference === null && missing === null ? "info" : "warn",
      title: "Opened from a link.",
      text: [missing, difference, waits ? "Your own draft is kept." : null].filter((part) => part !== null).join(" "),
      ...(waits ? { action: { label: "Back to your draft", name: "back-to-draft" } } : {}),
    };
    this.store.notify(notice);
  }

  async #backToDraft(): Promise<void> {
    const draft = this.#waiting ?? (await takeBack(localStore(), this.#world));
    this.#waiting = null;
    if (draft) this.store.openSnapshot(draft.snapshot, "Back to your draft");
    this.store.notify(null);
  }

  #title(): void {
    const { model, edited, run } = this.store.state;
    document.title = `${model.name ?? "Model"}${edited ? ", edited" : ""}, batch ${run.batch} · Footprint`;
  }
}

/** The link of the state on the screen, with the answer that stands there and the number whose arithmetic is open. */
export function currentLink(store: Store): Promise<string> {
  const { report, explaining } = store.state;
  return writeLink(store.state, report.notebook ? answer(store, report.notebook.total) : null, explaining);
}

/** The whole address of that link. */
export async function currentAddress(store: Store): Promise<string> {
  return `${location.origin}${location.pathname}${location.search}#${await currentLink(store)}`;
}

function answer(store: Store, total: number): Was {
  return { release: store.footprint.catalogue.release, total };
}

function sameState(a: Snapshot, b: Snapshot): boolean {
  const text = ({ model, run, gpu }: Snapshot) => canonical({ model, run, gpu });
  return text(a) === text(b);
}

/** The address without "#"; nothing where it only points to a place on the page. */
function linkIn(hash: string): string {
  const fragment = hash.replace(/^#/, "");
  return /^[\w-]+$/.test(fragment) && document.getElementById(fragment) ? "" : fragment;
}

const NO_STORAGE = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

/** Merely touching storage can throw where it is forbidden. */
function localStore() {
  try {
    return localStorage;
  } catch {
    return NO_STORAGE;
  }
}

function sessionStore() {
  try {
    return sessionStorage;
  } catch {
    return NO_STORAGE;
  }
}
