"""Holds the exporter and `footprint` against torchsummary 1.5.1 and PyTorch's own shapes.

  python parity.py SOURCE [--input SHAPE] …   the networks named, as `from_torch.py` takes them
  python parity.py --all [torchvision timm transformers quirks]
  python parity.py --goldens                  exports the networks of ../torchsummary, compares with its files, and keeps the
                                              documents in goldens/, with the document and batch of each print in index.json

For each network: the exported document's `footprint summary` against torchsummary's own print at two batches, and the shape of
every row against the one recorded, at two batches and two input sizes.  Needs torch, torchsummary and the networks' libraries;
the binary is $FOOTPRINT, or `footprint` on the PATH, or build/native/footprint.
"""
import argparse
import gc
import importlib.util
import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "presets"))

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.overrides import TorchFunctionMode  # noqa: E402
from from_torch import functions, rows, sources  # noqa: E402
from from_torch.check import binary, differing, footprint, torchsummary  # noqa: E402
from from_torch.cli import literal  # noqa: E402
from from_torch.document import lay_out  # noqa: E402
from from_torch.facts import Refused  # noqa: E402
from from_torch.recorder import VALUES  # noqa: E402


# ---- one network
class Result:
    def __init__(self):
        self.state, self.notes, self.shapes = "", [], []


class Answers(TorchFunctionMode):
    """Answers the network's questions for values as in the recording."""

    def __init__(self, answers):
        super().__init__()
        self.answers = list(answers)

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if functions.named(function)[0] in VALUES and args and getattr(args[0], "is_meta", False):
            return self.answers.pop(0)
        return function(*args, **kwargs or {})


def hooked(network):
    """[(class, shape at batch 2, parameters)] as torchsummary's hooks see them, but none of them stops."""
    root, found, handles = network.model, [], []

    def hook(module, _, output):
        shape = list(output.shape) if isinstance(output, torch.Tensor) else None
        if isinstance(output, (list, tuple)):
            shape = [list(o.shape) if isinstance(o, torch.Tensor) else None for o in output]
        found.append([type(module).__name__, shape, 0])
        row = found[-1]
        if hasattr(module, "weight") and hasattr(module.weight, "size"):  # each access may run a parametrization
            row[2] += module.weight.size().numel()
            module.weight.requires_grad
        if hasattr(module, "bias") and hasattr(module.bias, "size"):
            row[2] += module.bias.size().numel()

    def register(module):
        if not isinstance(module, (nn.Sequential, nn.ModuleList)) and module is not root:
            handles.append(module.register_forward_hook(hook))

    root.apply(register)
    try:
        network.forward(2)
    except RuntimeError:  # it asks for the value of a tensor
        answers = Answers(network.record(2).answered)
        found.clear()
        with answers:
            network.forward(2)
    finally:
        for handle in handles:
            handle.remove()
    return found


def table(path, found):
    """The same of footprint's report."""
    answer = footprint("estimate", path, 2, "--json")
    lines = []
    for row in json.loads(answer.stdout or '{"layers": []}')["layers"]:
        call, shape = found[row["row"] - 1].call, row.get("outputs")
        several = call.returns in ("tuple", "list") or call.op != "Block" and len(call.outputs) > 1
        shape = None if not shape or call.returns in ("dict", "none", "number") else shape if several else shape[0]
        lines += [[label.rpartition("-")[0], shape, row.get("parameters")] for label in row["labels"]]
    return lines, answer.stderr


def alike(mine, theirs):
    """Two tables agree; of a nested tuple only the first tensors are compared."""
    if len(mine) != len(theirs):
        return False
    for a, b in zip(mine, theirs):
        nested = isinstance(b[1], list) and None in b[1]
        if a[0] != b[0] or a[2] != b[2] or not nested and a[1] != b[1]:
            return False
    return True


