"""Records whole training steps of a live network as an allocation program: every storage as it is made and as it dies.

The network is on the meta device.  A dispatch mode sees each ATen call of forward, loss, backward and optimizer; a weak
reference on each new storage says when it is let go.  What a CUDA device does otherwise is in cuda.py.  The README beside
this file has the program's format.
"""
import contextlib
import gc
import inspect
import json
import warnings
import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from . import cuda, losses, modules, sources
from .facts import Misused, Refused, flat, raised, tensors_in
from .staging import staging

STEPS = 3  # optimizer state appears at the end of the first; the third is as the second
OPTIMIZERS = {  # the names of run.optimizer, and two with momentum
    "none": None, "sgd": ("SGD", {}), "sgdm": ("SGD", {"momentum": 0.9}), "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {}), "adamw": ("AdamW", {}), "adamax": ("Adamax", {}), "nadam": ("NAdam", {}), "radam": ("RAdam", {}),
    "rmsprop": ("RMSprop", {}), "adagrad": ("Adagrad", {}), "adadelta": ("Adadelta", {}), "adafactor": ("Adafactor", {}),
    "rprop": ("Rprop", {}), "asgd": ("ASGD", {}),
}
FOR_LOOP_FIRST = {"Adafactor"}  # the others run foreach on a GPU unless told otherwise
WORKSPACES = {"cublas": 8_519_680, "cublaslt": 1_048_576}  # compute capability 8.0, torch 2.15
READS = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.equal.default, torch.ops.aten.is_nonzero.default}


def known_optimizer(name):
    """Raises Misused where no optimizer is called so."""
    if name not in OPTIMIZERS:
        raise Misused(f"there is no optimizer {name}: --optimizer is one of {', '.join(OPTIMIZERS)}")


def optimizer(name, parameters, weight_decay=0.0):
    if OPTIMIZERS[name] is None:
        return None
    cls, settings = OPTIMIZERS[name]
    cls = getattr(torch.optim, cls)
    settings = dict(settings, lr=0.01)
    accepted = inspect.signature(cls).parameters
    if "weight_decay" in accepted:
        settings["weight_decay"] = weight_decay
    if "foreach" in accepted and cls.__name__ not in FOR_LOOP_FIRST:
        settings["foreach"] = True
    return cls(parameters, **settings)


class Unanswered(Exception):
    """The network asks for a value, and no answers were brought."""


class StepRecorder(TorchDispatchMode):
    """The events of one recording: (bytes, name) an allocation, -n the n-th freed, and cuda.py's Workspace and Reduction."""

    def __init__(self, answers=None, exclusive=None):
        super().__init__()
        self.events, self.phases, self.allocations = [], [], 0
        self.numbers = {}   # of the storages alive, by address: (weak reference, number)
        self.missing = {}   # sentences, in order
        self.phase = None
        self.answers, self.read = answers, 0
        self.exclusive = exclusive  # counts of references to a tensor and its storage that autograd alone holds

    # ---- storages
    def made(self, tensor, name):
        """Notes the tensor's storage, if it is new."""
        storage = tensor.untyped_storage()
        address = storage._cdata
        if tensor.device.type != "meta" or address in self.numbers or not storage.nbytes():
            return
        number = self.take(storage.nbytes(), name)
        self.numbers[address] = (weakref.ref(storage, lambda _: self.died(address, number)), number)

    def take(self, size, name):
        self.allocations += 1
        self.events.append((size, name))
        return self.allocations

    def died(self, address, number):
        del self.numbers[address]
        self.events.append(-number)

    def inside(self, what, name):
        """What an operator takes and gives back."""
        if isinstance(what, cuda.Taken):
            numbers = []
            for event in what.events:
                if event > 0:
                    numbers.append(self.take(event, name))
                else:
                    self.events.append(-numbers[-event - 1])
        elif isinstance(what, cuda.Temporaries):
            self.events += [-n for n in [self.take(size, name) for size in what.sizes]]
        else:
            self.events.append(what)

    @contextlib.contextmanager
    def during(self, phase, step=-1):
        self.phase = phase
        yield
        self.phases.append({"step": step, "phase": phase, "end": len(self.events)})

    # ---- ATen
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = function._schema.name.partition("::")[2]
        if function in READS and any(t.device.type == "meta" for t in tensors_in(args)):
            return self.answer(args[0].dtype)
        if self.sums_gradients(function, args, kwargs):
            if self.is_exclusive(args[0]):
                return args[0].add_(args[1])
        before = cuda.BEFORE[function](*args, **kwargs) if function in cuda.BEFORE and args[0].device.type == "meta" else []
        held = [self.take(size, f"in aten.{name}") for size in before]
        if function in cuda.IN_PLACE and self.phase == "backward" and not torch.is_grad_enabled():
            result = args[0]
        else:
            result = cuda.RESULTS.get(function, function)(*args, **kwargs)
        results = flat(result)
        for place in cuda.ORDER[function](*args, **kwargs) if function in cuda.ORDER else range(len(results)):
            if results[place] is not None:
                self.made(results[place], f"aten.{name}")
        if function in cuda.INSIDE and args[0].device.type == "meta":
            for what in cuda.INSIDE[function](*args, **kwargs):
                self.inside(what, f"in aten.{name}")
        self.events += [-number for number in held]
        if name in cuda.MISSING:
            self.missing[cuda.MISSING[name]] = True
        return result

    def answer(self, dtype):
        """A value, which there is none of: the recorded forward's answer; outside a forward, one."""
        if self.phase != "forward":
            return torch.ones((), dtype=dtype).item()
        if self.answers is None:
            raise Unanswered
        if self.read >= len(self.answers):
            raise Refused("the network asks for the value of a tensor in a step and not in a forward alone")
        self.read += 1
        return self.answers[self.read - 1]

    # ---- where autograd looks whether somebody looks: a dispatch mode keeps it from adding gradients in place
    def sums_gradients(self, function, args, kwargs):
        """The engine adds a second gradient of one tensor to the first."""
        return (function is torch.ops.aten.add.Tensor and self.phase == "backward" and not kwargs and not torch.is_grad_enabled()
                and torch._C._current_autograd_node() is not None and isinstance(args[1], torch.Tensor)
                and args[0].shape == args[1].shape)

    def is_exclusive(self, tensor):
        """can_accumulate_inplace (input_buffer.cpp): nobody else holds the tensor or its storage, and it is dense."""
        counts = references(tensor)
        if self.exclusive is None:  # this is the graph that measures them
            self.exclusive = counts
        return counts <= self.exclusive and cuda.is_dense(tensor)


