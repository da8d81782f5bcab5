// The training step's side of the page without the page: the bridge, the timeline, and the line to the simulator.
import assert from "node:assert/strict";
import test from "node:test";
import { freezeDeep, load } from "./world.mjs";

const { bridgeEnd, bridgeLines } = await load("bridge");
const { BOX, momentAt, timelineOf } = await load("timeline");
const { Stepper } = await load("stepper");
const { StepSeries } = await load("series");

test("the bridge is a waterfall whose entries sum exactly", () => {
  const bridge = freezeDeep([
    { code: "notebook-total", message: "the total", bytes: 29_647_056_128 },
    { code: "gradients-not-all-at-once", message: "not all at once", bytes: -14_540_603_388 },
    { code: "in-place", message: "in place", bytes: -6_936_330_240, rows: [2, 4] },
    { code: "kept-beside-outputs", message: "kept", bytes: 1_541_406_720 },
    { code: "loss", message: "loss", bytes: 0 },
  ]);
  const lines = bridgeLines(bridge);
  const last = lines.at(-1);
  assert.equal(last.code, "device");
  assert.equal(last.bytes, bridge.reduce((sum, { bytes }) => sum + bytes, 0));
  assert.deepEqual(lines.map(({ kind }) => kind), ["ends", "down", "down", "up", "up", "ends"]);
  // Each bar begins where the one before it ended.
  let level = 0;
  for (const { from, to, bytes, kind } of lines.slice(0, -1)) {
    assert.equal(to - from, Math.abs(bytes));
    assert.equal(kind === "down" ? to : from, level);
    level += bytes;
  }
  assert.equal(bridgeEnd(lines), 29_647_056_128);
  assert.deepEqual(lines[2].rows, [2, 4]);
  assert.deepEqual(bridgeLines([]), []);
});

const moment = (event, step, phase, by_kind, row) => ({
  event,
  step,
  phase,
  by_kind,
  allocated: Object.values(by_kind).reduce((sum, bytes) => sum + bytes, 0),
  reserved: 1_000,
  ...(row === undefined ? {} : { row }),
});

test("the timeline is the step of the peak, stacked without gaps, each phase once", () => {
  const moments = [
    moment(0, -1, "model_to_device", { parameter: 10 }),
    moment(1, 0, "forward", { parameter: 10, activation: 5 }, 1),
    moment(2, 1, "forward", { parameter: 10, activation: 20, output: 10 }, 1),
    moment(3, 1, "backward", { parameter: 10, activation: 20, activation_gradient: 30 }, 1),
    moment(4, 1, "backward", { parameter: 10 }),
    moment(5, 2, "forward", { parameter: 10, activation: 40, temporary: 20 }, 1),
  ];
  const timeline = timelineOf(freezeDeep(moments), { event: 3, step: 1, phase: "backward" });
  assert.deepEqual(timeline.moments.map(({ event }) => event), [2, 3, 4]);
  assert.equal(timeline.peak, 1);
  assert.deepEqual(timeline.phases, [
    { phase: "forward", from: 0, to: 1 },
    { phase: "backward", from: 1, to: 3 },
  ]);
  assert.deepEqual(timeline.bands.map(({ part }) => part), ["parameters", "activations", "gradients"]);
  const numbers = ({ path }) => path.match(/[\d.]+/g).map(Number);
  const points = timeline.bands.map(numbers);
  for (const list of points) assert.ok(list.every((value) => value >= 0 && value <= BOX));
  // The lower edge of a band, read backwards, is the upper edge of the one below.
  const pairs = (list) => Array.from({ length: list.length / 2 }, (_, at) => list.slice(2 * at, 2 * at + 2));
  const [below, above] = points.map(pairs);
  assert.deepEqual(above.slice(above.length / 2).reverse(), below.slice(0, below.length / 2));
  // The one of no row is narrowed, to a quarter of the width.
  assert.deepEqual(timeline.edges.map(Math.round), [0, 375, 750, 1000]);
  assert.equal(timelineOf([], { event: 0, step: 0, phase: "forward" }), null);
});

test("thousands of moments of no row leave the rows three quarters of the width", () => {
  const peak = { event: 0, step: 0, phase: "loss" };
  const loss = Array.from({ length: 900 }, (_, at) => moment(at, 0, "loss", { temporary: at }));
  const timeline = timelineOf([moment(1_000, 0, "forward", { activation: 1 }, 1), ...loss, moment(1_001, 0, "backward", { activation: 1 }, 1)], peak);
  assert.ok(timeline.narrowed);
  const width = (from, to) => Math.round(timeline.edges[to] - timeline.edges[from]);
  assert.deepEqual([width(0, 1), width(1, 901), width(901, 902)], [375, 250, 375]);
  assert.deepEqual([0, 0.2, 0.5, 0.8, 1].map((share) => momentAt(timeline, share)), [0, 0, 451, 901, 901]);
});

