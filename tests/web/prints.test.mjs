// A pasted print on its way to a document: which texts are taken for one, its questions and answers, its numbers beside ours, what is told of
// questions left open. The importer is the core's own; the prints are what the real tools print.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { catalogue, load, presets } from "./world.mjs";

const { opensAsModel } = await load("recognise");
const { answer, beginReading, compared, equalText, openQuestions, rowsText, subject } = await load("reading");
const { openNotice } = await load("notice");
const { Store, startSnapshot } = await load("store");
const { deleteRows, insertRow } = await load("edit");

const { default: create } = await import("../../web/src/generated/footprint-import.mjs");
const module = await create({ wasmBinary: readFileSync(new URL("../../web/src/generated/footprint-import.wasm", import.meta.url)) });
const importer = { import: (text, answers) => JSON.parse(module.import(text, JSON.stringify(answers))) };

const print = (name) => readFileSync(new URL(`../golden/${name}.txt`, import.meta.url), "utf8");
const begin = (text) => beginReading(text, importer);
const answered = (reading, given) => Object.entries(given).reduce((next, [id, written]) => answer(next, id, written, importer), reading);
const open = (reading) => openQuestions(reading).map(({ id }) => id);

const BLOCK = "conv1, bn1, relu, conv2, bn2, += downsample?(x), relu";
const RESNET = "conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool, flatten(1), fc";

test("documents and prints are taken for models, other pastes are not", () => {
  const models = [
    '{"format": "footprint/model"}',
    '\uFEFF {\n',
    print("prints/resnet18.repr"),
    print("prints/resnet18.repr").slice(0, 500),
    print("prints/vgg16.torchinfo"),
    print("prints/vgg16.torchinfo-wide").replaceAll("\n", "\r\n"),
    print("torchsummary/vgg16"),
    `>>> print(net)\n\n${print("prints/q_conv1d.repr")}`,
    `Out[3]: ${print("prints/q_conv1d.repr")}`,
    "Linear(in_features=3, out_features=4, bias=True)\n",
  ];
  for (const text of models) assert.ok(opensAsModel(text), text.slice(0, 60));
  const others = [
    "",
    "Dear all,\nplease find attached",
    "op\tname\tout_channels\nConv2d\tconv\t64",
    "print(model)",
    "Conv2d",
    "Paris (France)",
    "Note(s): the layer\nfollows",
  ];
  for (const text of others) assert.ok(!opensAsModel(text), text);
});

test("a repr is read; each answer is one step; answered questions stay, in their places", () => {
  let reading = begin(print("prints/resnet18.repr"));
  assert.equal(reading.kind, "repr");
  assert.deepEqual(open(reading), ["input/input", "forward/BasicBlock", "forward/ResNet"]);
  reading = answer(reading, "forward/ResNet", RESNET, importer);
  reading = answer(reading, "input/input", "3×224×224", importer);
  assert.deepEqual(open(reading), ["forward/BasicBlock"]);
  assert.deepEqual(reading.model.inputs, [{ name: "input", shape: [3, 224, 224] }]);
  reading = answer(reading, "forward/BasicBlock", BLOCK, importer);
  assert.deepEqual(open(reading), []);
  assert.deepEqual(reading.asked.map((asked) => asked.question.id), ["input/input", "forward/BasicBlock", "forward/ResNet"]);
  assert.deepEqual(reading.asked.map((asked) => asked.answer), ["3×224×224", BLOCK, RESNET]);
  assert.deepEqual(reading.faults, []);
});

test("answers that cannot be taken are told at their questions, once, and leave them open", () => {
  const reading = answered(begin(print("prints/resnet18.repr")), { "input/input": "large", "forward/BasicBlock": "conv1, foo" });
  assert.deepEqual(open(reading), ["input/input", "forward/BasicBlock", "forward/ResNet"]);
  const [size, block, whole] = reading.asked;
  assert.match(size.fault, /whole numbers/);
  assert.match(block.fault, /no child "foo"/);
  assert.equal(whole.fault, null);
  assert.deepEqual(reading.faults, []);
  assert.match(answer(reading, "input/input", "3, 0, 224", importer).asked[0].fault, /whole numbers/);
});

test("an answer that leaves nothing to open is told at its question; what was read before stands", () => {
  const before = begin(print("prints/resnet18.torchinfo-wide"));
  const reading = answer(before, "forward/ResNet", "foo", importer);
  assert.deepEqual(reading.model, before.model);
  assert.match(reading.asked.find(({ question }) => question.id === "forward/ResNet").fault, /no child "foo"/);
  assert.deepEqual(open(reading), open(before));
  assert.deepEqual(answer(reading, "forward/ResNet", "", importer), before);
});

