// The five exports of the section: which text, under which name.
import type { Store } from "../state/store";
import { chipsOf } from "./chips";
import type { ExportedText } from "./export-dialog";
import { exportedRow, toCsv, toLatex, toMarkdown, type ExportedTable } from "./exports";
import type { RowFacts } from "./rows";
import type { TableLines } from "./table-lines";

export const EXPORTS = ["CSV", "Markdown", "LaTeX", "JSON", "torchsummary text"] as const;
export type ExportForm = (typeof EXPORTS)[number];

export function exportAs(form: ExportForm, store: Store, table: TableLines): ExportedText {
  const { state } = store;
  const stem = fileStem(state.model.name ?? "model");
  const stale = state.stale ? { note: "The model has a fault: the numbers are the last valid ones." } : {};
  switch (form) {
    case "CSV":
      return { form, text: toCsv(tableOf(store, table)), file: `${stem}.csv`, type: "text/csv", ...stale };
    case "Markdown":
      return { form, text: toMarkdown(tableOf(store, table)), file: `${stem}.md`, type: "text/markdown", ...stale };
    case "LaTeX":
      return { form, text: toLatex(tableOf(store, table)), file: `${stem}.tex`, type: "application/x-tex", ...stale };
    case "JSON":
      return { form, text: `${JSON.stringify(state.model, null, 2)}\n`, file: `${stem}.json`, type: "application/json" };
    case "torchsummary text": {
      const { print, diagnostics } = store.footprint.estimate(store.request({ want: ["print"] }));
      const note =
        print === undefined
          ? (diagnostics[0]?.message ?? "There is nothing to print.")
          : print.stopped && `torchsummary stops here: ${print.stopped.message}`;
      return {
        form,
        text: print?.text ?? "",
        file: `${stem}-torchsummary.txt`,
        type: "text/plain",
        ...(note === undefined ? {} : { note }),
      };
    }
  }
}

function tableOf(store: Store, table: TableLines): ExportedTable {
  const { state } = store;
  const attributes = (facts: RowFacts) => {
    const owner = table.rows[facts.owner] ?? facts;
    return chipsOf(owner.row, owner.layer, store.footprint.catalogue.row, facts.report, [])
      .map((chip) => `${chip.name} ${chip.text}`)
      .join(", ");
  };
  return {
    title: state.model.name ?? "Model",
    batch: String(state.run.batch),
    units: state.units,
    rows: table.rows
      .filter((facts) => table.functions === "rows" || !facts.isFunction)
      .map((facts) => exportedRow(facts, attributes(facts))),
    notebook: state.valid.notebook,
  };
}

function fileStem(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "model"
  );
}
