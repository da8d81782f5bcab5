// The state of the page without the page: undo, gestures, edits, drafts, the text of numbers. The core is a stand-in that counts rows,
// so that what is tested here is the store and nothing else.
import assert from "node:assert/strict";
import test from "node:test";
import { catalogue, freezeDeep, fromGallery, gallery, load, presets } from "./world.mjs";

const { Store, startSnapshot, chosenFit } = await load("store");
const edit = await load("edit");
const format = await load("format");
const { readNumber, readSizes, requestGpus } = await load("run");
const { putAside, readDraft, takeBack, writeDraft } = await load("draft");
const { readDocument } = await load("read");
const { EMPTY_MODEL } = await load("model");
const { cellOfNumber } = await load("number");

/** One MB a row and item; a row whose op is "bad" is an error. */
const footprint = {
  catalogue,
  estimate({ model, run, gpus }) {
    const bad = model.layers.findIndex((row) => row.op === "bad");
    const layers = model.layers.map((row, index) => ({ row: index + 1, op: row.op, labels: [row.op], outputs: [[1]], parameters: 0, forward: run.batch * 2 ** 20 }));
    if (bad >= 0) return { diagnostics: [{ severity: "error", code: "unknown-layer", row: bad + 1, message: "no such layer" }], layers };
    const total = layers.length * run.batch * 2 ** 20;
    const fit = gpus.map((gpu) => ({ gpu: gpu.id ?? "custom", verdict: total > 2 ** 30 ? "does not fit" : "fits", usable: 2 ** 30, free: 2 ** 30 - total }));
    return { diagnostics: [], layers, notebook: { total }, fit };
  },
  explain: () => ({}),
};
const start = () => new Store(footprint, presets, startSnapshot(presets, "davenet-image", "v100-16gb", 128));

test("a first visit shows DAVEnet image at batch 128 on a 16 GB card, and cannot be undone", () => {
  const { state } = start();
  assert.deepEqual([state.preset, state.run.batch, state.gpu, state.canUndo, state.canRedo], ["davenet-image", 128, { id: "v100-16gb" }, false, false]);
  assert.equal(state.model.layers.length, 31);
});

test("every edit is one undo step; undo and redo walk through them and bring the preset's name back", () => {
  const store = start();
  const models = [store.state.model];
  for (const op of ["ReLU", "Dropout", "Flatten"]) {
    store.edit(`add ${op}`, (model) => edit.insertRow(model, model.layers.length, { op }));
    models.push(store.state.model);
    assert.equal(store.state.preset, null);
  }
  for (const step of [2, 1, 0]) {
    store.undo();
    assert.equal(store.state.model, models[step]);
  }
  assert.deepEqual([store.state.preset, store.state.canUndo, store.state.canRedo], ["davenet-image", false, true]);
  store.undo();
  assert.equal(store.state.model, models[0]);
  for (const step of [1, 2, 3]) {
    store.redo();
    assert.equal(store.state.model, models[step]);
  }
  assert.equal(store.state.canRedo, false);
});

test("a drag of the slider is one step, its change counts from where it began; the next drag is another step", () => {
  const store = start();
  for (const batch of [100, 90, 60]) store.setRun(`Batch 128 → ${batch}`, { batch }, { gesture: "drag-1" });
  const { change } = store.state;
  assert.deepEqual([change.label, change.from.total, change.to.total], ["Batch 128 → 60", 31 * 128 * 2 ** 20, 31 * 60 * 2 ** 20]);
  store.setRun("Batch 60 → 61", { batch: 61 }, { gesture: "drag-2" });
  store.undo();
  assert.equal(store.state.run.batch, 60);
  store.undo();
  assert.equal(store.state.run.batch, 128);
  assert.equal(store.state.canUndo, false);
});

