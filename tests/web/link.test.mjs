// The share link as a promise: what was written opens as it was, everything else is refused in words, and nothing else ever happens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { catalogue, freezeDeep, fromGallery, gallery, load, presets, random } from "./world.mjs";

const { changedSince, LINK_LIMITS, readLink, writeLink } = await load("link");
const { canonical } = await load("canonical");

const world = freezeDeep({ catalogue, presets, fromGallery });
const RUN = { batch: 1, bytes_per_value: 4, inputs: {} };
const stateOf = ({ model, run, gpu }) => canonical({ model, run, gpu });
const pack = (value) => `v=1&z=${deflateRawSync(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")}`;
const preset = (id) => [...presets, ...gallery].find((item) => item.id === id);

/** Opened as a whole state or refused in two sentences; nothing between. */
function check(opened) {
  if ("refused" in opened) {
    assert.ok(opened.refused.title.length > 10 && opened.refused.text.length > 10, JSON.stringify(opened));
    return false;
  }
  const { model, run, gpu, preset: id } = opened.snapshot;
  assert.ok(opened.number === null || (typeof opened.number === "string" && opened.number !== ""));
  assert.equal(model.format, "footprint/model");
  assert.ok(["number", "string"].includes(typeof run.batch));
  assert.ok("id" in gpu ? catalogue.gpus.some((card) => card.id === gpu.id) : typeof gpu.name === "string");
  assert.ok(id === null || stateOf({ model }) === stateOf(preset(id)));
  return true;
}

test("every published link opens, or is refused, as it was published", async (t) => {
  const links = JSON.parse(readFileSync(new URL("links.json", import.meta.url), "utf8"));
  assert.ok(links.length >= 20);
  for (const { about, link, opens, refused } of links) {
    await t.test(about, async () => {
      const opened = await readLink(link, world);
      if (refused !== undefined) {
        assert.ok("refused" in opened, "it was opened");
        assert.match(`${opened.refused.title} ${opened.refused.text}`, new RegExp(refused));
        return;
      }
      assert.ok("snapshot" in opened, JSON.stringify(opened));
      assert.equal(opened.snapshot.preset, opens.preset);
      assert.deepEqual(opened.snapshot.run, opens.run);
      assert.deepEqual(opened.snapshot.gpu, opens.gpu);
      assert.equal(opened.snapshot.method, opens.method ?? "notebook");
      assert.deepEqual(opened.was, opens.was);
      assert.equal(opened.number, opens.number ?? null);
      if (opens.preset) assert.deepEqual(opened.snapshot.model, preset(opens.preset).model);
      if (opens.name) assert.deepEqual([opened.snapshot.model.name, opened.snapshot.model.layers.length], [opens.name, opens.rows]);
    });
  }
});

test("an unchanged preset gives the readable link of the documentation", async () => {
  const snapshot = { ...preset("davenet-image"), preset: "davenet-image", run: { ...RUN, batch: 128 }, gpu: { id: "v100-16gb" } };
  const link = await writeLink(snapshot, { release: "0.1.0", total: 29647056128 });
  assert.equal(link, "v=1&m=davenet-image&b=128&g=v100-16gb&j=notebook&was=0.1.0,29647056128");
});

test("an unchanged network of the gallery is named in a link, fetched when it opens, and told apart from one that cannot be fetched", async () => {
  const snapshot = { ...preset("resnet18"), preset: "resnet18", run: { ...RUN, batch: 32 }, gpu: { id: "v100-16gb" } };
  const link = await writeLink(snapshot, null);
  assert.equal(link, "v=1&m=resnet18&b=32&g=v100-16gb&j=notebook");
  const opened = await readLink(link, world);
  assert.deepEqual([opened.snapshot.preset, opened.snapshot.model], ["resnet18", preset("resnet18").model]);
  const offline = { ...world, fromGallery: () => Promise.reject(new Error("offline")) };
  assert.match((await readLink(link, offline)).refused.title, /could not be loaded/);
  // What is wrong with the rest of a link is said without fetching anything.
  assert.match((await readLink(link.replace("v100-16gb", "gone"), offline)).refused.text, /no GPU/);
});

