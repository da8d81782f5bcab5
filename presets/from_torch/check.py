"""What torchsummary 1.5.1 prints of a network, beside what `footprint summary` prints of its document."""
import contextlib
import functools
import importlib.util
import io
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import torch

from .facts import Refused
from .sources import unchanged
from .step import OPTIMIZERS

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ("build/native/footprint", "build/footprint")  # by ./dev build, and by the README's two lines


def binary():
    """Where `footprint` is: $FOOTPRINT, the PATH, a build of this repository; else None."""
    if os.environ.get("FOOTPRINT"):
        return shutil.which(os.environ["FOOTPRINT"])
    return next(filter(None, map(shutil.which, ["footprint", *(str(ROOT / place) for place in BUILT)])), None)


def needed(summary):
    """Raises Refused where a comparison lacks what it compares with."""
    if binary() is None:
        named = os.environ.get("FOOTPRINT")
        where = (f"$FOOTPRINT names {named}, which is no program" if named
                 else "there is no footprint on the PATH, in build/native or in build")
        raise Refused(f"not checked: {where}: build it with `cmake -S . -B build -DFOOTPRINT_TESTS=OFF && cmake --build build`")
    if summary and importlib.util.find_spec("torchsummary") is None:
        raise Refused("not checked: torchsummary is not installed: `pip install torchsummary` does it")


@contextlib.contextmanager
def in_files(*texts):
    """The paths of files with these texts."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"{k}.json") for k in range(len(texts))]
        for path, text in zip(paths, texts):
            path.write_text(text, "utf-8")
        yield [str(path) for path in paths]


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
    original.print = functools.partial(print, file=text)  # its own prints alone: a forward may print too
    try:
        with unchanged(network.model):
            original.summary(network.model, [tuple(i.shape) for i in network.inputs], batch_size=batch, device="cpu")
        return text.getvalue(), None
    except Exception as error:
        return text.getvalue(), f"{type(error).__name__}: {error}"
    finally:
        original.torch = before
        del original.print
        for module in network.model.modules():
            for key in [k for k, hook in module._forward_hooks.items() if hook.__module__ == original.__name__]:
                del module._forward_hooks[key]


def compared_step(document, program, given):
    """What `footprint step` says of the document's step beside the recorded one.  Raises Refused where they differ."""
    known = OPTIMIZERS[given.optimizer or "sgd"]
    optimizer = {"name": known[0].lower(), **known[1]} if known else {"name": "none"}
    if given.weight_decay:
        optimizer["weight_decay"] = given.weight_decay
    run = {"batch": given.batch or 2, "optimizer": optimizer, "mode": "eval" if given.training is False else "train"}
    if given.loss != "model":
        run["loss"] = given.loss or "ce"
    with in_files(document, program) as (path, recorded):
        told = subprocess.run([binary(), "step", path, "--program", recorded, "--run", json.dumps(run)], capture_output=True, text=True)
    said = ("footprint step beside PyTorch's own:\n" + told.stdout + told.stderr.replace(path, "the document")).rstrip()
    if told.returncode != 0:
        raise Refused(said)
    return said


def differing(mine, theirs):
    """The first line in which two prints differ."""
    a, b = mine.split("\n"), theirs.split("\n")
    at = next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"line {at + 1} is {(a + [''])[at].strip()!r}, torchsummary's {(b + [''])[at].strip()!r}"


def compared(network, document):
    """One sentence: `footprint summary` prints what torchsummary prints, or torchsummary cannot.  Raises Refused where they differ."""
    if network.depth is not None:
        return "not checked: a folded container prints none of the rows inside it, torchsummary all"
    if any(i.keyword or i.dtype != "float32" for i in network.inputs):
        return "not checked: torchsummary passes float32 inputs by position alone"
    theirs, error = torchsummary(network)
    with in_files(document) as (path,):
        mine = footprint("summary", path, -1)
    if mine.stdout != theirs:
        raise Refused(f"footprint summary differs from torchsummary: {differing(mine.stdout, theirs)}. {mine.stderr.strip()}")
    return "footprint summary prints what torchsummary prints" + (f", which stops ({error})" if error else "")
