// A text as a model document, or why it is none: what is wrong, and in which line. Nothing is opened here.
import type { Footprint } from "../core/footprint";
import type { Diagnostic } from "../core/types";
import { MB } from "../format";
import { jsonFault } from "./json-fault";
import { whyNoModel, type ModelDocument } from "../state/model";

/** Larger files are no model documents that the core would take: 20,000 rows are about 2 MB. */
export const MOST_BYTES = 16 * MB;

const LINE_END = /\r\n|\r|\n/;

export interface Problem {
  readonly title: string;
  readonly text: string;
  /** The lines around the fault, and the number of the faulty one. */
  readonly lines?: readonly { readonly number: number; readonly text: string; readonly bad: boolean }[];
}

export type ReadDocument = { readonly problem: Problem } | { readonly model: ModelDocument; readonly faults: readonly Diagnostic[] };

export function readDocument(text: string, footprint: Footprint): ReadDocument {
  const notRead = whyNotRead(text);
  if (notRead !== null) return { problem: notRead };
  const json = text.replace(/^\uFEFF/, "");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { problem: notJson(json) };
  }
  const why = whyNoModel(value);
  if (why !== null) return problem("This is no model document.", why);
  const model = value as ModelDocument;
  const { rows } = footprint.catalogue.limits;
  if (model.layers.length > rows) {
    return problem("The model is too large.", `It has ${model.layers.length} rows; at most ${rows} are computed.`);
  }
  const report = footprint.estimate({ model, gpus: [], want: ["layers"] });
  return { model, faults: report.diagnostics.filter((diagnostic) => diagnostic.severity === "error") };
}

/** Why a text is not even looked at; `null` where it is. */
export function whyNotRead(text: string): Problem | null {
  if (text.length > MOST_BYTES)
    return { title: "The file is too large.", text: `It has ${text.length} characters; at most ${MOST_BYTES} are read.` };
  if (text.trim() === "") return { title: "There is nothing in it.", text: "A model document is JSON, a print is text." };
  return null;
}

/** The line with the two before it and the one after it. */
export function linesAround(text: string, number: number): NonNullable<Problem["lines"]> {
  const lines = text.split(LINE_END);
  const around = [-2, -1, 0, 1].map((step) => number + step).filter((line) => line >= 1 && line <= lines.length);
  return around.map((line) => ({ number: line, text: (lines[line - 1] ?? "").slice(0, 160), bad: line === number }));
}

function problem(title: string, text: string): ReadDocument {
  return { problem: { title, text } };
}

/** The lines around the place where it stops being JSON; at its end, the last line that says something. */
function notJson(text: string): Problem {
  const place = Math.min(jsonFault(text), text.trimEnd().length);
  const number = text.slice(0, place).split(LINE_END).length;
  return {
    title: `Line ${number} cannot be read.`,
    text: "A model document is JSON, and here it is not.",
    lines: linesAround(text, number),
  };
}
