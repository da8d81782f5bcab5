// What the link and state tests stand on: the bundled modules, the presets of the repository, a catalogue of a few real cards, and
// random numbers that are the same in every run.
import { readdirSync, readFileSync } from "node:fs";
import { loadModule } from "../wasm/module.mjs";

const bundled = process.env.FOOTPRINT_WEB;
if (!bundled) throw new Error("Run these tests by `npm run test:node` in web/: it bundles the modules they test.");
export const load = (name) => import(`${bundled}/${name}.mjs`);

const documents = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json") && name !== "index.json")
    .map((name) => ({ id: name.slice(0, -5), model: JSON.parse(readFileSync(new URL(name, folder), "utf8")) }));
export const presets = documents(new URL("../../presets/", import.meta.url));
export const gallery = documents(new URL("../../presets/gallery/", import.meta.url));

/** As the page has it: a network is there or not, and only a promise says so. */
export const fromGallery = async (id) => gallery.find((item) => item.id === id)?.model ?? null;

const card = (id, gb, short, mib) => ({
  id,
  name: short,
  short,
  gb,
  group: "data centre",
  named: true,
  usable: {
    linux: { bytes: mib * 2 ** 20, evidence: "exact", source: "" },
    windows: { bytes: gb * 2 ** 30, evidence: "rule", source: "" },
  },
});

export const catalogue = {
  format: "footprint/catalogue",
  version: 1,
  release: "0.1.0",
  layers: [],
  row: [
    { name: "name", type: "text", help: "" },
    { name: "inputs", type: "list", help: "" },
  ],
  run: [],
  training: JSON.parse((await loadModule()).describe()).training,
  gpus: [
    card("rtx-3060-12gb", 12, "RTX 3060", 12035),
    card("v100-16gb", 16, "V100", 16151),
    card("v100-32gb", 32, "V100", 32501),
  ],
  diagnostics: [],
  limits: { rows: 20000 },
};

/** Equal in every run: mulberry32. */
export function random(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most) => Math.floor(next() * most);
  return { next, below, pick: (list) => list[below(list.length)] };
}

export function freezeDeep(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freezeDeep);
  }
  return value;
}
