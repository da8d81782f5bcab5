// What is told of the questions that were left open when a print was opened. The core marks a missing attribute or size in its cell; in an
// order or a function that nobody told there is nothing wrong that it could see, so all of them are listed, with their rows.
import type { ImportQuestion } from "../core/types";
import type { ModelDocument } from "../state/model";
import type { Notice } from "../state/store";
import { subject } from "./reading";

export function openNotice(model: ModelDocument, open: readonly ImportQuestion[]): Notice | null {
  if (open.length === 0) return null;
  return {
    tone: "warn",
    title: open.length === 1 ? "The print left a question open." : `The print left ${open.length} questions open.`,
    text: "Nothing was guessed: what is asked for is missing, or stands as it was printed.",
    places: open.map((question) => ({ text: subject(question), row: model.layers[(question.row ?? 0) - 1] })),
  };
}