def references(tensor):
    """How many hold the tensor, and how many tensors its storage; older PyTorch cannot say."""
    if not hasattr(tensor, "_use_count"):
        return 0, 0
    return tensor._use_count(), torch._C._storage_Use_Count(tensor.untyped_storage()._cdata)


def exclusive_references():
    """The counts that a dispatch mode sees of a gradient that nobody else holds."""
    recorder = StepRecorder()
    weight = torch.empty(2, device="meta", requires_grad=True)
    with recorder, recorder.during("backward"):
        (weight * 2 + weight * 3).sum().backward()
    return recorder.exclusive


# ---------------------------------------------------------------- one batch
def record(network, batch, optimizer_name="sgd", loss_name="ce", weight_decay=0.0):
    """A StepRecorder of three steps at one batch.  Raises Refused."""
    how = dict(optimizer_name=optimizer_name, loss_name=loss_name, weight_decay=weight_decay)
    try:
        return recorded(network, batch, None, **how)
    except Unanswered:
        answers = network.record(batch, training=network.model.training).answered
        return recorded(network, batch, [scalar for answer in answers for scalar in scalars(answer)] * STEPS, **how)


def scalars(answer):
    return [s for a in answer for s in scalars(a)] if isinstance(answer, (list, tuple)) else [answer]


