// Numbers, tables and lists of a written page.

const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});

export const bytes = (count) => whole.format(count);
export const mebibytes = (count) => whole.format(count / 2 ** 20);
export const percent = (share, digits) => (share === 0 ? '0' : `${(100 * share).toFixed(digits)} %`);

const line = (cells) => `| ${cells.join(' | ')} |`;
export const table = (header, rows) => [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');

export const list = (items) => items.map((item) => `- ${item}`).join('\n');
export const details = (summary, content) => `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
