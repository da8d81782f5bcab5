// A text as a file of the reader's own disk. The address of the blob is let go as soon as the browser has it.
import type { ModelDocument } from "../state/model";

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

export function fileName(model: ModelDocument): string {
  const stem = (model.name ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
  return `${stem === "" ? "model" : stem}.json`;
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
