// The table's plain functions: what a typed text means, what a row shows, how rows become groups and lines, where keys lead, which rows go
// together, what is drawn of a long table, and the exports.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const web = fileURLToPath(new URL("../../web/", import.meta.url));
const NAMES = [
  "values",
  "chips",
  "rows",
  "groups",
  "lines",
  "grid-focus",
  "grid-keys",
  "units",
  "row-window",
  "exports",
];
const modules = {};
let out;

before(async () => {
  out = await mkdtemp(path.join(tmpdir(), "footprint-table-"));
  const vite = createRequire(path.join(web, "package.json")).resolve("vite");
  const { build } = await import(pathToFileURL(vite));
  await build({
    root: web,
    configFile: false,
    logLevel: "error",
    publicDir: false,
    build: {
      ssr: true,
      outDir: out,
      target: "node20",
      rollupOptions: {
        input: Object.fromEntries(NAMES.map((name) => [name, path.join(web, "src/table", `${name}.ts`)])),
        output: { entryFileNames: "[name].mjs" },
      },
    },
  });
  for (const name of NAMES) modules[name] = await import(pathToFileURL(path.join(out, `${name}.mjs`)));
});
after(() => rm(out, { recursive: true, force: true }));

const pair = { name: "kernel_size", type: "integers", rank: 2, required: true, help: "" };
const padding = { name: "padding", type: "integers-or-word", rank: 2, words: ["valid", "same"], default: 0, help: "" };
const conv = {
  op: "Conv2d",
  kind: "module",
  family: "convolution",
  summary: "",
  inplace: false,
  inputs: { least: 1, most: 1 },
  attributes: [
    { name: "in_channels", type: "integer", inferred: true, help: "" },
    { name: "out_channels", type: "integer", required: true, help: "" },
    pair,
    { name: "stride", type: "integers", rank: 2, default: 1, help: "" },
    padding,
    { name: "bias", type: "boolean", default: true, help: "" },
  ],
};
const relu = { ...conv, op: "relu", kind: "function", attributes: [] };
const layerOf = (op) => ({ Conv2d: conv, relu })[op];

describe("a typed text", () => {
  const read = (text, type) => modules.values.readValue(text, type);

  test("one integer stands for a pair, and a pair is read with any sign between", () => {
    assert.equal(read("3", pair), 3);
    for (const text of ["3×11", "3 x 11", "3, 11", "(3, 11)", "[3,11]", "3 11"])
      assert.deepEqual(read(text, pair), [3, 11], text);
  });

  test("what cannot be read stays the text it is", () => {
    for (const text of ["three", "3×", "3.5", "1e9999", "9007199254740993"]) assert.equal(read(text, pair), text);
    assert.equal(read("sixty-four", { name: "n", type: "integer", help: "" }), "sixty-four");
    assert.equal(read("maybe", { name: "b", type: "boolean", help: "" }), "maybe");
  });

  test("a word is a word only where it is one", () => {
    assert.equal(read("same", padding), "same");
    assert.equal(read("sane", padding), "sane");
    assert.deepEqual(read("0×5", padding), [0, 5]);
  });

  test("nothing written means PyTorch's default, None means None", () => {
    assert.equal(read("  ", pair), undefined);
    assert.equal(read("None", { name: "n", type: "integer", nullable: true, help: "" }), null);
    assert.equal(read("None", { name: "n", type: "integer", help: "" }), "None");
  });

  test("sizes follow the batch as B", () => {
    const sizes = { name: "shape", type: "sizes", help: "" };
    assert.deepEqual(read("B, -1, 2B+1", sizes), [{ batch: 1 }, -1, { batch: 2, plus: 1 }]);
    assert.deepEqual(read("−1 × 4", sizes), [-1, 4]);
  });

  test("one number stands for all dimensions, or each has its own", () => {
    const numbers = { name: "scale_factor", type: "numbers", nullable: true, help: "" };
    assert.equal(read("0.5", numbers), 0.5);
    assert.deepEqual(read("0.5, 2", numbers), [0.5, 2]);
    assert.equal(read("half", numbers), "half");
  });

  test("an index is Python's", () => {
    const index = { name: "index", type: "index", help: "" };
    assert.deepEqual(read(":, 0, 1:3, ::2, ..., None", index), [
      ":",
      0,
      { slice: [1, 3, null] },
      { slice: [null, null, 2] },
      "...",
      null,
    ]);
  });

  test("every value reads back to itself from its editor", () => {
    const { editText, readValue, sameValue } = modules.values;
    for (const [value, type] of [
      [3, pair],
      [[3, 11], pair],
      ["same", padding],
      [false, { name: "b", type: "boolean", help: "" }],
      [1e-5, { name: "eps", type: "number", help: "" }],
      [[0.5, 2], { name: "scale_factor", type: "numbers", help: "" }],
      [[{ batch: 2, plus: -1 }, -1], { name: "shape", type: "sizes", help: "" }],
      [[":", { slice: [1, null, 2] }], { name: "index", type: "index", help: "" }],
      [["conv1", "input"], { name: "inputs", type: "list", help: "" }],
      [null, { name: "n", type: "number", nullable: true, help: "" }],
    ]) {
      const back = readValue(editText(value, type), type);
      assert.ok(
        sameValue(back, value) || back === value,
        `${JSON.stringify(value)} came back as ${JSON.stringify(back)}`,
      );
    }
  });
});