test("a slip in one answer loses no other", () => {
  const block = answered(begin(print("prints/resnet18.repr")), { "forward/BasicBlock": BLOCK });
  const slip = answer(block, "forward/ResNet", "conv1, foo", importer);
  assert.equal(slip.model.layers.length, block.model.layers.length);
  assert.deepEqual(open(slip), ["input/input", "forward/ResNet"]);
  assert.deepEqual(open(answer(slip, "forward/ResNet", RESNET, importer)), ["input/input"]);
});

test("an empty answer opens the question again", () => {
  const once = begin(print("prints/resnet18.repr"));
  const twice = answered(once, { "forward/BasicBlock": BLOCK, "input/input": "3,224,224" });
  assert.deepEqual(answered(twice, { "input/input": " ", "forward/BasicBlock": "" }), once);
});

test("an answer to a question that another answer took away is forgotten", () => {
  const reading = answered(begin(print("prints/resnet18.repr")), { "forward/BasicBlock": BLOCK, "forward/ResNet": "conv1, bn1, relu" });
  assert.equal(reading.model.layers.length, 3);
  assert.deepEqual(reading.asked.map(({ question }) => question.id), ["input/input", "forward/ResNet"]);
  assert.deepEqual(reading.faults, []);
  const back = answer(reading, "forward/ResNet", RESNET, importer);
  assert.deepEqual(open(back), ["input/input", "forward/BasicBlock"]);
});

for (const [name, text, says, line] of [
  ["a repr that is cut", print("prints/resnet18.repr").slice(0, 1500), /ends inside layer2\.0, which begins at line 23/, 23],
  ["a torchsummary table that is cut", print("torchsummary/vgg16").slice(0, 900), /ends at line 15/, 15],
  ["a torchinfo table that is cut", print("prints/vgg16.torchinfo").slice(0, 3000), /^Line 42: /, 42],
  ["another tool's print", 'Model: "sequential"\n_____\n Layer (type)   Output Shape   Param #\n', /Keras/, null],
  ["a text of another kind", "\u0089PNG\r\n", /^Line 1: /, 1],
]) {
  test(`${name} is refused in one sentence that names the place`, () => {
    const { problem } = begin(text);
    assert.match(problem.text, says);
    if (line !== null) assert.equal(problem.lines.find(({ bad }) => bad).number, line);
  });
}

test("a class that is not known is asked about, by its line", () => {
  const reading = begin("Net(\n  (a): Foo(3, 4)\n  (b): Linear(in_features=3, out_features=4, bias=True)\n)");
  const question = openQuestions(reading).find(({ id }) => id === "forward/Foo");
  assert.match(question.message, /^Foo \(line 2\) is no module of torch\.nn/);
  assert.equal(subject(question), "What the forward of Foo does");
  assert.equal(rowsText(question), "row 1");
});

test("numbers of a table: what differs, with its reason; what is not known yet; all equal in the end", () => {
  const first = begin(print("torchsummary/vgg16"));
  assert.equal(equalText(compared(first.lines)), "76 of 85 numbers equal, 9 not known yet");
  let reading = answer(first, "input/input", "3, 224, 224", importer);
  for (let [question] = openQuestions(reading); question; [question] = openQuestions(reading))
    reading = answer(reading, question.id, question.options[0].answer, importer);
  assert.equal(equalText(compared(reading.lines)), "All 85 numbers equal");

  const { differing } = compared(begin(print("prints/resnet18.torchinfo-wide")).lines);
  assert.deepEqual(
    differing.map(({ line, printed, ours }) => [line, printed, ours]),
    [
      [87, "79.49", "131.69"],
      [89, "127.46", "179.65"],
    ],
  );
  for (const line of differing) assert.ok(line.reason.length > 0);
});

test("questions left open are told with their rows, until another document is opened", () => {
  const reading = answered(begin(print("prints/resnet18.repr")), { "input/input": "3,224,224", "forward/ResNet": RESNET });
  assert.equal(openNotice(reading.model, []), null);
  const notice = openNotice(reading.model, openQuestions(reading));
  assert.equal(notice.title, "The print left a question open.");
  assert.deepEqual(notice.places, [{ text: "What the forward of BasicBlock does", row: reading.model.layers[9] }]);

  const footprint = { catalogue, estimate: () => ({ diagnostics: [], layers: [] }) };
  const store = new Store(footprint, presets, startSnapshot(presets, "davenet-image", "v100-16gb", 128));
  store.openModel(reading.model, { label: "imported" });
  store.notify(notice);
  store.edit("a row before it", (model) => insertRow(model, 0, { op: "ReLU" }));
  store.edit("one row less", (model) => deleteRows(model, [3]));
  assert.equal(store.state.notice, notice);
  assert.equal(store.state.model.layers.indexOf(notice.places[0].row), 9);
  store.openPreset("vgg16");
  assert.equal(store.state.notice, null);
});
