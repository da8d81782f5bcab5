"""Runs a fragment of a model document (docs/formats.md) in PyTorch, row by row.

The truth beside this file must not depend on a second description of each case, so the document itself is what runs: a row's
`op` is looked up in torch.nn, torch.nn.functional, torch and torch.Tensor, and its attributes are passed under their own names.
What is written below is only what the schema says differently from PyTorch's calls.
"""
import torch
import torch.nn.functional as F
from torch import nn

# What the incoming shape settles when a document leaves it out: attribute -> (input, dimension)
INFERRED = {
    "Linear": {"in_features": (0, -1)},
    "Bilinear": {"in1_features": (0, -1), "in2_features": (1, -1)},
    "GroupNorm": {"num_channels": (0, 1)},
    "MultiheadAttention": {"embed_dim": (0, -1)},
}
for n in "123":
    INFERRED[f"Conv{n}d"] = INFERRED[f"ConvTranspose{n}d"] = {"in_channels": (0, 1)}
    INFERRED[f"BatchNorm{n}d"] = INFERRED[f"InstanceNorm{n}d"] = {"num_features": (0, 1)}
for recurrent in ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"):
    INFERRED[recurrent] = {"input_size": (0, -1)}

# Arguments of a module's call, which a document writes beside those of its constructor
CALL = {"need_weights", "average_attn_weights", "is_causal", "key_padding_mask", "attn_mask", "per_sample_weights"}
KEYWORD_TENSORS = {"weight", "bias", "running_mean", "running_var", "attn_mask", "key_padding_mask", "per_sample_weights"}
SEVERAL = {"cat", "stack", "einsum"}  # take their tensors as one list
# Functions whose behaviour follows `training` (default: run.mode, which is train)
RANDOM = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "rrelu", "batch_norm"}
VARIADIC = {"view": "shape", "reshape": "shape", "permute": "dims", "expand": "sizes", "repeat": "repeats", "tile": "dims", "flip": "dims"}
METHODS = {"reshape_as", "view_as", "expand_as", "narrow", "select", "unfold", "argsort", "unflatten", "detach"}


class Refused(Exception):
    """What PyTorch said about which row."""

    def __init__(self, row, cause):
        super().__init__(next(line for line in str(cause).splitlines() if line.strip()))
        self.row = row


def dtype(name):
    return getattr(torch, name)


def resolved(value, batch):
    """A document's value as PyTorch takes it: sizes that follow the batch become integers."""
    if isinstance(value, dict) and "batch" in value:
        return value["batch"] * batch + value.get("plus", 0)
    return [resolved(member, batch) for member in value] if isinstance(value, list) else value


def tupled(value):
    return tuple(tupled(member) for member in value) if isinstance(value, list) else value


def made(shape, kind, device):
    """A tensor of these sizes: small positive values, indices 0, masks true. No size here depends on values."""
    if kind == torch.bool:
        return torch.ones(shape, dtype=kind, device=device)
    if kind.is_floating_point:
        return torch.rand(shape, device=device).to(kind) if device == "cpu" else torch.empty(shape, dtype=kind, device=device)
    return torch.zeros(shape, dtype=kind, device=device)


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for member in value for tensor in flat(member)] if isinstance(value, (tuple, list)) else []


def positions(index, batch, names):
    """getitem's and setitem's `index` as Python's."""
    words = {"...": Ellipsis, ":": slice(None), None: None}
    def one(member):
        if isinstance(member, dict) and "tensor" in member:
            return names(member["tensor"])
        if isinstance(member, dict) and "slice" in member:
            return slice(*resolved(member["slice"], batch))
        return words[member] if member is None or isinstance(member, str) else resolved(member, batch)
    return tuple(one(member) for member in index)


def call_module(row, inputs, attributes, device):
    op = row["op"]
    for attribute, (which, dimension) in INFERRED.get(op, {}).items():
        if attribute not in attributes and which < len(inputs):
            sizes = inputs[which].shape
            attributes[attribute] = sizes[dimension] if -len(sizes) <= dimension < len(sizes) else 1
    call = {key: attributes.pop(key) for key in CALL & attributes.keys()}
    if op.startswith(("MaxUnpool", "ConvTranspose")) and "output_size" in attributes:
        call["output_size"] = attributes.pop("output_size")
    module = getattr(nn, op)(**attributes).to(device).train(row.get("training", True))
    if op in ("RNN", "LSTM", "GRU") and len(inputs) > 1:  # the states are one argument, of an LSTM a pair
        inputs = [inputs[0], tuple(inputs[1:]) if op == "LSTM" else inputs[1]]
    if op == "LSTMCell" and len(inputs) > 1:
        inputs = [inputs[0], tuple(inputs[1:])]
    return module(*inputs, **call), module


