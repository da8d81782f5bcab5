"""What a recording says of tensors and calls: facts alone, so that it keeps no tensor alive."""
import dataclasses

import torch
from torch import nn

from .functions import Unsayable

LARGEST = 1.7976931348623157e308  # stands for infinity, which JSON cannot say


class Refused(Exception):
    """Why a network cannot be exported, in one sentence; and the command's exit status."""
    status = 1
    calls = ()  # of a recording: what was recorded until then


class Misused(Refused):
    """What the command line names wrongly, in one sentence."""
    status = 2


class Token(int):
    """A tensor among the attributes of a call."""


class Dtype(str):
    """An element type, told apart from other words: it may follow the model's."""


class Facts:
    """What is known of one tensor."""
    __slots__ = ("token", "shape", "dtype", "strides", "contiguous", "storage", "bytes", "requires_grad")

    def __init__(self, token, tensor, storage):
        self.token, self.storage = token, storage
        self.shape, self.dtype = list(tensor.shape), dtype_of(tensor)
        self.strides, self.contiguous = list(tensor.stride()), tensor.is_contiguous()
        self.bytes, self.requires_grad = tensor.untyped_storage().nbytes(), tensor.requires_grad


class Call:
    """One row to be: a module's call, a function's, or (`Block`) the end of a container's."""

    def __init__(self, op, **facts):
        self.op, self.attributes, self.inputs, self.keywords, self.outputs = op, {}, [], {}, []
        self.module = self.path = self.scope = None  # of a module: its id and its path; the container it is called in
        self.class_name, self.function = None, None
        self.training, self.inplace = None, False
        self.returns, self.called_with, self.frozen, self.prints = "tensor", "tensor", [], 1
        self.in_half = None        # the same call of the network in bfloat16
        self.begin = None          # of a container: the number of the first row inside it
        self.because = None        # of an opaque row: why it is one
        self.warns = self.again = self.cut = self.trains = False
        self.autocast, self.checkpoint = True, None
        self.__dict__.update(facts)

    def key(self):
        """What two recordings must agree on."""
        return self.op, self.path, self.scope, self.function, self.class_name


def raised(error):
    """What an exception says, on one line."""
    reason = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__


def is_number(tensor):
    """A tensor on the host without dimensions is a number to what runs on the device."""
    return tensor.device.type != "meta" and tensor.dim() == 0


def dtype_of(tensor):
    return Dtype(str(tensor.dtype).rpartition(".")[2])


def flat(value):
    """The tensors in lists, tuples and dictionaries, with None for each other element of a tuple or list."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in (flat(v) if isinstance(v, (list, tuple, dict, torch.Tensor)) else [None])]
    return []


def tensors_in(value):
    return [t for t in flat(value) if t is not None]


def fields(value):
    """{name: value} of a dataclass's fields, with or without slots."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def deep(value, seen=None, depth=0):
    """Every tensor that an object holds, whatever its class: a cache is part of what a network returns."""
    seen = set() if seen is None else seen
    if isinstance(value, torch.Tensor):
        return [value]
    if id(value) in seen or depth > 8 or isinstance(value, (nn.Module, type, str, bytes, int, float, torch.dtype, torch.device)):
        return []
    seen.add(id(value))
    if isinstance(value, dict):
        inside = list(value.values())
    elif isinstance(value, (list, tuple, set)):
        inside = list(value)
    elif dataclasses.is_dataclass(value):
        inside = list(fields(value).values())
    else:
        inside = list(vars(value).values()) if hasattr(value, "__dict__") and type(value).__module__ != "torch" else []
    return [t for v in inside for t in deep(v, seen, depth + 1)]


def called_with(args):
    if not args:
        return "keywords"
    first = args[0]
    return "tensor" if isinstance(first, torch.Tensor) else "list" if isinstance(first, (list, tuple, dict)) else "number"


def returned(value):
    """(kind, elements) of what a container returns; an element that is no tensor is None, a nested one None and its tensors."""
    if isinstance(value, torch.Tensor):
        return "tensor", [value]
    if value is None:
        return "none", []
    if isinstance(value, (list, tuple)):
        elements = []
        for v in value:
            elements += [v] if isinstance(v, torch.Tensor) else [None, *tensors_in(v)]
        return "list" if isinstance(value, list) else "tuple", elements
    if isinstance(value, (bool, int, float, str)):
        return "number", []
    return "dict", deep(value)


def encoded(value):
    """An argument as a document says it."""
    if isinstance(value, torch.Tensor):
        if value.dim() == 0 and value.device.type != "meta":
            return encoded(value.item())
        raise Unsayable("a tensor")
    if isinstance(value, torch.dtype):
        return Dtype(str(value).rpartition(".")[2])
    if isinstance(value, torch.memory_format):
        return str(value).rpartition(".")[2]
    if isinstance(value, (list, tuple)):
        return [encoded(v) for v in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if abs(value) <= LARGEST else 0.0 if value != value else LARGEST if value > 0 else -LARGEST
    try:
        return encoded(value.item())  # a number of numpy
    except AttributeError:
        raise Unsayable(type(value).__name__) from None


def ends(result):
    """[(name, tensor)] of what the network returns."""
    if isinstance(result, torch.Tensor):
        return [(None, result)]
    if isinstance(result, dict):
        named = list(result.items())
    elif hasattr(result, "_fields"):
        named = list(zip(result._fields, result))
    elif dataclasses.is_dataclass(result):
        named = list(fields(result).items())
    elif isinstance(result, (list, tuple)):
        named = [(None, v) for v in result]
    else:
        named = [(None, result)]
    found = []
    for name, value in named:
        inside = deep(value)
        found += [(name if len(inside) == 1 or k == 0 else f"{name}.{k}", t) if name else (None, t) for k, t in enumerate(inside)]
    return found


def output_kind(result):
    if isinstance(result, torch.Tensor):
        return "tensor"
    if isinstance(result, dict):
        return "dict"
    if isinstance(result, list):
        return "list"
    return "named tuple" if hasattr(result, "_fields") else "tuple"