describe("chips", () => {
  const texts = (row, report, layer = conv) =>
    modules.chips.chipsOf(row, layer, [], report, []).map((chip) => `${chip.label} ${chip.text}`);

  test("show what differs from the default, one integer as the pair that it is", () => {
    assert.deepEqual(
      texts({ op: "Conv2d", out_channels: 64, kernel_size: 3, padding: [0, 5], stride: [1, 1], bias: true }),
      ["out 64", "kernel 3×3", "padding 0×5"],
    );
  });

  test("show what the shape settles where there is nothing else", () => {
    const norm = { op: "BatchNorm2d", attributes: [{ name: "num_features", type: "integer", inferred: true }] };
    assert.deepEqual(texts({ op: "BatchNorm2d" }, { resolved: { num_features: 1 } }, norm), ["features 1"]);
    assert.deepEqual(
      texts({ op: "Conv2d", out_channels: 8, kernel_size: 3 }, { resolved: { in_channels: 3 } }),
      ["out 8", "kernel 3×3"],
    );
  });

  test("mark each attribute with a fault once, a missing one too", () => {
    const fault = (field) => ({ severity: "error", code: "x", row: 1, field, message: "" });
    const chips = modules.chips.chipsOf({ op: "Conv2d", kernel_size: "x" }, conv, [], undefined, [
      fault("kernel_size"),
      fault("out_channels"),
    ]);
    assert.deepEqual(
      chips.map(({ name, text, invalid }) => [name, text, invalid]),
      [
        ["out_channels", "missing", true],
        ["kernel_size", "x", true],
      ],
    );
  });

  test("mark what must be given before the core comes to that row", () => {
    const chips = modules.chips.chipsOf({ op: "Conv2d", out_channels: 8 }, conv, [], undefined, []);
    assert.deepEqual(
      chips.map(({ name, text, invalid }) => [name, text, invalid]),
      [
        ["out_channels", "8", false],
        ["kernel_size", "missing", true],
      ],
    );
  });
});

/** A model and a report: the n-th row holds n bytes (a function none), each Conv2d two parameters. */
function table(layers, diagnostics = []) {
  const report = {
    format: "footprint/report",
    version: 1,
    diagnostics,
    layers: layers.map(({ op, name }, index) => ({
      row: index + 1,
      ...(name ? { name } : {}),
      op,
      labels: [],
      outputs: [[1, 4]],
      parameters: op === "Conv2d" ? 2 : 0,
      parameter_bytes: 8,
      trainable: true,
      forward: op === "relu" ? 0 : index + 1,
    })),
  };
  const model = { format: "footprint/model", version: 1, inputs: [], layers };
  const last = new modules.rows.LastValid();
  last.remember(model, report);
  return { model, report, last, rows: modules.rows.gatherRows(model, report, last, layerOf) };
}

