"""Writes the truth of the round trip: what PyTorch makes, reads and lets go in the forward of exported networks.

  python record.py [NAME …]     DOCUMENT.json and DOCUMENT.storages.json.gz of the networks of networks.txt, all or those named

See README.md for the format.  Needs torch and the libraries of the networks recorded.
"""
import gc
import gzip
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "presets"))

from from_torch import lifetimes, rows, sources  # noqa: E402
from from_torch.cli import literal  # noqa: E402
from from_torch.facts import Refused  # noqa: E402

BATCHES = [1, 2, 3, 64]


def storages(network, found, batch, answers=None):
    """[[row, dtype, bytes, readers, let go after]] of one forward pass under no_grad: rows numbered from 1 as in the document;
    `let go after` is null for what the network returns.  None if other rows run at this batch."""
    recording = network.record(batch, lifetimes=True, answers=answers)
    row = rows.numbers(found, recording)
    if row is None:
        return None
    table = []
    for s in lifetimes.storages(recording):
        after = None if s.returned else lifetimes.last_row(found, row, s.released) + 1
        table.append([row[s.made] + 1, str(s.dtype), s.bytes, [row[r] + 1 for r in s.readers], after])
    return table


def shapes(network, found, batch, sizes=None):
    """[[shape or null, …]] of every row of the document, null for one that does not run; None if other rows run."""
    before = [i.shape for i in network.inputs]
    for one, size in zip(network.inputs, sizes or before):
        one.shape = size
    try:
        recording = network.record(batch)
    except Refused:
        return None
    finally:
        for one, size in zip(network.inputs, before):
            one.shape = size
    row = rows.numbers(found, recording)
    if row is None:
        return None
    table = [None] * len(found)
    for k, number in row.items():
        table[number] = [None if f is None else f.shape for f in recording.calls[k].outputs]
    return table


def larger(network):
    """Other sizes of the same inputs, where the network may take them: images half as large again, in steps of 32."""
    sizes = [[*i.shape[:-2], *(s + s // 64 * 32 for s in i.shape[-2:])] if len(i.shape) > 2 else i.shape for i in network.inputs]
    return sizes if sizes != [i.shape for i in network.inputs] else None


def recorded(source, inputs, config):
    """(document, truth) of a network."""
    network = rows.Network(sources.build(source, config), inputs)
    name = source.rpartition(":")[2]
    document, found = rows.exported_rows(network, name, pathlib.PurePath(source).name)
    answers = network.record(2).answered
    at = {batch: storages(network, found, batch, answers) for batch in BATCHES}
    batches = [b for b in BATCHES if at[b] is not None and [s[:2] + s[3:] for s in at[b]] == [s[:2] + s[3:] for s in at[2]]]
    truth = {"document": name, "batches": batches,
             "storages": [[*s[:2], [at[b][k][2] for b in batches], *s[3:]] for k, s in enumerate(at[2])]}
    truth["shapes"] = []
    sizes = larger(network)
    for batch, given in ((2, None), (7, None)) + (((2, sizes), (7, sizes)) if sizes else ()):
        table = shapes(network, found, batch, given)
        if table is not None:
            named = {i.name: s for i, s in zip(network.inputs, given)} if given else {}
            truth["shapes"].append({"batch": batch, "inputs": named, "rows": table})
    return document, truth


def networks():
    for line in (HERE / "networks.txt").read_text("utf-8").split("\n"):
        if line.strip() and not line.startswith("#"):
            source, *rest = line.split()
            if source.startswith("models.py"):
                source = str(ROOT / "tests/golden/torchsummary" / source)
            yield source, [r for r in rest if not r.startswith("--config=")], \
                dict(literal(r[9:]) for r in rest if r.startswith("--config="))


def write(document, truth):
    name = document["name"]
    (HERE / f"{name}.json").write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n", "utf-8")
    data = json.dumps(truth, separators=(",", ":")).encode()
    (HERE / f"{name}.storages.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))


def main():
    wanted, total = set(sys.argv[1:]), 0
    for source, inputs, config in networks():
        name = source.rpartition(":")[2]
        if wanted and name not in wanted:
            continue
        document, truth = recorded(source, inputs, config)
        write(document, truth)
        size = sum((HERE / (name + end)).stat().st_size for end in (".json", ".storages.json.gz"))
        total += size
        print(f"{name}: {len(document['layers'])} rows, {len(truth['storages'])} storages at batches {truth['batches']}, "
              f"{len(truth['shapes'])} tables of shapes, {size} bytes", flush=True)
        gc.collect()
    print(f"{total} bytes")


if __name__ == "__main__":
    main()
