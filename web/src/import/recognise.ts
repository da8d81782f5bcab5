// Which pasted texts are meant to be opened as a model. The core says what a text really is; this only keeps other pastes (rows for the
// table, a sentence) out of its way.
const AROUND = /^(?:```|>>>|In \[)/;
/** "ResNet(", also after IPython's "Out[3]: ". */
const CLASS = /^(?:Out\[\d+\]: )?_*[A-Z]\w*\(/;
/** "  (conv1): Conv2d(" */
const CHILD = /^\s*\([\w.-]+\): \S/m;
/** The head of torchsummary's and of torchinfo's table. */
const TABLE = /^\s*Layer \(type\b.*Param #/m;

export function isJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

export function isPrint(text: string): boolean {
  const first = text.split("\n").find((line) => line.trim() !== "" && !AROUND.test(line.trim())) ?? "";
  return TABLE.test(text) || (CLASS.test(first.trim()) && (CHILD.test(text) || text.trimEnd().endsWith(")")));
}

export function opensAsModel(text: string): boolean {
  return isJson(text) || isPrint(text);
}
