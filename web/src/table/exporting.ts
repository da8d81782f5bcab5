// The exports of the section: which text, under which name. Loaded with the first export.
import { fileStem } from "../share/download";
import { loadPart } from "../parts";
import { makeRequest } from "../state/run";
import type { Store } from "../state/store";
import { chipsOf } from "./chips";
import { showExport, type ExportedText } from "./export-dialog";
import { exportedRow, toCsv, toLatex, toMarkdown, type ExportedTable } from "./exports";
import type { ExportForm } from "./foot";
import type { RowFacts } from "./rows";
import type { TableLines } from "./table-lines";

type ToPyTorch = (typeof import("../code/pytorch"))["toPyTorch"];

export async function openExport(form: ExportForm, store: Store, table: TableLines): Promise<void> {
  if (form !== "PyTorch") {
    showExport(exportAs(form, store, table));
    return;
  }
  const part = await loadPart(store, () => import("../code/pytorch"));
  if (part) showExport(asPyTorch(part.toPyTorch, store));
}

function asPyTorch(toPyTorch: ToPyTorch, store: Store): ExportedText {
  const { model, run, stale } = store.state;
  const exported = { form: "PyTorch", file: `${fileStem(model).replaceAll("-", "_")}.py`, type: "text/x-python" };
  if (stale) return { ...exported, text: "", note: "The model has a fault: code is written once it is mended." };
  try {
    const estimate = (batch: number) => store.footprint.estimate(makeRequest(model, { ...run, batch }, []));
    const { text, missing } = toPyTorch(model, store.footprint.catalogue, estimate);
    const raises = `The document does not say what ${missing.join(", ")} computes: the code raises NotImplementedError there.`;
    return { ...exported, text, ...(missing.length === 0 ? {} : { note: raises }) };
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason);
    return { ...exported, text: "", note: `This model cannot be written as code: ${why}` };
  }
}

function exportAs(form: Exclude<ExportForm, "PyTorch">, store: Store, table: TableLines): ExportedText {
  const { state } = store;
  const stem = fileStem(state.model);
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
