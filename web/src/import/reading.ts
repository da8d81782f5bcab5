// A pasted print on its way to a document: what the core reads in it, the questions that it asked, and the reader's answers. Each answer
// gives a new reading. Plain functions on plain data; the core's importer is handed in.
import type { Importer } from "../core/importer";
import type { Import, ImportLine, ImportQuestion } from "../core/types";
import { capital } from "../format";
import { whyNoModel, type ModelDocument } from "../state/model";
import { readSizes } from "../state/run";
import { linesAround, type Problem } from "./read-document";

export interface Asked {
  readonly question: ImportQuestion;
  /** As the reader wrote it; empty: the question is open. */
  readonly answer: string;
  /** Why the answer cannot be taken. */
  readonly fault: string | null;
}

/** By question, as written. */
type Given = ReadonlyMap<string, string>;
/** Answers that cannot be taken, by question: the core is not asked with them. */
type Refused = ReadonlyMap<string, Pick<Asked, "answer" | "fault">>;

export interface Reading {
  readonly text: string;
  readonly kind: NonNullable<Import["kind"]>;
  readonly model: ModelDocument;
  /** In the order in which they came up. Those that are answered stay, so that an answer can be changed. */
  readonly asked: readonly Asked[];
  readonly given: Given;
  readonly refused: Refused;
  readonly lines: readonly ImportLine[];
  /** What else is wrong with the print. */
  readonly faults: readonly string[];
}

type Result = Reading | { readonly problem: Problem };

export function beginReading(text: string, importer: Importer): Result {
  return read({ text, given: new Map(), refused: new Map(), asked: [] }, importer);
}

/** The same print with one more answer; an empty one opens the question again. One that cannot be taken changes nothing else. */
export function answer(reading: Reading, id: string, written: string, importer: Importer): Reading {
  const text = written.trim();
  const before = { ...reading, given: without(reading.given, id), refused: without(reading.refused, id) };
  const next = read(text === "" ? before : { ...before, given: new Map([...before.given, [id, text]]) }, importer);
  const fault = "problem" in next ? next.problem.text : (next.asked.find(({ question }) => question.id === id)?.fault ?? null);
  if (!("problem" in next) && fault === null) return next;
  const open = read({ ...before, refused: new Map([...before.refused, [id, { answer: text, fault }]]) }, importer);
  return "problem" in open ? reading : open;
}

export function openQuestions(reading: Reading): readonly ImportQuestion[] {
  return reading.asked.filter(({ answer: written, fault }) => written === "" || fault !== null).map(({ question }) => question);
}

function read(from: Pick<Reading, "text" | "given" | "refused" | "asked">, importer: Importer): Result {
  const { text, given, refused } = from;
  const sizes = new Map([...given].filter(([id]) => isInput(id)).map(([id, written]) => [id, readSizes(written)] as const));
  const result = importer.import(text, {
    inputs: Object.fromEntries([...sizes].flatMap(([id, value]) => (isSizes(value) ? [[id.slice(INPUT.length), value]] : []))),
    answers: Object.fromEntries([...given].filter(([id]) => !isInput(id))),
  });
  if (result.kind === null || whyNoModel(result.model) !== null) return { problem: whyNoPrint(text, result) };

  const said = new Map<string, string>();
  for (const { field, message } of result.diagnostics) if (field !== undefined && !said.has(field)) said.set(field, message);
  for (const [id, value] of sizes) if (!isSizes(value)) said.set(id, "Sizes are whole numbers without the batch, such as 3 × 224 × 224.");
  const questions = new Map(
    [...from.asked.map(({ question }) => question), ...result.questions].map((question) => [question.id, question]),
  );
  const open = new Set(result.questions.map(({ id }) => id));
  const stands = (id: string) => open.has(id) || (given.has(id) && (isInput(id) || id in result.answers || said.has(id)));

  // Another answer may have taken a question away: its own answer would be one to nothing.
  const kept = new Map([...given].filter(([id]) => stands(id)));
  if (kept.size < given.size) return read({ ...from, given: kept }, importer);

  const asked = [...questions.values()].filter(({ id }) => stands(id));
  const stateOf = (id: string) => refused.get(id) ?? { answer: given.get(id) ?? "", fault: said.get(id) ?? null };
  return {
    text,
    kind: result.kind,
    model: result.model as ModelDocument,
    asked: asked.map((question) => ({ question, ...stateOf(question.id) })),
    given,
    refused,
    lines: result.lines,
    faults: result.diagnostics.filter(({ field }) => field === undefined || !questions.has(field)).map(({ message }) => message),
  };
}

function without<Value>(map: ReadonlyMap<string, Value>, id: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([key]) => key !== id));
}

const INPUT = "input/";

export function isInput(id: string): boolean {
  return id.startsWith(INPUT);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => typeof size === "number" && size >= 1);
}

/** The core's sentence, with the lines around the one that it names. */
function whyNoPrint(text: string, { diagnostics }: Import): Problem {
  const message = diagnostics[0]?.message ?? "The core gave no reason.";
  const line = /\bline (\d+)\b/.exec(message);
  return {
    title: "This print cannot be read.",
    text: sentence(message),
    ...(line ? { lines: linesAround(text, Number(line[1])) } : {}),
  };
}

/** The core's messages begin small and end without a point. */
export function sentence(message: string): string {
  return capital(message) + (/[.?!]$/.test(message) ? "" : ".");
}

// ——— questions in few words

/** "What the forward of ResNet does" */
export function subject({ id, class: name, field, input }: ImportQuestion): string {
  const [kind = "", about = ""] = id.split("/");
  const of = name ?? about;
  if (kind === "input") return `The size of ${input === undefined || input === "input" ? "the input" : input}`;
  if (kind === "forward") return `What the forward of ${of} does`;
  if (kind === "inputs") return `What ${about} takes`;
  if (kind === "shares") return `Which module ${about} calls again`;
  return kind === "attributes" ? `The attributes of ${about}` : `The ${field ?? "attribute"} of ${of}`;
}

/** "row 12 and 7 more"; nothing where it is about no row. */
export function rowsText({ row, rows = [] }: ImportQuestion): string {
  if (row === undefined) return "";
  return rows.length > 1 ? `row ${row} and ${rows.length - 1} more` : `row ${row}`;
}

// ——— numbers, line by line

export interface Comparison {
  readonly equal: readonly ImportLine[];
  /** Other numbers than ours. */
  readonly differing: readonly ImportLine[];
  /** Not known before a question is answered. */
  readonly unknown: readonly ImportLine[];
}

export function compared(lines: readonly ImportLine[]): Comparison {
  return {
    equal: lines.filter((line) => line.equal),
    differing: lines.filter((line) => !line.equal && line.ours !== null),
    unknown: lines.filter((line) => !line.equal && line.ours === null),
  };
}

/** "61 of 62 numbers equal" */
export function equalText({ equal, differing, unknown }: Comparison): string {
  const all = equal.length + differing.length + unknown.length;
  if (equal.length === all) return `All ${all} numbers equal`;
  const open = unknown.length === 0 ? "" : `, ${unknown.length} not known yet`;
  return `${equal.length} of ${all} numbers equal${open}`;
}
