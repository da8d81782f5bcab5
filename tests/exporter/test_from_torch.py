"""The exporter: what it writes of small networks, and what it refuses.  Needs torch alone.

  python -m unittest discover tests/exporter
"""
import base64
import contextlib
import dataclasses
import importlib.util
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zlib
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "presets"))
sys.path.insert(0, str(ROOT / "tests/golden/torchsummary"))

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    raise unittest.SkipTest("torch is not installed: the exporter is not tested")

from from_torch import check, cli, document, rows  # noqa: E402
from from_torch.facts import Refused  # noqa: E402
from networks import forward  # noqa: E402

torchsummary = importlib.util.find_spec("torchsummary")
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

    def test_a_cast_that_does_nothing_in_float32_can_be_what_is_returned(self):
        def run(self, x):
            y = self.fc(x)
            return y.float().exp().type_as(y)
        made = exported(forward(run, fc=nn.Linear(4, 4)), "4")
        self.assertEqual([r["op"] for r in made["layers"]], ["Linear", "float", "exp", "type_as"])
        self.assertNotIn("outputs", made)  # the last row's, then

    def test_a_part_of_a_complex_tensor_says_its_element_type(self):
        def run(self, x):
            z = torch.fft.rfft(x, dim=-1)
            return self.fc(z.imag.unsqueeze(-1)), z.real
        made = [r["outputs"][0] for r in layers(forward(run, fc=nn.Linear(1, 4)), "8") if r["op"] == "opaque"]
        self.assertEqual([(o["dtype"], o["storage"]) for o in made],
                         [("complex64", "new"), ("float32", "input 0"), ("float32", "input 0")])

    @unittest.skipIf(check.binary() is None, "there is no footprint to read the document")
    def test_the_core_reads_what_is_made_of_complex_tensors(self):
        def run(self, x):
            z = torch.stft(x, 16, 4, window=self.window, return_complex=True)
            return self.conv(torch.view_as_real(z).permute(0, 3, 1, 2)), self.conv(torch.stack([z.real, z.imag], 1))
        made = exported(forward(run, conv=nn.Conv2d(2, 4, 3), window=nn.Parameter(torch.ones(16))), "64")
        with check.in_files(document.lay_out(made)) as (path,):
            read = check.footprint("estimate", path, 2)
        self.assertEqual((read.returncode, read.stderr), (0, ""))

    def test_every_opaque_row_is_said_and_each_function_once(self):
        said = []
        net = forward(lambda self, x: self.fc(torch.fft.rfft(x).real + torch.fft.rfft(x).real), fc=nn.Linear(5, 4))
        exported(net, "8", said=said)
        self.assertEqual([s for s in said if "opaque" in s], [
            "fft_rfft is written as opaque (2 rows, the first in the network), because no row says it",
            "real is written as opaque (2 rows, the first in the network), because no row says it"])

    def test_a_folded_container_is_said_too(self):
        said = []
        exported(nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(4, 4)))), "4", depth=1, said=said)
        self.assertEqual(said, ["Sequential is written as opaque (1 row, in 0.0), because it lies deeper than --depth"])

    def test_a_tensor_of_the_host_that_is_returned(self):
        made = exported(forward(lambda self, x: (self.fc(x), torch.zeros(3), torch.tensor(1.0)), fc=nn.Linear(4, 4)), "4")
        self.assertEqual(made["outputs"], ["fc", "constant"])

    def test_a_tensor_like_one_of_another_element_type(self):
        net = forward(lambda self, x: x + torch.ones_like(x, dtype=torch.int64).sum() + torch.ones_like(x.long(), dtype=x.dtype))
        self.assertEqual([(r["shape"], r.get("dtype")) for r in layers(net, "4") if r["op"] == "constant"],
                         [([{"batch": 1}, 4], "int64"), ([{"batch": 1}, 4], None)])

    def test_a_dataclass_names_what_is_returned(self):
        @dataclasses.dataclass
        class Out:
            __slots__ = ("scores", "hidden")
            scores: torch.Tensor
            hidden: torch.Tensor

        def run(self, x):
            hidden = self.a(x)
            return Out(self.b(hidden), hidden)
        made = exported(forward(run, a=nn.Linear(4, 4), b=nn.Linear(4, 2)), "4")
        self.assertEqual(made["outputs"], [{"row": "b", "name": "scores"}, {"row": "a", "name": "hidden"}])

    def test_what_a_function_calls_is_no_row_of_its_own(self):
        try:
            from torchvision.ops import deform_conv2d
        except ImportError:
            self.skipTest("torchvision is not installed")
        net = forward(lambda self, x: deform_conv2d(x, self.offset(x), self.weight, padding=1), offset=nn.Conv2d(3, 18, 3, padding=1),
                      weight=nn.Parameter(torch.ones(4, 3, 3, 3)))
        self.assertEqual([r.get("function") for r in layers(net, "3,8,8") if r["op"] == "opaque"], ["deform_conv2d"])

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

    def test_a_size_that_depends_on_data(self):
        for call, said in ((lambda self, x: x[x > 0.5], r"x\[mask\]"), (lambda self, x: x.nonzero(), "nonzero"),
                           (lambda self, x: torch.unique(x), "unique"), (lambda self, x: F.one_hot(x.long()), "one_hot without"),
                           (lambda self, x: x[0].repeat_interleave(x[0].long()), "repeat_interleave without")):
            net = nn.Sequential(nn.Linear(4, 4), nn.ModuleDict({"pick": forward(call)})["pick"])
            self.assertRegex(self.refused(net, "4"), f"^Sequential, module 1, calls {said}.*as large as the data decide")

    def test_packed_sequences(self):
        def run(self, x):
            packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([5] * len(x)), batch_first=True, enforce_sorted=False)
            return self.rnn(packed)[1]
        self.assertIn("packs sequences", self.refused(forward(run, rnn=nn.GRU(3, 4, batch_first=True)), "5,3"))

    def test_a_tensor_that_is_taken_to_the_host(self):
        self.assertIn("takes a tensor to the host, in cpu", self.refused(forward(lambda self, x: x.cpu()), "4"))

    def test_a_forward_that_returns_no_tensor(self):
        for result in (None, 3, {}, ["a"]):
            net = forward(lambda self, x: (self.fc(x), result)[1], fc=nn.Linear(4, 4))
            self.assertEqual(self.refused(net, "4"), "the forward of Net returns no tensor")

    def test_a_forward_that_does_nothing(self):
        self.assertIn("runs nothing that is a row", self.refused(forward(lambda self, x: x), "4"))

    def test_an_exception_without_a_text(self):
        def run(self, x):
            assert False
        self.assertEqual(self.refused(forward(run), "4"), "the forward of Net raises AssertionError")

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

    def test_a_file_with_a_network(self):
        self.write("net = nn.Sequential(nn.Linear(4, 2))\n")
        status, text, _ = self.run_command(f"{self.file}:net", "--input", "4")
        self.assertEqual((status, json.loads(text)["layers"]), (0, [{"op": "Linear", "name": "0", "out_features": 2}]))

    def test_a_refusal_is_one_sentence_and_nothing_is_written(self):
        status, text, said = self.run_command(f"{self.file}:make", "--input", "5")
        self.assertEqual((status, text, said.count("\n")), (1, "", 1))

    def refused(self, *arguments):
        """(exit status, what is said) of a command that writes nothing, of argparse's the last line."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = cli.main(list(arguments))
            except SystemExit as error:
                status = error.code
        self.assertEqual(out.getvalue(), "")
        self.assertNotIn("Traceback", err.getvalue())
        return status, err.getvalue().splitlines()[-1]

    def write(self, text):
        self.file.write_text("import torch\nfrom torch import nn\n\n\n" + text)

    def test_a_source_that_is_none(self):
        for source, said in (("resnet50", "resnet50 is no source"), ("keras:foo", "keras:foo is no source"), (f"{self.file}:", "is no source"),
                             ("nothere.py:A", "there is no file"), (f"{self.file}:mak", r"has no mak; the closest it has: make$")):
            status, sentence = self.refused(source, "--input", "4")
            self.assertEqual(status, 2)
            self.assertRegex(sentence, said)

    def test_a_name_that_torchvision_does_not_have(self):
        try:
            import torchvision  # noqa: F401
        except ImportError:
            self.skipTest("torchvision is not installed")
        status, sentence = self.refused("torchvision:resnet5", "--input", "3,224,224")
        self.assertEqual(status, 2)
        self.assertIn("torchvision has no resnet5; the closest it has: resnet50,", sentence)

    def test_an_input_that_is_none(self):
        for text, said in (("1,4a", "has no shape"), ("1,-4", "has the size -4, but no size is negative"), ("float33:4", "float33"),
                           ("99999999999,99999999999", "elements in an item")):
            status, sentence = self.refused(f"{self.file}:make", "--input", text)
            self.assertEqual(status, 2)
            self.assertIn(said, sentence)

    def test_options_that_are_none(self):
        for option, value, said in (("--loss", "foo", "'ce'"), ("--depth", "-1", "not at least 0"), ("--link", "notaurl", "no page's address"),
                                    ("--link", "https://page/#v=1", "no page's address"), ("--config", "width", "not KEY=LITERAL")):
            status, sentence = self.refused(f"{self.file}:make", "--input", "4", option, value)
            self.assertEqual(status, 2)
            self.assertIn(f"argument {option}: ", sentence)
            self.assertIn(said, sentence)
        status, sentence = self.refused(f"{self.file}:make", "--input", "4", "--record-step", "--optimizer", "lion")
        self.assertEqual((status, "no optimizer lion" in sentence), (2, True))

    def test_every_loss_that_the_core_knows(self):
        words = (ROOT / "core/model/run.hpp").read_text("utf-8").partition("kLosses{")[2].partition("};")[0]
        self.assertEqual(list(document.LOSSES), re.findall(r'Word\{"(\w+)"', words))

    def test_a_factory_that_makes_no_network(self):
        self.write("def make():\n    return 3\n")
        self.assertEqual(self.refused(f"{self.file}:make", "--input", "4"), (
            1, f"from_torch: {self.file}:make returns an object of the class int, but must return a torch.nn.Module"))

    def test_a_network_that_gets_its_shapes_in_its_first_forward(self):
        self.write("def make():\n    return nn.Sequential(nn.LazyLinear(4))\n")
        status, sentence = self.refused(f"{self.file}:make", "--input", "4")
        self.assertEqual((status, "has in 0.weight a tensor that gets its shape in the first forward" in sentence), (1, True))

    def test_code_that_raises_beside_its_forward(self):
        for body, said in (("import sys\nsys.exit(3)\n", "SystemExit: 3"),
                           ("class Net(nn.Tanh):\n    def train(self, mode=True):\n        raise KeyError('mode')\n\n\nmake = Net\n",
                            "KeyError: 'mode'")):
            self.write(body)
            status, sentence = self.refused(f"{self.file}:make", "--input", "4", "--train")
            self.assertEqual(status, 1)
            self.assertRegex(sentence, rf"small_net.py:make cannot be .*{said}")

    def test_what_a_network_prints_is_no_part_of_the_document(self):
        self.write("import os\n\n\nclass make(nn.Module):\n    def __init__(self):\n        super().__init__()\n        print('made')\n"
                   "        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        print('called')\n        os.write(1, b'below')\n"
                   "        return self.fc(x)\n")
        how = ["--check"] if check.binary() and torchsummary else []
        run = subprocess.run([sys.executable, str(ROOT / "presets/from_torch.py"), f"{self.file}:make", "--input", "4", *how],
                             capture_output=True, text=True)
        self.assertEqual((run.returncode, json.loads(run.stdout)["name"]), (0, "make"), run.stderr)
        for word in ("made", "called", "below"):
            self.assertIn(word, run.stderr)

    def test_a_check_that_cannot_be_made_is_no_success(self):
        with mock.patch.dict(os.environ, {"FOOTPRINT": "/no/footprint"}):
            for how in ("--check", "--check-step"):
                status, sentence = self.refused(f"{self.file}:make", "--input", "4", how)
                self.assertEqual(status, 1)
                self.assertIn("not checked: $FOOTPRINT names /no/footprint, which is no program: build it with", sentence)

    def test_where_footprint_is_looked_for(self):
        with mock.patch.dict(os.environ, {"PATH": ""}), mock.patch.object(check, "ROOT", pathlib.Path(self.folder.name)):
            os.environ.pop("FOOTPRINT", None)
            self.assertIsNone(check.binary())
            for place in ("build/footprint", "build/native/footprint"):  # the README's, and before it that of ./dev
                path = pathlib.Path(self.folder.name, place)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o755)
                self.assertEqual(check.binary(), str(path))

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
