"""Recorded steps: the events of small networks by hand, and the peaks of PyTorch's own allocator.  Needs torch alone.

  python -m unittest discover tests/exporter
"""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "presets"), str(ROOT / "tests/oracle")]

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    raise unittest.SkipTest("torch is not installed: recorded steps are not tested")

from from_torch import check, cli, rows, staging, step  # noqa: E402
from from_torch.facts import Refused  # noqa: E402
from networks import forward  # noqa: E402


def program(model, *inputs, optimizer="sgd", loss="pow2", batch=2, said=None, **how):
    labels = loss == "model"
    return step.program(rows.Network(model.train(), list(inputs), labels=labels), "test", "a test", batch, optimizer, loss,
                        say=(said if said is not None else []).append, **how)


def phase(made, name, of_step=0):
    """The events of one phase, names in place of their numbers."""
    begin = 0
    for one in made["phases"]:
        if (one["step"], one["phase"]) == (of_step, name):
            return [[*e[:2], made["names"][e[2]]] if isinstance(e, list) and isinstance(e[0], int) else e
                    for e in made["events"][begin:one["end"]]]
        begin = one["end"]
    raise KeyError(name)


def made_by(events, operation):
    return [e[:2] for e in events if isinstance(e, list) and e[-1] == operation]


class Events(unittest.TestCase):
    def test_parameters_and_inputs_are_named_and_children_come_first(self):
        net = forward(lambda self, x: self.fc(x) * self.scale, fc=nn.Linear(4, 2), scale=nn.Parameter(torch.ones(2)))
        made = program(net, "4", loss="mse")
        self.assertEqual(phase(made, "model_to_device", -1), [[0, 32, "fc.weight"], [0, 8, "fc.bias"], [0, 8, "scale"]])
        self.assertEqual(phase(made, "input_to_device", -1), [[16, 0, "x"], [8, 0, "target"]])

    def test_a_linear_layer_and_its_gradients(self):
        made = program(nn.Sequential(nn.Linear(4, 2)), "4", loss="none")  # 1 weight, 2 bias, 3 input
        self.assertEqual(phase(made, "forward"), [[8, 0, "aten.addmm"], ["cublaslt"]])
        self.assertEqual(phase(made, "backward"), [
            [8, 0, "aten.ones_like"],                                    # 5, which is no output of a node
            [0, 32, "aten.mm"], ["cublas"],                              # 6, the weight's gradient
            [0, 8, "aten.sum"], ["reduce", 4, 4, [[1, 0, 0, 2, 1], [0, 2, 0, 1, 0]]],  # 7, the bias's
            -5])
        self.assertEqual(phase(made, "zero_grad", 1), [-6, -7])

    def test_the_last_output_lives_until_the_next_has_been_made(self):
        made = program(nn.Sequential(nn.Tanh(), nn.Linear(4, 4, bias=False)), "4", loss="none")
        first = phase(made, "forward")
        second = phase(made, "forward", 1)
        self.assertEqual(second[:len(first)], first)
        self.assertEqual(len(second[len(first):]), 1)  # one storage is let go: the output of step 0

    def test_momentum_appears_in_the_first_step(self):
        made = program(nn.Linear(4, 2), "4", optimizer="sgdm")
        self.assertEqual([e[:2] for e in phase(made, "optimizer_step")], [[0, 32], [0, 8]])
        self.assertEqual(phase(made, "optimizer_step", 1), [])

    def test_two_gradients_of_one_tensor_are_summed_in_place(self):
        made = program(forward(lambda self, x: (lambda y: y.sin() + y.exp())(self.fc(x)), fc=nn.Linear(4, 4)), "4", loss="none")
        self.assertEqual(len(made_by(phase(made, "backward"), "aten.mul")), 2)
        self.assertEqual(made_by(phase(made, "backward"), "aten.add"), [])

    def test_batch_norm_is_cudnns(self):
        names = program(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)), "3,8,8")["names"]
        self.assertIn("aten.cudnn_batch_norm", names)
        self.assertNotIn("aten.native_batch_norm", names)

    def test_dropout_keeps_a_byte_an_element(self):
        events = phase(program(nn.Sequential(nn.Linear(4, 8), nn.Dropout()), "4"), "forward")
        self.assertEqual(made_by(events, "aten.native_dropout"), [[32, 0], [8, 0]])

    def test_attention_keeps_no_square_of_the_length(self):
        net = forward(lambda self, x: F.scaled_dot_product_attention(*self.qkv(x).unflatten(2, (3, 2, 8)).permute(2, 0, 3, 1, 4)),
                      qkv=nn.Linear(16, 48))
        events = phase(program(net, "64,16"), "forward")
        self.assertEqual(made_by(events, "aten._scaled_dot_product_efficient_attention"),
                         [[0, 8], [0, 8], [64 * 16 * 4, 0], [2 * 64 * 4, 0]])  # a state; the result; a logarithm for each head and row

    def test_heads_that_share_keys_keep_no_square_either(self):
        net = forward(lambda self, x: F.scaled_dot_product_attention(
            self.q(x).unflatten(2, (4, 8)).transpose(1, 2), *self.kv(x).unflatten(2, (2, 2, 8)).permute(2, 0, 3, 1, 4), enable_gqa=True),
            q=nn.Linear(16, 32), kv=nn.Linear(16, 32))
        made = program(net, "64,16")
        self.assertNotIn("aten.bmm", made["names"])
        # In backward a gradient of each head of the query, for keys and values; then delta and the kernel's blocks.
        self.assertEqual(made_by(phase(made, "backward"), "in aten._scaled_dot_product_efficient_attention_backward")[-6:],
                         [[8192, 0], [8192, 0], [8192, 0], [1024, 0], [1024, 0], [4 * (64 * 64 + 4) * 4, 0]])

    def test_indices_are_sorted_where_a_gradient_is_added_to_what_they_pick(self):
        net = forward(lambda self, x: self.fc(x)[:, self.places], fc=nn.Linear(4, 8), places=nn.Buffer(torch.zeros(3, dtype=torch.long)))
        events = phase(program(net, "4"), "backward")
        self.assertEqual(made_by(events, "aten.index_put"), [])  # it is done in place
        self.assertEqual(made_by(events, "in aten.index_put"), [[0, 24]] * 5 + [[0, 1]])

    def test_a_convolution_of_a_part_copies_it_once_each_way(self):
        net = forward(lambda self, x: self.second(self.first(x)[:, 2:]), first=nn.Conv2d(3, 4, 1), second=nn.Conv2d(2, 2, 1))
        made = program(net, "3,8,8")
        self.assertEqual(made_by(phase(made, "forward"), "in aten.convolution"), [[512, 0]])
        self.assertEqual(made_by(phase(made, "backward"), "in aten.convolution_backward"), [[512, 0]])

    def test_a_squared_error_keeps_the_memory_of_its_squares(self):
        made = program(nn.Linear(4, 2), "4", loss="mse")
        self.assertEqual(made_by(phase(made, "loss"), "aten.mse_loss"), [[8, 0]])

    def test_what_is_missing_is_said(self):
        self.assertEqual(program(nn.Linear(4, 2), "4")["missing"], [])
        self.assertIn("cuDNN", program(nn.Conv2d(3, 4, 3), "3,8,8")["missing"][0])

    def test_every_number_is_made_once_and_freed_at_most_once(self):
        events = program(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)), "4", optimizer="adam")["events"]
        made, freed = 0, set()
        for e in events:
            if isinstance(e, int):
                self.assertTrue(0 < -e <= made and e not in freed)
                freed.add(e)
            elif isinstance(e[0], int):
                made += 1


