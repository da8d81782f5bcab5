"""Writes the gallery: a model document for each network of networks.py, and index.json, which the page lists.

  python generate.py [ID …]     needs torch, torchvision, timm and transformers, and `footprint` ($FOOTPRINT, or build/native)

Nothing here but networks.py is written by hand. Two runs give the same bytes. A network that cannot be exported ends the run.
"""
import importlib.metadata
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent), str(HERE)]

from from_torch import rows, sources  # noqa: E402
from from_torch.document import lay_out  # noqa: E402
from networks import NETWORKS  # noqa: E402

FOOTPRINT = os.environ.get("FOOTPRINT", str(ROOT / "build/native/footprint"))


def origin(source, configuration):
    """What the document says of where it comes from: the library's release, and what is not its default."""
    library, _, name = source.rpartition(":")
    if library.endswith(".py"):
        origin = f"tests/oracle/{library}, {name}"
    else:
        origin = f"{library} {importlib.metadata.version(library).partition('+')[0]}, {name}"
    return origin + "".join(f", {key} {value}" for key, value in configuration.items())


def exported(identifier, name, source, inputs, configuration):
    path = source if not source.partition(":")[0].endswith(".py") else str(ROOT / "tests/oracle" / source)
    network = rows.Network(sources.build(path, configuration), inputs)
    said = []
    document = rows.exported(network, name, origin(source, configuration), None, say=said.append)
    for sentence in dict.fromkeys(said):
        print(f"  {identifier}: {sentence}")
    return document


def parameters(document):
    """As len(list(model.parameters())) counts them: shared ones once, buffers not."""
    own = [p for p in document["parameters"] if not p.get("buffer") and "tied_to" not in p]
    return sum(math.prod(p["shape"]) for p in own)


def total(path):
    """Bytes by the notebook's method at batch 1."""
    report = subprocess.run([FOOTPRINT, "estimate", str(path), "--json"], check=True, capture_output=True).stdout
    return json.loads(report)["notebook"]["total"]


def main(wanted):
    index = {entry["id"]: entry for entry in json.loads((HERE / "index.json").read_text())} if (HERE / "index.json").exists() else {}
    for identifier, family, name, source, inputs, configuration in NETWORKS:
        if wanted and identifier not in wanted:
            continue
        path = HERE / f"{identifier}.json"
        document = exported(identifier, name, source, inputs, configuration)
        path.write_text(lay_out(document), "utf-8")
        index[identifier] = {"id": identifier, "name": name, "family": family, "source": document["source"], "rows": len(document["layers"]),
                             "parameters": parameters(document), "total": total(path)}
        print(f"{identifier}: {index[identifier]['rows']} rows, {index[identifier]['parameters']:,} parameters", flush=True)
    order = [entry[0] for entry in NETWORKS]
    lines = [json.dumps(index[key], ensure_ascii=False) for key in order if key in index]
    (HERE / "index.json").write_text("[\n  " + ",\n  ".join(lines) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