test("training settings travel: precision and optimizer readable, all else packed, and PyTorch's defaults not at all", async () => {
  const snapshot = { ...preset("davenet-image"), preset: "davenet-image", run: { ...RUN, batch: 128 }, gpu: { id: "v100-16gb" }, method: "step" };
  const withRun = (run) => ({ ...snapshot, run: { ...snapshot.run, ...run } });
  assert.equal(await writeLink(snapshot, null), "v=1&m=davenet-image&b=128&g=v100-16gb&j=step");
  assert.equal(
    await writeLink(withRun({ precision: "amp-bf16", optimizer: { name: "adam" } }), null),
    "v=1&m=davenet-image&b=128&p=amp-bf16&o=adam&g=v100-16gb&j=step",
  );
  for (const run of [
    { precision: "fp16", optimizer: { name: "none" } },
    { optimizer: { name: "sgd", momentum: 0.9, weight_decay: "1e-" }, loss: "pow2", checkpoint: ["layer*.*"] },
  ]) {
    const opened = await readLink(await writeLink(withRun(run), null), world);
    assert.deepEqual(opened.snapshot.run, { ...snapshot.run, ...run });
    assert.equal(opened.snapshot.method, "step");
  }
  const defaults = await readLink("v=1&m=davenet-image&b=128&p=fp32&o=sgd&g=v100-16gb&j=step", world);
  assert.deepEqual(defaults.snapshot.run, snapshot.run);
  for (const run of [{ loss: "hinge" }, { optimizer: { name: "sgd", lr: 1 } }, { optimizer: {} }, { checkpoint: "layer" }, { checkpoint: [1] }]) {
    assert.ok("refused" in (await readLink(pack({ model: snapshot.model, run, gpu: "v100-16gb" }), world)), JSON.stringify(run));
  }
});

test("a number whose arithmetic is open is one more key, in both forms, and left out otherwise", async () => {
  const snapshot = { ...preset("davenet-image"), preset: "davenet-image", run: { ...RUN, batch: 128 }, gpu: { id: "v100-16gb" } };
  assert.equal(await writeLink(snapshot, null, "layers/image_model.0/forward"), "v=1&m=davenet-image&b=128&g=v100-16gb&n=layers/image_model.0/forward&j=notebook");
  const unpack = async (number) => {
    const link = await writeLink({ ...snapshot, preset: null }, null, number);
    return JSON.parse(inflateRawSync(Buffer.from(link.replace(/^.*z=/, ""), "base64url")).toString("utf8"));
  };
  assert.equal((await unpack("notebook/total")).number, "notebook/total");
  assert.ok(!("number" in (await unpack(null))));
});

test("RFC 8785: the example of its section 3.2.2", () => {
  const value = JSON.parse(String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`);
  const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  assert.equal(canonical(value), expected);
});

test("RFC 8785: keys in the order of their UTF-16 code units (section 3.2.3)", () => {
  const keys = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
  const value = Object.fromEntries(keys.map((key) => [key, key]));
  assert.deepEqual(Object.keys(JSON.parse(canonical(value))).sort(), [...keys].sort());
  const order = [...canonical(value).matchAll(/"((?:[^"\\]|\\.)+)":/g)].map((match) => JSON.parse(`"${match[1]}"`));
  assert.deepEqual(order, ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"]);
});

test("a packed link is base64url of raw deflate of canonical JSON", async () => {
  const snapshot = randomState(random(7));
  const link = await writeLink(snapshot, null);
  const [, text] = /^v=1&z=([A-Za-z0-9_-]+)$/.exec(link) ?? [];
  const json = inflateRawSync(Buffer.from(text, "base64url")).toString("utf8");
  assert.equal(json, canonical(JSON.parse(json)));
  assert.deepEqual(Object.keys(JSON.parse(json)).includes("model"), true);
});

test("2,000 random states come back as they were, and as the same link", async () => {
  const dice = random(1);
  for (let round = 0; round < 2_000; round += 1) {
    const snapshot = freezeDeep(randomState(dice));
    const was = dice.below(2) ? { release: "0.1.0", total: dice.below(2 ** 31) } : null;
    const number = randomNumber(dice);
    const link = await writeLink(snapshot, was, number);
    const opened = await readLink(`#${link}`, world);
    assert.ok(check(opened), `${JSON.stringify(opened)} of ${JSON.stringify(snapshot)}`);
    assert.equal(stateOf(opened.snapshot), stateOf(snapshot));
    assert.deepEqual(opened.was, was);
    assert.equal(opened.number, number);
    assert.equal(await writeLink(opened.snapshot, opened.was, opened.number), link);
  }
});