class Batches(unittest.TestCase):
    def net(self):
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))

    def test_a_program_holds_for_every_batch(self):
        small, large = program(self.net(), "3,8,8", loss="ce"), program(self.net(), "3,8,8", loss="ce", batch=500)
        self.assertEqual((small["batches"], large["batches"]), ([2, 3, 5], [500, 501, 503]))
        self.assertEqual(small["events"], large["events"])
        self.assertEqual(step.requested_peak(small, 501), step.requested_peak(large, 501))

    def test_other_events_at_another_batch(self):
        said = []
        net = forward(lambda self, x: self.fc(x).tanh() if len(x) == 2 else self.fc(x), fc=nn.Linear(4, 4))
        made = program(net, "4", said=said)
        self.assertEqual(made["batches"], [2])
        self.assertTrue(all(e[0] == 0 for e in made["events"] if isinstance(e, list) and isinstance(e[0], int)))
        self.assertIn("holds for batch 2 alone", said[0])

    def test_a_size_that_is_no_line_in_the_batch(self):
        said = []
        made = program(forward(lambda self, x: self.fc(x) @ self.fc(x).t(), fc=nn.Linear(4, 4)), "4", said=said)
        self.assertEqual((made["batches"], len(said)), ([2], 1))


class Golden(unittest.TestCase):
    """The requested peak is that of PyTorch's allocator (tests/golden/step), to the byte."""
    IDS = ["linear-b8-adam", "linear-tokens-b8-sgd", "linear-shared-b8-sgd", "residual-block-b8-sgd", "max-pool-b8-sgd", "dropout-b8-sgd",
           "squeeze-excitation-b8-sgd", "encoder-layer-b8-sgd", "two-branches-b8-sgd", "tied-embedding-b8-sgd", "lenet-b16-adam",
           "autoencoder-b16-adam",
           "deep-mlp-b16-weight-decay-0-01-adam-foreach-default", "deep-mlp-b16-adagrad"]

    def test_peaks(self):
        if torch.__version__.split("+")[0] != "2.15.0":
            self.skipTest("the goldens are of torch 2.15.0")
        import zoo
        configurations = {row["id"]: row for family in ("singles", "vision", "settings")
                          for row in json.loads((ROOT / f"tests/golden/step/{family}.json").read_text("utf-8"))["rows"]}
        for identifier in self.IDS:
            with self.subTest(identifier):
                row, run = configurations[identifier], configurations[identifier]["run"]
                model, _, _ = zoo.build(row["model"], dict(row["model_args"]))
                made = program(model, *row["inputs"], optimizer=run["optimizer"], loss=run["loss"],
                               weight_decay=run.get("weight_decay", 0.0))
                self.assertEqual(step.requested_peak(made, run["batch"]), row["peak_requested"])


