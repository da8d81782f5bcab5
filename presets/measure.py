"""Measures a GPU of your own: what lies outside PyTorch's allocator, what the libraries take, and the peaks of two presets.

  python presets/measure.py > my-card.json
  python presets/measure.py --footprint build/footprint > my-card.json      beside what Footprint predicts

Needs torch and a CUDA device, and nothing else running on it.  Prints one JSON object, a card that the page opens; the table on standard
error is for reading.  Takes a minute and up to 3 GB of the card.
"""
import argparse
import contextlib
import gc
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1 << 20
STEPS = 3
MOMENTUM = 0.9
CONVOLUTIONS = [  # batch, channels in and out, side, kernel: layers of VGG and ResNet
    (8, 64, 64, 224, 3), (8, 256, 256, 56, 3), (8, 512, 512, 14, 3), (8, 256, 64, 56, 1), (32, 64, 64, 56, 3),
]


class Failed(Exception):
    """Why nothing can be measured, in one sentence."""


def options(arguments=None):
    parser = argparse.ArgumentParser(prog="measure.py",
                                     description="Measures a GPU: its context, library workspaces, and the peaks of two presets.",
                                     epilog="exit status: 0 measured, 1 it cannot be (one sentence says why), 2 wrong usage")
    parser.add_argument("--device", type=int, default=0, metavar="N", help="the CUDA device (default 0)")
    parser.add_argument("--name", help="the card's name (default: the driver's)")
    parser.add_argument("--footprint", metavar="PATH", help="the footprint binary: predictions are put beside the readings")
    return parser.parse_args(arguments)


def say(sentence):
    print(f"measure: {sentence}", file=sys.stderr)


def cuda_of(number):
    """torch, its current device the one asked for."""
    try:
        import torch
    except ImportError:
        raise Failed("PyTorch is not installed") from None
    if not torch.cuda.is_available():
        raise Failed("PyTorch sees no CUDA device")
    if not 0 <= number < torch.cuda.device_count():
        raise Failed(f"there is no CUDA device {number}: PyTorch sees {torch.cuda.device_count()}")
    torch.cuda.set_device(number)
    return torch


# ---------------------------------------------------------------- outside the allocator
def used_by_others(torch, number):
    """Bytes that other programs have on the card, before this one has any; None where the driver's tool does not say."""
    properties = torch.cuda.get_device_properties(number)  # makes no context
    uuid = getattr(properties, "uuid", None)
    card = f"GPU-{uuid}" if uuid is not None else str(number)
    question = ["nvidia-smi", f"--id={card}", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, timeout=30, check=True).stdout
        return int(answer.strip()) * MIB
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def outside_allocator(torch, others):
    """Bytes of this process that the allocator does not know of: the context, loaded kernels, handles of libraries."""
    torch.cuda.synchronize()
    free, total = torch.cuda.mem_get_info()
    return max(total - free - torch.cuda.memory_reserved() - others, 0)


# ---------------------------------------------------------------- inside the allocator
@contextlib.contextmanager
def from_nothing(torch):
    """The allocator holds nothing before, and nothing after."""
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    try:
        yield
    finally:
        gc.collect()
        torch.cuda.empty_cache()


def teaching_cnn(nn):
    return nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2 ** 17, 2))


def vgg16(nn):
    layers, channels = [], 3
    for width, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(convolutions):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(7), nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU(inplace=True), nn.Dropout(),
                         nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(4096, 1000))


NETWORKS = [  # preset, its network here, input, classes, batches
    ("teaching-cnn", teaching_cnn, (1, 512, 512), 2, (8, 32)),
    ("vgg16", vgg16, (3, 224, 224), 1000, (1, 8)),
]


def trained(torch, network, shape, classes, batch):
    """The allocator's peaks over three steps of SGD with momentum, and what lies outside of it then."""
    from torch import nn
    from torch.nn import functional
    with torch.device("meta"):
        model = network(nn)
    model = model.to_empty(device="cuda").train()  # values do not matter
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=MOMENTUM)
    images = torch.empty(batch, *shape).to("cuda")
    target = torch.zeros(batch, dtype=torch.int64).to("cuda")
    for _ in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        out = model(images)
        loss = functional.cross_entropy(out, target)
        loss.backward()
        optimizer.step()
    torch.cuda.synchronize()
    return {"peak_allocated": torch.cuda.max_memory_allocated(), "peak_reserved": torch.cuda.max_memory_reserved()}


def predicted(footprint, preset, batch):
    """What `footprint step` says of the same steps."""
    command = [footprint, "step", str(HERE / f"{preset}.json"), "--batch", str(batch), "--optimizer", "sgd",
               "--momentum", str(MOMENTUM), "--json"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        step = json.loads(ran.stdout)["step"]
        return {key: step[key] for key in ("peak_allocated", "peak_reserved")}
    except OSError as error:
        raise Failed(f"{footprint} cannot be run: {error.strerror}") from None
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError):
        raise Failed(f"{footprint} step does not answer for {preset}.json") from None