test("a change tells what the step said before it, once that had answered; a drag, what it said before the drag", () => {
  const store = start();
  const answer = (need) => store.setStepped({ report: { step: {}, fit: [{ gpu: "v100-16gb", usable: 100, free: 100 - need }] } });
  store.setRun("Batch 128 → 64", { batch: 64 });
  assert.equal(store.state.change.stepFrom, null);
  answer(60);
  for (const batch of [63, 62]) store.setRun(`Batch 64 → ${batch}`, { batch }, { gesture: "drag" });
  assert.equal(store.state.change.stepFrom, 60);
});

test("a new edit after an undo forgets what could have been redone", () => {
  const store = start();
  store.setRun("a", { batch: 2 });
  store.undo();
  store.setRun("b", { batch: 3 });
  assert.equal(store.state.canRedo, false);
  store.undo();
  assert.equal(store.state.run.batch, 128);
});

test("an error keeps the last valid answer, greyed, and loses it when another document is opened", () => {
  const store = start();
  const { valid } = store.state;
  store.edit("break", (model) => edit.setOp(model, 3, "bad", new Set()));
  assert.deepEqual([store.state.stale, store.state.valid, store.state.report.diagnostics.length], [true, valid, 1]);
  assert.equal(store.state.change.to, null);
  store.edit("mend", (model) => edit.setOp(model, 3, "ReLU", new Set()));
  assert.deepEqual([store.state.stale, store.state.valid === store.state.report], [false, true]);
  store.openModel({ ...EMPTY_MODEL, layers: [{ op: "bad" }] }, { label: "imported" });
  assert.deepEqual([store.state.stale, store.state.valid.notebook], [true, undefined]);
  store.undo();
  assert.equal(store.state.stale, false);
});

test("changed rows are found by the row, not by its place: an insertion changes one row", () => {
  const store = start();
  store.edit("insert", (model) => edit.insertRow(model, 5, { op: "Dropout" }));
  assert.deepEqual(store.state.change.rows, [{ row: 5, amounts: ["outputs", "parameters", "forward"] }]);
  store.setRun("batch", { batch: 64 });
  assert.equal(store.state.change.rows.length, 32);
  assert.deepEqual(store.state.change.rows[0].amounts, ["forward"]);
});

test("the chosen card is asked for first, the others on the same system with the same memory in use", () => {
  assert.deepEqual(requestGpus({ id: "v100-16gb", system: "windows", in_use_mib: 300 }, catalogue), [
    { id: "v100-16gb", system: "windows", in_use_mib: 300 },
    { id: "rtx-3060-12gb", system: "windows", in_use_mib: 300 },
    { id: "v100-32gb", system: "windows", in_use_mib: 300 },
  ]);
  const store = start();
  store.setGpu({ name: "mine", usable_mib: 11000 });
  assert.equal(chosenFit(store.state).gpu, "custom");
  assert.equal(store.state.report.fit.length, 4);
});

test("what a field says: numbers become numbers, lists become lists, the rest stays the text it was", () => {
  const read = ["128", " 1,024 ", "1e12", "12.5", "-3", "", "many", "12 3"].map(readNumber);
  assert.deepEqual(read, [128, 1024, 1e12, 12.5, -3, "", "many", "12 3"]);
  const sizes = ["3 × 224 × 224", "3x224x224", "[40, 2048]", "(7,)", "3 224", "-3 × 2", "wide"].map(readSizes);
  assert.deepEqual(sizes, [[3, 224, 224], [3, 224, 224], [40, 2048], "(7,)", [3, 224], "-3 × 2", "wide"]);
});

test("a number of a row has its cell, by the row's name or number; a number of no row has none", () => {
  const report = { layers: [{ row: 1, op: "relu" }, { row: 2, op: "Conv2d", name: "conv1" }, { row: 3, op: "Conv2d", name: "1" }] };
  const cells = ["layers/conv1/forward", "layers/2/outputs/0/1", "layers/1/parameters", "layers/conv9/forward", "notebook/total", "layers/conv1", ""];
  assert.deepEqual(cells.map((path) => cellOfNumber(path, report)), [{ row: 1, column: "mb" }, { row: 1, column: "sh" }, { row: 0, column: "pr" }, null, null, null, null]);
});

// ——— edits

