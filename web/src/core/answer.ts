// A text of the core as the document that docs/interface.md promises. What is something else (a stale file beside a new page, for example)
// throws; a model with faults never does: its report says so.

/** The core is there but does not speak the page's language, or is not there at all. */
export class CoreError extends Error {
  override readonly name = "CoreError";
}

/** Keys that are always there, each with a test of its value. */
export type Keys = Readonly<Record<string, (value: unknown) => boolean>>;
export const isText = (value: unknown) => typeof value === "string";
export const isList = (value: unknown) => Array.isArray(value);
export const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

export const REPORT_KEYS: Keys = { diagnostics: isList };
export const DERIVATION_KEYS: Keys = { path: isText };

export function readAnswer(answer: string, from: string, format: string, keys: Keys): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    throw new CoreError(`${from} of the core gave no JSON: ${answer.slice(0, 80)}`);
  }
  if (!isObject(value)) throw new CoreError(`${from} of the core gave no object.`);
  const document = value as Record<string, unknown>;
  if (document["format"] !== format || document["version"] !== 1) {
    throw new CoreError(
      `${from} of the core speaks ${String(document["format"])} version ${String(document["version"])}; this page reads ${format} version 1.`,
    );
  }
  for (const [key, holds] of Object.entries(keys)) {
    if (!holds(document[key])) throw new CoreError(`${from} of the core gave no usable "${key}".`);
  }
  return document;
}

/** What a module of WebAssembly gives once it has started. */
export async function started<Module>(module: Promise<Module>, what: string): Promise<Module> {
  try {
    return await module;
  } catch (reason) {
    throw new CoreError(`${what} could not be started: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
}