test("a link cut anywhere is refused, or has lost nothing but the end of its remembered answer", async () => {
  const was = { release: "0.1.0", total: 29647056128 };
  const states = [
    { ...preset("davenet-image"), preset: "davenet-image", run: { ...RUN, batch: 128 }, gpu: { id: "v100-16gb" } },
    { ...preset("vgg16"), preset: "vgg16", run: { ...RUN, batch: 20 }, gpu: { id: "rtx-3060-12gb", system: "windows", in_use_mib: 1234 } },
    { ...preset("vgg16"), preset: "vgg16", run: { ...RUN, bytes_per_value: 2 }, gpu: { id: "rtx-3060-12gb" } },
    { ...randomState(random(3)), preset: null },
  ];
  for (const [index, snapshot] of states.entries()) {
    const number = index % 2 === 0 ? "layers/conv1/forward" : null;
    const link = await writeLink(snapshot, was, number);
    let opens = 0;
    for (let end = 0; end < link.length; end += 1) {
      const opened = await readLink(link.slice(0, end), world);
      if (!check(opened)) continue;
      opens += 1;
      assert.equal(stateOf(opened.snapshot), stateOf(snapshot), `cut at ${end}: ${link.slice(0, end)}`);
      assert.equal(opened.number, number);
      assert.equal(changedSince(opened.was, was, String), null, `cut at ${end} it speaks of a change`);
    }
    // A readable link is whole without its `was`, and with each beginning of the number in it; a packed one never.
    assert.equal(opens, link.includes("z=") ? 0 : 1 + String(was.total).length - 1);
  }
});

test("100,000 random fragments: none throws, none changes anything, whatever opens is whole", async () => {
  const dice = random(20_260);
  const before = JSON.stringify(world);
  const seeds = [];
  for (let index = 0; index < 40; index += 1) seeds.push(await writeLink(randomState(dice), dice.below(2) ? { release: "0.1.0", total: 5 } : null, randomNumber(dice)));
  seeds.push(...JSON.parse(readFileSync(new URL("links.json", import.meta.url), "utf8")).map((item) => item.link));
  let opened = 0;
  for (let round = 0; round < 100_000; round += 1) {
    const fragment = randomFragment(dice, seeds);
    const answer = await readLink(fragment, world); // the world is frozen: a write into it would throw
    if (!check(answer)) continue;
    opened += 1;
    if (opened % 50 === 0) {
      const again = await readLink(await writeLink(answer.snapshot, answer.was, answer.number), world);
      assert.ok(check(again), fragment);
      assert.equal(again.number, answer.number, fragment);
      assert.equal(stateOf(again.snapshot), stateOf(answer.snapshot), fragment);
    }
  }
  assert.equal(JSON.stringify(world), before);
  assert.ok(opened > 500 && opened < 50_000, `${opened} opened: the fragments are too kind or too cruel`);
});

test("limits: length, inflated size, rows, names, paths, depth", async () => {
  const refused = async (fragment, words) => {
    const opened = await readLink(fragment, world);
    assert.ok("refused" in opened, "it was opened");
    assert.match(`${opened.refused.title} ${opened.refused.text}`, words);
  };
  const state = (model, more = {}) => ({ gpu: "v100-16gb", model: { format: "footprint/model", version: 1, inputs: [], layers: [], ...model }, ...more });
  await refused(`v=1&z=${"A".repeat(LINK_LIMITS.read)}`, /too long/);
  // 20 MB of blanks in 20 KB: the stream is cut off at 256 KiB, so this takes no time and no memory.
  const bomb = pack(" ".repeat(20 * 2 ** 20));
  assert.ok(bomb.length < LINK_LIMITS.read);
  const start = performance.now();
  await refused(bomb, /more than 256 KiB/);
  assert.ok(performance.now() - start < 1_000);
  const rows = (count) => Array.from({ length: count }, () => ({ op: "ReLU" }));
  assert.ok(check(await readLink(pack(state({ layers: rows(2_000) })), world)));
  await refused(pack(state({ layers: rows(2_001) })), /2001 rows; a link may have 2000/);
  assert.ok(check(await readLink(pack(state({ layers: [{ op: "ReLU", name: "n".repeat(128) }] })), world)));
  await refused(pack(state({ layers: [{ op: "ReLU", name: "n".repeat(129) }] })), /129 characters/);
  assert.ok(check(await readLink(pack(state({}, { number: "n".repeat(200) })), world)));
  await refused(pack(state({}, { number: "n".repeat(201) })), /no path/);
  await refused(pack(state({}, { number: 3 })), /no path/);
  await refused(pack(state({}, { number: "layers/\ud800/forward" })), /no path/);
  await refused(pack(state({ layers: [{ op: "ReLU", deep: JSON.parse("[".repeat(70) + "]".repeat(70)) }] })), /nested/);
  await refused(pack("[".repeat(100_000)), /JSON/);
  await refused(pack("[".repeat(100_000) + "]".repeat(100_000)), /nested/);
});