def call_function(row, inputs, attributes, device):
    op = row["op"]
    first = inputs[0] if inputs else None
    if row.get("inplace"):
        in_functional = op in ("relu", "relu6", "elu", "selu", "celu", "silu", "mish", "hardswish", "hardsigmoid", "hardtanh",
                               "leaky_relu", "rrelu", "threshold") or op in RANDOM
        return getattr(F, op)(*inputs, inplace=True, **attributes) if in_functional else getattr(first, op + "_")(*inputs[1:], **attributes)
    if op == "constant":
        return torch.zeros(attributes["shape"], dtype=attributes.get("dtype", torch.float32), device=device)
    if op in VARIADIC:
        return getattr(first, op)(attributes[VARIADIC[op]])
    if op in SEVERAL:
        if op == "einsum":
            return torch.einsum(attributes["equation"], *inputs)
        return getattr(torch, op)(tuple(inputs), **attributes)
    if op in ("gather", "index_select"):
        return getattr(torch, op)(first, index=inputs[1], **attributes)
    if op in ("scatter", "index_add"):
        return getattr(torch, op)(first, attributes["dim"], *inputs[1:])
    if op == "tensor_split":
        return torch.tensor_split(first, attributes["indices_or_sections"], attributes.get("dim", 0))
    if op == "where":
        sides = iter(inputs[1:])
        return torch.where(first, *(attributes[side] if side in attributes else next(sides) for side in ("input", "other")))
    if op == "pow" and "input" in attributes:
        return torch.pow(attributes["input"], first)
    if op == "batch_norm":
        return F.batch_norm(first, attributes.pop("running_mean", None), attributes.pop("running_var", None), **attributes)
    if op in ("softmax", "log_softmax", "softmin", "cumsum", "cumprod", "normalize", "max", "min", "softplus") and hasattr(F, op):
        return getattr(F, op)(*inputs, **attributes)
    if op == "unfold" and "dimension" in attributes or op in METHODS - {"unfold"} or op in ("to", "contiguous"):
        return getattr(first, op)(*inputs[1:], **attributes)
    home = next(home for home in (F, torch, torch.Tensor) if hasattr(home, op))
    return getattr(home, op)(*inputs, **attributes)


ROW_KEYS = {"op", "name", "inputs", "inplace", "training", "class", "scope"}


class Run:
    """One run of a document at one batch on one device; `names` holds every tensor by the name a row would use."""

    def __init__(self, document, batch, device):
        torch.manual_seed(0)
        self.names, self.batch, self.device = {}, batch, device
        for entry in document["inputs"]:
            sizes = resolved(entry["shape"], batch)
            if (where := entry.get("batch_dim", 0)) is not None:
                sizes = sizes[:where] + [batch] + sizes[where:]
            self.names[entry["name"]] = [made(sizes, dtype(entry.get("dtype", "float32")), device)]
        for entry in document.get("parameters", []):
            self.names[entry["path"]] = [made(entry["shape"], dtype(entry.get("dtype", "float32")), device)]
        self.sources = list(self.names)
        above = self.sources[:1]
        for number, row in enumerate(document["layers"], 1):
            try:
                self.outputs, self.module, self.inputs = self.row(row, above)
            except (RuntimeError, ValueError, TypeError, IndexError, AssertionError, ArithmeticError) as cause:
                raise Refused(number, cause) from cause
            above = [row.get("name", f"row {number}")]
            self.names[above[0]] = self.outputs

    def tensor(self, name):
        stem, _, output = name.rpartition(":")
        return self.names[name][0] if name in self.names else self.names[stem][int(output)]

    def row(self, row, above):
        inputs = row.get("inputs", [] if row["op"] == "constant" else above)
        tensors = [self.tensor(name) for name in inputs]
        attributes = {}
        for key, value in row.items():
            if key in KEYWORD_TENSORS and isinstance(value, str):
                attributes[key] = self.tensor(value)
            elif key == "inplace" and row["op"][0].isupper():
                attributes[key] = value
            elif key == "dtype":
                attributes[key] = dtype(value)
            elif key in ("index",) and row["op"] in ("getitem", "setitem"):
                attributes[key] = positions(value, self.batch, self.tensor)
            elif key in ("split_size_or_sections", "indices_or_sections"):
                attributes[key] = resolved(value, self.batch)
            elif key not in ROW_KEYS:
                attributes[key] = tupled(resolved(value, self.batch))
        module = None
        if row["op"][0].isupper():
            result, module = call_module(row, tensors, attributes, self.device)
        elif row["op"] == "getitem":
            result = tensors[0][attributes["index"]]
        elif row["op"] == "setitem":
            tensors[0][attributes["index"]] = tensors[1] if len(tensors) > 1 else attributes["value"]
            result = tensors[0]
        else:
            if row["op"] in RANDOM:
                attributes["training"] = row.get("training", True)
            result = call_function(row, tensors, attributes, self.device)
        return flat(result), module, dict(zip(inputs, tensors))

    def storage_of(self, output):
        """"same": the row's own input; "view": storage of a tensor made before, named; "output k"; or "new"."""
        for name, tensor in self.inputs.items():
            if tensor is output:
                return {"storage": "same", "of": name}
        key = output.untyped_storage()._cdata
        for name, tensors in self.names.items():
            if tensors is not self.outputs and any(tensor.untyped_storage()._cdata == key for tensor in tensors):
                return {"storage": "view", "of": name}
        for number, earlier in enumerate(self.outputs):
            if earlier is output:
                return {"storage": "new"}
            if earlier.untyped_storage()._cdata == key:
                return {"storage": "view", "of": f"output {number}"}