describe("rows", () => {
  test("a shared call counts itself and takes the first call's attributes", () => {
    const { rows } = table([
      { op: "Conv2d", name: "a.pool" },
      { op: "Conv2d", name: "b" },
      { op: "Conv2d", shares: "a.pool" },
    ]);
    assert.deepEqual(
      rows.map(({ owner, call, scope, name }) => [owner, call, scope, name]),
      [
        [0, { number: 1, of: 2 }, "a", "pool"],
        [1, null, "", "b"],
        [0, { number: 2, of: 2 }, "a", "pool"],
      ],
    );
  });

  test("functions stand with the module above them, those before the first with the first", () => {
    const { rows } = table([
      { op: "relu" },
      { op: "Conv2d", name: "c" },
      { op: "relu" },
      { op: "relu" },
      { op: "Conv2d", name: "d" },
    ]);
    assert.deepEqual(
      rows.map((row) => row.functions.length),
      [0, 3, 0, 0, 0],
    );
  });

  test("a row keeps its last valid values while an error leaves them unknown, wherever it has moved", () => {
    const { model, report, last } = table([
      { op: "Conv2d", name: "a" },
      { op: "Conv2d", name: "b" },
    ]);
    const [a, b] = model.layers;
    const moved = { ...model, layers: [b, a, { op: "Conv2d" }] };
    const unknown = {
      ...report,
      layers: moved.layers.map(({ op }, index) => ({ row: index + 1, op, labels: [], outputs: null })),
    };
    const rows = modules.rows.gatherRows(moved, unknown, last, layerOf);
    assert.deepEqual(
      rows.map((row) => [row.stale, row.report?.forward]),
      [
        [true, 2],
        [true, 1],
        [true, undefined],
      ],
    );
  });

  test("a row above the error keeps its amounts, which the core then leaves out", () => {
    const { model, report, last } = table([
      { op: "Conv2d", name: "a" },
      { op: "Conv2d", name: "b" },
    ]);
    const partly = {
      ...report,
      layers: [
        { row: 1, op: "Conv2d", labels: [], outputs: [[1, 4]] },
        { row: 2, op: "Conv2d", labels: [], outputs: null },
      ],
    };
    const rows = modules.rows.gatherRows(model, partly, last, layerOf);
    assert.deepEqual(
      rows.map((row) => [row.stale, row.report.forward]),
      [
        [false, 1],
        [true, 2],
      ],
    );
  });

  test("a number's path is by name only where that cannot be taken for a row's number", () => {
    const { rows } = table([{ op: "Conv2d", name: "conv1" }, { op: "Conv2d", name: "7" }, { op: "Conv2d" }]);
    assert.deepEqual(
      rows.map((row) => modules.rows.pathOf(row, "forward")),
      ["layers/conv1/forward", "layers/2/forward", "layers/3/forward"],
    );
  });
});

describe("groups", () => {
  const outline = (members) =>
    members.map((member) => ("members" in member ? { [member.label]: outline(member.members) } : member.index + 1));

  test("follow paths and scopes; a chain of single groups is one", () => {
    const { rows } = table([
      { op: "Conv2d", name: "stem" },
      { op: "Conv2d", name: "net.layer1.0.conv1" },
      { op: "relu", scope: "net.layer1.0" },
      { op: "Block", name: "net.layer1.0", class: "BasicBlock" },
      { op: "Conv2d", name: "net.layer1.1.conv1" },
      { op: "Conv2d", name: "head" },
    ]);
    assert.deepEqual(outline(modules.groups.groupRows(rows)), [1, { "net.layer1": [{ 0: [2, 3, 4] }, { 1: [5] }] }, 6]);
  });

  test("a row that names no container does not cut the one around it in two", () => {
    const { rows } = table([{ op: "Conv2d", name: "a.x" }, { op: "relu" }, { op: "Conv2d", name: "a.y" }]);
    assert.deepEqual(outline(modules.groups.groupRows(rows)), [{ a: [1, 2, 3] }]);
  });

  test("carry the sums, and say what is in them", () => {
    const { rows } = table([
      { op: "Conv2d", name: "a.x" },
      { op: "relu", scope: "a" },
      { op: "Conv2d", name: "a.y" },
    ]);
    const [group] = modules.groups.groupRows(rows);
    assert.deepEqual(group.sums, { parameters: 4, forward: 1 + 3, stale: false });
    assert.equal(modules.groups.describeGroup(group), "rows 1 to 3: 2 Conv2d");
  });

  test("have no sums while an amount of one of their rows is not known", () => {
    const { rows } = table([
      { op: "Conv2d", name: "a.x" },
      { op: "Conv2d", name: "a.y" },
    ]);
    const { parameters: _p, forward: _f, ...report } = rows[1].report;
    const sums = modules.groups.sumsOf([rows[0], { ...rows[1], report }]);
    assert.deepEqual(sums, { parameters: null, forward: null, stale: false });
  });

  test("a container entered twice is two groups", () => {
    const { rows } = table([
      { op: "Conv2d", name: "a.x" },
      { op: "Conv2d", name: "b.x" },
      { op: "Conv2d", name: "a.y" },
    ]);
    assert.deepEqual(modules.groups.groupKeys(modules.groups.groupRows(rows)), ["a", "b", "a#2"]);
  });
});