/** A worker that answers when it is told to. */
function fakeLine() {
  const listeners = {};
  const line = {
    asked: [],
    closed: false,
    postMessage: (message) => line.asked.push(message),
    addEventListener: (type, listener) => (listeners[type] = listener),
    terminate: () => (line.closed = true),
    answer: (name) => listeners.message({ data: { turn: line.asked.at(-1).turn, report: name } }),
    fail: (fault) => listeners.message({ data: { turn: line.asked.at(-1).turn, fault } }),
    breakDown: () => listeners.error({ message: "out of memory" }),
  };
  return line;
}

test("one request is in flight, the newest wins, what is stale is dropped", () => {
  const line = fakeLine();
  const stepper = new Stepper(() => line);
  const told = [];
  const ask = (name) => stepper.ask({ model: name }, (answer) => told.push([name, answer.report ?? answer.fault]));
  ask("a");
  ask("b");
  ask("c");
  assert.deepEqual(line.asked.map(({ request }) => request.model), ["a"]);
  line.answer("A");
  assert.deepEqual(told, []);
  assert.deepEqual(line.asked.map(({ request }) => request.model), ["a", "c"]);
  line.answer("C");
  assert.deepEqual(told, [["c", "C"]]);
  ask("d");
  stepper.forget();
  line.answer("D");
  assert.deepEqual(told, [["c", "C"]]);
  ask("e");
  line.answer("E");
  assert.deepEqual(told.at(-1), ["e", "E"]);
});

test("a worker that breaks is told in words, and the next request gets a new one", () => {
  const lines = [];
  const stepper = new Stepper(() => (lines.push(fakeLine()), lines.at(-1)));
  const told = [];
  stepper.ask({ model: 1 }, (answer) => told.push(answer));
  lines[0].breakDown();
  assert.match(told[0].fault, /stopped: out of memory/);
  assert.ok(lines[0].closed);
  stepper.ask({ model: 2 }, (answer) => told.push(answer));
  lines[1].answer("R");
  assert.deepEqual(told[1], { report: "R" });
});

test("after a fault the simulator is not used again: the next request gets a worker of its own, with a module of its own", () => {
  const lines = [];
  const stepper = new Stepper(() => (lines.push(fakeLine()), lines.at(-1)));
  const told = [];
  stepper.ask({ model: 1 }, (answer) => told.push(answer));
  stepper.ask({ model: 2 }, (answer) => told.push(answer)); // waits, and is not lost
  lines[0].fail("memory access out of bounds");
  assert.ok(lines[0].closed);
  assert.deepEqual(lines.map((line) => line.asked.map(({ request }) => request.model)), [[1], [2]]);
  lines[1].fail("The simulator of steps could not be started: no network");
  assert.deepEqual(told, [{ fault: "The simulator of steps could not be started: no network" }]);
  lines[0].fail("too late");
  stepper.ask({ model: 3 }, (answer) => told.push(answer));
  lines[2].answer("R");
  stepper.ask({ model: 4 }, (answer) => told.push(answer));
  lines[2].answer("S");
  assert.deepEqual(told.slice(1), [{ report: "R" }, { report: "S" }]);
});

test("other batches are asked one after the other, kept while only the batch changes, and dropped with the model", () => {
  const line = fakeLine();
  let told = 0;
  const series = new StepSeries(() => (told += 1), new Stepper(() => line));
  const state = (model, batch, more = {}) => ({ model, run: { batch, ...more }, gpu: { id: "t4-16gb" } });
  const request = (batch) => ({ model: "m", run: { batch } });
  const answer = () => line.answer({ step: { of: line.asked.at(-1).request.run.batch } });
  const asked = () => line.asked.map(({ request: { run } }) => run.batch);
  const points = () => series.points.map(([batch, { step }]) => [batch, step.of]);
  const model = {};

  series.ask(state(model, 8), [8, 1, 16], request);
  assert.deepEqual(asked(), [8]);
  assert.ok(series.waits);
  answer();
  answer();
  // The batch moves on: what is there stays, what is new comes after what is under way.
  series.ask(state(model, 9), [9, 1, 16], request);
  assert.deepEqual(asked(), [8, 1, 16]);
  answer();
  answer();
  assert.deepEqual(asked(), [8, 1, 16, 9]);
  assert.ok(!series.waits);
  assert.deepEqual(points(), [[1, 1], [8, 8], [9, 9], [16, 16]]);
  assert.equal(told, 4);

  // A step that is none is not asked for again, and leaves no point.
  series.ask(state(model, 9), [20], request);
  line.answer({ diagnostics: [] });
  series.ask(state(model, 9), [20], request);
  assert.deepEqual(asked(), [8, 1, 16, 9, 20]);
  assert.equal(series.at(20), undefined);

  // Another optimizer, another model: the answer under way is dropped.
  series.ask(state(model, 9), [32], request);
  series.ask(state(model, 9, { optimizer: { name: "adam" } }), [1], request);
  assert.deepEqual(points(), []);
  answer(); // of 32
  assert.deepEqual(points(), []);
  answer();
  assert.deepEqual(points(), [[1, 1]]);
  // At once, without being asked for anything.
  series.follow(state({}, 9, { optimizer: { name: "adam" } }));
  assert.deepEqual(points(), []);
  assert.ok(!series.waits);
});