def taken_inside(torch, function, *operands):
    """Bytes of blocks that a call takes beyond its result, and gives back."""
    result = function(*operands)  # loads the library, makes its handle
    del result
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    result = function(*operands)
    torch.cuda.synchronize()
    peak, after = torch.cuda.max_memory_allocated(), torch.cuda.memory_allocated()
    del result
    return peak - max(before, after)


def workspaces(torch):
    """[(what, bytes)] of one call of each kind."""
    from torch.nn import functional

    def empty(*shape):
        return torch.empty(shape, device="cuda")
    with torch.no_grad():
        yield "matrix product 1024 × 1024", taken_inside(torch, torch.mm, empty(1024, 1024), empty(1024, 1024))
        yield "linear layer 1024 × 1024", taken_inside(torch, functional.linear, empty(64, 1024), empty(1024, 1024), empty(1024))
        for batch, channels, width, side, kernel in CONVOLUTIONS:
            def convolve(image, weight, padding=kernel // 2):
                return functional.conv2d(image, weight, padding=padding)
            what = f"convolution {kernel} × {kernel}, {channels} to {width} channels, {batch} × {side} × {side}"
            yield what, taken_inside(torch, convolve, empty(batch, channels, side, side), empty(width, channels, kernel, kernel))


# ---------------------------------------------------------------- the card
def measured(given):
    """The card as a document.  Raises Failed."""
    if given.footprint:
        predicted(given.footprint, "teaching-cnn", 1)  # what cannot be run is said before the card is touched
    torch = cuda_of(given.device)
    others = used_by_others(torch, given.device)
    if others is None:
        say("nvidia-smi does not say what other programs have on the card: it would be counted as this one's context")
    properties = torch.cuda.get_device_properties(given.device)
    with from_nothing(torch):
        one = torch.ones(1, device="cuda")
        bare = outside_allocator(torch, others or 0)
        del one
    readings = []
    for preset, network, shape, classes, batches in NETWORKS:
        for batch in batches:
            reading = {"preset": preset, "batch": batch, "optimizer": "sgd", "momentum": MOMENTUM}
            with from_nothing(torch):
                try:
                    reading.update(trained(torch, network, shape, classes, batch))
                except torch.cuda.OutOfMemoryError:
                    reading["out_of_memory"] = True
            if given.footprint:
                reading["predicted"] = predicted(given.footprint, preset, batch)
            readings.append(reading)
    context = outside_allocator(torch, others or 0)
    with from_nothing(torch):
        readings += [{"workspace": what, "bytes": size} for what, size in workspaces(torch)]
    return {
        "name": given.name or properties.name, "usable_mib": properties.total_memory // MIB, "in_use_mib": (others or 0) // MIB,
        "compute_capability": f"{properties.major}.{properties.minor}", "sm_count": properties.multi_processor_count,
        "context": context, "bare_context": bare, "torch": torch.__version__, "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(), "readings": readings,
    }


def mib(size):
    return f"{size / MIB:,.1f} MiB"


def table(card):
    """The lines of the table."""
    yield f"{card['name']}: {card['usable_mib']:,} MiB, {card['in_use_mib']:,} MiB of it other programs', torch {card['torch']}"
    yield f"context {mib(card['bare_context'])} bare, {mib(card['context'])} after training"
    for reading in card["readings"]:
        if "workspace" in reading:
            yield f"{reading['workspace']}: {mib(reading['bytes'])} of workspace"
            continue
        title = f"{reading['preset']}, batch {reading['batch']}"
        if "out_of_memory" in reading:
            yield f"{title}: out of memory"
            continue
        for key in ("peak_allocated", "peak_reserved"):
            beside = ""
            if "predicted" in reading:
                more = reading[key] - reading["predicted"][key]
                difference = f" ({'+' if more > 0 else '−'}{mib(abs(more))} measured)" if more else ", equal"
                beside = f", predicted {mib(reading['predicted'][key])}{difference}"
            yield f"{title}: {key.replace('_', ' ')} {mib(reading[key])}{beside}"


def main(arguments=None):
    given = options(arguments)
    try:
        card = measured(given)
    except Failed as reason:
        say(reason)
        return 1
    except Exception as error:  # the driver's own: no device, no memory, a card that this PyTorch cannot run on
        say(f"the device cannot be measured: {type(error).__name__}: " + (str(error).strip().split("\n")[0] or "no reason given"))
        return 1
    for line in table(card):
        print(line, file=sys.stderr)
    print(json.dumps(card, indent=2, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the driver's threads need no farewell, and some drivers stumble over it