describe("lines", () => {
  const ALL = { folded: new Set(), find: "", functions: "badges", order: "document" };
  const keys = (layers, view, diagnostics) => {
    const { rows } = table(layers, diagnostics);
    return modules.lines.linesOf(modules.groups.groupRows(rows), rows, { ...ALL, ...view }).map((line) => line.key);
  };
  const layers = [
    { op: "Conv2d", name: "a.x" },
    { op: "relu", scope: "a" },
    { op: "Conv2d", name: "b" },
  ];

  test("functions are badges until asked for, unless there is nothing else", () => {
    assert.deepEqual(keys(layers), ["group a", "row 0", "row 2"]);
    assert.deepEqual(keys(layers, { functions: "rows" }), ["group a", "row 0", "row 1", "row 2"]);
    assert.deepEqual(keys([{ op: "relu" }]), ["row 0"]);
  });

  test("a fault is never folded away, and stands under its row", () => {
    const folded = { folded: new Set(["a"]) };
    assert.deepEqual(keys(layers, folded), ["group a", "row 2"]);
    const fault = { severity: "error", code: "x", row: 2, message: "" };
    assert.deepEqual(keys(layers, folded, [fault]), ["group a", "row 0", "row 1", "reason 1", "row 2"]);
  });

  test("a search looks into folded groups; by cost the largest comes first", () => {
    assert.deepEqual(keys(layers, { folded: new Set(["a"]), find: "A.X" }), ["group a", "row 0"]);
    assert.deepEqual(keys(layers, { order: "cost" }), ["row 2", "row 0"]);
  });
});

describe("keys", () => {
  test("lead as in a spreadsheet; a group has fewer cells, and the column comes back below it", () => {
    const { moveFrom } = modules["grid-focus"];
    const stops = [
      { key: "row 0", columns: ["idx", "ly", "at", "sh", "pr", "mb", "share"] },
      { key: "group", columns: ["ly", "pr", "mb", "share"] },
      { key: "row 1", columns: ["idx", "ly", "at", "sh", "pr", "mb", "share"] },
    ];
    const go = (from, key, ctrl = false, hidden = []) =>
      moveFrom(stops, from, { key, ctrl, page: 10, hidden: new Set(hidden) });
    const at = (line, column) => ({ line, column });
    assert.deepEqual(go(at("row 0", "at"), "ArrowDown"), at("group", "at"));
    assert.deepEqual(go(at("group", "at"), "ArrowDown"), at("row 1", "at"));
    assert.deepEqual(go(at("group", "at"), "ArrowRight"), at("group", "pr"));
    assert.deepEqual(go(at("row 0", "mb"), "Home"), at("row 0", "idx"));
    assert.deepEqual(go(at("row 0", "ly"), "End", true), at("row 1", "share"));
    assert.deepEqual(go(at("row 0", "mb"), "End", false, ["share"]), at("row 0", "mb"));
    assert.deepEqual(go(at("row 0", "ly"), "ArrowUp"), at("row 0", "ly"));
    assert.equal(go(at("row 0", "ly"), "q"), null);
  });

  test("are commands with Ctrl or Cmd alike", () => {
    const command = (key, held = {}) =>
      modules["grid-keys"].commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
    assert.equal(command("z", { ctrlKey: true }), "undo");
    assert.equal(command("Z", { metaKey: true, shiftKey: true }), "redo");
    assert.equal(command("ArrowUp", { altKey: true }), "move up");
    assert.equal(command("ArrowUp"), null);
    assert.equal(command("d"), null);
  });
});

describe("rows that go together", () => {
  test("a module takes the functions of its badge along, and passes another with its own", () => {
    const { rows } = table([
      { op: "Conv2d", name: "a" },
      { op: "relu" },
      { op: "Conv2d", name: "b" },
      { op: "relu" },
      { op: "Conv2d", name: "c" },
    ]);
    const { withFunctions, stepOf, distanceTo } = modules.units;
    assert.deepEqual(withFunctions(rows, [0], "badges"), [0, 1]);
    assert.deepEqual(withFunctions(rows, [0], "rows"), [0]);
    assert.equal(stepOf(rows, [0, 1], "badges", "down"), 2);
    assert.equal(stepOf(rows, [4], "badges", "up"), -2);
    assert.equal(stepOf(rows, [4], "badges", "down"), 0);
    assert.equal(distanceTo([0, 1], 4), 2); // of the three that stay, two stand before c
    assert.equal(distanceTo([4], 0), -4);
  });
});

