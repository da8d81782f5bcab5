// <fp-attributes>: the editor of a row's attributes, made from the layer's own fields in the catalogue. What the row says and what must
// be given comes first, the rest with its help and default behind "more". A field is one undo step: Enter or leaving it writes, Esc
// does not. It stays open while the table is recalculated under it.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { AttributeType, Diagnostic, Json } from "../core/types";
import { chipsOf, fieldsOf, type Fields } from "./chips";
import { controlsOf, placeBeside } from "./popup";
import type { RowFacts } from "./rows";
import { editText, readValue, sameValue, showValue } from "./values";

export interface EditedAttributes {
  readonly facts: RowFacts;
  readonly rowAttributes: readonly AttributeType[];
  /** The field to begin with; left out, the first. */
  readonly field?: string;
  /** Typed on the cell: takes the place of what the first field holds. */
  readonly typed?: string;
  readonly set: (name: string, value: Json | undefined) => void;
  readonly closed: () => void;
}

export class FpAttributes extends LitElement {
  #edited: EditedAttributes | null = null;
  /** Kept from the opening on: a field does not move to the other part while it is being edited. */
  #fields: Fields = { first: [], more: [] };
  #more = false;
  /** What a field still says when it loses the focus is not written: it was cancelled, or is written already. */
  #settled = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.popover = "auto";
    this.classList.add("cell-popup");
    this.setAttribute("role", "dialog");
    this.addEventListener("toggle", this.#toggled);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("change", this.#changed);
  }

  get row(): number | null {
    return this.#edited?.facts.index ?? null;
  }

  open(anchor: Element, edited: EditedAttributes): void {
    this.#edited = edited;
    this.#settled = false;
    const { facts, rowAttributes } = edited;
    this.#fields = fieldsOf(
      facts.row,
      facts.layer,
      rowAttributes,
      chipsOf(facts.row, facts.layer, rowAttributes, facts.report, facts.faults),
    );
    this.#more = this.#fields.more.some((type) => type.name === edited.field);
    this.requestUpdate();
    void this.updateComplete.then(() => {
      this.showPopover();
      placeBeside(this, anchor);
      this.#focusField(edited);
    });
  }

  /** The row as it stands after an edit. */
  follow(facts: RowFacts): void {
    if (this.#edited === null || this.#edited.facts === facts) return;
    this.#edited = { ...this.#edited, facts };
    this.requestUpdate();
  }

  close(): void {
    if (this.matches(":popover-open")) this.hidePopover();
  }

  #focusField(edited: EditedAttributes): void {
    const field = edited.field === undefined ? undefined : this.#control(edited.field);
    const invalid = this.querySelector<HTMLElement>("[aria-invalid='true']");
    const control = field ?? invalid ?? this.querySelector<HTMLElement>("input, select");
    control?.focus();
    if (!(control instanceof HTMLInputElement) || control.type === "checkbox") return;
    if (edited.typed === undefined) control.select();
    else control.value = edited.typed;
  }

  #control(name: string): HTMLElement | undefined {
    return [...this.querySelectorAll<HTMLElement>("[data-name]")].find((control) => control.dataset["name"] === name);
  }

  readonly #toggled = (event: Event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    const edited = this.#edited;
    this.#edited = null;
    edited?.closed();
    this.requestUpdate();
  };

  readonly #key = (event: KeyboardEvent) => {
    event.stopPropagation(); // the grid has its own meaning for these keys
    const control = event.target as HTMLElement;
    if (event.key === "Escape") {
      event.preventDefault();
      this.#settled = true;
      this.close();
    } else if (event.key === "Enter" && control.matches("input, select")) {
      event.preventDefault();
      this.#write(control);
      this.#settled = true;
      this.close();
    } else if (event.key === "Tab") {
      const controls = controlsOf(this);
      const leaving = event.shiftKey ? controls[0] : controls.at(-1);
      if (control === leaving) {
        this.#write(control);
        this.#settled = true;
        this.close(); // gives the focus back to the cell, from where Tab goes on as it always does
      }
    }
  };

  readonly #changed = (event: Event) => {
    event.stopPropagation();
    if (!this.#settled) this.#write(event.target as HTMLElement);
  };

  #write(control: HTMLElement): void {
    const edited = this.#edited;
    const name = control.dataset["name"];
    if (edited === null || name === undefined) return;
    const type = this.#types().find((candidate) => candidate.name === name);
    if (type === undefined) return;
    const value =
      control instanceof HTMLInputElement && control.type === "checkbox"
        ? control.checked
        : readValue((control as HTMLInputElement | HTMLSelectElement).value, type);
    const old = edited.facts.row[name];
    const fallback = "default" in type ? type.default : undefined;
    // What equals PyTorch's default is left out, unless the document wrote it itself.
    const written = old === undefined && sameValue(value, fallback) ? undefined : value;
    if (!sameValue(written, old) || (written === undefined) !== (old === undefined)) edited.set(name, written);
  }

  #types(): readonly AttributeType[] {
    return [...this.#fields.first, ...this.#fields.more];
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const edited = this.#edited;
    if (edited !== null) this.setAttribute("aria-label", `Attributes of row ${edited.facts.index + 1}, ${edited.facts.row.op}`);
  }

  protected override render(): TemplateResult | typeof nothing {
    const edited = this.#edited;
    if (edited === null) return nothing;
    const { first, more } = this.#fields;
    return html`<div class="fields">
        ${first.map((type) => this.#field(type, edited))} ${this.#more ? more.map((type) => this.#field(type, edited)) : nothing}
        ${first.length + more.length === 0 ? html`<p class="note none">${edited.facts.row.op} has no attributes.</p>` : nothing}
      </div>
      <footer>
        ${
          more.length === 0
            ? nothing
            : html`<button type="button" class="btn plain" aria-expanded=${this.#more ? "true" : "false"} @click=${this.#toggleMore}>
                <span>${this.#more ? "Fewer attributes" : `${more.length} more ${more.length === 1 ? "attribute" : "attributes"}`}</span>
              </button>`
        }
        <button type="button" class="btn plain" @click=${() => this.close()}><span>Done</span></button>
      </footer>`;
  }

  readonly #toggleMore = () => {
    this.#more = !this.#more;
    this.requestUpdate();
  };

  #field(type: AttributeType, edited: EditedAttributes): TemplateResult {
    const fault = edited.facts.faults.find((candidate) => candidate.field === type.name && candidate.severity === "error");
    const id = `attribute-${type.name}`;
    return html`<div class="attribute">
      <label for=${id}>${type.name}</label>
      ${control(type, edited.facts.row[type.name], id, fault, edited.facts.report?.resolved?.[type.name])}
      <p class="note" id="${id}-help">${help(type)}</p>
      ${fault === undefined ? nothing : html`<p class="fault" id="${id}-fault">${fault.message}</p>`}
    </div>`;
  }
}

