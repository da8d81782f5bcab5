// The PyTorch code of a document, as text: the same each time, nothing lost, nothing that stands for two things. That it runs and gives
// the document's shapes is tested in tests/exporter/test_code.py.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { loadModule } from "../wasm/module.mjs";
import { gallery, load, presets } from "./world.mjs";

const { toPyTorch } = await load("pytorch");
const core = await loadModule();
const catalogue = JSON.parse(core.describe());
const estimate = (model, batch) => JSON.parse(core.estimate(JSON.stringify({ model, run: { batch }, gpus: [], want: ["layers"] })));
const write = (model) => toPyTorch(model, catalogue, (batch) => estimate(model, batch));

const goldens = new URL("../golden/documents/", import.meta.url);
const documents = readdirSync(goldens)
  .filter((name) => name.endsWith(".json") && name !== "index.json")
  .map((name) => ({ id: name, model: JSON.parse(readFileSync(new URL(name, goldens), "utf8")) }));
const document = (layers, more = {}) => ({ format: "footprint/model", version: 1, name: "a test", inputs: [{ name: "x", shape: [3, 8, 8] }], layers, ...more });

/** The body of a function of a class. */
function body(text, name, of = "forward") {
  const [, inside = ""] = text.split(`class ${name}(`);
  const [, after = ""] = inside.split(`def ${of}(`);
  return after.split(/\n\n/)[0].split("\n").slice(1).map((line) => line.trim()).filter((line) => line !== "super().__init__()");
}

