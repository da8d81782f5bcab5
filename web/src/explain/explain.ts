// <fp-explain>: the arithmetic of one number, as the core derives it: symbols, the same with numbers, bytes, result; where each symbol
// comes from; what each method makes of it. Beside the table for a number of the table, in a popover beside any other number. Closing
// it gives the focus back to the number.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import type { Derivation, DerivationTerm } from "../core/types";
import { Stepper } from "../core/stepper";
import { count, prose, quantity } from "../format";
import { icon } from "../icons";
import { currentAddress } from "../session";
import { StoreController } from "../state/connect";
import { isOfStep } from "../state/number";
import { LINK_LIMITS } from "../state/link";
import type { State, Units } from "../state/store";
import "./explain.css";
import { placeBeside } from "../table/popup";

export class FpExplain extends LitElement {
  readonly #connected = new StoreController(this);
  /** The number that was chosen, to go back to; null where a link opened its arithmetic. */
  #origin: HTMLElement | null = null;
  #pressed: HTMLElement | null = null;
  #path: string | null = null;
  /** Terms that are open in place, by where they stand: "0", "0/2". */
  #open: ReadonlySet<string> = new Set();
  #derived: { readonly key: readonly unknown[]; readonly of: Map<string, Derivation> } | null = null;
  /** Tells the arithmetic of the step, which only its simulator knows; one number at a time. */
  readonly #stepper = new Stepper<Derivation>();
  #asks = false;
  #said = "";
  #opened = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("keydown", this.#key);
    document.addEventListener("keydown", this.#escape);
    document.addEventListener("click", this.#clicked, { capture: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#escape);
    document.removeEventListener("click", this.#clicked, { capture: true });
  }

  /** Not every browser gives the focus to a button that is clicked. */
  readonly #clicked = (event: Event) => {
    this.#pressed = event.target instanceof Element ? event.target.closest("button") : null;
  };

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { explaining } = this.#connected.state;
    if (explaining === this.#path) return;
    this.#path = explaining;
    this.#open = new Set();
    this.#said = "";
    this.#opened = explaining !== null;
    const active = this.#pressed ?? document.activeElement;
    this.#pressed = null;
    if (explaining === null || this.contains(active)) return;
    this.#origin = active instanceof HTMLElement && active !== document.body ? active : null;
  }

  /** A number of another part of the page opens beside that number. */
  get #apart(): boolean {
    return this.#origin !== null && this.#origin.isConnected && this.#origin.closest("fp-layers") === null;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const popover = this.querySelector<HTMLElement>("[popover]");
    if (this.#opened) {
      this.#opened = false;
      // Below the table the panel may be far from the number; closing leads back to it. One that is in sight is left where it is.
      if (popover === null) bringIntoSight(this.querySelector(".why-panel"));
    }
    if (popover !== null && this.#origin !== null && !popover.matches(":popover-open")) {
      popover.showPopover();
      placeBeside(popover, this.#origin);
      popover.querySelector<HTMLElement>(".formula")?.focus({ preventScroll: true });
    }
  }

  readonly #toggled = (event: Event) => {
    if ((event as ToggleEvent).newState === "closed" && this.#path !== null) this.#connected.store.explain(null);
  };

  readonly #close = () => {
    const origin = this.#origin?.isConnected === true ? this.#origin : this.#door();
    this.#connected.store.explain(null);
    origin?.focus();
  };

