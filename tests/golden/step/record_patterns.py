"""Writes patterns.json: what one training step of each network of tests/oracle/patterns.py asks of PyTorch's allocator.

  python record_patterns.py [WORD …]     all, or those whose name contains a word and, unchanged, the others

A network is run under the null device (tests/oracle), at batch 2, with SGD, its loss "none", under autocast where it says so.  Its document is the exporter's.
`events` holds the bytes of an allocation, or -n where the n-th is freed; workspaces of cuBLAS are among them.
"""
import argparse
import importlib
import json
import multiprocessing
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests/oracle"), str(ROOT / "presets")]
OUT = HERE / "patterns.json"
BATCH = 2


def names():
    patterns = importlib.import_module("patterns")
    for name, function in vars(patterns).items():
        code = getattr(function, "__code__", None)
        takes_nothing = code and code.co_argcount == 0 and not code.co_flags & 0x0C  # no *args, no **kwargs
        if takes_nothing and code.co_filename == patterns.__file__:
            yield name


def pattern(name):
    import measure
    import patterns
    import recorder
    from from_torch import rows
    model = getattr(patterns, name)().train()
    document = rows.exported(rows.Network(model, model.sample_inputs), name, f"patterns.py:{name}", None, lambda sentence: None)
    kept = []
    recorder.write = lambda path, header, events: kept.extend(events)
    words = ["--model", f"patterns.py:{name}", "--batch", str(BATCH), "--steps", "1", "--optimizer", "sgd", "--loss", "none", "--trace", "kept", "--amp", model.amp]
    row = measure.run(measure.options(words))
    numbers, events = {}, []
    for event in kept:
        if event["event"] == "alloc":
            numbers[event["id"]] = len(numbers) + 1
            events.append(event["requested"])
        elif event["event"] == "free":
            events.append(-numbers[event["id"]])
    precision = dict(precision=f"amp-{model.amp}") if model.amp != "none" else {}
    return dict(name=name, **precision, peak_allocated=row["peak_allocated"], events=events, document=document)


def main(wanted):
    before = {one["name"]: one for one in json.loads(OUT.read_text("utf-8"))["patterns"]} if OUT.exists() else {}
    found = []
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for name in names():
            if wanted and name in before and not any(word in name for word in wanted):
                found.append(before[name])
                continue
            found.append(pool.apply(pattern, (name,)))
            print(name, found[-1]["peak_allocated"], flush=True)
    import torch
    head = {"format": "footprint/golden-patterns", "version": 1, "torch": torch.__version__, "batch": BATCH}
    lines = ",\n".join(json.dumps(one, separators=(",", ":"), ensure_ascii=False) for one in found)
    OUT.write_text(json.dumps(head)[:-1] + ', "patterns": [\n' + lines + "\n]}\n", "utf-8")
    print(len(found), "patterns")
    sys.stdout.flush()


if __name__ == "__main__":
    import os
    import measure
    measure.preload(argparse.Namespace(real=False))
    import torch  # noqa: F401  before forking; CUDA is initialised in the children alone
    main(sys.argv[1:])
    os._exit(0)
