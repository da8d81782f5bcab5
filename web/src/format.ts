// Bytes, counts and shapes as text: the one place of the page that knows how many bytes a unit has, and that divides for
// a text. Rounding is C's "%.2f": to the nearest, a tie to the even
// digit (15.625 reads 15.62), as torchsummary prints. `toFixed` rounds ties up, so the division is done in whole numbers here.
import type { Shape } from "./core/types";
import type { Units } from "./state/store";

/** The notebook's units, and nvidia-smi's: powers of two. */
export const KB = 2 ** 10;
export const MB = 2 ** 20;
export const GB = 2 ** 30;
const MINUS = "\u2212";
/** Between a number and its unit, so that no line ends there. */
const NBSP = "\u00a0";

/** numerator / denominator with so many digits, exactly; thousands separated by commas. */
export function ratio(numerator: number, denominator: number, digits: number): string {
  if (!Number.isFinite(numerator) || !Number.isFinite(denominator) || denominator === 0) return "?";
  const negative = numerator < 0 !== denominator < 0 && numerator !== 0;
  const scaled = whole(Math.abs(numerator)) * 10n ** BigInt(digits);
  const by = whole(Math.abs(denominator));
  let quotient = scaled / by;
  const twice = (scaled % by) * 2n;
  if (twice > by || (twice === by && quotient % 2n === 1n)) quotient += 1n;
  const text = quotient.toString().padStart(digits + 1, "0");
  const split = text.length - digits;
  const shown = group(text.slice(0, split)) + (digits > 0 ? `.${text.slice(split)}` : "");
  return negative && quotient !== 0n ? MINUS + shown : shown;
}

function whole(value: number): bigint {
  return BigInt(Math.round(value));
}

function group(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** "19,434,304" */
export function count(value: number): string {
  return ratio(value, 1, 0);
}

/** Four or five characters, for narrow columns that have the number in full elsewhere: "9,999", "125k", "1.25M"; of four digits "9.9k" as well. */
export function shortCount(value: number, exact = 10_000): string {
  if (value < exact) return count(value);
  if (value < 10_000) return `${ratio(Math.floor(value / 100), 10, 1)}k`;
  return value < 1_000_000 ? `${count(Math.floor(value / 1000))}k` : `${ratio(value, 1_000_000, 2).replace(/\.?0+$/, "")}M`;
}

/** "41 rows": of the model, each with its number in the table, functions too. */
export function rowCount(rows: number): string {
  return `${count(rows)} ${rows === 1 ? "row" : "rows"}`;
}

/** A batch as it is written: a number with its thousands apart, or what was typed in its place. */
export function batchText(batch: number | string): string {
  return typeof batch === "number" && Number.isSafeInteger(batch) ? count(batch) : batch === "" ? "?" : String(batch);
}

/** "28,273.64": MB as the notebook has them, 2^20 bytes. */
export function megabytes(bytes: number): string {
  return ratio(bytes, MB, 2);
}

/** "27.61": GB of 2^30 bytes. */
export function gigabytes(bytes: number): string {
  return ratio(bytes, GB, 2);
}

/** The number alone, in the unit the reader chose for the table. */
export function amount(bytes: number, units: Units): string {
  if (units === "bytes") return count(bytes);
  return units === "GB" ? gigabytes(bytes) : megabytes(bytes);
}

/** The unit of an axis that goes so far: bytes have too many digits to stand beside one. */
export function axisUnits(most: number, units: Units): Units {
  if (units !== "bytes" || most < MB) return units;
  return most < GB ? "MB" : "GB";
}

/** Bytes of one unit, for the marks of an axis. */
export function bytesIn(units: Units): number {
  return units === "bytes" ? 1 : units === "GB" ? GB : MB;
}

/** Number and unit for a sentence: GB from one GB on, else MB, else bytes; in the reader's unit where that is MiB or bytes. */
export function memory(bytes: number, units: Units = "MB"): string {
  const size = Math.abs(bytes);
  if (units === "bytes" || (size > 0 && size < MB / 100)) return `${count(bytes)}${NBSP}B`;
  const binary = units === "MiB";
  return size >= GB ? `${gigabytes(bytes)}${NBSP}${binary ? "GiB" : "GB"}` : `${megabytes(bytes)}${NBSP}${binary ? "MiB" : "MB"}`;
}

/** Number and unit as the table has them: in the unit that was chosen for it, however large. */
export function quantity(bytes: number, units: Units): string {
  const size = Math.abs(bytes);
  if (units === "bytes" || (size > 0 && size < MB / 100)) return `${count(bytes)}${NBSP}B`;
  return `${amount(bytes, units)}${NBSP}${units}`;
}

/** "27.61 of 31.74 GB": the first of two amounts without its unit where both have the same. */
export function withoutUnit(memoryText: string, other: string): string {
  const [number = memoryText, unit] = memoryText.split(NBSP);
  return unit === other.split(NBSP)[1] ? number : memoryText;
}

/** "+1.25 GB", "−12.48 GB" */
export function difference(bytes: number, units: Units = "MB"): string {
  return bytes > 0 ? `+${memory(bytes, units)}` : memory(bytes, units);
}

/** "13 %" */
export function percent(part: number, of: number, digits = 0): string {
  return `${ratio(part * 100, of, digits)}${NBSP}%`;
}

/** "64 × 224 × 224": a shape without the batch in front when `perItem`. */
export function shape(sizes: Shape | null | undefined): string {
  return sizes ? sizes.map((size) => (size === null ? "?" : String(size))).join(" × ") : "?";
}

/** A sentence of the core, whose apostrophes are straight. */
export function prose(text: string): string {
  return text.replaceAll(/(?<=\p{L})'(?=\p{L}|\s|$)/gu, "’");
}

/** The beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