const three = freezeDeep({
  ...EMPTY_MODEL,
  layers: [
    { op: "Conv2d", name: "conv1", out_channels: 8, kernel_size: 3 },
    { op: "relu", inputs: ["conv1"] },
    { op: "add", name: "sum", inputs: ["conv1:0", "relu2"], shares: "conv1" },
    { op: "linear", weight: "conv1.weight", mode: "conv1" },
  ],
  outputs: ["sum", { row: "conv1", loss: true }],
  parameters: [{ path: "conv1.weight", shape: [8] }, { path: "conv1.0.weight", shape: [8] }],
});
const ops = (model) => model.layers.map((row) => row.op).join(" ");

test("edits leave the old document and its untouched rows as they were", () => {
  const next = edit.setAttribute(three, 0, "kernel_size", [3, 1]);
  assert.deepEqual(next.layers[0], { op: "Conv2d", name: "conv1", out_channels: 8, kernel_size: [3, 1] });
  assert.equal(next.layers[1], three.layers[1]);
  assert.deepEqual(Object.keys(edit.setAttribute(three, 0, "out_channels", undefined).layers[0]), ["op", "name", "kernel_size"]);
});

test("another op keeps the attributes that it has too", () => {
  const next = edit.setOp(three, 0, "MaxPool2d", new Set(["name", "kernel_size"]));
  assert.deepEqual(next.layers[0], { op: "MaxPool2d", name: "conv1", kernel_size: 3 });
});

test("rows move together, as far as the ends allow", () => {
  assert.equal(ops(edit.moveRows(three, [0], 1)), "relu Conv2d add linear");
  assert.equal(ops(edit.moveRows(three, [2, 3], -1)), "Conv2d add linear relu");
  assert.equal(ops(edit.moveRows(three, [1], 9)), "Conv2d add linear relu");
  assert.equal(ops(edit.moveRows(three, [1], -9)), "relu Conv2d add linear");
  assert.equal(ops(edit.deleteRows(three, [0, 2])), "relu linear");
});

test("copies get names of their own, and references among them follow", () => {
  const next = edit.duplicateRows(three, [0, 1]);
  assert.equal(ops(next), "Conv2d relu Conv2d relu add linear");
  assert.equal(next.layers[2].name, "conv2");
  assert.deepEqual(next.layers[3].inputs, ["conv2"]);
  assert.deepEqual(next.layers[1].inputs, ["conv1"]);
});

test("a number at the end of a name counts on, however long it is", () => {
  const names = (name) => {
    const once = edit.duplicateRows({ ...EMPTY_MODEL, layers: [{ op: "relu", name }] }, [0]);
    return edit.duplicateRows(once, [0]).layers.map((row) => row.name);
  };
  assert.deepEqual(names("relu"), ["relu", "relu3", "relu2"]);
  assert.deepEqual(names("relu09"), ["relu09", "relu11", "relu10"]);
  assert.deepEqual(names("r9007199254740991"), ["r9007199254740991", "r9007199254740993", "r9007199254740992"]);
  assert.deepEqual(names("r99999999999999999999"), ["r99999999999999999999", "r100000000000000000001", "r100000000000000000000"]);
});

test("a new name is followed by inputs, outputs, shares, parameters and tensors by keyword, and by nothing else", () => {
  const next = edit.renameRow(three, 0, "stem", (op, attribute) => op === "linear" && attribute === "weight");
  assert.deepEqual(next.layers[1].inputs, ["stem"]);
  assert.deepEqual(next.layers[2], { op: "add", name: "sum", inputs: ["stem:0", "relu2"], shares: "stem" });
  assert.deepEqual(next.layers[3], { op: "linear", weight: "stem.weight", mode: "conv1" });
  assert.deepEqual(next.outputs, ["sum", { row: "stem", loss: true }]);
  assert.deepEqual(next.parameters.map((entry) => entry.path), ["stem.weight", "conv1.0.weight"]);
});

