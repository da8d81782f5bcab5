"""Values of small tensors that depend on neither weights nor data: what led to them is run on the CPU.

Token ids are then some numbers that are no padding, and an input called a mask is ones: a full batch.
"""
import torch

from .facts import flat

LARGEST = 1 << 24  # elements that are computed for an answer


class Unknown(Exception):
    """Why a value cannot be known."""


def evaluated(recorder, value):
    """An argument of a call with values in it."""
    if isinstance(value, torch.Tensor):
        return evaluate(recorder, value) if value.device.type == "meta" else value
    if isinstance(value, torch.device):
        return torch.device("cpu")
    if isinstance(value, (list, tuple)):
        items = [evaluated(recorder, v) for v in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {k: torch.device("cpu") if k == "device" else evaluated(recorder, v) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(*(evaluated(recorder, v) for v in (value.start, value.stop, value.step)))
    return value


def evaluate(recorder, tensor):
    """The tensor on the CPU: what it began as, then each call that made it or wrote into it."""
    token = recorder.token(tensor)
    if token not in recorder.values:
        recorder.values[token] = None  # not known while it is looked for
        recorder.values[token] = beginning(recorder, token, tensor)
        for function, args, kwargs, k in recorder.makers.get(token, ()):
            result = function(*evaluated(recorder, args), **evaluated(recorder, kwargs))
            if result is not None:  # setitem has written into what is known
                recorder.values[token] = flat(result)[k]
    if recorder.values[token] is None:
        raise Unknown("it depends on the weights")
    return recorder.values[token]


def beginning(recorder, token, tensor):
    """The value of an input or a buffer; None for a tensor that the forward makes."""
    if token in recorder.names:
        if tensor.is_floating_point():
            raise Unknown(f"it depends on the input {recorder.names[token]}")
        if "mask" in recorder.names[token]:
            return torch.ones(tensor.shape, dtype=tensor.dtype)
        return (torch.arange(tensor.numel()).reshape(tensor.shape) % 89 + 10).to(tensor.dtype)
    if token in recorder.parameters:
        if not hasattr(tensor, "value_on_host"):
            raise Unknown(f"it depends on {recorder.parameters[token]}")
        return tensor.value_on_host.clone()
    if tensor.numel() > LARGEST:
        raise Unknown("it is too large to be computed here")
    return None
