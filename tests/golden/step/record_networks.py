"""Writes networks.json and networks.jsonl.gz: what a training step of whole networks, which no other file here holds, asks
of PyTorch's allocator, and their documents.

  python record_networks.py [WORD …]     all of networks.py, or those whose name contains a word and, unchanged, the others

A network is run under the null device (tests/oracle): three steps at batch 2, with SGD; about one in five with another
optimizer or precision, by a checksum of its name.  Its document is the exporter's, from a network of its own.  A row of
networks.json is a configuration as the other files here have it; its document is the line of the same number.
"""
import argparse
import gzip
import importlib.metadata
import json
import multiprocessing
import os
import pathlib
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT / "tests/oracle"), str(ROOT / "presets")]
OUT, DOCUMENTS = HERE / "networks.json", HERE / "networks.jsonl.gz"
BATCH, STEPS, LONGEST = 2, 3, 600
OTHERS = [{"optimizer": "adam"}, {"optimizer": "adamw"}, {"amp": "bf16"}, {"optimizer": "adamw", "amp": "bf16"},
          {"optimizer": "adam", "param_dtype": "bf16"}]


def settings(name):
    """What a network is run with, besides batch and loss: it depends on the name alone."""
    chosen = zlib.crc32(name.encode())
    return {"optimizer": "sgd", **(OTHERS[chosen // 5 % len(OTHERS)] if chosen % 5 == 0 else {})}


def exported(name, source, inputs, arguments, loss):
    import zoo
    from from_torch import rows
    model, sample, _ = zoo.build(source, dict(arguments))
    said = []
    network = rows.Network(model.train(), inputs or sample, labels=loss == "hf")
    document = rows.exported(network, name, source, "model" if loss == "hf" else None, said.append)
    return document, inputs or sample, list(dict.fromkeys(said))


def measured(source, inputs, arguments, loss, run):
    import measure
    words = ["--model", source, "--model-args", json.dumps(arguments), "--batch", str(BATCH), "--steps", str(STEPS), "--loss", loss]
    for key, value in run.items():
        words += ["--" + key.replace("_", "-"), value]
    for one in inputs:
        words += ["--input", one]
    row = measure.run(measure.options(words))
    assert row["oom"] is None and row["num_alloc_retries"] == 0, "it runs out of memory, or tries again"
    return row


def attempt(function, *arguments):
    """(result, None), or (None, why not)."""
    try:
        return function(*arguments), None
    except (Exception, SystemExit) as error:
        return None, f"{type(error).__name__}: {str(error).strip().split(chr(10))[0][:160]}"


def network(name, source, inputs, arguments, loss, fresh):
    """A row and its document, or a row that says why there is none."""
    import signal
    signal.alarm(LONGEST)
    got, why = attempt(exported, name, source, inputs, arguments, loss)
    if why:
        return {"id": name, "model": source, "refused": f"the exporter: {why}"}, None
    document, inputs, said = got
    run = settings(name)
    found, why = attempt(measured, source, inputs, arguments, loss, run)
    if why and run != {"optimizer": "sgd"}:  # PyTorch itself does not run it so: then as the others
        said.append(f"not with {json.dumps(run)}: {why}")
        run = {"optimizer": "sgd"}
        found, why = attempt(measured, source, inputs, arguments, loss, run)
    if why:
        return {"id": name, "model": source, "refused": f"PyTorch: {why}"}, None
    row = {"id": name, "model": source, "model_args": arguments, "inputs": inputs, "run": {"batch": BATCH, **run, "loss": loss},
           "device": found["device"], "parameters": found["params"], "allocations": found["allocations"],
           "peak_allocated": found["peak_allocated"], "peak_reserved": found["peak_reserved"],
           "peak": {"step": found["peak_where"][0], "phase": found["peak_where"][1]}}
    if fresh:
        row["fresh"] = True
    if said:
        row["said"] = said
    return row, document


def before():
    """{name: (row, document)} of the files as they are."""
    if not OUT.exists():
        return {}
    kept = json.loads(OUT.read_text("utf-8"))
    documents = gzip.decompress(DOCUMENTS.read_bytes()).decode().splitlines()
    with_documents = zip(kept["rows"], map(json.loads, documents), strict=True)
    return {row["id"]: (row, document) for row, document in [*with_documents, *((row, None) for row in kept["refused"])]}


def write(found, names):
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    versions = {library: importlib.metadata.version(library) for library in ("torch", "torchvision", "timm", "transformers")}
    head = {"format": "footprint/golden-networks", "version": 1, **versions, "batch": BATCH, "steps": STEPS}
    rows = [row for row, document in found if document]
    refused = [row for row, document in found if not document]
    lines = [",\n".join(json.dumps(row, ensure_ascii=False) for row in part) for part in (rows, refused)]
    head["pending"] = [name for name in names if name not in {row["id"] for row, _ in found}]  # of the list, not recorded yet
    text = json.dumps(head)[:-1] + ', "rows": [\n' + lines[0] + '\n], "refused": [\n' + lines[1] + "\n]}\n"
    documents = "".join(json.dumps(document, **compact) + "\n" for _, document in found if document)
    OUT.write_text(text, "utf-8")
    DOCUMENTS.write_bytes(gzip.compress(documents.encode(), 9, mtime=0))
    print(f"{len(rows)} networks, {len(refused)} refused, {len(text)} bytes and documents of {DOCUMENTS.stat().st_size}", flush=True)


def main(wanted):
    import networks
    kept, found = before(), {}
    every = [(*one, False) for one in networks.networks()] + [(*one, True) for one in networks.fresh()]
    assert len({one[0] for one in every}) == len(every), "two networks of one name"
    chosen = [one for one in every if not wanted or any(word in one[0] for word in wanted)]
    context = multiprocessing.get_context("fork")
    for one in chosen:
        with context.Pool(1, maxtasksperchild=1) as pool:
            try:
                found[one[0]] = pool.apply_async(network, one).get(LONGEST + 10)
            except multiprocessing.TimeoutError:
                found[one[0]] = ({"id": one[0], "model": one[1], "refused": f"it takes longer than {LONGEST} seconds"}, None)
        row = found[one[0]][0]
        print(row["id"], row.get("peak_allocated", row.get("refused")), *row.get("said", []), sep="  ", flush=True)
        if len(found) % 20 == 0:
            save(every, {**kept, **found})
    save(every, {**kept, **found})


def save(every, together):
    write([together[name] for name, *_ in every if name in together], [name for name, *_ in every])


if __name__ == "__main__":
    import measure
    measure.preload(argparse.Namespace(real=False))
    import torch
    torch.set_num_threads(1)
    main(sys.argv[1:])
    os._exit(0)