test("rows survive the way through a spreadsheet", () => {
  const model = { ...EMPTY_MODEL, layers: [...three.layers, { op: "to", dtype: "float16", text: " true ", none: null, flag: true, word: "true", tab: "a\tb", empty: "" }] };
  const { rows } = edit.rowsFromTsv(edit.rowsToTsv(model, [0, 1, 2, 3, 4]));
  assert.deepEqual(rows, model.layers);
  assert.deepEqual(edit.rowsFromTsv("Conv2d\tout_channels=8\tkernel_size=[3, 1]\r\nReLU\tinplace=TRUE\r\n"), {
    rows: [{ op: "Conv2d", out_channels: 8, kernel_size: [3, 1] }, { op: "ReLU", inplace: true }],
  });
  assert.match(edit.rowsFromTsv("").why, /no rows/);
  assert.match(edit.rowsFromTsv("Conv2d\tout 8").why, /Line 1: “out 8”/);
  assert.match(edit.rowsFromTsv("op\tname\n\tx").why, /Line 2/);
});

// ——— drafts and documents

function shelf() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
}
const world = { catalogue, presets, fromGallery };

test("a draft comes back as it was, with the address it belongs to", async () => {
  const storage = shelf();
  const { model, preset, run, gpu } = start().state;
  writeDraft(storage, { snapshot: { model, preset, run, gpu }, address: "v=1&m=x" });
  assert.deepEqual(await readDraft(storage, world), { snapshot: { model, preset, run, gpu }, address: "v=1&m=x" });
});

test("a draft whose card or preset is gone keeps its model", async () => {
  const storage = shelf();
  const model = { ...presets[0].model, name: "older" };
  writeDraft(storage, { snapshot: { model, preset: presets[0].id, run: { batch: 3, bytes_per_value: 4, inputs: {} }, gpu: { id: "gone" } }, address: "" });
  const { snapshot } = await readDraft(storage, world);
  assert.deepEqual([snapshot.model, snapshot.preset, snapshot.run.batch, snapshot.gpu], [model, null, 3, { id: "rtx-3060-12gb" }]);
});

test("a draft of an unchanged network of the gallery keeps its name; a changed one, or one that cannot be fetched, does not", async () => {
  const storage = shelf();
  const { id, model } = gallery.find((item) => item.id === "resnet18");
  const write = (saved) => writeDraft(storage, { snapshot: { model: saved, preset: id, run: start().state.run, gpu: { id: "v100-16gb" } }, address: "" });
  const kept = async (fetched) => (await readDraft(storage, { ...world, fromGallery: fetched })).snapshot.preset;
  write(model);
  assert.equal(await kept(fromGallery), id);
  assert.equal(await kept(() => Promise.reject(new Error("offline"))), null);
  write({ ...model, name: "older" });
  assert.equal(await kept(fromGallery), null);
});

test("damaged or forbidden storage is no draft and no failure", async () => {
  for (const text of ["", "{", "7", "null", '{"snapshot":{"model":{}}}']) assert.equal(await readDraft({ ...shelf(), getItem: () => text }, world), null);
  const forbidden = () => {
    throw new Error("forbidden");
  };
  assert.equal(await readDraft({ getItem: forbidden, setItem: forbidden, removeItem: forbidden }, world), null);
  writeDraft({ getItem: forbidden, setItem: forbidden, removeItem: forbidden }, { snapshot: start().state, address: "" });
});

test("drafts put aside come back, the newest first", async () => {
  const storage = shelf();
  const draft = (name) => ({ snapshot: { model: { ...EMPTY_MODEL, name }, preset: null, run: { batch: 1, bytes_per_value: 4, inputs: {} }, gpu: { id: "v100-16gb" } }, address: "" });
  putAside(storage, draft("first"));
  putAside(storage, draft("second"));
  assert.equal((await takeBack(storage, world)).snapshot.model.name, "second");
  assert.equal((await takeBack(storage, world)).snapshot.model.name, "first");
  assert.equal(await takeBack(storage, world), null);
});