  /** The number itself, where a link opened its arithmetic and nobody chose it. */
  #door(): HTMLElement | null {
    return document.querySelector<HTMLElement>(`fp-layers [data-path="${CSS.escape(this.#path ?? "")}"]`);
  }

  readonly #key = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  };

  /** Esc closes from the number itself too, where the focus stays while its arithmetic is read. */
  readonly #escape = (event: KeyboardEvent) => {
    if (
      event.key === "Escape" &&
      !event.defaultPrevented &&
      this.#path !== null &&
      document.activeElement === (this.#origin ?? document.body)
    ) {
      event.preventDefault();
      this.#close();
    }
  };

  /** Derivations of the state on the screen; asked for once each. Null while the simulator works it out. */
  #derive(path: string): Derivation | null {
    const { store, state } = this.#connected;
    const key = [state.model, state.run, state.gpu];
    if (this.#derived === null || key.some((part, index) => part !== this.#derived?.key[index])) this.#derived = { key, of: new Map() };
    const known = this.#derived.of.get(path);
    if (known !== undefined) return known;
    const found = this.#derived.of;
    if (isOfStep(path)) {
      if (!this.#asks) this.#ask(path, found);
      return null;
    }
    const derivation = store.footprint.explain(store.request(), path);
    found.set(path, derivation);
    return derivation;
  }

  #ask(path: string, found: Map<string, Derivation>): void {
    const { store, state } = this.#connected;
    this.#asks = true;
    this.#stepper.ask(
      store.request({ gpus: [state.gpu] }),
      (told) => {
        this.#asks = false;
        found.set(path, "report" in told ? told.report : unexplained(path, told.fault));
        this.requestUpdate();
      },
      path,
    );
  }

  protected override render(): TemplateResult {
    const path = this.#path;
    if (path === null) return this.#hint();
    const panel = this.#panel(this.#derive(path), this.#connected.state);
    return this.#apart
      ? html`${this.#hint()}
          <div class="pop" popover @toggle=${this.#toggled}>${panel}</div>`
      : panel;
  }

  /** Keeps the panel's place while nothing is chosen, so that the table does not move when something is. */
  #hint(): TemplateResult {
    return html`<aside class="why-panel empty-panel" aria-label="Arithmetic">
      <p class="note">Every number is a door: choose one, or press Enter on it, and its arithmetic opens here.</p>
    </aside>`;
  }

  #panel(derivation: Derivation | null, state: State): TemplateResult {
    const fault = derivation?.diagnostics?.[0];
    return html`<aside class="why-panel" aria-labelledby="why-h">
      <header>
        <h3 id="why-h">
          ${derivation === null ? "Simulating…" : fault === undefined ? heading(derivation, state.units) : "No arithmetic"}
        </h3>
        <span class="close">
          <button type="button" class="btn plain" aria-label="Close" @click=${this.#close}>${icon("close")}</button>
        </span>
      </header>
      ${
        derivation === null
          ? html`<p class="from" role="status">The step is simulated for it.</p>`
          : fault === undefined
            ? this.#body(derivation, state)
            : html`<p class="from">
                ${state.stale ? "The model has a fault: this number is of the last valid state. Its arithmetic comes back when the marked cell is mended." : fault.message}
              </p>`
      }
    </aside>`;
  }

  #body(derivation: Derivation, state: State): TemplateResult {
    return html`<p class="path">${circumstances(state)}</p>
      ${formula(derivation)} ${this.#terms(derivation, "")} ${notes(derivation)}
      <footer>
        <button type="button" class="btn plain" @click=${() => this.#copy(derivation.latex ?? "", "LaTeX")}>
          ${icon("copy")}<span>Copy LaTeX</span>
        </button>
        <button type="button" class="btn plain" @click=${() => this.#copy(derivation.text ?? "", "Text")}><span>Copy text</span></button>
        <button type="button" class="btn plain" @click=${() => this.#copyLink()}>${icon("share")}<span>Link to this number</span></button>
        <span class="note said" role="status">${this.#said}</span>
      </footer>`;
  }

  #terms(derivation: Derivation, place: string): TemplateResult | typeof nothing {
    const terms = derivation.terms ?? [];
    if (terms.length === 0) return nothing;
    return html`<dl class="terms">${terms.map((term, index) => this.#term(term, place === "" ? `${index}` : `${place}/${index}`))}</dl>`;
  }

  #term(term: DerivationTerm, place: string): TemplateResult {
    const open = this.#open.has(place);
    const value = termValue(term, this.#connected.state.units);
    const door =
      term.path === undefined || term.path === ""
        ? value
        : html`<button type="button" class="num" aria-expanded=${open ? "true" : "false"} @click=${() => this.#toggle(place)}>
            ${value}
          </button>`;
    const inner = open && term.path !== undefined ? this.#derive(term.path) : null;
    return html`<dt>${unsafeHTML(term.mathml)}</dt>
      <dd class="v">${door}</dd>
      <dd class="t">
        ${prose(term.sentence)}${term.source === undefined || term.source === "" ? nothing : html` <span class="source-of">${term.source}</span>`}
      </dd>
      ${!open ? nothing : inner === null ? html`<dd class="inner">Simulating…</dd>` : html`<dd class="inner">${formula(inner)} ${this.#terms(inner, place)}</dd>`}`;
  }

  #toggle(place: string): void {
    const open = new Set(this.#open);
    if (!open.delete(place)) open.add(place);
    this.#open = open;
    this.requestUpdate();
  }

  async #copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.#say(`${what} copied.`);
    } catch {
      this.#say("This browser does not let the page copy.");
    }
  }

  /** The page's own link, which opens the number whose arithmetic is open. */
  async #copyLink(): Promise<void> {
    const link = await currentAddress(this.#connected.store);
    if (link.length > LINK_LIMITS.written) this.#say(`As a link this state would be too long: ${count(link.length)} characters.`);
    else await this.#copy(link, "Link");
  }

  #say(said: string): void {
    this.#said = said;
    this.requestUpdate();
  }
}

