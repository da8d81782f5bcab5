// How Python reaches what lives in a module: "self.blocks[3].fc.weight".
import { within, type Place } from "./network";
import { isIdentifier, quote } from "./text";

export type Kind = "class" | "module" | "sequence" | "list" | "dict" | "holder";

export function kindOf(place: Place): Kind {
  if (place.isClass) return "class";
  if (place.module) return "module";
  if (place.isSequence) return "sequence";
  if (place.parameters.length > 0 || place.children.size === 0) return "holder";
  if (place.isNumbered) return "list";
  return place.isNamed ? "holder" : "dict";
}

/** From a place to its child. */
export function stepTo(place: Place, key: string): string {
  const kind = kindOf(place);
  if (kind === "list" || (kind === "sequence" && place.isNumbered)) return `[${key}]`;
  if (kind === "dict") return `[${quote(key)}]`;
  return isIdentifier(key) ? `.${key}` : `.get_submodule(${quote(key)})`;
}

/** The expression of a module or parameter in the class at `from`; null where it lives elsewhere. */
export function locate(from: Place, path: string): string | null {
  if (path === from.path || !within(path, from.path)) return null;
  let place: Place | null = from;
  let text = "self";
  for (const key of path.slice(from.path === "" ? 0 : from.path.length + 1).split(".")) {
    const child: Place | null = place?.children.get(key) ?? null;
    text += place && child ? stepTo(place, key) : isIdentifier(key) ? `.${key}` : `.get_parameter(${quote(key)})`;
    place = child;
  }
  return text;
}
