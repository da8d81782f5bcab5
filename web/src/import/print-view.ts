// How a print that has been read looks: its questions with the answers on offer, and its numbers beside ours. Plain functions to markup;
// the dialog knows what happens.
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import type { ImportLine, ImportQuestion } from "../core/types";
import { capital, count, ratio } from "../format";
import { readSizes, writeSizes } from "../state/run";
import { compared, equalText, isInput, rowsText, sentence, subject, type Asked, type Comparison } from "./reading";

const STEPS =
  "A forward is told in steps: a module by its name, a function such as flatten(1), or + x, which adds what the forward was given.";

/** More lines than these nobody reads, and no browser draws at once. */
const MOST_LINES = 2_000;

// ——— questions

export function questionList(asked: readonly Asked[], answered: (id: string, answer: string) => void): TemplateResult {
  return html`<section class="questions" aria-labelledby="questions-h">
    <h3 id="questions-h">What the print does not say</h3>
    ${asked.some(({ question }) => isForward(question)) ? html`<p class="note">${STEPS}</p>` : nothing}
    ${repeat(
      asked,
      ({ question }) => question.id,
      (one, index) => questionFields(one, index, (answer) => answered(one.question.id, answer)),
    )}
  </section>`;
}

function questionFields({ question, answer, fault }: Asked, index: number, answered: (answer: string) => void): TemplateResult {
  const offered = question.options.some((option) => option.answer === answer);
  const rows = rowsText(question);
  return html`<fieldset class="question" aria-describedby="question-${index}">
    <legend>
      ${subject(question)}${rows === "" ? nothing : html` <span class="note">${rows}</span>`}${
        answer === "" || fault !== null ? nothing : html` <span class="note">answered</span>`
      }
    </legend>
    <p id="question-${index}">${sentence(question.message)}</p>
    ${question.options.map(
      (option, at) =>
        html`<label class="offer">
          <input
            type="radio"
            name="question-${index}"
            ?autofocus=${index === 0 && at === 0}
            .checked=${live(option.answer === answer)}
            @change=${() => answered(option.answer)}
          />
          <span><span class="code">${option.answer}</span> <small>${option.message}</small></span>
        </label>`,
    )}
    <label class="own">
      <span class="name">${ownLabel(question)}</span>
      <input
        class="text code"
        ?autofocus=${index === 0 && question.options.length === 0}
        spellcheck="false"
        autocomplete="off"
        placeholder=${exampleOf(question) ?? nothing}
        aria-invalid=${fault === null ? nothing : "true"}
        aria-describedby=${fault === null ? nothing : `fault-${index}`}
        .value=${live(offered ? "" : answer)}
        @change=${(event: Event) => answered((event.target as HTMLInputElement).value)}
      />
    </label>
    ${fault === null ? nothing : html`<p class="fault" id="fault-${index}" role="alert">${sentence(fault)}</p>`}
  </fieldset>`;
}

/** Sizes as the page writes them everywhere. */
function exampleOf({ id, example }: ImportQuestion): string | undefined {
  return isInput(id) && example !== undefined ? writeSizes(readSizes(example)) : example;
}

function ownLabel(question: ImportQuestion): string {
  if (isInput(question.id)) return "Sizes without the batch";
  const words = isForward(question) ? "steps, separated by commas" : "an answer of your own";
  return question.options.length === 0 ? capital(words) : `Or ${words}`;
}

function isForward({ id }: ImportQuestion): boolean {
  return id.startsWith("forward/");
}

// ——— numbers

export function numbers(lines: readonly ImportLine[], showEqual: boolean, toggled: (open: boolean) => void): TemplateResult {
  const comparison = compared(lines);
  const other = [...comparison.differing, ...comparison.unknown];
  return html`<section class="numbers" aria-labelledby="numbers-h">
    <h3 id="numbers-h">Its numbers beside ours</h3>
    <p>${equalText(comparison)}.</p>
    ${other.length === 0 ? nothing : lineTable("Numbers that differ or are not known", other)} ${equalLines(comparison, showEqual, toggled)}
  </section>`;
}

/** Folded, and only drawn when it is opened. */
function equalLines({ equal }: Comparison, open: boolean, toggled: (open: boolean) => void): TemplateResult | typeof nothing {
  if (equal.length === 0) return nothing;
  return html`<details ?open=${open} @toggle=${(event: Event) => toggled((event.target as HTMLDetailsElement).open)}>
    <summary>${equal.length === 1 ? "The equal number" : `The ${count(equal.length)} equal numbers`}</summary>
    ${open ? lineTable("Equal numbers", equal) : nothing}
  </details>`;
}

function lineTable(name: string, lines: readonly ImportLine[]): TemplateResult {
  const differ = lines.some((line) => line.difference !== undefined && !line.equal);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${name}>
      <table>
        <thead>
          <tr>
            <th scope="col" class="r wide">Line</th>
            <th scope="col">Layer</th>
            <th scope="col" class="r">Printed</th>
            <th scope="col" class="r">Ours</th>
            ${differ ? html`<th scope="col" class="r">Difference</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${lines.slice(0, MOST_LINES).map((line, at) => html`${lineRow(line, differ)}${line.reason === lines[at + 1]?.reason ? nothing : reasonRow(line)}`)}
        </tbody>
      </table>
    </div>
    ${lines.length > MOST_LINES ? html`<p class="note">and ${count(lines.length - MOST_LINES)} more</p>` : nothing}`;
}

function lineRow(line: ImportLine, differ: boolean): TemplateResult {
  const what = line.what === "output" || line.what === "parameters" ? line.what : null;
  return html`<tr>
    <td class="r wide">${line.line}</td>
    <th scope="row">
      ${line.text}${what === null ? nothing : html` <small>${what}</small>`} <small class="narrow">line ${line.line}</small>
    </th>
    <td class="r">${line.printed}</td>
    <td class="r">${line.ours ?? "not known"}</td>
    ${differ ? html`<td class="r">${differenceText(line)}</td>` : nothing}
  </tr>`;
}

/** A reason that several lines share stands under the last of them. */
function reasonRow({ reason }: ImportLine): TemplateResult | typeof nothing {
  if (reason === undefined) return nothing;
  return html`<tr class="reason">
    <td class="wide"></td>
    <td colspan="4">${sentence(reason)}</td>
  </tr>`;
}

/** In the digits in which the number is printed; sizes have no difference. */
function differenceText({ difference, printed }: ImportLine): string {
  if (difference === undefined) return "";
  const text = printed.includes(".") ? ratio(Math.round(difference * 100), 100, 2) : count(difference);
  return difference > 0 ? `+${text}` : text;
}