function unexplained(path: string, message: string): Derivation {
  const diagnostic = { severity: "error", code: "unknown-path", message } as const;
  return { format: "footprint/derivation", version: 1, path, diagnostics: [diagnostic] };
}

/** MathML is written, and its texts escaped, by the core. */
function formula(derivation: Derivation): TemplateResult {
  return html`<div class="formula" role="group" aria-label="Formula of ${derivation.title ?? derivation.path}" tabindex="0">
    ${unsafeHTML(derivation.mathml ?? "")}
  </div>`;
}

function notes(derivation: Derivation): TemplateResult | typeof nothing {
  const list = derivation.notes ?? [];
  if (list.length === 0) return nothing;
  const methods: Record<string, string> = { notebook: "Notebook", step: "PyTorch step" };
  return html`<ul class="from">
    ${list.map(
      (note) =>
        html`<li>
          ${note.method === "" ? nothing : html`<b>${methods[note.method] ?? note.method}:</b> `}${prose(note.sentence)}${/[.!?]$/.test(note.sentence) ? "" : "."}
          ${note.source === undefined || note.source === "" ? nothing : html`Source: <span class="source-of">${note.source}</span>.`}
        </li>`,
    )}
  </ul>`;
}

/** "64.00 MB: activations of conv1" */
function bringIntoSight(panel: Element | null): void {
  const place = panel?.getBoundingClientRect();
  if (place && (place.bottom <= 0 || place.top >= innerHeight)) panel?.scrollIntoView({ block: "nearest" });
}

function heading(derivation: Derivation, units: Units): string {
  const title = prose(derivation.title ?? derivation.path);
  if (derivation.value === undefined) return title;
  const value = derivation.unit === "bytes" ? quantity(derivation.value, units) : count(derivation.value);
  const first = title.charAt(0);
  // A title that begins with a name keeps the name's case.
  const rest = /^[A-Z][a-z]/.test(title) ? first.toLowerCase() + title.slice(1) : title;
  return `${value}: ${rest}`;
}

function circumstances(state: State): string {
  const { batch, bytes_per_value: size } = state.run;
  return `${state.model.name ?? "Model"}, batch ${String(batch)}, ${String(size)} bytes per value`;
}

function termValue({ unit, value }: DerivationTerm, units: Units): string {
  return unit === "bytes" ? quantity(value, units) : count(value);
}

customElements.define("fp-explain", FpExplain);
