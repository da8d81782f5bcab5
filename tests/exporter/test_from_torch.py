"""The exporter: what it writes of small networks, and what it refuses.  Needs torch alone.

  python -m unittest discover tests/exporter
"""
import base64
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "presets"))
sys.path.insert(0, str(ROOT / "tests/golden/torchsummary"))

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    raise unittest.SkipTest("torch is not installed: the exporter is not tested")

from from_torch import cli, document, rows  # noqa: E402
from from_torch.facts import Refused  # noqa: E402
from networks import forward  # noqa: E402

TORCH = tuple(int(part) for part in torch.__version__.split(".")[:2])


def exported(model, *inputs, **how):
    loss = how.pop("loss", None)
    said = how.pop("said", [])
    return rows.exported(rows.Network(model, list(inputs), **how), "test", loss=loss, say=said.append)


def layers(model, *inputs, **how):
    return exported(model, *inputs, **how)["layers"]


class WhatIsWritten(unittest.TestCase):
    def test_a_module_is_a_row_without_its_defaults(self):
        net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=(2, 2), padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.assertEqual(layers(net, "3,8,8"), [
            {"op": "Conv2d", "name": "0", "out_channels": 8, "kernel_size": 3, "stride": 2, "padding": 1},
            {"op": "BatchNorm2d", "name": "1"},
            {"op": "ReLU", "name": "2", "inplace": True}])

    def test_a_function_stands_in_the_container_that_calls_it(self):
        class Residual(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return F.relu(self.fc(x)) + x
        self.assertEqual(layers(nn.Sequential(Residual()), "4"), [
            {"op": "Linear", "name": "0.fc", "out_features": 4},
            {"op": "relu", "name": "0.relu", "scope": "0"},
            {"op": "add", "inputs": ["0.relu", "input"], "scope": "0"},
            {"op": "Block", "class": "Residual", "name": "0"}])

    def test_a_module_that_another_calls_says_where(self):
        class Encoder(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.head = nn.Linear(4, 4), nn.Linear(4, 2)

            def forward(self, x):
                return self.fc(x)

        class Whole(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = Encoder()

            def forward(self, x):
                return self.encoder.head(self.encoder(x))
        self.assertEqual(layers(Whole(), "4"), [
            {"op": "Linear", "name": "encoder.fc", "out_features": 4},
            {"op": "Block", "class": "Encoder", "name": "encoder"},
            {"op": "Linear", "name": "encoder.head", "out_features": 2, "scope": ""}])

    def test_a_tensor_and_its_cast_are_two_in_another_precision(self):
        class Norm(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                x = self.fc(x)
                return x * x.to(torch.float32).square().to(x.dtype)
        self.assertEqual(layers(Norm(), "4"), [
            {"op": "Linear", "name": "fc", "out_features": 4},
            {"op": "to", "dtype": "float32"},
            {"op": "square"},
            {"op": "to", "name": "to"},
            {"op": "mul", "inputs": ["fc", "to"]}])

    def test_what_a_forward_leaves_in_a_module_is_a_buffer(self):
        class Table(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.table, self.last = nn.Linear(4, 4), None, None

            def forward(self, x):
                if self.table is None:
                    self.table = torch.arange(4.0, device=x.device) * 2
                self.last = self.fc(x)  # made anew by every forward
                return self.last + self.table
        document = exported(Table(), "4")
        self.assertEqual(document["layers"][-1]["inputs"], ["fc", "table"])
        self.assertIn({"path": "table", "shape": [4], "buffer": True}, document["parameters"])
        self.assertEqual(len(document["parameters"]), 3)

    def test_a_state_of_one_batch_is_no_buffer(self):
        def run(self, x):
            self.state = self.fc(x) + (self.state if hasattr(self, "state") else 0)
            return self.state
        self.assertEqual([r["op"] for r in layers(forward(run, fc=nn.Linear(4, 4)), "4")], ["Linear", "add"])

    def test_an_index_from_the_host_says_so(self):
        self.assertEqual(layers(forward(lambda self, x: x[torch.zeros(3, dtype=torch.long)]), "4"), [
            {"op": "constant", "name": "constant", "shape": [3], "dtype": "int64", "device": "cpu"},
            {"op": "getitem", "inputs": ["x"], "index": [{"tensor": "constant"}]}])
        self.assertEqual(layers(forward(lambda self, x: x[[0, 0]]), "4")[0],
                         {"op": "constant", "name": "constant", "shape": [2], "dtype": "int64"})

    def test_a_number_operand_stands_under_its_name(self):
        net = forward(lambda self, x: (1 - x * 2) ** 2)
        self.assertEqual(layers(net, "4"), [{"op": "mul", "other": 2}, {"op": "rsub", "other": 1}, {"op": "pow", "exponent": 2}])

    def test_how_a_distance_is_computed_is_no_attribute(self):
        self.assertEqual(layers(forward(lambda self, x: torch.cdist(x, x)), "4,3"), [{"op": "cdist", "inputs": ["x", "x"]}])

    def test_one_over_x_makes_two_tensors(self):
        self.assertEqual(layers(forward(lambda self, x: 3 / x), "4"), [{"op": "reciprocal"}, {"op": "mul", "other": 3}])

    def test_a_size_that_grows_with_the_batch_says_so(self):
        net = forward(lambda self, x: x.view(x.size(0) * 2, 3).repeat(x.size(0) + 1, 1)[: -x.size(0)])
        with self.assertRaisesRegex(Refused, "4, 9, 25 at the batches 2, 3, 5"):
            layers(forward(lambda self, x: x.new_zeros(x.size(0) ** 2)), "6")
        self.assertEqual(layers(net, "6"), [
            {"op": "view", "shape": [{"batch": 2}, 3]},
            {"op": "repeat", "repeats": [{"batch": 1, "plus": 1}, 1]},
            {"op": "getitem", "index": [{"slice": [None, {"batch": -1}, None]}]}])

    def test_a_second_call_shares_the_first(self):
        net = forward(lambda self, x: self.fc(self.fc(x)), fc=nn.Linear(4, 4))
        self.assertEqual(layers(net, "4"), [{"op": "Linear", "name": "fc", "out_features": 4}, {"op": "Linear", "shares": "fc"}])

    def test_a_sequential_called_twice_has_blocks_that_print_nothing(self):
        net = forward(lambda self, x: self.body(self.body(x)), body=nn.Sequential(nn.Tanh()))
        self.assertEqual(layers(net, "4"), [
            {"op": "Tanh", "name": "body.0"}, {"op": "Block", "class": "Sequential", "name": "body", "prints": 0},
            {"op": "Tanh", "shares": "body.0"}, {"op": "Block", "shares": "body"}])

    def test_tied_and_frozen_parameters(self):
        net = forward(lambda self, x: self.b(self.a(x)), a=nn.Linear(4, 4), b=nn.Linear(4, 4, bias=False))
        net.b.weight = net.a.weight
        net.a.bias.requires_grad_(False)
        made = exported(net, "4")
        self.assertEqual(made["layers"], [
            {"op": "Linear", "name": "a", "out_features": 4, "frozen": ["bias"]},
            {"op": "Linear", "name": "b", "out_features": 4, "bias": False, "weight": "a.weight"}])
        self.assertEqual(made["parameters"], [
            {"path": "a.weight", "shape": [4, 4]}, {"path": "a.bias", "shape": [4], "frozen": True},
            {"path": "b.weight", "shape": [4, 4], "tied_to": "a.weight"}])

    def test_children_come_before_their_own_parameters_and_buffers(self):
        net = forward(lambda self, x: self.fc(x) + self.shift + self.table, fc=nn.Linear(4, 4), shift=nn.Parameter(torch.ones(4)))
        net.register_buffer("table", torch.zeros(4))
        self.assertEqual([(p["path"], p.get("buffer", False)) for p in exported(net, "4")["parameters"]],
                         [("fc.weight", False), ("fc.bias", False), ("shift", False), ("table", True)])

    def test_a_constant_follows_the_model_only_where_it_does(self):
        net = forward(lambda self, x: x + torch.ones(4, device=x.device) + torch.zeros_like(x) + x.new_ones(2, 4)[0])
        made = [r for r in layers(net, "4") if r["op"] in ("constant", "zeros_like")]
        self.assertEqual([r.get("dtype") for r in made], ["float32", None, None])

    def test_in_place_and_setitem(self):
        def run(self, x):
            y = x * 2
            y[:, 0] = 0
            y.add_(1)
            y[:, 1:] += y[:, 1:]
            return y
        self.assertEqual([(r["op"], r.get("inplace", False)) for r in layers(forward(run), "4")],
                         [("mul", False), ("setitem", False), ("add", True), ("getitem", False), ("getitem", False),
                          ("add", True), ("setitem", False)])

    def test_an_unknown_function_is_opaque_and_said(self):
        said = []
        row, = layers(forward(lambda self, x: torch.special.erfcx(self.w * x), w=nn.Parameter(torch.ones(4))), "4", said=said)[1:]
        self.assertEqual((row["op"], row["function"]), ("opaque", "special_erfcx"))
        self.assertEqual(row["outputs"], [{"shape": [{"batch": 1}, 4], "storage": "new"}])
        self.assertEqual(len(said), 1)

    def test_a_custom_autograd_function_says_what_it_saves(self):
        class Double(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x, x.sum(1))
                return x * 2
        row = layers(forward(lambda self, x: Double.apply(self.fc(x)), fc=nn.Linear(4, 4)), "4")[1]
        self.assertEqual((row["function"], row["saves"]), ("Double", ["input 0", {"shape": [{"batch": 1}]}]))

    def test_what_runs_in_training_alone(self):
        def run(self, x):
            y = self.fc(x)
            return y * x.new_empty(x.size(0), 1).bernoulli_(0.5) if self.training else y
        self.assertEqual(layers(forward(run, fc=nn.Linear(4, 4)), "4"), [
            {"op": "Linear", "name": "fc", "out_features": 4},
            {"op": "constant", "shape": [{"batch": 1}, 1], "only": "train"},
            {"op": "bernoulli", "name": "bernoulli", "p": 0.5, "inplace": True, "only": "train"},
            {"op": "mul", "inputs": ["fc", "bernoulli"], "only": "train"}])

    def test_a_pinned_mode(self):
        class Frozen(nn.BatchNorm1d):
            def train(self, mode=True):
                return super().train(False)
        net = forward(lambda self, x: F.dropout(self.norm(x), 0.1), norm=Frozen(4).train())
        self.assertEqual([r.get("training") for r in layers(net, "4")], [False, True])

    def test_no_grad(self):
        def run(self, x):
            with torch.no_grad():
                y = self.fc(x)
            return self.fc(y)
        self.assertEqual([r.get("grad") for r in layers(forward(run, fc=nn.Linear(4, 4)), "4")], [False, None])

    def test_a_checkpoint(self):
        def run(self, x):
            y = torch.utils.checkpoint.checkpoint(self.a, x, use_reentrant=False)
            return self.b(y)
        net = forward(run, a=nn.Sequential(nn.Linear(4, 4), nn.Tanh()), b=nn.Linear(4, 4))
        self.assertEqual([r.get("checkpoint") for r in layers(net, "4")], ["1", "1", None])

    def test_outside_autocast(self):
        def run(self, x):
            with torch.autocast("cuda", enabled=False):
                y = x.float() * 2
            return self.fc(y)
        self.assertEqual([r.get("autocast") for r in layers(forward(run, fc=nn.Linear(4, 4)), "4")], [False, False, None])

    def test_a_variable_holds_its_tensor(self):
        def run(self, x):
            early = x * 2
            y = torch.sigmoid(early)
            return self.fc(y)
        self.assertEqual([r.get("held") for r in layers(forward(run, fc=nn.Linear(4, 4)), "4")], ["fc", None, None])

    def test_a_container_keeps_what_it_was_called_with(self):
        net = nn.Sequential(nn.Tanh(), nn.Sequential(nn.Tanh(), nn.Tanh()), nn.Tanh())
        self.assertTrue(all("held" not in r for r in layers(net, "4")))

    def test_weight_normalisation_prints_as_torchsummary_asks(self):
        net = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)))
        blocks = [r for r in layers(net, "4") if r["op"] == "Block"]
        self.assertEqual([b.get("prints", 1) for b in blocks], [1, 4])

    def test_a_folded_container_is_one_row_with_what_backward_keeps(self):
        net = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Sequential(nn.Linear(4, 8), nn.Tanh())))
        row = layers(net, "4", depth=1)[1]
        self.assertEqual((row["op"], row["function"]), ("opaque", "Sequential"))
        self.assertEqual(row["inputs"], ["0", "1.0.0.weight", "1.0.0.bias"])
        self.assertEqual(row["saves"], ["input 0", "input 1", "output 0"])

    def test_the_networks_own_loss(self):
        def run(self, ids, labels=None):
            scores = self.head(self.embed(ids))
            return {"loss": F.cross_entropy(scores.flatten(0, 1), labels.flatten()), "scores": scores}
        net = forward(run, embed=nn.Embedding(10, 4), head=nn.Linear(4, 10))
        made = exported(net, "int64:6", loss="model", labels=True)
        self.assertEqual(made["outputs"], [{"row": "cross_entropy", "name": "loss", "loss": True},
                                           {"row": "head", "name": "scores"}])
        self.assertEqual((made["returns"], made["loss"]), ("dict", "model"))

    def test_what_a_forward_leaves_is_taken_back(self):
        def run(self, x):
            if not hasattr(self, "table"):  # a cache and a hook, made in the first forward
                self.table = torch.arange(4, device=x.device)
                self.fc.register_forward_hook(lambda module, args, output: output * 2)
            return self.fc(x) + self.table
        self.assertEqual([r["op"] for r in layers(forward(run, fc=nn.Linear(4, 4)), "4")], ["constant", "Linear", "mul", "add"])

    def test_the_same_twice(self):
        def net():
            return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 2))
        self.assertEqual(document.lay_out(exported(net(), "3,8,8")), document.lay_out(exported(net(), "3,8,8")))