def check(source, inputs, config=None, batches=(-1, 5), keep=None):
    result = Result()
    try:
        network = rows.Network(sources.build(source, config), inputs)
        made, found = rows.exported_rows(network, source.rpartition(":")[2], source, say=lambda s: result.notes.append(s))
    except Refused as reason:
        result.state = "refused"
        result.notes.append(str(reason))
        return result
    path = pathlib.Path(keep or tempfile.mkdtemp()) / (source.replace("/", "_").replace(":", "_") + ".json")
    path.write_text(lay_out(made), "utf-8")
    result.state, result.rows = "", len(found)
    takes_floats = all(i.dtype == "float32" and not i.keyword for i in network.inputs)
    for batch in batches if takes_floats else ():
        theirs, error = torchsummary(network, batch)
        mine = footprint("summary", path, batch)
        result.state = "crashed alike" if error else "matched"
        if mine.returncode or mine.stdout != theirs:
            result.state = "differs"
            result.notes.append(f"batch {batch}: {differing(mine.stdout, theirs)}; torchsummary: {error}; {mine.stderr[:600]}")
            break
    if result.state != "matched":  # torchsummary stops, or feeds floats alone: the rows that it would print
        theirs, (mine, words) = hooked(network), table(path, found)
        if not alike(mine, theirs):
            pair = next((p for p in zip(mine, theirs) if not alike([p[0]], [p[1]])), (len(mine), len(theirs)))
            result.state = "differs"
            result.notes.append(f"row {pair[0]} for {pair[1]}; {words[:400]}")
        elif not takes_floats:
            result.state = "rows matched"
    result.shapes = shapes(network, found, path)
    if not keep:
        shutil.rmtree(path.parent)
    return result


