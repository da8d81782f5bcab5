// How each line of the table looks: plain functions from facts to markup, so that the element itself is about behaviour. One tab stop:
// every control inside a cell has tabindex −1 and is reached by Enter.
import { html, nothing, svg, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import type { AttributeType, Diagnostic, Fix } from "../core/types";
import { amount, count, percent, shape } from "../format";
import type { RowAmount, Units } from "../state/store";
import { chipsOf, shortLabel, type Chip } from "./chips";
import { cellIn, type Column, type Place, type Stop } from "./grid-focus";
import { describeGroup, type Group } from "./groups";
import type { Line } from "./lines";
import { pathOf, type RowFacts } from "./rows";
import { showValue } from "./values";

/** Everything that a line needs beside its own facts. */
export interface Drawing {
  readonly units: Units;
  /** Bytes of the whole forward pass: the one scale of the bars. */
  readonly forward: number;
  readonly place: Place | null;
  readonly selected: ReadonlySet<number>;
  readonly changed: ReadonlyMap<number, readonly RowAmount[]>;
  /** Which of two equal animations: a change after a change has to start the other one. */
  readonly flash: "flash" | "flash-again";
  readonly explaining: string | null;
  readonly naming: number | null;
  readonly dragging: ReadonlySet<number>;
  readonly rowAttributes: readonly AttributeType[];
  attribute(op: string, name: string): AttributeType | undefined;
  owner(facts: RowFacts): RowFacts;
  /** The row of the document that stands after this one and its functions. */
  after(facts: RowFacts): number;
}

export function drawLine(line: Line, index: number, draw: Drawing): TemplateResult {
  const rowIndex = index + 2; // the line of column names is the first
  if (line.kind === "group") return groupLine(line.group, line.folded, line.key, rowIndex, draw);
  if (line.kind === "reason") return reasonLine(line.facts, line.faults, line.key, rowIndex, draw);
  return rowLine(line.facts, line.key, rowIndex, draw);
}

/** The cell's part in the one tab stop of the grid. */
function isPlace(draw: Drawing, line: string, column: Column, columns: readonly Column[]): boolean {
  return draw.place?.line === line && cellIn({ key: line, columns } satisfies Stop, draw.place.column) === column;
}

export function tab(draw: Drawing, line: string, column: Column, columns: readonly Column[]): "0" | "-1" {
  return isPlace(draw, line, column, columns) ? "0" : "-1";
}

export function number(path: string, text: string): TemplateResult {
  return html`<button type="button" class="num" tabindex="-1" data-path=${path}>${text}</button>`;
}

const ROW: readonly Column[] = ["idx", "ly", "at", "sh", "pr", "mb", "share"];
const SUM: readonly Column[] = ["ly", "pr", "mb", "share"];

const GRIP = svg`${[2.5, 7, 11.5].map((y) => svg`<circle cx="2.5" cy=${y} r="1.2"/><circle cx="7.5" cy=${y} r="1.2"/>`)}`;

function rowLine(facts: RowFacts, key: string, rowIndex: number, draw: Drawing): TemplateResult {
  const selected = draw.selected.has(facts.index);
  const changed = draw.changed.get(facts.index) ?? [];
  const stale = facts.stale && facts.report !== undefined;
  const lost = stale ? "Last valid result" : nothing;
  const at = (column: Column) => tab(draw, key, column, ROW);
  const cell = (column: Column, extra: Record<string, boolean> = {}) =>
    classMap({ [column]: true, cell: isPlace(draw, key, column, ROW), ...extra });
  const result = (amount: RowAmount) => ({ stale, [draw.flash]: changed.includes(amount) });
  const dragging = draw.dragging.has(facts.index);
  return html`<tr
    role="row"
    data-line=${key}
    data-row=${facts.index}
    data-next=${draw.after(facts)}
    aria-rowindex=${rowIndex}
    aria-selected=${selected ? "true" : "false"}
    class=${classMap({ sel: selected, fn: facts.isFunction, dragging })}
  >
    <td role="gridcell" class="handle" title="Drag, or Alt with arrows"><svg viewBox="0 0 10 14" aria-hidden="true">${GRIP}</svg></td>
    <td role="gridcell" class=${cell("idx")} data-column="idx" tabindex=${at("idx")}>${facts.index + 1}</td>
    <td role="gridcell" class=${cell("ly")} data-column="ly" tabindex=${at("ly")}>${layerCell(facts, draw)}</td>
    <td role="gridcell" class=${cell("at", { bad: facts.faults.length > 0 })} data-column="at" tabindex=${at("at")}>
      ${chips(facts, draw)}
    </td>
    <td role="gridcell" class=${cell("sh", result("outputs"))} data-column="sh" tabindex=${at("sh")} title=${lost}>${shapeCell(facts)}</td>
    <td role="gridcell" class=${cell("pr", { r: true, ...result("parameters") })} data-column="pr" tabindex=${at("pr")} title=${lost}>
      ${parametersCell(facts)}
    </td>
    <td
      role="gridcell"
      class=${cell("mb", { r: true, explained: draw.explaining === pathOf(facts, "forward"), ...result("forward") })}
      data-column="mb"
      tabindex=${at("mb")}
      title=${lost}
    >
      ${forwardCell(facts, draw)}
    </td>
    <td role="gridcell" class=${cell("share")} data-column="share" tabindex=${at("share")}>
      ${shareBar(facts.report?.forward ?? 0, draw.forward, facts.report?.inplace === true ? "freed" : "p-activations")}
    </td>
  </tr>`;
}

function layerCell(facts: RowFacts, draw: Drawing): TemplateResult {
  const invalidType = facts.layer === undefined;
  return html`<button
      type="button"
      class="type"
      tabindex="-1"
      data-act="type"
      title=${facts.layer?.summary ?? "No layer of this name"}
      aria-invalid=${invalidType ? "true" : nothing}
      aria-describedby=${invalidType ? reasonId(facts.index) : nothing}
    >
      ${facts.row.op}</button
    >${draw.naming === facts.index ? nameField(facts, draw) : nameAndBadges(facts)}`;
}

function nameField(facts: RowFacts, draw: Drawing): TemplateResult {
  const name = draw.owner(facts).row.name ?? "";
  return html`<input
    class="text name-field"
    data-act="name"
    aria-label="Name of row ${facts.index + 1}"
    .value=${name}
    spellcheck="false"
  />`;
}

function nameAndBadges(facts: RowFacts): TemplateResult {
  const inplace = facts.report?.inplace === true || facts.row["inplace"] === true;
  return html`${facts.name === "" ? nothing : html`<span class="nm" title=${facts.row.name ?? nothing}>${facts.name}</span>`}${
    facts.call === null
      ? nothing
      : html` <span class="badge" title="One module, called ${facts.call.of} times; torchsummary counts its parameters at each call"
          >shared, ${facts.call.number} of ${facts.call.of}</span
        >`
  }${
    inplace
      ? html` <span class="badge" title="Writes over its input: counted in full by torchsummary, costs nothing on the GPU">in place</span>`
      : nothing
  }${
    facts.functions.length === 0 ? nothing : html` <span class="badge fn" title="${functionTitle(facts)}">ƒ ${functionNames(facts)}</span>`
  }`;
}

function functionNames(facts: RowFacts): string {
  const names = facts.functions.map((row) => row.op);
  return names.length > 3 ? `${names.slice(0, 2).join(", ")}, … (${names.length})` : names.join(", ");
}

function functionTitle(facts: RowFacts): string {
  return facts.functions.length === 1
    ? "A function stands beside it: torchsummary does not see it"
    : "Functions stand beside it: torchsummary does not see them";
}

export function reasonId(index: number): string {
  return `why-row-${index + 1}`;
}

function chips(facts: RowFacts, draw: Drawing): TemplateResult | typeof nothing {
  // A shared call has the attributes of the module's first call, its own inputs and scope apart.
  const owner = draw.owner(facts);
  const list = chipsOf(
    owner.row,
    owner.layer,
    draw.rowAttributes,
    facts.report,
    owner === facts ? facts.faults : [...facts.faults, ...owner.faults],
  );
  return list.length === 0 ? nothing : html`<span class="chips">${list.map((chip) => chipButton(chip, facts))}</span>`;
}

function chipButton(chip: Chip, facts: RowFacts): TemplateResult {
  return html`<button
    type="button"
    class=${classMap({ chip: true, bad: chip.invalid, settled: chip.settled })}
    tabindex="-1"
    data-act="attribute"
    data-field=${chip.name}
    title=${chip.settled ? `${chip.name}, settled by the incoming shape` : chip.name}
    aria-invalid=${chip.invalid ? "true" : nothing}
    aria-describedby=${chip.invalid && facts.faults.length > 0 ? reasonId(facts.index) : nothing}
  >
    <i>${chip.label}</i> ${chip.text === "" ? "“”" : chip.text}
  </button>`;
}

function shapeCell(facts: RowFacts): TemplateResult | string {
  const outputs = facts.report?.outputs;
  if (!outputs) return "?";
  const first = outputs[0];
  if (first === undefined) return "none";
  if (first === null) return "no tensor";
  const all = outputs.map((output) => (output === null ? "no tensor" : shape(output.slice(1)))).join("; ");
  const sizes = first.slice(1);
  const door = (size: number | null, at: number) =>
    html`${at === 0 ? nothing : html`<span class="times"> × </span>`}<button
        type="button"
        class="dim"
        tabindex="-1"
        data-path=${pathOf(facts, `outputs/0/${at + 1}`)}
      >
        ${size ?? "?"}
      </button>`;
  return html`<span class="sizes">${sizes.length === 0 ? "one number" : sizes.map(door)}</span>${
      outputs.length > 1 ? html`<span class="note" title=${all}> and ${outputs.length - 1} more</span>` : nothing
    }`;
}

function parametersCell(facts: RowFacts): TemplateResult | string {
  if (facts.report?.parameters === undefined) return "?";
  return facts.report.parameters === 0
    ? html`<span class="note">0</span>`
    : number(pathOf(facts, "parameters"), count(facts.report.parameters));
}

function forwardCell(facts: RowFacts, draw: Drawing): TemplateResult | string {
  if (facts.report?.forward === undefined) return "?";
  const text = amount(facts.report.forward, draw.units);
  if (facts.isFunction) return html`<span class="note" title="torchsummary does not see a function">${text}</span>`;
  return number(pathOf(facts, "forward"), text);
}

export function shareBar(forward: number, whole: number, part: "p-activations" | "freed"): TemplateResult {
  const width = whole > 0 ? Math.min(100, (forward / whole) * 100) : 0;
  // A sliver is still there: nothing above zero is drawn as nothing.
  const drawn = forward > 0 ? Math.max(0.4, width) : 0;
  return html`<span class="sharebar"
    ><svg aria-hidden="true">
      <rect class="track" width="100%" y="1" height="8"></rect>
      ${drawn === 0 ? nothing : svg`<rect class=${part} x=${part === "freed" ? "0.5" : "0"} width=${`${drawn.toFixed(3)}%`} y="1" height="8"></rect>`}</svg
    ><span>${whole > 0 ? percent(forward, whole, 1) : ""}</span></span
  >`;
}

function groupLine(group: Group, folded: boolean, key: string, rowIndex: number, draw: Drawing): TemplateResult {
  const at = (column: Column) => tab(draw, key, column, SUM);
  const cell = (column: Column, extra: Record<string, boolean> = {}) =>
    classMap({ [column]: true, cell: isPlace(draw, key, column, SUM), ...extra });
  const { parameters, forward, stale } = group.sums;
  return html`<tr
    role="row"
    class=${classMap({ group: true, sub: group.depth > 0 })}
    data-line=${key}
    data-group=${group.key}
    aria-rowindex=${rowIndex}
  >
    <th
      role="rowheader"
      colspan="5"
      class=${cell("ly", { [`depth-${Math.min(group.depth, 5)}`]: true })}
      data-column="ly"
      tabindex=${at("ly")}
    >
      <button type="button" class="fold" tabindex="-1" data-act="fold" aria-expanded=${folded ? "false" : "true"}>
        ${group.label}${group.className === null ? nothing : html` <span class="nm">${group.className}</span>`}</button
      ><span class="sum">${describeGroup(group)}</span>
    </th>
    <th role="gridcell" class=${cell("pr", { r: true, stale })} data-column="pr" tabindex=${at("pr")}>
      ${parameters === null ? "?" : count(parameters)}
    </th>
    <th role="gridcell" class=${cell("mb", { r: true, stale })} data-column="mb" tabindex=${at("mb")}>
      ${forward === null ? "?" : amount(forward, draw.units)}
    </th>
    <th role="gridcell" class=${cell("share")} data-column="share" tabindex=${at("share")}>
      ${shareBar(forward ?? 0, draw.forward, "p-activations")}
    </th>
  </tr>`;
}

function reasonLine(facts: RowFacts, faults: readonly Diagnostic[], key: string, rowIndex: number, draw: Drawing): TemplateResult {
  return html`<tr role="row" class="reason" data-line=${key} data-row=${facts.index} aria-rowindex=${rowIndex}>
    <td
      role="gridcell"
      colspan="8"
      id=${reasonId(facts.index)}
      data-column="ly"
      tabindex=${tab(draw, key, "ly", ["ly"])}
      class=${classMap({ cell: draw.place?.line === key })}
    >
      ${faults.map((fault) => reason(fault, draw, facts))}
    </td>
  </tr>`;
}

function reason(fault: Diagnostic, draw: Drawing, facts: RowFacts): TemplateResult {
  const sign = fault.severity === "error" ? "over" : "tight";
  return html`<div class="reason-text is-${sign}">
    <svg class="sign is-${sign}" aria-hidden="true"><use href="#${sign}"></use></svg>
    <span>${fault.field === undefined ? nothing : html`<b>${fault.field}</b> `}${fault.message}</span>
    ${(fault.fixes ?? []).map(
      (fix) =>
        html`<button type="button" class="num" tabindex="-1" data-act="fix" data-field=${fix.field} data-value=${fixValue(fix) ?? nothing}>
          ${fixLabel(fix, draw.attribute(facts.row.op, fix.field))}
        </button>`,
    )}
  </div>`;
}

function fixValue({ value }: Fix): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** "Kernel 1×11"; a fix without a value takes the attribute away. */
function fixLabel({ field, value }: Fix, type: AttributeType | undefined): string {
  const label = shortLabel(field);
  if (value === undefined) return `Without ${label}`;
  return `${label.charAt(0).toUpperCase()}${label.slice(1)} ${showValue(value, type)}`;
}
