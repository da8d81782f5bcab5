// A text or a picture as a file of the reader's own disk.
import type { ModelDocument } from "../state/model";

export function download(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000); // the browser has begun to read it by then
}

/** The model's name as the name of a file, without an ending. */
export function fileStem(model: ModelDocument): string {
  const stem = (model.name ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
  return stem === "" ? "model" : stem;
}

export function fileName(model: ModelDocument): string {
  return `${fileStem(model)}.json`;
}

/** The document as a person would write it: one row a line. */
export function modelText(model: ModelDocument): string {
  const { inputs, layers, ...rest } = model;
  const lines = (rows: readonly unknown[]) =>
    rows.length === 0 ? "[]" : `[\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n")}\n  ]`;
  const head = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${[...head, `  "inputs": ${lines(inputs)}`, `  "layers": ${lines(layers)}`].join(",\n")}\n}\n`;
}

export function downloadJson(model: ModelDocument): void {
  download(fileName(model), "application/json", modelText(model));
}