def recorded(network, batch, answers, optimizer_name, loss_name, weight_decay):
    model, collecting = network.model, gc.isenabled()
    recorder = StepRecorder(answers, exclusive_references())
    before = [(p, p.grad) for p in model.parameters()]
    gc.collect()
    gc.disable()  # what dies in a cycle dies at no known time
    try:
        with sources.unchanged(model), cuda.kernels_of_cuda(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            run(recorder, network, batch, optimizer_name, loss_name, weight_decay)
    except (Refused, Unanswered):
        raise
    except Exception as error:
        raise Refused(f"{type(model).__name__} cannot be recorded: its {recorder.phase or 'forward'} raises {raised(error)}") from error
    finally:
        for parameter, gradient in before:
            parameter.grad = gradient
        if collecting:
            gc.enable()
    return recorder


def run(recorder, network, batch, optimizer_name, loss_name, weight_decay):
    """As a training script does it: `out` and `loss` of a step live until the next has made its own."""
    model = network.model
    wanted = aim(network, batch, loss_name, recorder.answers)
    with recorder.during("model_to_device"):
        for path, tensor, _ in modules.tensors(model):
            recorder.made(tensor, path)
    with recorder, recorder.during("optimizer_created"):
        steps = optimizer(optimizer_name, list(model.parameters()), weight_decay)
    with recorder.during("input_to_device"):
        named, args, kwargs = network.arguments(batch)
        target = torch.empty(wanted[0], dtype=wanted[1], device="meta") if wanted else None
        for name, tensor in [*named, *([("target", target)] if wanted else [])]:
            recorder.made(tensor, name)
    out = loss = None
    with recorder:
        for step in range(STEPS):
            with recorder.during("zero_grad", step):
                (steps or model).zero_grad(set_to_none=True)
            with recorder.during("forward", step):
                out = model(*args, **kwargs)
            if loss_name != "none":
                with recorder.during("loss", step):
                    loss = losses.loss(loss_name, out, target)
            with recorder.during("backward", step):
                if loss_name == "none":
                    out.backward(torch.ones_like(out))
                else:
                    loss.backward()
            if steps:
                with recorder.during("optimizer_step", step):
                    steps.step()
    # What is alive now lives to the end of the program.
    recorder.numbers.clear()


def aim(network, batch, loss_name, answers):
    """What the loss compares with, from a forward that is not part of the program."""
    _, args, kwargs = network.arguments(batch)
    quiet = StepRecorder(answers)
    quiet.phase = "forward"
    with torch.no_grad(), sources.unchanged(network.model), quiet:
        out = network.model(*args, **kwargs)
    losses.checked(loss_name, out)
    return losses.target(loss_name, out)


# ---------------------------------------------------------------- several batches
class Unaligned(Exception):
    """Why several recordings are not one program."""


def line(values, batches):
    """[per item, plus] through the values."""
    per_item, rest = divmod(values[1] - values[0], batches[1] - batches[0]) if len(values) > 1 else (0, 0)
    plus = values[0] - per_item * batches[0]
    if rest or any(per_item * b + plus != v for b, v in zip(batches, values)):
        raise Unaligned(f"a size is {', '.join(map(str, values))}")
    return [per_item, plus]


def event(same, batches, name_index):
    """The program's event of what stands at one place of each recording."""
    first = same[0]
    if any(type(e) is not type(first) for e in same):
        raise Unaligned("the events differ")
    if isinstance(first, tuple):
        if any(e[1] != first[1] for e in same):
            raise Unaligned(f"one has {first[1]} where another has {next(e[1] for e in same if e[1] != first[1])}")
        return [*line([size for size, _ in same], batches), name_index(first[1])]
    if isinstance(first, cuda.Reduction):
        if any(len(e.dimensions) != len(first.dimensions) for e in same):
            raise Unaligned("a sum is over other dimensions")
        dimensions = [[*line([d[0] for d in column], batches), *line([d[1] for d in column], batches), int(column[0][2])]
                      for column in zip(*(e.dimensions for e in same))]
        return ["reduce", first.element, first.accumulator, dimensions]
    if any(e != first for e in same):
        raise Unaligned("what is freed differs")
    return [first.library] if isinstance(first, cuda.Workspace) else first


def joined(recordings, batches):
    """(events, names, phases) of all recordings.  Raises Unaligned."""
    first, names = recordings[0], {}
    if any(len(r.events) != len(first.events) or r.phases != first.phases for r in recordings):
        raise Unaligned(f"they have {', '.join(str(len(r.events)) for r in recordings)} events")
    events = [event(same, batches, lambda n: names.setdefault(n, len(names))) for same in zip(*(r.events for r in recordings))]
    return events, list(names), first.phases


def program(network, name, source, batch=2, optimizer_name="sgd", loss_name="ce", weight_decay=0.0, say=lambda sentence: None):
    """The program document of the network's step.  Raises Refused."""
    known_optimizer(optimizer_name)
    how = (optimizer_name, loss_name, weight_decay)
    batches = [batch, batch + 1, batch + 3]  # two give the line, the third checks it
    recordings = [record(network, batch, *how)]
    try:
        try:
            recordings += [record(network, b, *how) for b in batches[1:]]
        except Refused as reason:
            raise Unaligned(f"at another: {reason}") from reason
        events, names, phases = joined(recordings, batches)
    except Unaligned as reason:
        say(f"the program holds for batch {batch} alone: recordings at the batches {', '.join(map(str, batches))} do not agree ({reason})")
        batches = [batch]
        events, names, phases = joined(recordings[:1], batches)
    return {"format": "footprint/program", "version": 1, "name": name, "source": source, "torch": torch.__version__.partition("+")[0],
            "optimizer": optimizer_name, "loss": loss_name, "batches": batches, "missing": list(recordings[0].missing),
            "names": names, "phases": phases, "events": events}


# ---------------------------------------------------------------- a program
def requested_peak(program, batch):
    """The most bytes that are asked for at once, in a card of compute capability 8.0 with 108 multiprocessors."""
    allocated, alive, peak = [], 0, 0

    def momentarily(size):
        nonlocal peak
        peak = max(peak, alive + size)

    for entry in program["events"]:
        if isinstance(entry, int):
            alive -= allocated[-entry - 1]
        elif entry[0] == "reduce":
            momentarily(sum(staging([(n * batch + m, s * batch + t, bool(r)) for n, m, s, t, r in entry[3]], entry[1], entry[2])))
        elif isinstance(entry[0], str):
            momentarily(WORKSPACES[entry[0]])
        else:
            allocated.append(entry[0] * batch + entry[1])
            alive += allocated[-1]
            momentarily(0)
    return peak


def lay_out(program):
    """The document's text: a key a line, events as many to a line as fit."""
    lines = []
    for key, value in program.items():
        if key == "events":
            lines.append('  "events": [\n' + wrapped([json.dumps(e, separators=(",", ":")) for e in value]) + "\n  ]")
        elif key == "phases":
            lines.append('  "phases": [\n    ' + ",\n    ".join(map(json.dumps, value)) + "\n  ]")
        elif key != "version":
            both = f', "version": {program["version"]}' if key == "format" else ""
            lines.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}{both}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def wrapped(words, width=120):
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line += word + ","
    lines.append(line)
    return "\n".join("    " + l for l in lines)[:-1]
