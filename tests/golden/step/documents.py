"""Writes the model document of every network that was measured, so that its step can be computed from the document alone.

  python documents.py [WORD …]     documents/NAME.json, all or those whose name contains a word, and documents/index.json;
                                   ../measured/NAME.json of the networks that only ../measured.json has

A network is made by the function that made it for measure.py (`zoo.build`), in training mode, and exported by presets/from_torch;
which mode a step runs in is the configuration's to say.  Needs torch and the libraries of the networks, and no device.
"""
import dataclasses
import gc
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "presets"), str(ROOT / "tests/oracle")]

DOCUMENTS = HERE / "documents"
FAMILIES = ["singles", "davenet", "vision", "text", "settings", "cards", "allocator"]
PUBLISHED = HERE.parent / "measured"
PUBLISHED_NETWORKS = ("timm:resnet50", "timm:vgg16", "timm:vit_base_patch16_224")
NO_NETWORK = "singles.py:allocations"  # a stream of requests


@dataclasses.dataclass(frozen=True)
class Network:
    """What a document is written from: the model, its arguments, its inputs, and whether it is given labels for a loss of its own."""
    model: str
    arguments: str  # JSON
    inputs: tuple
    own_loss: bool

    @staticmethod
    def of(configuration):
        return Network(configuration["model"], json.dumps(configuration["model_args"]), tuple(configuration["inputs"]),
                       configuration["run"]["loss"] == "hf")

    def document(self):
        import zoo
        from from_torch import rows
        model, _, _ = zoo.build(self.model, json.loads(self.arguments))
        recorded = rows.Network(model.train(), list(self.inputs), labels=self.own_loss)
        said = []
        document = rows.exported(recorded, self.model.rpartition(":")[2], self.model, "model" if self.own_loss else None, said.append)
        return document, list(dict.fromkeys(said))


def configurations():
    for family in FAMILIES:
        for row in json.loads((HERE / f"{family}.json").read_text("utf-8"))["rows"]:
            if row["model"] != NO_NETWORK:
                yield row


def names(networks):
    """{network: name}: the model's and its arguments, then what sets it apart from another of the same model."""
    found = {}
    for one in networks:
        alike = [other for other in networks if (other.model, other.arguments) == (one.model, one.arguments)]
        words = [one.model.replace(".py:", ".").replace(":", ".")]
        words += [f"{key}-{json.dumps(value)}" for key, value in json.loads(one.arguments).items()]
        if len({other.inputs for other in alike}) > 1:
            words.append(one.inputs[0].rpartition(":")[2].rpartition(",")[2])
        if any(other.own_loss for other in alike) and not one.own_loss:
            words.append("unlabelled")
        found[one] = ".".join(words)
    assert len(set(found.values())) == len(found), "two networks of one name"
    return found


def main(wanted):
    measured = [(row["id"], Network.of(row)) for row in configurations()]
    named = names(list(dict.fromkeys(network for _, network in measured)))
    DOCUMENTS.mkdir(exist_ok=True)
    index = {identifier: named[network] for identifier, network in measured}
    (DOCUMENTS / "index.json").write_text(json.dumps(index, indent=2) + "\n", "utf-8")
    for path in DOCUMENTS.glob("*.json"):
        if path.stem not in ("index", *named.values()):
            path.unlink()
    for network, name in named.items():
        if wanted and not any(word in name for word in wanted):
            continue
        write(network, DOCUMENTS / f"{name}.json")
    for model in PUBLISHED_NETWORKS:
        name = model.replace(":", ".")
        if not wanted or any(word in name for word in wanted):
            write(Network(model, "{}", ("3,224,224",), own_loss=False), PUBLISHED / f"{name}.json")


def write(network, path):
    document, said = network.document()
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"
    path.write_text(text, "utf-8")
    print(f"{path.stem}: {len(document['layers'])} rows, {len(text)} bytes", *said, sep="\n  ", flush=True)
    gc.collect()


if __name__ == "__main__":
    main(sys.argv[1:])