describe("a long table", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => ({ kind: "row", key: `row ${index}` }));
  const height = ({ stretches, after }, heightOf) =>
    stretches.reduce(
      (sum, { from, to, before }) =>
        sum + before + lines.slice(from, to).reduce((all, line) => all + heightOf(line), 0),
      after,
    );

  test("draws what is near the screen and the line with the focus, and keeps its height", () => {
    const window = new modules["row-window"].RowWindow();
    for (const line of lines.slice(0, 50)) window.measured(line, 40);
    for (const [top, kept] of [
      [-500, null],
      [0, "row 999"],
      [20_000, "row 3"],
      [20_000, "row 500"],
      [1e6, null],
    ]) {
      const drawn = window.draw(lines, top, 900, kept);
      const many = drawn.stretches.reduce((sum, { from, to }) => sum + to - from, 0);
      assert.ok(many < 80, `${many} lines at ${top}`);
      assert.ok(
        kept === null ||
          drawn.stretches.some(({ from, to }) => lines.slice(from, to).some((line) => line.key === kept)),
      );
      assert.equal(
        height(drawn, (line) => window.heightOf(line)),
        40 * 1000,
      );
    }
  });

  test("a short one is drawn whole", () => {
    const window = new modules["row-window"].RowWindow();
    assert.deepEqual(window.draw(lines.slice(0, 100), 5000, 900, null), {
      stretches: [{ from: 0, to: 100, before: 0 }],
      after: 0,
    });
  });
});

describe("exports", () => {
  const exported = {
    title: "A | model_1",
    batch: "2",
    units: "MB",
    // 16,384,000 B are 15.625 MB, which C prints as 15.62: a tie goes to the even digit
    rows: [
      {
        row: 1,
        layer: "Conv2d",
        name: 'a"b',
        attributes: "kernel 3×3",
        output: "4 × 4",
        parameters: 1792,
        parameterBytes: 7168,
        forward: 16384000,
      },
    ],
    notebook: { input: 0, forward: 16384000, backward: 16384000, parameters: 7168, total: 32775168, per_item: 0 },
  };

  test("CSV quotes what must be quoted, and has bytes", () => {
    const [head, row, ...totals] = modules.exports.toCsv(exported).split("\r\n");
    assert.equal(head.split(",").length, 8);
    assert.equal(row, '1,Conv2d,"a""b",kernel 3×3,4 × 4,1792,7168,16384000');
    assert.equal(totals.at(-2), ",Total,,,,,,32775168");
  });

  test("an amount that is not known is no zero", () => {
    const row = { ...exported.rows[0], parameters: null, parameterBytes: null, forward: null };
    const unknown = { ...exported, rows: [row], notebook: undefined };
    assert.equal(modules.exports.toCsv(unknown).split("\r\n")[1], '1,Conv2d,"a""b",kernel 3×3,4 × 4,,,');
    assert.ok(modules.exports.toMarkdown(unknown).includes("| ? | ? | ? |"));
    assert.ok(modules.exports.toLatex(unknown).includes("& ? & ? & ? \\\\"));
  });

  test("Markdown escapes bars, and rounds as C does", () => {
    const text = modules.exports.toMarkdown(exported);
    assert.ok(text.startsWith("**A \\| model_1**, batch 2\n"));
    assert.ok(text.includes("| 1,792 | 15.62 | 16,384,000 |"));
  });

  test("LaTeX escapes what TeX would read", () => {
    assert.equal(
      modules.exports.escapeLatex("a_b & 50% #1 {x} \\ ~ ^ $ 3×3"),
      "a\\_b \\& 50\\% \\#1 \\{x\\} \\textbackslash{} \\textasciitilde{} \\textasciicircum{} \\$ 3$\\times$3",
    );
    const rows = modules.exports
      .toLatex(exported)
      .split("\n")
      .filter((line) => line.endsWith("\\\\"));
    assert.deepEqual(new Set(rows.map((line) => line.split(/(?<!\\)&/).length)), new Set([8]));
  });
});