class Staging(unittest.TestCase):
    def test_the_bias_gradient_of_a_transformer(self):
        """ViT-B at batch 8: 1,576 × 3,072 summed over its rows takes 39,321,600 B and 96 B (tests/oracle/findings.md)."""
        self.assertEqual(staging.staging([(1576, 3072, True), (3072, 1, False)]), (39321600, 96))

    def test_few_rows_take_nothing(self):
        self.assertEqual(staging.staging([(256, 768, True), (768, 1, False)]), (0, 0))


class LeftAsItWas(unittest.TestCase):
    def test_network_and_pytorch(self):
        net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
        network = rows.Network(net.train(), ["4"])
        step.program(network, "test", "a test", loss_name="pow2")
        self.assertTrue(all(p.grad is None for p in net.parameters()))
        x = torch.empty(2, 4, 3, device="meta", requires_grad=True)
        self.assertNotIn("Cudnn", type(F.batch_norm(x, None, None, torch.empty(4, device="meta").fill_(1), training=True)).__name__)
        self.assertFalse(torch._C._dispatch_has_kernel_for_dispatch_key("aten::dropout", "AutogradMeta"))

    def test_the_same_twice(self):
        def made():
            return step.lay_out(program(nn.Sequential(nn.Linear(4, 8), nn.Dropout(), nn.Linear(8, 2)), "4", optimizer="adam"))
        self.assertEqual(made(), made())


class Refusals(unittest.TestCase):
    def refused(self, *arguments, **how):
        with self.assertRaises(Refused) as caught:
            program(*arguments, **how)
        return str(caught.exception)

    def test_a_loss_or_an_optimizer_that_is_none(self):
        self.assertIn("no loss ranking", self.refused(nn.Linear(4, 2), "4", loss="ranking"))
        self.assertIn("no optimizer lion", self.refused(nn.Linear(4, 2), "4", optimizer="lion"))

    def test_an_output_that_the_loss_does_not_take(self):
        self.assertIn("takes one tensor", self.refused(forward(lambda self, x: (x, x)), "4"))
        net = forward(lambda self, x, labels=None: self.fc(x.float()), fc=nn.Linear(4, 2))
        self.assertIn("nothing called loss", self.refused(net, "int64:4", loss="model"))

    def test_a_forward_that_raises(self):
        self.assertIn("its forward raises", self.refused(nn.Linear(4, 2), "5"))

    def test_a_recurrent_layer(self):
        self.assertIn("recurrent", self.refused(forward(lambda self, x: self.cell(x)[0], cell=nn.LSTM(4, 4, batch_first=True)), "3,4"))

    def test_a_network_that_trains_nothing(self):
        self.assertIn("its backward raises", self.refused(nn.Tanh(), "4", optimizer="none"))


class TheCommand(unittest.TestCase):
    def run_command(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(list(arguments))
        return status, out.getvalue(), err.getvalue()

    def test_a_program_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "stepped_net.py")
            file.write_text("from torch import nn\n\n\ndef make():\n    return nn.Sequential(nn.Linear(4, 2)).eval()\n")
            status, text, said = self.run_command(f"{file}:make", "--input", "4", "--record-step", "--batch", "8", "--optimizer", "adam",
                                                  "--name", "small")
        made = json.loads(text)
        self.assertEqual((status, made["format"], made["name"], made["optimizer"], made["loss"]),
                         (0, "footprint/program", "small", "adam", "ce"))
        self.assertEqual(made["batches"], [8, 9, 11])
        self.assertEqual(text, step.lay_out(made))
        self.assertIn("at batch 8 the step asks for", said)

    @unittest.skipIf(check.binary() is None, "there is no footprint to compare with")
    def test_a_step_is_compared_with_the_prediction(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "compared_net.py")
            file.write_text("from torch import nn\n\n\ndef make():\n    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), "
                            "nn.Linear(288, 10))\n")
            status, text, said = self.run_command(f"{file}:make", "--input", "3,8,8", "--check-step", "--batch", "4", "--optimizer", "nesterov")
        self.assertEqual((status, json.loads(text)["format"]), (0, "footprint/model"))
        self.assertRegex(said, r"peak allocated, bytes +([0-9,]+) +\1 +0\n")
        self.assertIn("; 0 differ", said)

    def test_options_that_do_not_go_together(self):
        for arguments in (["--batch", "8"], ["--record-step", "--check"], ["--record-step", "--check-step"], ["--record-step", "--batch", "0"]):
            with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(io.StringIO()):
                cli.main(["torchvision:resnet18", "--input", "3,224,224", *arguments])
            self.assertEqual(caught.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
