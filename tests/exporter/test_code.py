"""The PyTorch code that the page writes of a document, run: its modules give the shapes and have the parameters of the document's report,
in its order, and torchsummary prints of it what it printed of the network that the document was made from.

Needs torch and node, and the page's packages (`npm ci --prefix web`) and core (`./dev build`); torchsummary for the prints.
"""
import contextlib
import importlib.util
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOLDENS = ROOT / "tests/golden"

try:
    import torch
except ImportError:
    torch = None
try:
    import torchsummary
except ImportError:
    torchsummary = None

BUILT = shutil.which("node") and (ROOT / "web/node_modules").exists() and (ROOT / "web/src/generated/footprint.wasm").exists()


def size(value, batch):
    return value.get("batch", 0) * batch + value.get("plus", 0) if isinstance(value, dict) else value


def inputs_of(document, batch):
    for spec in document["inputs"]:
        shape, at = [size(s, batch) for s in spec["shape"]], spec.get("batch_dim", 0)
        if at is not None:
            shape.insert(at, batch)
        yield torch.zeros(shape, dtype=getattr(torch, spec.get("dtype", "float32")))


def flat(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [v for part in value for v in flat(part)]
    return [list(value.shape) if isinstance(value, torch.Tensor) else None]


def counted(module):
    """As torchsummary counts."""
    return sum(p.numel() for k in ("weight", "bias") if isinstance(p := getattr(module, k, None), torch.Tensor))


@unittest.skipIf(torch is None, "PyTorch is not installed: the code is not run")
@unittest.skipUnless(BUILT, "node, web/node_modules or the built core is missing: no code is written")
class Code(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        subprocess.run(["node", str(HERE / "write_code.mjs"), cls.folder.name], check=True, stdout=subprocess.DEVNULL)
        cls.index = json.loads((pathlib.Path(cls.folder.name) / "index.json").read_text("utf-8"))

    def network(self, key):
        name = f"footprint_code_{key}"
        spec = importlib.util.spec_from_file_location(name, pathlib.Path(self.folder.name) / f"{key}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return getattr(module, self.index[key]["name"])

    def seen(self, key, batch):
        """(class, shapes, parameters) of each module's call, in the order in which the calls end."""
        document = json.loads((ROOT / self.index[key]["document"]).read_text("utf-8"))
        calls = []
        with torch.device("cpu" if any(row.get("autocast") is False for row in document["layers"]) else "meta"):
            model = self.network(key)()
            inputs = list(inputs_of(document, batch))
        containers = (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ModuleDict)
        for module in model.modules():
            if module is not model and not isinstance(module, containers):
                module.register_forward_hook(
                    lambda m, _, out: calls.append((type(m).__qualname__.split(".")[-1], flat(out), counted(m))))
        with torch.no_grad():
            model(*inputs)
        return calls

    def test_every_module_has_the_shapes_and_parameters_of_the_report(self):
        for key, entry in self.index.items():
            with self.subTest(entry["document"]):
                if entry["missing"]:
                    with self.assertRaises(NotImplementedError):
                        self.seen(key, 2)
                    continue
                rows = [row for row in entry["rows"] if row["labels"]]
                calls = self.seen(key, 2)
                self.assertEqual(len(calls), len(rows))
                for (name, shapes, parameters), row in zip(calls, rows):
                    self.assertEqual(name, row["labels"][0].rpartition("-")[0])
                    wanted = [s for s in row["outputs"] if s is not None]
                    self.assertEqual([s for s in shapes if s is not None], wanted, row)
                    self.assertEqual(parameters * len(row["labels"]), row["parameters"], row)

    def test_the_gallery_has_as_many_parameters_as_it_says(self):
        gallery = {entry["id"]: entry for entry in json.loads((ROOT / "presets/gallery/index.json").read_text("utf-8"))}
        for key, entry in self.index.items():
            path = pathlib.Path(entry["document"])
            if path.parent.name != "gallery" or path.stem not in gallery:
                continue
            with self.subTest(path.stem), torch.device("meta"):
                model = self.network(key)()
                self.assertEqual(sum(p.numel() for p in model.parameters()), gallery[path.stem]["parameters"])

    @unittest.skipIf(torchsummary is None, "torchsummary is not installed: the prints are not compared")
    def test_torchsummary_prints_of_the_code_what_it_printed_of_the_network(self):
        keys = {entry["document"]: key for key, entry in self.index.items()}
        for name, golden in json.loads((GOLDENS / "documents/index.json").read_text("utf-8")).items():
            key = keys[golden["document"]]
            if golden["crash"] or self.index[key]["missing"]:
                continue
            with self.subTest(name):
                document = json.loads((ROOT / golden["document"]).read_text("utf-8"))
                said = io.StringIO()
                with contextlib.redirect_stdout(said):
                    shapes = [tuple(spec["shape"]) for spec in document["inputs"]]
                    torchsummary.summary(self.network(key)(), shapes if len(shapes) > 1 else shapes[0],
                                         batch_size=golden["batch"], device="cpu")
                self.assertEqual(said.getvalue(), (GOLDENS / "torchsummary" / name).read_text("utf-8"))


if __name__ == "__main__":
    unittest.main()
