"""What torchsummary 1.5.1 prints of a network, beside what `footprint summary` prints of its document."""
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import shutil
import subprocess

import torch

from .sources import unchanged
from .step import OPTIMIZERS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """Where `footprint` is: $FOOTPRINT, the PATH, the native build; else None."""
    found = os.environ.get("FOOTPRINT") or shutil.which("footprint") or str(ROOT / "build/native/footprint")
    return found if os.path.exists(found) else None


def footprint(command, path, batch, *more):
    shown = [] if batch == -1 else ["--batch", str(batch)]
    return subprocess.run([binary(), command, str(path), *shown, *more], capture_output=True, text=True)


class WithoutValues:
    """torch, as torchsummary sees it: its random inputs are on the meta device, in the element type that the network wants."""

    def __init__(self, inputs):
        self.inputs = list(inputs)

    def __getattr__(self, name):
        return getattr(torch, name)

    def rand(self, *shape):
        tensor = torch.empty(shape, dtype=getattr(torch, self.inputs.pop(0).dtype), device="meta")

        class Made:
            def type(self, _):
                return tensor
        return Made()


def torchsummary(network, batch=-1):
    """(what torchsummary prints, the error that ended it or None): its own code, on the network as it was recorded."""
    from torchsummary import torchsummary as original
    before, text = original.torch, io.StringIO()
    original.torch = WithoutValues(network.inputs)
    try:
        with contextlib.redirect_stdout(text), unchanged(network.model):
            original.summary(network.model, [tuple(i.shape) for i in network.inputs], batch_size=batch, device="cpu")
        return text.getvalue(), None
    except Exception as error:
        return text.getvalue(), f"{type(error).__name__}: {error}"
    finally:
        original.torch = before
        for module in network.model.modules():
            for key in [k for k, hook in module._forward_hooks.items() if hook.__module__ == original.__name__]:
                del module._forward_hooks[key]


def compared_step(path, program, given):
    """What `footprint step` says of the document's step beside the recorded one, and whether they are the same."""
    if binary() is None:
        return "not checked: there is no footprint in $FOOTPRINT, on the PATH or in build/native", True
    known = OPTIMIZERS[given.optimizer or "sgd"]
    optimizer = {"name": known[0].lower(), **known[1]} if known else {"name": "none"}
    if given.weight_decay:
        optimizer["weight_decay"] = given.weight_decay
    run = {"batch": given.batch or 2, "optimizer": optimizer, "mode": "eval" if given.training is False else "train"}
    if given.loss != "model":
        run["loss"] = given.loss or "ce"
    told = subprocess.run([binary(), "step", str(path), "--program", str(program), "--run", json.dumps(run)], capture_output=True, text=True)
    said = "footprint step beside PyTorch's own:\n" + told.stdout + told.stderr.replace(str(path), "the document")
    return said.rstrip(), told.returncode == 0


def differing(mine, theirs):
    """The first line in which two prints differ."""
    a, b = mine.split("\n"), theirs.split("\n")
    at = next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"line {at + 1} is {(a + [''])[at].strip()!r}, torchsummary's {(b + [''])[at].strip()!r}"


def compared(network, path):
    """One sentence: does `footprint summary` print what torchsummary prints?  And whether that is well."""
    if importlib.util.find_spec("torchsummary") is None:
        return "not checked: torchsummary is not installed", True
    if binary() is None:
        return "not checked: there is no footprint in $FOOTPRINT, on the PATH or in build/native", True
    if network.depth is not None:
        return "not checked: a folded container prints none of the rows inside it, torchsummary all", True
    if any(i.keyword or i.dtype != "float32" for i in network.inputs):
        return "not checked: torchsummary passes float32 inputs by position alone", True
    theirs, error = torchsummary(network)
    mine = footprint("summary", path, -1)
    if mine.stdout != theirs:
        return f"footprint summary differs from torchsummary: {differing(mine.stdout, theirs)}. {mine.stderr.strip()}", False
    return "footprint summary prints what torchsummary prints" + (f", which stops ({error})" if error else ""), True
