// The settings strip: what is asked of the model and on which card. Texts that are no numbers go to the core as they are; it says why.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import "./settings.css";
import { batchText, GB, MB, memory } from "../format";
import { sign } from "../icons";
import { StoreController } from "../state/connect";
import { setInputShape } from "../state/edit";
import { gpuKey, isCustom, readNumber, readSizes, writeSizes, type CustomGpu, type GpuChoice } from "../state/run";
import { judgement, word } from "../state/judgement";
import { chosenFit, errorsOf, waitsForStep, type State } from "../state/store";
import type { Diagnostic, System } from "../core/types";
import { batchTick, sliderEnd, stepBatch } from "./batch";
import { gpuOptions } from "./gpu-options";
import { TRAINING_FIELDS, trainingFields, trainingSummary } from "./training";

const CUSTOM = "custom";
const VALUES: readonly (readonly [number, string])[] = [
  [8, "8 B · float64"],
  [4, "4 B · float32"],
  [2, "2 B · float16"],
  [1, "1 B · int8"],
];

class Settings extends LitElement {
  static override readonly properties = { stuck: { state: true }, unfolded: { state: true }, training: { state: true } };
  /** The verdict has scrolled out of sight, so its word stands at the strip's end. */
  declare stuck: boolean;
  /** On a phone: the fields behind "Input sizes…" are shown. */
  declare unfolded: boolean;
  /** The settings of the training step are shown. */
  declare training: boolean;
  readonly #state = new StoreController(this);
  readonly #watch = new IntersectionObserver((entries) => {
    this.stuck = !(entries.at(-1)?.isIntersecting ?? true);
  });
  /** What is scrolled to must not lie under the strip, where that sticks. */
  readonly #height = new ResizeObserver(() => {
    const height = getComputedStyle(this).position === "sticky" ? this.offsetHeight : 0;
    document.documentElement.style.setProperty("--strip", `${height}px`);
  });
  /** Counts gestures, so that one drag or one number typed is one undo step. */
  #gesture = 0;
  #batchBefore: number | string | null = null;
  /** The end of the slider stays where it is during a drag, so that the thumb stays under the pointer. */
  #dragEnd: number | null = null;
  /** The frame in which what the slider says is taken. */
  #dragged: number | null = null;

  constructor() {
    super();
    this.stuck = false;
    this.unfolded = false;
    this.training = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watch.disconnect();
    this.#height.disconnect();
  }

  protected override firstUpdated(): void {
    this.#height.observe(this);
    // The verdict's element stands further down the page and is drawn after this one.
    requestAnimationFrame(() => {
      const watched = document.querySelector("#verdict .watched");
      if (watched) this.#watch.observe(watched);
    });
  }

  /** A field that the reader has touched no longer follows its template, so the state is put into it here. */
  protected override updated(): void {
    const { run, gpu } = this.#state.state;
    const field = this.querySelector<HTMLInputElement>("#batch");
    // An unreadable number reads as an empty text; the field keeps what was typed.
    if (field && run.batch !== "" && readNumber(field.value) !== run.batch) field.value = String(run.batch);
    const slider = this.querySelector<HTMLInputElement>(".range");
    if (slider && typeof run.batch === "number") slider.value = String(run.batch);
    const bytes = this.querySelector<HTMLSelectElement>("#bytes");
    if (bytes) bytes.value = String(run.bytes_per_value);
    const card = this.querySelector<HTMLSelectElement>("#gpu");
    if (card) card.value = gpuKey(gpu);
  }

  protected override render(): TemplateResult {
    const { state } = this.#state;
    const later = this.unfolded ? "" : "later";
    return html`<form class="strip" aria-label="Settings" @submit=${prevent} @keydown=${this.#escape}>
      <div class="wrap">
        ${this.#batch(state)} ${this.#inputs(state, later)} ${this.#bytes(state, later)} ${this.#gpu(state)} ${this.#system(state, later)}
        <div class="pair">${this.#inUse(state, later)} ${this.#trainingDoor(state, later)}</div>
        <button type="button" class="btn plain narrow more" aria-expanded=${String(this.unfolded)} @click=${this.#unfold}>
          ${this.unfolded ? "Fewer settings" : `More settings: ${this.#summary(state)}`}
        </button>
        ${this.training ? trainingFields(this.#state.store, state, (field) => faultOf(state, field)) : nothing}
        ${this.stuck ? this.#stuckVerdict(state) : nothing}
      </div>
    </form>`;
  }

  // ——— batch

  #batch(state: State): TemplateResult {
    const { batch } = state.run;
    const said = judgement(state);
    const end = this.#dragEnd ?? sliderEnd(batch, said?.largest ?? null);
    const fault = faultOf(state, "batch");
    // That of another card is not said, though the slider keeps its end.
    const tick = said?.gpu === gpuKey(state.gpu) ? batchTick(said, end) : null;
    return html`<div class="field batch">
      <label class="name" for="batch">Batch size</label>
      <input
        class="text"
        id="batch"
        type="number"
        min="1"
        step="1"
        autocomplete="off"
        aria-invalid=${fault ? "true" : nothing}
        title=${fault?.message ?? nothing}
        @input=${this.#typeBatch}
        @keydown=${this.#batchKeys}
        @blur=${this.#endGesture}
        @change=${this.#endGesture}
      />
      <div class="slider">
        <input
          class="range"
          type="range"
          min="1"
          max=${end}
          aria-label="Batch size slider"
          @input=${this.#dragBatch}
          @change=${this.#endDrag}
        />
        <svg aria-hidden="true">${tick ?? nothing}</svg>
      </div>
    </div>`;
  }

  #setBatch(batch: number | string): void {
    this.#batchBefore ??= this.#state.state.run.batch;
    this.#state.store.setRun(
      `Batch ${batchText(this.#batchBefore)} → ${batchText(batch)}`,
      { batch },
      { gesture: `batch-${this.#gesture}` },
    );
  }

  readonly #typeBatch = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    this.#setBatch(readNumber(value)); // an unreadable text arrives here as an empty one
  };

  readonly #batchKeys = (event: KeyboardEvent): void => {
    const next = stepBatch(this.#state.state.run.batch, event);
    if (next === null) return;
    event.preventDefault();
    this.#setBatch(next);
  };

  /** Once a frame, however often the slider tells where it is. */
  readonly #dragBatch = (event: Event): void => {
    const slider = event.target as HTMLInputElement;
    this.#dragEnd ??= Number(slider.max);
    this.#dragged ??= requestAnimationFrame(() => this.#takeDragged(slider));
  };

  #takeDragged(slider: HTMLInputElement): void {
    if (this.#dragged === null) return;
    cancelAnimationFrame(this.#dragged);
    this.#dragged = null;
    this.#setBatch(Number(slider.value));
  }

  readonly #endDrag = (event: Event): void => {
    this.#takeDragged(event.target as HTMLInputElement);
    this.#dragEnd = null;
    this.#endGesture();
    this.requestUpdate();
  };

  readonly #endGesture = (): void => {
    this.#gesture += 1;
    this.#batchBefore = null;
  };

  // ——— input sizes and bytes

  #inputs(state: State, later: string): TemplateResult {
    const names = state.model.inputs.map((input) => input.name);
    return html`<div class="field full ${later}">
      <span class="name">${names.length === 1 ? "Input size" : "Input sizes"}, per item</span>
      <div class="shapes">
        ${state.model.inputs.map((input) => {
          const sizes = state.run.inputs[input.name] ?? input.shape;
          const fault = faultOfInput(state, input.name, sizes);
          return html`<input
            class="text shape"
            aria-label="${input.name} size"
            id=${`size-${input.name}`}
            title=${fault?.message ?? input.name}
            autocomplete="off"
            spellcheck="false"
            placeholder=${sizes === undefined ? "missing" : nothing}
            .value=${live(writeSizes(sizes))}
            aria-invalid=${fault ? "true" : nothing}
            @change=${(event: Event) => this.#setInput(input.name, (event.target as HTMLInputElement).value)}
          />`;
        })}
      </div>
    </div>`;
  }

  #setInput(name: string, text: string): void {
    const { state, store } = this.#state;
    const own = state.model.inputs.find((input) => input.name === name)?.shape;
    const sizes = readSizes(text);
    if (own === undefined && Array.isArray(sizes)) {
      // The run changes sizes that the model has; the first ones are the model's own.
      store.edit(`${name} ${writeSizes(sizes)}`, (model) => setInputShape(model, name, sizes));
      return;
    }
    const { [name]: _, ...others } = state.run.inputs;
    const inputs = text.trim() === "" || JSON.stringify(sizes) === JSON.stringify(own) ? others : { ...others, [name]: sizes };
    store.setRun(`${name} ${writeSizes(inputs[name] ?? own)}`, { inputs });
    this.requestUpdate(); // the field shows what was read, also where nothing changed
  }

  #bytes(state: State, later: string): TemplateResult {
    const { bytes_per_value: bytes } = state.run;
    const known = VALUES.some(([size]) => size === bytes);
    return html`<label class="field ${later}">
      <span class="name">Bytes per value (notebook)</span>
      <span class="pick">
        <select id="bytes" @change=${this.#setBytes}>
          ${known ? nothing : html`<option value=${bytes} selected>${bytes} B</option>`}
          ${VALUES.map(([size, name]) => html`<option value=${size} ?selected=${size === bytes}>${name}</option>`)}
        </select>
      </span>
    </label>`;
  }

  readonly #setBytes = (event: Event): void => {
    const bytes = Number((event.target as HTMLSelectElement).value);
    this.#state.store.setRun(`${bytes} bytes per value`, { bytes_per_value: bytes });
  };

  // ——— card

  #gpu(state: State): TemplateResult {
    const custom = isCustom(state.gpu) ? state.gpu : null;
    return html`<div class="field gpu">
        <label class="name" for="gpu">GPU</label>
        <span class="pick">
          <select id="gpu" @change=${this.#chooseGpu}>
            ${gpuOptions(this.#state.store.footprint.catalogue, isCustom(state.gpu) ? null : state.gpu.id)}
            <option value=${CUSTOM} ?selected=${custom !== null}>Custom…</option>
          </select>
        </span>
      </div>
      ${custom ? this.#customFields(custom, state) : nothing}`;
  }

  #customFields(gpu: CustomGpu, state: State): TemplateResult {
    return html`<label class="field">
        <span class="name">Name</span>
        <input
          class="text shape"
          aria-label="Name of the custom card"
          autocomplete="off"
          maxlength="60"
          .value=${live(gpu.name)}
          @change=${(event: Event) => this.#setGpu({ ...gpu, name: (event.target as HTMLInputElement).value }, "Card named")}
        />
      </label>
      <label class="field">
        <span class="name">Usable, MiB</span>
        ${mebibytes({
          id: "usable",
          label: "Usable memory of the custom card in MiB",
          help: "What PyTorch can use: torch.cuda.get_device_properties(0).total_memory / 2**20",
          value: gpu.usable_mib,
          fault: faultOf(state, "usable_mib"),
          set: (event) => this.#setGpu({ ...gpu, usable_mib: readNumber((event.target as HTMLInputElement).value) }, "Card’s memory"),
        })}
      </label>`;
  }

  readonly #chooseGpu = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    const { gpu } = this.#state.state;
    const inUse = gpu.in_use_mib === undefined ? {} : { in_use_mib: gpu.in_use_mib };
    if (value === CUSTOM) {
      const usable = chosenFit(this.#state.state)?.usable ?? 16 * GB;
      this.#setGpu({ name: "my card", usable_mib: Math.floor(usable / MB), ...inUse }, "Custom card");
      return;
    }
    const card = this.#state.store.footprint.catalogue.gpus.find((item) => item.id === value);
    const system = !isCustom(gpu) && gpu.system === "windows" && card?.usable.windows ? { system: gpu.system } : {};
    this.#setGpu({ id: value, ...system, ...inUse }, card ? `${card.gb} GB card, ${card.short}` : "Card");
  };

  #inUse(state: State, later: string): TemplateResult {
    return html`<label class="field ${later}">
      <span class="name">In use by others, MiB</span>
      ${mebibytes({
        id: "in-use",
        label: "In use by other programs, MiB",
        help: "What other programs hold on the card, as nvidia-smi says",
        value: state.gpu.in_use_mib ?? 0,
        fault: faultOf(state, "in_use_mib"),
        set: this.#setInUse,
      })}
    </label>`;
  }

  #system({ gpu }: State, later: string): TemplateResult | typeof nothing {
    if (isCustom(gpu)) return nothing;
    const system = gpu.system ?? "linux";
    const card = this.#state.store.footprint.catalogue.gpus.find((item) => item.id === gpu.id);
    const names: readonly (readonly [System, string])[] = [
      ["linux", "Linux"],
      ["windows", "Windows"],
    ];
    return html`<fieldset class="field ${later}">
      <legend>System</legend>
      <div class="seg">
        ${names.map(
          ([value, name]) =>
            html`<label title=${value === "windows" && !card?.usable.windows ? "Nothing is known of this card on Windows" : nothing}
              ><input
                type="radio"
                name="system"
                value=${value}
                .checked=${live(value === system)}
                ?disabled=${value === "windows" && !card?.usable.windows && system !== "windows"}
                @change=${() => this.#setSystem(value)}
              />${name}</label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  #setSystem(system: System): void {
    const { gpu } = this.#state.state;
    if (isCustom(gpu)) return;
    const { system: _, ...rest } = gpu;
    this.#setGpu(system === "linux" ? rest : { ...rest, system }, system === "linux" ? "On Linux" : "On Windows");
  }

  readonly #setInUse = (event: Event): void => {
    const { gpu } = this.#state.state;
    const text = (event.target as HTMLInputElement).value;
    const amount = text.trim() === "" ? 0 : readNumber(text);
    const { in_use_mib: _, ...rest } = gpu;
    this.#setGpu(amount === 0 ? rest : { ...rest, in_use_mib: amount }, `${amount} MiB in use by others`);
    this.requestUpdate();
  };

  #setGpu(gpu: GpuChoice, label: string): void {
    this.#state.store.setGpu(gpu, label);
  }

  #trainingDoor(state: State, later: string): TemplateResult {
    const summary = trainingSummary(state, this.#state.store.footprint.catalogue.training);
    return html`<div class="field ${later}">
      <span class="name" id="training-name">Training</span>
      <button
        type="button"
        class="btn ${TRAINING_FIELDS.some((field) => faultOf(state, field)) ? "bad" : ""}"
        id="training-door"
        aria-labelledby="training-name training-door"
        aria-expanded=${String(this.training)}
        aria-controls=${this.training ? "training" : nothing}
        title=${summary}
        @click=${() => (this.training = !this.training)}
      >
        <span>${summary}</span>
      </button>
    </div>`;
  }

  /** Esc closes the training's settings, from one of them or from their button. */
  readonly #escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.training || !(event.target as Element).closest("#training, #training-door")) return;
    event.preventDefault();
    this.training = false;
    this.querySelector<HTMLElement>("#training-door")?.focus();
  };

  // ——— folded, stuck

  readonly #unfold = (): void => {
    this.unfolded = !this.unfolded;
  };

  #summary(state: State): string {
    const sizes = state.model.inputs.map((input) => writeSizes(state.run.inputs[input.name] ?? input.shape) || "?").join(", ");
    const system = isCustom(state.gpu) || state.gpu.system !== "windows" ? "Linux" : "Windows";
    return `${sizes}, ${state.run.bytes_per_value} B, ${system}`;
  }

  #stuckVerdict(state: State): TemplateResult | typeof nothing {
    const said = judgement(state);
    if (!said) return waitsForStep(state) ? html`<p class="stuck isstale" aria-hidden="true"><b>Simulating…</b></p>` : nothing;
    return html`<p class="stuck ${state.stale || said.late ? "isstale" : ""}" aria-hidden="true">
      <span>${sign(said.verdict)} <b>${word(said.verdict)}</b></span>
      <small>${said.method} ${memory(said.need, state.units === "MiB" ? "MiB" : "MB")}</small>
    </p>`;
  }
}

