// Where a text stops being JSON. Browsers say that in different words or not at all, and a person who pasted a file wants the line.
const BLANK = /[ \t\r\n]*/y;
const SCALAR = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/** The place of the first character that no JSON text has there; the text's length where it ends too early. */
export function jsonFault(text: string): number {
  const open: ("[" | "{")[] = [];
  let expected: Expected = "value";
  let at = skip(BLANK, text, 0);
  for (; at < text.length; at = skip(BLANK, text, at)) {
    const character = text[at];
    if (expected === ", or end") {
      const inside = open.at(-1);
      if (character === "," && inside !== undefined) expected = inside === "[" ? "value" : "key";
      else if ((character === "]" && inside === "[") || (character === "}" && inside === "{")) open.pop();
      else return at;
      at += 1;
    } else if (expected === ":") {
      if (character !== ":") return at;
      expected = "value";
      at += 1;
    } else if ((character === "]" && expected === "value or ]") || (character === "}" && expected === "key or }")) {
      open.pop();
      expected = ", or end";
      at += 1;
    } else if ((character === "[" || character === "{") && expected.startsWith("value")) {
      open.push(character);
      expected = character === "[" ? "value or ]" : "key or }";
      at += 1;
    } else {
      const end = skip(expected.startsWith("value") ? SCALAR : STRING, text, at);
      if (end === at) return at;
      expected = expected.startsWith("value") ? ", or end" : ":";
      at = end;
    }
  }
  return text.length;
}

/** The place after the pattern, or the same place where it does not match. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