def grown(network):
    """Other input sizes, where the network takes them: images and clips half as large again."""
    other = []
    for one in network.inputs:
        if one.dtype != "float32" or len(one.shape) < 3:
            return None
        size = [*one.shape[:-2], *(s + s // 2 // 32 * 32 if s >= 64 else s for s in one.shape[-2:])]
        other.append(size)
    return other if other != [i.shape for i in network.inputs] else None


def shapes(network, found, path):
    """Rows whose shape `footprint` infers otherwise than PyTorch makes it."""
    wrong = {}
    before = [i.shape for i in network.inputs]
    for batch, sizes in ((2, None), (7, None), (3, grown(network))):
        if batch == 3 and sizes is None:
            continue
        for one, size in zip(network.inputs, sizes or before):
            one.shape = size
        try:
            recording = network.record(batch)
        except Refused:
            continue
        finally:
            for one, size in zip(network.inputs, before):
                one.shape = size
        calls = rows.kept_blocks(recording.calls)
        mine = [row for row in found if not row.foreign]
        if [c.key() for c in calls] != [r.call.key() for r in mine]:
            if not sizes:
                wrong["rows"] = f"batch {batch}: other rows"
            continue
        given = [f"--input={i.name}={','.join(map(str, s))}" for i, s in zip(network.inputs, sizes or [])]
        answer = footprint("estimate", path, batch, "--json", *given)
        try:
            report = json.loads(answer.stdout)
        except ValueError:
            return {"report": answer.stderr[:300]}
        judged = {layer["row"]: layer.get("outputs") for layer in report["layers"]}
        numbers = {id(row): n for n, row in enumerate(found, 1)}
        for diagnostic in report["diagnostics"]:
            if diagnostic["severity"] == "error":
                row = found[diagnostic["row"] - 1] if "row" in diagnostic else None
                if sizes and any(written_sizes(r) for r in found[:diagnostic.get("row", 0)]):
                    continue
                key = f"{row.call.op if row else '-'}: {diagnostic['code']}"
                wrong.setdefault(key, f"row {diagnostic.get('row')}: {diagnostic['message']}")
        for row, call in zip(mine, calls):
            theirs = [None if f is None else f.shape for f in call.outputs]
            ours = judged.get(numbers[id(row)])
            if ours is not None and [o for o in ours if o is not None] != [t for t in theirs if t is not None]:
                if sizes and any(written_sizes(r) for r in found[:numbers[id(row)]]):
                    break
                key = f"{row.call.op}: shape"
                wrong.setdefault(key, f"row {numbers[id(row)]} batch {batch}{' large' if sizes else ''}: {ours} for {theirs}")
    return wrong


def written_sizes(row):
    return any(k in row.attributes for k in ("shape", "size", "outputs", "sizes", "index"))


# ---- which networks
def torchvision_sources():
    from torchvision import models
    for family, size in ((models, [3, 224, 224]), (models.segmentation, [3, 224, 224]), (models.video, [3, 16, 112, 112])):
        for name in models.list_models(family):
            own = size
            if family is models.video and name.startswith(("mvit", "s3d")):
                own = [3, 16, 224, 224]
            if name == "inception_v3":
                own = [3, 299, 299]
            if name.startswith(("vit_h_14",)):
                own = [3, 224, 224]
            yield "torchvision:" + name, [",".join(map(str, own))], None


MODELS = ROOT / "tests/golden/torchsummary/models.py"


def registry():
    """[(golden, factory, input size, batch)] of the goldens."""
    spec = importlib.util.spec_from_file_location("models", MODELS)
    models = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(models)
    return models.REGISTRY


def goldens():
    """How many prints of ../torchsummary are those of the exported networks, and which are not."""
    wrong, folder, kept, index = [], MODELS.parent, {}, {}
    (HERE / "goldens").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name, factory, size, batch in registry():
            inputs = [",".join(map(str, s)) for s in (size if isinstance(size, list) else [size])]
            golden = next(p for p in (folder / f"{name}.txt", folder / "crashed" / f"{name}.txt") if p.exists())
            try:
                source = getattr(factory, "source", f"{MODELS}:{factory.__name__}")
                document = rows.exported(rows.Network(sources.build(source), inputs), name)
            except Refused as reason:
                text = "" if golden.parent.name == "crashed" else str(reason)
            else:
                path = pathlib.Path(place, "model.json")
                path.write_text(lay_out(document), "utf-8")
                text = footprint("summary", path, batch).stdout
                key = json.dumps([source, inputs])
                if key not in kept:
                    kept[key] = name
                    compact = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
                    (HERE / "goldens" / f"{name}.json").write_text(compact + "\n", "utf-8")
                index[name] = [kept[key], batch]
            if text != golden.read_text("utf-8"):
                wrong.append(name)
    lines = [f"  {json.dumps(name)}: {json.dumps(index[name])}" for name in sorted(index)]
    (HERE / "goldens" / "index.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    print(f"{len(registry()) - len(wrong)} of {len(registry())} goldens to the character", *wrong, sep="\n")
    return 1 if wrong else 0


def quirk_sources():
    seen = set()
    for _, factory, size, _ in registry():
        if factory.__name__ not in seen and not hasattr(factory, "source"):
            seen.add(factory.__name__)
            sizes = size if isinstance(size, list) else [size]
            dtype = "int64:" if factory.__name__ == "QEmbeddingFloat" else ""
            yield f"{MODELS}:{factory.__name__}", [dtype + ",".join(map(str, s)) for s in sizes], None


def listed_sources(name):
    for line in (HERE / f"{name}.txt").read_text("utf-8").split("\n"):
        if line.strip() and not line.startswith("#"):
            source, *rest = line.split()
            inputs = [r for r in rest if not r.startswith("--config=")]
            config = dict(literal(r[9:]) for r in rest if r.startswith("--config="))
            yield f"{name}:{source}", inputs, config


def timm_sources():
    """The first network of each file of timm."""
    import timm
    from timm.models import _registry
    for module in sorted(_registry._module_to_models):
        name = sorted(_registry._module_to_models[module])[0]
        default = timm.get_pretrained_cfg(name)
        size = list(default.input_size) if default is not None else [3, 224, 224]
        yield "timm:" + name, [",".join(map(str, size))], None


FAMILIES = {"quirks": quirk_sources, "torchvision": torchvision_sources, "timm": timm_sources,
            "transformers": lambda: listed_sources("transformers")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--input", action="append", default=[])
    parser.add_argument("--keep", help="a folder in which the documents stay")
    parser.add_argument("--goldens", action="store_true")
    given = parser.parse_args()
    if binary() is None:
        sys.exit("parity: there is no footprint: set FOOTPRINT")
    if given.goldens:
        return goldens()
    if given.all:
        todo = [one for name in (given.sources or FAMILIES) for one in FAMILIES[name]()]
    else:
        known = {source: (source, inputs, config) for name in FAMILIES if any(s.startswith(name) for s in given.sources)
                 for source, inputs, config in FAMILIES[name]()}
        todo = [known.get(s, (s, given.input, None)) for s in given.sources]
    states, misshapen = {}, 0
    for source, inputs, config in todo:
        began = time.time()
        try:
            result = check(source, inputs, config, keep=given.keep)
        except Exception as error:
            result = Result()
            result.state = f"raises {type(error).__name__}"
            result.notes = [str(error)[:300]]
            import traceback
            result.notes.append("".join(traceback.format_tb(error.__traceback__)[-3:]))
        states.setdefault(result.state, []).append(source)
        misshapen += bool(result.shapes)
        short = source.rpartition("/")[2]
        print(f"{short}: {result.state}, {getattr(result, 'rows', 0)} rows, {time.time() - began:.1f} s", flush=True)
        for note in dict.fromkeys(result.notes):
            print("    " + note[:700])
        for key, note in (result.shapes or {}).items():
            print(f"    SHAPE {key}: {note[:400]}")
        gc.collect()
    print({state: len(names) for state, names in states.items()}, f"{misshapen} with rows of another shape")
    for state, names in states.items():
        if state not in ("matched", "crashed alike", "rows matched"):
            print(f"{state}: {' '.join(n.rpartition('/')[2] for n in names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
