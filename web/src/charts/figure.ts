// The frame of every chart: a title that is a finding, what it shows, and the same as SVG, PNG and table. Chart text keeps its size at
// any width because geometry is in per cent and no viewBox scales it.
import { html, nothing, type TemplateResult } from "lit";
import { download } from "../share/download";
import { savePicture } from "./picture";

export interface ChartTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Figure {
  /** For files: "memory-against-batch". */
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly chart: TemplateResult;
  readonly table: ChartTable;
  readonly showsTable: boolean;
  readonly toggleTable: () => void;
  /** A chart that is a table has no picture of it. */
  readonly pictures: boolean;
}

export function figure(of: Figure): TemplateResult {
  const picture = (form: "SVG" | "PNG") => (event: Event) => {
    const svg = (event.currentTarget as Element).closest("figure")?.querySelector<SVGSVGElement>(".chart");
    if (svg) void savePicture(svg, form, of.name, of.title);
  };
  return html`<figure class="fig">
    <figcaption>
      <div class="head">
        <h3>${of.title}</h3>
        <span class="forms">
          ${
            of.pictures && !of.showsTable
              ? (["SVG", "PNG"] as const).map(
                  (form) =>
                    html`<button type="button" class="btn plain" aria-label="Save as ${form}: ${of.title}" @click=${picture(form)}>
                      <span>${form}</span>
                    </button>`,
                )
              : nothing
          }
          ${
            of.pictures
              ? html`<button
                  type="button"
                  class="btn plain"
                  aria-label="Table: ${of.title}"
                  aria-pressed=${of.showsTable ? "true" : "false"}
                  @click=${of.toggleTable}
                >
                  <span>table</span>
                </button>`
              : html`<button
                  type="button"
                  class="btn plain"
                  aria-label="Save as CSV: ${of.title}"
                  @click=${() => download(`${of.name}.csv`, "text/csv", csv(of.table))}
                >
                  <span>CSV</span>
                </button>`
          }
        </span>
      </div>
      <p class="note">${of.note}</p>
    </figcaption>
    ${of.showsTable ? table(of.table) : of.chart}
  </figure>`;
}

function table({ caption, head, rows }: ChartTable): TemplateResult {
  return html`<div class="figtable" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class="vh">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((value, at) => (at === 0 ? html`<th scope="row">${value}</th>` : html`<td>${value}</td>`))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function csv({ head, rows }: ChartTable): string {
  const quote = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  // What keeps a number and its unit on one line of the page is no part of a file.
  return [head, ...rows].map((row) => `${row.map(quote).join(",").replaceAll("\u00a0", " ")}\r\n`).join("");
}
