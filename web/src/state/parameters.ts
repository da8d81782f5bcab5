// The parameters of the whole model as torchsummary sums them: those of each row, however often a tensor is in use.
import type { Report } from "../core/types";
import { count } from "../format";
import type { ModelDocument } from "./model";

export function parametersOf(report: Report): number {
  return (report.layers ?? []).reduce((sum, layer) => sum + (layer.parameters ?? 0), 0);
}

/** "163,037,184 parameters, shared ones counted at each use": PyTorch counts those once. */
export function parametersText(model: ModelDocument, report: Report): string {
  return `${count(parametersOf(report))} parameters${sharesParameters(model, report) ? ", shared ones counted at each use" : ""}`;
}

export function sharesParameters({ layers, parameters }: ModelDocument, report: Report): boolean {
  const listed: readonly unknown[] = Array.isArray(parameters) ? parameters : [];
  return (
    listed.some((entry) => typeof entry === "object" && entry !== null && "tied_to" in entry) ||
    layers.some((row, index) => row["shares"] !== undefined && (report.layers?.[index]?.parameters ?? 0) > 0)
  );
}
