// The header: which model is open and what it is, undo and redo, import and share, keyboard help, theme.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import "./header.css";
import { openDialog } from "../dialogs";
import { rowCount } from "../format";
import { brandMark, icon } from "../icons";
import { StoreController } from "../state/connect";
import { parametersText } from "../state/parameters";
import type { State } from "../state/store";
import { nextTheme, readTheme, setTheme, themeIcon, type Theme } from "./theme";

const EMPTY = "empty";
const OPEN = "open";

class Header extends LitElement {
  static override readonly properties = { theme: { state: true } };
  declare theme: Theme;
  readonly #state = new StoreController(this);

  constructor() {
    super();
    this.theme = readTheme();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { store, state } = this.#state;
    return html`<header class="top">
      <div class="wrap">
        <span class="brand">${brandMark}Footprint</span>
        <div class="models">
          <span class="pick">${this.#models()}</span>
          <button type="button" class="btn plain" @click=${() => openDialog("gallery")}>${icon("gallery")}<span>Gallery</span></button>
        </div>
        <span class="about">${this.#about()}</span>
        <div class="acts">
          <button
            type="button"
            class="btn plain wide"
            aria-label="Undo"
            title="Undo (Ctrl+Z)"
            ?disabled=${!state.canUndo}
            @click=${() => store.undo()}
          >
            ${icon("undo")}
          </button>
          <button
            type="button"
            class="btn plain wide"
            aria-label="Redo"
            title="Redo (Ctrl+Y)"
            ?disabled=${!state.canRedo}
            @click=${() => store.redo()}
          >
            ${icon("redo")}
          </button>
          <span class="sep wide"></span>
          <button type="button" class="btn plain" @click=${() => openDialog("import")}>${icon("import")}<span>Import</span></button>
          <button type="button" class="btn plain" @click=${() => openDialog("share")}>${icon("share")}<span>Share</span></button>
          <span class="sep"></span>
          <button type="button" class="btn plain wide" aria-label="Keyboard" title="Keyboard (?)" @click=${() => openDialog("keyboard")}>
            ${icon("keyboard")}
          </button>
          <button
            type="button"
            class="btn plain"
            aria-label=${`Theme: ${THEME_NAMES[this.theme]}`}
            title=${`Theme: ${THEME_NAMES[this.theme]}`}
            @click=${this.#turnTheme}
          >
            ${themeIcon(this.theme)}
          </button>
        </div>
      </div>
    </header>`;
  }

  /** A select that the reader has touched no longer follows its options' attributes. */
  protected override updated(): void {
    const select = this.querySelector("select");
    if (select) select.value = shownModel(this.#state.state);
  }

  #models(): TemplateResult {
    const { store, state } = this.#state;
    const shown = shownModel(state);
    return html`<select aria-label="Model" @change=${this.#choose}>
      ${this.#unlisted(shown)}
      ${store.presets.map(
        (preset) => html`<option value=${preset.id} ?selected=${preset.id === shown}>${preset.model.name ?? preset.id}</option>`,
      )}
      <option value=${EMPTY} ?selected=${shown === EMPTY}>Empty model</option>
    </select>`;
  }

  /** An option for what is open and is none of the presets: a network of the gallery, or a document of the reader's own. */
  #unlisted(shown: string): TemplateResult | typeof nothing {
    const { store, state } = this.#state;
    if (shown === EMPTY || store.presets.some((preset) => preset.id === shown)) return nothing;
    const name = state.model.name ?? "Model";
    return html`<option value=${shown} selected>${state.edited ? `${name}, edited` : name}</option>`;
  }

  #about(): string {
    const { valid, model } = this.#state.state;
    const rows = rowCount(model.layers.length);
    return valid.notebook ? `${rows} · ${parametersText(model, valid)}` : rows;
  }

  readonly #choose = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    if (value === EMPTY) this.#state.store.openEmpty();
    else this.#state.store.openPreset(value); // what is open already is no preset, and stays
  };

  readonly #turnTheme = (): void => {
    this.theme = nextTheme(this.theme);
    setTheme(this.theme);
  };
}

function shownModel(state: State): string {
  return state.preset ?? (state.model.layers.length === 0 ? EMPTY : OPEN);
}

const THEME_NAMES: Readonly<Record<Theme, string>> = { system: "as the system", light: "light", dark: "dark" };

customElements.define("fp-header", Header);