class HandWrittenDocuments(unittest.TestCase):
    """Networks of the goldens: the exporter and a person say the same rows."""

    def test_classes_and_sharing(self):
        try:
            import models
        except ImportError:
            self.skipTest("the goldens are not here")
        for name in ("QReused", "QSharedTwoParents", "QBlockWithWeight", "QTupleCancels", "QScalarsInTuple", "QTupleOverflow"):
            size = next(r[2] for r in models.REGISTRY if r[1].__name__ == name)
            mine = layers(getattr(models, name)(), ",".join(map(str, size)))
            by_hand = json.loads((ROOT / f"tests/golden/documents/{name}.json").read_text("utf-8"))["layers"]
            pick = ("op", "class", "shares", "prints", "returns", "called_with")
            self.assertEqual([{k: r[k] for k in pick if k in r} for r in mine],
                             [{k: r[k] for k in pick if k in r} for r in by_hand], name)


class WhatIsRefused(unittest.TestCase):
    def refused(self, model, *inputs):
        with self.assertRaises(Refused) as caught:
            exported(model, *inputs)
        return str(caught.exception)

    def test_a_wrong_shape_names_the_module(self):
        self.assertIn("the forward of 1 raises", self.refused(nn.Sequential(nn.Tanh(), nn.Linear(4, 4)), "5"))

    @unittest.skipIf(TORCH < (2, 15), "older PyTorch does not look at the element type on the meta device")
    def test_a_wrong_element_type(self):
        self.assertIn("the forward of Embedding raises", self.refused(nn.Embedding(4, 4), "5"))

    def test_an_element_type_that_is_none(self):
        self.assertIn("float33", self.refused(nn.Tanh(), "float33:5"))

    def test_a_decision_by_values(self):
        self.assertIn("data-dependent", self.refused(forward(lambda self, x: x if x.sum() > 0 else -x), "4"))

    def test_half_a_batch(self):
        self.assertIn("the batch", self.refused(forward(lambda self, x: x[: x.size(0) // 2]), "4"))

    def test_rows_that_depend_on_the_batch(self):
        self.assertIn("other rows", self.refused(forward(lambda self, x: x.tanh() if x.size(0) < 3 else x.sigmoid()), "4"))


class TheCommand(unittest.TestCase):
    def run_command(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(list(arguments))
        return status, out.getvalue(), err.getvalue()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = pathlib.Path(self.folder.name, "small_net.py")
        self.file.write_text("from torch import nn\n\n\ndef make(width=4):\n"
                             "    return nn.Sequential(nn.Linear(4, width), nn.Dropout())\n")

    def tearDown(self):
        self.folder.cleanup()

    def test_a_file_with_a_factory(self):
        status, text, _ = self.run_command(f"{self.file}:make", "--config", "width=7", "--input", "4", "--loss", "mse",
                                           "--name", "small", "--source", "a test")
        made = json.loads(text)
        self.assertEqual((status, made["name"], made["source"], made["loss"]), (0, "small", "a test", "mse"))
        self.assertEqual(made["layers"][0]["out_features"], 7)
        self.assertEqual(text, document.lay_out(made))

    def test_a_refusal_is_one_sentence_and_nothing_is_written(self):
        status, text, said = self.run_command(f"{self.file}:make", "--input", "5")
        self.assertEqual((status, text, said.count("\n")), (1, "", 1))

    def test_a_source_that_is_none(self):
        self.assertEqual(self.run_command("resnet50", "--input", "3,224,224")[0], 1)

    def test_a_share_link_unpacks_to_the_document(self):
        _, plain, _ = self.run_command(f"{self.file}:make", "--input", "4")
        _, link, _ = self.run_command(f"{self.file}:make", "--input", "4", "--link", "https://page/")
        start, _, packed = link.strip().partition("#v=1&z=")
        data = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15)
        self.assertEqual((start, json.loads(data)), ("https://page/", {"model": json.loads(plain)}))
        self.assertEqual(data.decode(), document.canonical(json.loads(data)))


class Numbers(unittest.TestCase):
    def test_as_javascript_prints_them(self):
        for value, text in ((1e-6, "0.000001"), (1.5e-7, "1.5e-7"), (1e21, "1e+21"), (5e-324, "5e-324"), (123.0, "123"),
                            (1e-5, "0.00001"), (-3.4028234663852886e38, "-3.4028234663852886e+38"), (0.1, "0.1"),
                            (1e20, "100000000000000000000")):
            self.assertEqual(document.number(value), text)


if __name__ == "__main__":
    unittest.main()