test("every preset, golden and network of the gallery is written, and the same each time", () => {
  for (const { id, model } of [...presets, ...documents, ...gallery]) {
    if (estimate(model, 2).diagnostics.some(({ severity }) => severity === "error")) continue;
    const { text, name } = write(model);
    assert.equal(write(structuredClone(model)).text, text, id);
    assert.ok(text.includes(`class ${name}(nn.Module):`), id);
    assert.ok(text.endsWith("\n") && !/\t|undefined|\[object|NaN\b| \n/.test(text), id);
    const classes = [...text.matchAll(/^class (\w+)\(/gm)].map((match) => match[1]);
    assert.equal(new Set(classes).size, classes.length, `${id}: two classes of one name`);
    assert.equal(text.includes("NotImplementedError"), model.layers.some(({ op }) => op === "opaque"), id);
  }
});

test("a row is a line, with its attributes and what the incoming shape settled", () => {
  const { text, name } = write(document([
    { op: "Conv2d", name: "conv", out_channels: 16, kernel_size: 3, padding: 1 },
    { op: "relu" },
    { op: "flatten", start_dim: 1 },
    { op: "Linear", name: "fc", out_features: 10 },
  ]));
  assert.deepEqual(body(text, name, "__init__"), ["self.conv = nn.Conv2d(3, 16, kernel_size=3, padding=1)", "self.fc = nn.Linear(1024, 10)"]);
  assert.deepEqual(body(text, name), ["x = self.conv(x)", "x = F.relu(x)", "x = x.flatten(1)", "x = self.fc(x)", "return x"]);
});

test("modules called one after the other are a Sequential; a value that is read later keeps its variable", () => {
  const { text, name } = write(document([
    { op: "Conv2d", name: "body.0", out_channels: 3, kernel_size: 3, padding: 1 },
    { op: "ReLU", name: "body.1", inplace: true },
    { op: "add", inputs: ["body.1", "x"] },
  ]));
  assert.deepEqual(body(text, name, "__init__"), ["self.body = nn.Sequential(nn.Conv2d(3, 3, kernel_size=3, padding=1), nn.ReLU(inplace=True))"]);
  assert.deepEqual(body(text, name), ["body = self.body(x)", "body = body + x", "return body"]);
});

test("equal containers share a class, and what differs is handed in", () => {
  const { text } = write(document([
    { op: "Linear", name: "a.fc", out_features: 4 },
    { op: "Block", class: "Half", name: "a" },
    { op: "Linear", name: "b.fc", out_features: 2 },
    { op: "Block", class: "Half", name: "b" },
  ]));
  assert.equal(text.match(/^class Half\(/gm).length, 1);
  assert.match(text, /self\.a = Half\(fc_in_features=8, fc_out_features=4\)/);
  assert.match(text, /self\.b = Half\(fc_in_features=4, fc_out_features=2\)/);
});

test("sizes that follow the batch, one mode, no gradient, tuples and indices are Python's", () => {
  const { text, name } = write(document([
    { op: "view", shape: [{ batch: 2, plus: 0 }, -1] },
    { op: "chunk", name: "halves", chunks: 2, dim: 1 },
    { op: "dropout", inputs: ["halves:1"], p: 0.1, only: "train" },
    { op: "add", name: "sum", inputs: ["halves"], other: 1, grad: false },
    { op: "getitem", index: [":", 0, null] },
  ]));
  assert.deepEqual(body(text, name), [
    "x = x.view(x.shape[0] * 2, -1)",
    "x = x.chunk(2, dim=1)",
    "F.dropout(x[1], p=0.1, training=self.training) if self.training else x[1]",
    "with torch.no_grad():",
    "x = x[0] + 1",
    "x = x[:, 0, None]",
    "return x",
  ]);
});

test("what the document does not describe raises, and says so", () => {
  const { text, missing } = write(document([{ op: "opaque", inputs: ["x"], function: "fancy kernel", outputs: [{ shape: [2, 3] }] }]));
  assert.deepEqual(missing, ["fancy kernel"]);
  assert.match(text, /def fancy_kernel\(\*inputs\):\n.*\n {4}raise NotImplementedError\("fancy kernel has no PyTorch code in the document"\)/);
});

test("a class hides no name that the code uses", () => {
  for (const [called, class_] of [["F", "F2"], ["nn", "Nn"], ["OrderedDict", "OrderedDict2"], ["sum", "Sum"]]) {
    const { text, name } = write(document([{ op: "relu" }], { name: called }));
    assert.equal(name, class_);
    assert.ok(text.includes(`class ${class_}(nn.Module):`) && text.includes(`model = ${class_}()`), called);
  }
  const named = (kind) => document([{ op: "Linear", name: "a.fc", out_features: 4 }, { op: "Block", class: kind, name: "a" }]);
  assert.match(write(named("F")).text, /class F_\(nn\.Module\):/);
  assert.match(write(named("sum")).text, /class sum2\(nn\.Module\):/);
});

test("a negative number to the power of a tensor stands in brackets", () => {
  const power = (input) => body(write(document([{ op: "pow", inputs: ["x"], input }], { name: "power" })).text, "Power")[0];
  assert.equal(power(-2), "x = (-2) ** x");
  assert.equal(power(2), "x = 2 ** x");
  const { text } = write(document([
    { op: "pow", scope: "a", inputs: ["x"], input: -2 },
    { op: "Block", class: "Power", name: "a" },
    { op: "pow", scope: "b", input: 2 },
    { op: "Block", class: "Power", name: "b" },
  ]));
  assert.deepEqual(body(text, "Power"), ["x = self.pow_input ** x", "return x"]);
  assert.match(text, /self\.a = Power\(pow_input=\(-2\)\)/);
});

test("a call that stands in its caller is named once, wherever its rows lie", () => {
  const interleaved = document([
    ...["a", "b", "c"].map((name) => ({ op: "Linear", name: `${name}.fc`, out_features: 8 })),
    ...["a", "b", "c"].map((name) => ({ op: "Block", class: "Part", name })),
  ]);
  assert.match(write(interleaved).text, /What these containers do stands in their caller: a, b, c\./);
});

test("a large document is written in a moment: what it takes grows with the rows, not with their square", () => {
  const containers = (count, rows) => document(Array.from({ length: count }, (_, at) => rows(`part${at}`)).flat());
  const called = (name) => [
    { op: "Linear", name: `${name}.fc`, out_features: 8 },
    { op: "ReLU", name: `${name}.act` },
    { op: "Block", class: "Part", name },
  ];
  const read = (name) => [...called(name), { op: "add", inputs: [name, `${name}.fc`] }];
  const inTurn = [0, 1, 2].flatMap((row) => Array.from({ length: 1_000 }, (_, at) => called(`part${at}`)[row]));
  const models = {
    called: containers(1_000, called),
    "read from outside": containers(1_000, read),
    interleaved: document(inTurn),
    functions: document(Array.from({ length: 4_000 }, () => ({ op: "relu" }))),
    "without names": document(Array.from({ length: 4_000 }, () => ({ op: "ReLU" }))),
    "live at once": document([
      ...Array.from({ length: 1_000 }, (_, at) => ({ op: "relu", name: `r${at}`, inputs: ["x"] })),
      { op: "cat", inputs: Array.from({ length: 1_000 }, (_, at) => `r${at}`), dim: 1 },
    ]),
  };
  for (const [what, model] of Object.entries(models)) {
    const reports = new Map([7_919, 7_927].map((batch) => [batch, estimate(model, batch)]));
    const before = process.cpuUsage();
    toPyTorch(model, catalogue, (batch) => reports.get(batch));
    const { user, system } = process.cpuUsage(before);
    const ms = Math.round((user + system) / 1_000);
    // Of the processor, since a busy machine takes longer by the clock: a few hundred; with the square of the rows it was up to 37,000.
    assert.ok(ms < 2_500, `${what}: ${ms} ms`);
  }
});