/** The first fault of a field that is not in a row: of the report, or of the step, which alone looks at the training. */
interface MebibytesField {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly value: number | string;
  readonly fault: Diagnostic | undefined;
  readonly set: (event: Event) => void;
}

/** An amount of memory in MiB that is typed; what is wrong with it takes the place of its help. */
function mebibytes({ id, label, help, value, fault, set }: MebibytesField): TemplateResult {
  return html`<input
    class="text shape"
    id=${id}
    aria-label=${label}
    title=${fault?.message ?? help}
    inputmode="decimal"
    autocomplete="off"
    .value=${live(String(value))}
    aria-invalid=${fault ? "true" : nothing}
    @change=${set}
  />`;
}

function faultOf({ report, stepped }: State, field: string): Diagnostic | undefined {
  const errors = [...errorsOf(report), ...errorsOf(stepped)];
  return errors.find((error) => error.row === undefined && error.field === field);
}

/** The sizes of all inputs are one key of the run; which of them is meant stands in the message, or is the one that is missing or no list. */
function faultOfInput(state: State, name: string, sizes: unknown): Diagnostic | undefined {
  if (sizes === undefined) return faultOf(state, "shape");
  const fault = faultOf(state, "inputs");
  return fault && (typeof sizes === "string" || fault.message.includes(` ${name} `)) ? fault : undefined;
}

function prevent(event: Event): void {
  event.preventDefault();
}

customElements.define("fp-settings", Settings);