test("an answer that differs is one sentence with both numbers; the same answer is none", () => {
  const show = (bytes) => `${bytes} B`;
  assert.equal(changedSince({ release: "0.1.0", total: 5 }, { release: "0.2.0", total: 5 }, show), null);
  assert.equal(changedSince(null, { release: "0.2.0", total: 5 }, show), null);
  assert.match(changedSince({ release: "0.1.0", total: 7 }, { release: "0.2.0", total: 5 }, show), /7 B with 0\.1\.0, now it is 5 B, because .* between 0\.1\.0 and 0\.2\.0/);
  assert.match(changedSince({ release: "0.1.0", total: 7 }, { release: "0.1.0", total: 5 }, show), /altered/);
});

// ——— random states and fragments

function randomState(dice) {
  const gpu = [
    () => ({ id: dice.pick(catalogue.gpus).id }),
    () => ({ id: dice.pick(catalogue.gpus).id, system: "windows", in_use_mib: 1 + dice.below(4_000) }),
    () => ({ name: randomText(dice), usable_mib: dice.below(90_000) }),
    () => ({ name: "x", usable_mib: randomText(dice), in_use_mib: randomText(dice) }),
  ][dice.below(4)]();
  if (dice.below(3) === 0) {
    const known = dice.pick(presets);
    return { model: known.model, preset: known.id, run: { ...RUN, batch: 1 + dice.below(10 ** 6) }, gpu };
  }
  const layers = Array.from({ length: dice.below(12) }, (_, index) => ({
    op: dice.pick(["Conv2d", "relu", "Linear", randomText(dice)]),
    ...(dice.below(2) ? { name: `row${index}` } : {}),
    ...(dice.below(2) ? { [dice.pick(["out_channels", "padding", "__proto__x", randomText(dice)])]: randomValue(dice, 3) } : {}),
  }));
  const model = { format: "footprint/model", version: 1, name: randomText(dice), inputs: [{ name: "x", shape: [1 + dice.below(9)] }], layers };
  const inputs = dice.below(2) ? { x: dice.below(2) ? [dice.below(99), 3] : randomText(dice) } : {};
  return { model, preset: null, run: { batch: dice.pick([1, 128, 10 ** 12, randomText(dice)]), bytes_per_value: dice.pick([1, 2, 4, 8]), inputs }, gpu };
}

function randomNumber(dice) {
  return dice.pick([null, "notebook/total", `layers/${randomText(dice)}/outputs/0/${dice.below(4)}`]);
}

function randomText(dice) {
  return Array.from({ length: dice.below(9) }, () => dice.pick([..."abcXYZ019 _-.,:&=#%+/\"'\\\n\té€😀漢\u0000\u2028"])).join("");
}

function randomValue(dice, depth) {
  const kind = dice.below(depth > 0 ? 7 : 5);
  if (kind === 5) return Array.from({ length: dice.below(4) }, () => randomValue(dice, depth - 1));
  if (kind === 6) return { slice: randomValue(dice, depth - 1), batch: dice.below(9) };
  return [null, dice.below(2) === 0, dice.below(10 ** 6), (dice.next() - 0.5) * 10 ** dice.below(30), randomText(dice)][kind];
}

function randomFragment(dice, seeds) {
  const link = dice.pick(seeds);
  const at = dice.below(link.length + 1);
  switch (dice.below(8)) {
    case 0: // any characters
      return Array.from({ length: dice.below(60) }, () => String.fromCharCode(dice.below(dice.pick([128, 65_536])))).join("");
    case 1: // characters of links
      return `v=1&z=${Array.from({ length: dice.below(200) }, () => dice.pick([..."ABCabc019-_"])).join("")}`;
    case 2: // cut
      return link.slice(0, at);
    case 3: // one character replaced
      return link.slice(0, at) + dice.pick([..."=&%#ab19.,-_Z~ é"]) + link.slice(at + 1);
    case 4: // a piece taken out
      return link.slice(0, at) + link.slice(at + dice.below(6));
    case 5: // two links run together
      return link + dice.pick(seeds).slice(at);
    case 6: // keys shuffled and mixed
      return [...link.split("&"), ...dice.pick(seeds).split("&")].filter(() => dice.below(4) > 0).sort(() => dice.next() - 0.5).join("&");
    default: // untouched, perhaps in other letters
      return dice.below(4) ? link : link.toUpperCase();
  }
}