function control(
  type: AttributeType,
  value: Json | undefined,
  id: string,
  fault: Diagnostic | undefined,
  settled: Json | undefined,
): TemplateResult {
  const described = fault === undefined ? `${id}-help` : `${id}-fault ${id}-help`;
  const invalid = fault === undefined ? nothing : "true";
  const held = value === undefined && "default" in type ? type.default : value;
  if (type.type === "boolean" && (held === undefined || typeof held === "boolean")) {
    return html`<input
      type="checkbox"
      id=${id}
      data-name=${type.name}
      aria-describedby=${described}
      aria-invalid=${invalid}
      .checked=${held === true}
    />`;
  }
  if (type.type === "choice" && (value === undefined || typeof value === "string")) {
    const words = type.words ?? [];
    const all = typeof value === "string" && !words.includes(value) ? [value, ...words] : words;
    return html`<span class="pick"
      ><select id=${id} data-name=${type.name} aria-describedby=${described} aria-invalid=${invalid}>
        ${held === undefined ? html`<option value="" selected>not set</option>` : nothing}
        ${all.map((word) => html`<option value=${word} ?selected=${word === held}>${word}</option>`)}
      </select></span
    >`;
  }
  const suggestion =
    settled !== undefined ? showValue(settled, type) : "default" in type ? showValue(type.default, type) : (type.otherwise ?? "");
  return html`<input
    class="text"
    id=${id}
    data-name=${type.name}
    inputmode=${type.type === "integer" ? "numeric" : "text"}
    placeholder=${suggestion}
    spellcheck="false"
    autocomplete="off"
    aria-describedby=${described}
    aria-invalid=${invalid}
    aria-required=${type.required ? "true" : nothing}
    .value=${editText(value, type)}
  />`;
}

function help(type: AttributeType): string {
  const fallback =
    "default" in type
      ? `Default ${showValue(type.default, type) || "“”"}.`
      : type.otherwise !== undefined
        ? `Default: ${type.otherwise}.`
        : type.inferred
          ? "Left out, the incoming shape settles it."
          : type.required
            ? "Must be given."
            : "";
  const sentence = type.help === "" || /[.!?]$/.test(type.help) ? type.help : `${type.help}.`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)} ${fallback}`.trim();
}

customElements.define("fp-attributes", FpAttributes);
