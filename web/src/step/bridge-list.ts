// The bridge drawn: an ordered list, so that it reads as text. Hollow bars take away, filled ones add in the colour of what they add.
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ChartTable } from "../charts/figure";
import { amount, capital, count, prose } from "../format";
import type { Units } from "../state/store";
import { bridgeEnd, bridgePart, type BridgeLine } from "./bridge";
import { partBar } from "./parts";

export function bridgeList(lines: readonly BridgeLine[], units: Units, explain: (path: string) => void): TemplateResult {
  const end = bridgeEnd(lines) || 1;
  const at = (bytes: number) => `${((bytes / end) * 100).toFixed(3)}%`;
  let level = 0;
  return html`<ol class="bridge">
    ${lines.map((line, index) => {
      const join = level;
      level = line.code === "device" ? level : level + line.bytes;
      const width = at(Math.max(line.to - line.from, end / 500));
      const bar =
        line.kind === "ends"
          ? svg`<rect class="end ${line.code === "device" ? "st" : ""}" x=${at(line.from)} y="20%" width=${width} height="60%"></rect>`
          : line.kind === "down"
            ? svg`<rect class="down" x=${at(line.from)} y="20%" width=${width} height="60%"></rect>`
            : partBar(bridgePart(line.code), at(line.from), "20%", width, "60%");
      return html`<li class=${line.kind === "ends" ? "ends" : ""}>
        <span>${capital(prose(line.message))}</span>
        <svg aria-hidden="true">
          ${index === 0 ? nothing : svg`<line class="join" x1=${at(join)} x2=${at(join)} y1="-20%" y2="20%"></line>`}${bar}
        </svg>
        <span class="amount"><button type="button" class="num" @click=${() => explain(pathOf(line))}>${signed(line, units)}</button></span>
      </li>`;
    })}
  </ol>`;
}

/** Where `explain` finds its arithmetic. */
function pathOf({ code }: BridgeLine): string {
  return code === "device" ? "step/device_total" : code === "notebook-total" ? "notebook/total" : `bridge/${code}`;
}

function signed({ kind, bytes }: BridgeLine, units: Units): string {
  return `${kind === "up" && bytes > 0 ? "+" : ""}${amount(bytes, units)}`;
}

export function bridgeTable(lines: readonly BridgeLine[], units: Units): ChartTable {
  return {
    caption: "From the notebook’s total to the device",
    head: ["Difference", units, "Bytes", "Rows"],
    rows: lines.map((line) => [prose(line.message), signed(line, units), count(line.bytes), line.rows.join(" ")]),
  };
}