test("a file that is no model document is named with its fault and line", () => {
  const problem = (text) => readDocument(text, footprint).problem;
  assert.match(problem("  ").title, /nothing/);
  const broken = problem('{\n  "format": "footprint/model",\n  "version": 1,\n  "layers": [,]\n}');
  assert.match(broken.title, /Line 4/);
  assert.deepEqual(broken.lines.find((line) => line.bad), { number: 4, text: '  "layers": [,]', bad: true });
  assert.match(problem('{"a": 1,\n"b": "x\ny"}').title, /Line 2/);
  assert.match(problem('{"a": 1}\n\n{}').title, /Line 3/);
  assert.match(problem('{"a": 01}\n').title, /Line 1/);
  assert.match(problem('{"a": [1,\n2}\n').title, /Line 2/);
  assert.match(problem('{"a": [1, 2').title, /Line 1/);
  assert.match(problem("[]").text, /not a JSON object/);
  assert.match(problem('{"format": "footprint/report", "version": 1}').text, /footprint\/report/);
  assert.match(problem('{"format": "footprint/model", "version": 2}').text, /version 2/);
  assert.match(problem('{"format": "footprint/model", "version": 1, "inputs": [], "layers": [{}]}').text, /Row 1 has no “op”/);
  const many = JSON.stringify({ ...EMPTY_MODEL, layers: Array.from({ length: 20_001 }, () => ({ op: "ReLU" })) });
  assert.match(problem(many).text, /20001 rows; at most 20000/);
  const read = readDocument(`\uFEFF${JSON.stringify(EMPTY_MODEL)}`, { ...footprint, estimate: () => ({ diagnostics: [] }) });
  assert.deepEqual(read, { model: EMPTY_MODEL, faults: [] });
});

// ——— text of numbers

test("bytes as torchsummary prints them: two digits, ties to the even digit", () => {
  // The notebook's table; 15.625 and 10.3125 MB are exact in binary, so their ties are real.
  const cases = [
    [0.15625, "0.16"],
    [15.625, "15.62"],
    [10.3125, "10.31"],
    [1031.25, "1,031.25"],
    [20.625, "20.62"],
    [0.375, "0.38"],
    [0.125, "0.12"],
    [28126, "28,126.00"],
    [0, "0.00"],
  ];
  for (const [megabytes, text] of cases) assert.equal(format.megabytes(megabytes * 2 ** 20), text);
  assert.equal(format.megabytes(29647056128), "28,273.64");
  assert.equal(format.gigabytes(29647056128), "27.61");
});

test("sentences choose the unit; differences carry a sign", () => {
  assert.equal(format.memory(29647056128), "27.61\u00a0GB");
  assert.equal(format.memory(29647056128, "MiB"), "27.61\u00a0GiB");
  assert.equal(format.memory(29647056128, "bytes"), "29,647,056,128\u00a0B");
  assert.equal(format.memory(20 * 2 ** 20), "20.00\u00a0MB");
  assert.equal(format.memory(80), "80\u00a0B");
  assert.equal(format.memory(0), "0.00\u00a0MB");
  assert.equal(format.difference(-(2 ** 30)), "−1.00\u00a0GB");
  assert.equal(format.difference(2 ** 30), "+1.00\u00a0GB");
  assert.equal(format.amount(2 ** 30, "MB"), "1,024.00");
  // As the table has it, not as a sentence: in the unit that was chosen.
  assert.deepEqual([format.quantity(2 ** 30, "MB"), format.quantity(80, "MB"), format.quantity(80, "bytes")], ["1,024.00\u00a0MB", "80\u00a0B", "80\u00a0B"]);
  assert.deepEqual([1094, 1468, 9999, 12345].map((batch) => format.shortCount(batch, 1000)), ["1.0k", "1.4k", "9.9k", "12k"]);
  assert.equal(format.shortCount(1468), "1,468");
  assert.equal(format.percent(1, 8), "12\u00a0%");
  assert.equal(format.percent(3, 8), "38\u00a0%");
  assert.equal(format.ratio(-1, 1000, 2), "0.00");
});
