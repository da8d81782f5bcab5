"""Functions and tensor methods: what a call's arguments are called, and which of them are attributes of a row.

PyTorch's builtin functions have no signature that Python can read, so the ones a document can say are listed here, with the
names, the order and the defaults of PyTorch.  `*sizes` takes one list or several numbers.
"""
import ast

import torch

SIGNATURES = """
relu(input)  relu6(input)  selu(input)  celu(input, alpha=1.0)  elu(input, alpha=1.0)  gelu(input, approximate="none")
leaky_relu(input, negative_slope=0.01)  prelu(input, weight)  rrelu(input, lower=0.125, upper=0.3333333333333333, training=False)
silu(input)  mish(input)  hardswish(input)  hardsigmoid(input)  hardtanh(input, min_val=-1.0, max_val=1.0)
hardshrink(input, lambd=0.5)  softshrink(input, lambd=0.5)  tanhshrink(input)  sigmoid(input)  logsigmoid(input)
softplus(input, beta=1.0, threshold=20.0)  softsign(input)  tanh(input)  threshold(input, threshold, value)  glu(input, dim=-1)
softmax(input, dim=None, dtype=None)  softmin(input, dim=None, dtype=None)  log_softmax(input, dim=None, dtype=None)
gumbel_softmax(logits, tau=1.0, hard=False, eps=1e-10, dim=-1)

add(input, other, alpha=1)  sub(input, other, alpha=1)  rsub(input, other, alpha=1)  mul(input, other)
div(input, other, rounding_mode=None)  floor_divide(input, other)  remainder(input, other)  fmod(input, other)
pow(input, exponent)  maximum(input, other)  minimum(input, other)  atan2(input, other)
clamp(input, min=None, max=None)  clamp_min(input, min)  clamp_max(input, max)
addcmul(input, tensor1, tensor2, value=1)  addcdiv(input, tensor1, tensor2, value=1)  lerp(input, end, weight)
neg(input)  abs(input)  sign(input)  square(input)  floor(input)  ceil(input)  round(input)  trunc(input)  reciprocal(input)
sqrt(input)  rsqrt(input)  exp(input)  expm1(input)  exp2(input)  log(input)  log1p(input)  log2(input)  log10(input)
sin(input)  cos(input)  tan(input)  asin(input)  acos(input)  atan(input)  sinh(input)  cosh(input)  erf(input)
eq(input, other)  ne(input, other)  lt(input, other)  le(input, other)  gt(input, other)  ge(input, other)
isnan(input)  isinf(input)  isfinite(input)  logical_not(input)  logical_and(input, other)  logical_or(input, other)
logical_xor(input, other)  bitwise_not(input)  bitwise_and(input, other)  bitwise_or(input, other)  bitwise_xor(input, other)

zero(input)  zeros_like(input, dtype=None)  ones_like(input, dtype=None)  empty_like(input, dtype=None)
full_like(input, fill_value, dtype=None)  rand_like(input, dtype=None)  randn_like(input, dtype=None)  bernoulli(input, p=None)

matmul(input, other)  mm(input, mat2)  bmm(input, mat2)  mv(input, vec)  dot(input, tensor)  outer(input, vec2)
_grouped_mm(input, mat2, offs=None)
addmm(input, mat1, mat2, beta=1, alpha=1)  baddbmm(input, batch1, batch2, beta=1, alpha=1)
linear(input, weight, bias=None)  bilinear(input1, input2, weight, bias=None)  einsum(equation, *operands)

view(input, *shape)  reshape(input, *shape)  view_as(input, other)  reshape_as(input, other)  view_as_complex(input)  view_as_real(input)
flatten(input, start_dim=0, end_dim=-1)  unflatten(input, dim, sizes)  permute(input, *dims)  transpose(input, dim0, dim1)
swapaxes(input, axis0, axis1)  swapdims(input, dim0, dim1)  t(input)  movedim(input, source, destination)
moveaxis(input, source, destination)  squeeze(input, dim=None)  unsqueeze(input, dim)  expand(input, *size)
as_strided(input, size, stride, storage_offset=None)  broadcast_to(input, size)  expand_as(input, other)  detach(input)
diagonal(input, offset=0, dim1=0, dim2=1)
split(tensor, split_size_or_sections, dim=0)  chunk(input, chunks, dim=0)  tensor_split(input, indices_or_sections, dim=0)
unbind(input, dim=0)  narrow(input, dim, start, length)  select(input, dim, index)

cat(tensors, dim=0)  concat(tensors, dim=0)  stack(tensors, dim=0)  repeat(input, *repeats)  tile(input, *dims)
repeat_interleave(input, repeats, dim=None)  roll(input, shifts, dims=None)  flip(input, *dims)
to(input, dtype, memory_format=None)  clone(input, memory_format=None)
contiguous(input, memory_format=None)  type_as(input, other)
float(input)  double(input)  half(input)  bfloat16(input)  long(input)  int(input)  bool(input)

gather(input, dim, index, sparse_grad=False)  scatter(input, dim, index, value)  scatter_add(input, dim, index, src)
index_select(input, dim, index)  index_add(input, dim, index, source, alpha=1)  take(input, index)
take_along_dim(input, indices, dim=None)  masked_fill(input, mask, value)  where(condition, input, other)
one_hot(input, num_classes=-1)  tril(input, diagonal=0)  triu(input, diagonal=0)

sum(input, dim=None, keepdim=False, dtype=None)  mean(input, dim=None, keepdim=False, dtype=None)
prod(input, dim=None, keepdim=False, dtype=None)  amax(input, dim=None, keepdim=False)  amin(input, dim=None, keepdim=False)
max(input, dim=None, keepdim=False)  min(input, dim=None, keepdim=False)  median(input, dim=None, keepdim=False)
argmax(input, dim=None, keepdim=False)  argmin(input, dim=None, keepdim=False)
norm(input, p="fro", dim=None, keepdim=False, dtype=None)
linalg_vector_norm(input, ord=2, dim=None, keepdim=False, dtype=None)
var(input, dim=None, correction=1, keepdim=False)  std(input, dim=None, correction=1, keepdim=False)
var_mean(input, dim=None, correction=1, keepdim=False)  std_mean(input, dim=None, correction=1, keepdim=False)
logsumexp(input, dim, keepdim=False)  all(input, dim=None, keepdim=False)  any(input, dim=None, keepdim=False)
cumsum(input, dim, dtype=None)  cumprod(input, dim, dtype=None)  topk(input, k, dim=-1, largest=True, sorted=True)
sort(input, dim=-1, descending=False, stable=False)  argsort(input, dim=-1, descending=False, stable=False)

conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05)
instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-05)
layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05)  rms_norm(input, normalized_shape, weight=None, eps=None)
group_norm(input, num_groups, weight=None, bias=None, eps=1e-05)  normalize(input, p=2.0, dim=1, eps=1e-12)  _weight_norm(v, g, dim=0)
local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0)

max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False)
max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False)
max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False)
avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)
avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)
avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)
lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False)
lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False)
lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False)
adaptive_max_pool1d(input, output_size, return_indices=False)  adaptive_avg_pool1d(input, output_size)
adaptive_max_pool2d(input, output_size, return_indices=False)  adaptive_avg_pool2d(input, output_size)
adaptive_max_pool3d(input, output_size, return_indices=False)  adaptive_avg_pool3d(input, output_size)
max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None)
max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None)
max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None)

dropout(input, p=0.5, training=True)  dropout1d(input, p=0.5, training=True)  dropout2d(input, p=0.5, training=True)
dropout3d(input, p=0.5, training=True)  alpha_dropout(input, p=0.5, training=False)
feature_alpha_dropout(input, p=0.5, training=False)

pad(input, pad, mode="constant", value=None)  pixel_shuffle(input, upscale_factor)  pixel_unshuffle(input, downscale_factor)
interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False)
unfold(input, dimension=None, size=None, step=None, kernel_size=0, dilation=1, padding=0, stride=1)
channel_shuffle(input, groups)  fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1)
grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None)
affine_grid(theta, size, align_corners=None)

scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False)
embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False)
cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
    label_smoothing=0.0)
nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean")
mse_loss(input, target, size_average=None, reduce=None, reduction="mean")
l1_loss(input, target, size_average=None, reduce=None, reduction="mean")
smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0)
huber_loss(input, target, reduction="mean", delta=1.0)
binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean")
binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None)
kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False)
cosine_similarity(x1, x2, dim=1, eps=1e-08)  cdist(x1, x2, p=2.0)
"""

# The same function under another name.
ALIASES = {
    "__add__": "add", "__radd__": "add", "__sub__": "sub", "__rsub__": "rsub", "__mul__": "mul", "__rmul__": "mul",
    "__truediv__": "div", "__floordiv__": "floor_divide", "__mod__": "remainder", "__matmul__": "matmul", "__pow__": "pow",
    "__neg__": "neg", "__abs__": "abs", "__invert__": "bitwise_not", "__and__": "bitwise_and", "__rand__": "bitwise_and",
    "__or__": "bitwise_or", "__ror__": "bitwise_or", "__xor__": "bitwise_xor", "__eq__": "eq", "__ne__": "ne", "__lt__": "lt",
    "__le__": "le", "__gt__": "gt", "__ge__": "ge", "__getitem__": "getitem", "__setitem__": "setitem",
    "absolute": "abs", "negative": "neg", "multiply": "mul", "subtract": "sub", "divide": "div", "true_divide": "div",
    "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le", "not_equal": "ne", "clip": "clamp",
    "concatenate": "cat", "data": "detach", "split_with_sizes": "split", "arctan2": "atan2", "special_expit": "sigmoid",
    "max_pool1d_with_indices": "max_pool1d", "max_pool2d_with_indices": "max_pool2d", "max_pool3d_with_indices": "max_pool3d",
    "adaptive_max_pool1d_with_indices": "adaptive_max_pool1d", "adaptive_max_pool2d_with_indices": "adaptive_max_pool2d",
    "adaptive_max_pool3d_with_indices": "adaptive_max_pool3d", "log_sigmoid": "logsigmoid",
    "hsplit": "tensor_split", "grouped_mm": "_grouped_mm",
}
# Arguments that are the same thing under another name.
ARGUMENTS = {"self": "input", "axis": "dim", "split_size": "split_size_or_sections", "split_sizes": "split_size_or_sections",
             "dims": "dim", "axes": "dim", "keepdims": "keepdim", "min_value": "min", "max_value": "max",
             "indices": "indices_or_sections", "sections": "indices_or_sections"}
# Tensors that a row names under their own key, wherever they stood in the call.
KEYWORDS = {"weight", "bias", "running_mean", "running_var", "attn_mask", "key_padding_mask", "per_sample_weights"}
# What says how a call is run or nothing at all, and is no attribute.
UNSAID = {"training", "inplace", "device", "layout", "requires_grad", "pin_memory", "generator", "non_blocking", "copy", "out",
          "out_dtype", "_stacklevel", "size_average", "reduce", "compute_mode"}
# An integer stands for equal sizes in each dimension.
WINDOWS = {"kernel_size", "stride", "padding", "dilation", "output_padding"}
MISSING = object()


def parsed(signatures):
    """{name: [(argument, default)]} of the lines above."""
    table = {}
    for call in ast.parse("\n".join(signatures.replace(")  ", ")\n").split("\n"))).body:
        call = call.value
        arguments = [("*" + a.value.id if isinstance(a, ast.Starred) else a.id, MISSING) for a in call.args]
        arguments += [(k.arg, ast.literal_eval(k.value)) for k in call.keywords]
        table[call.func.id] = arguments
    return table


TABLE = parsed(SIGNATURES)


class Unsayable(Exception):
    """The call has no row of its own: it becomes `opaque`."""


def named(function):
    """(op, in place): the name a document has for a function, and whether it is the one that writes into its input."""
    name = getattr(function, "__name__", type(function).__name__)
    owner = getattr(function, "__self__", None)
    if name == "__get__":
        name = owner.__name__
    name = ALIASES.get(name, name)
    if name.startswith("__i") and name.endswith("__") and ALIASES.get("__" + name[3:]):
        return ALIASES["__" + name[3:]], True
    if name.endswith("_") and not name.endswith("__"):
        return ALIASES.get(name[:-1], name[:-1]), True
    return name, False


def bound(op, arguments, keywords):
    """[(name, value)] of a call, defaults left out.  Raises Unsayable where the call is none of the listed form."""
    if op not in TABLE:
        raise Unsayable(op)
    given, signature, arguments = {}, TABLE[op], list(arguments)
    names = [name for name, _ in signature]
    for name in names:
        if not arguments:
            break
        if name.startswith("*"):
            alone = len(arguments) == 1 and isinstance(arguments[0], (list, tuple))
            given[name[1:]] = list(arguments[0]) if alone else arguments
            arguments = []
        else:
            given[name] = arguments.pop(0)
    if arguments:
        raise Unsayable(op)
    plain = [name.lstrip("*") for name in names]
    for name, value in keywords.items():
        if name not in plain:
            name = ARGUMENTS.get(name, name)
        if name not in plain:
            if name in UNSAID and not (name == "out" and value is not None) or value is None:
                if name in ("inplace", "training"):
                    given[name] = value
                continue
            raise Unsayable(op)
        given[name] = value
    return [(name.lstrip("*"), given[name.lstrip("*")]) for name, default in signature
            if name.lstrip("*") in given and not same(given[name.lstrip("*")], default)] + \
           [(name, given[name]) for name in ("inplace",) if given.get(name)]


def same(value, default):
    return not isinstance(value, torch.Tensor) and type(value) in (type(default), int, float) and value == default \
        and isinstance(value, bool) == isinstance(default, bool)


def normalised(function, op, arguments, keywords):
    """(op, arguments, keywords) of the calls whose arguments stand in another order than in the table."""
    arguments, keywords = list(arguments), dict(keywords)
    if op in ("var", "std", "var_mean", "std_mean"):
        if len(arguments) > 1 and isinstance(arguments[1], bool):
            keywords["unbiased"] = arguments.pop(1)
        if len(arguments) > 2 and isinstance(arguments[2], bool):
            keywords["unbiased"] = arguments.pop(2)
            if len(arguments) > 2:
                keywords["keepdim"] = arguments.pop(2)
        if "unbiased" in keywords:
            keywords["correction"] = int(keywords.pop("unbiased"))
    elif op == "where" and function is torch.Tensor.where:
        arguments[:2] = arguments[1::-1]
    elif op == "T":
        op = "t" if arguments[0].dim() <= 2 else "permute"
        arguments += list(range(arguments[0].dim()))[::-1] if op == "permute" else []
    elif op in ("mT", "adjoint"):
        op, arguments = "transpose", [*arguments, -2, -1]
    elif op in ("type", "to"):
        op, arguments, keywords = conversion(arguments, keywords)
    elif op.startswith(("max_pool", "adaptive_max_pool")) and function.__name__.endswith("with_indices"):
        keywords["return_indices"] = True
    elif op == "unfold" and function is not torch.Tensor.unfold:
        names = ("kernel_size", "dilation", "padding", "stride")
        keywords = dict(zip(names, arguments[1:])) | keywords
        arguments = arguments[:1]
    elif op == "unfold":
        keywords = dict(zip(("dimension", "size", "step"), arguments[1:])) | keywords
        arguments = arguments[:1]
    elif op == "einsum" and len(arguments) == 2 and isinstance(arguments[1], (list, tuple)):
        arguments = [arguments[0], *arguments[1]]
    elif op == "repeat_interleave":
        keywords.pop("output_size", None)
        if len(arguments) < 2 and isinstance(keywords.get("repeats"), torch.Tensor) or isinstance(arguments[-1], torch.Tensor) \
                and len(arguments) > 1:
            raise Unsayable("as often as a tensor says")
    elif op == "scatter" and "src" in keywords:
        keywords["value"] = keywords.pop("src")
    return op, arguments, keywords


def conversion(arguments, keywords):
    """`to` and `type`, whose arguments may come in any order: only the element type and the layout matter."""
    source, *rest = arguments
    rest += [keywords[k] for k in ("dtype", "other") if keywords.get(k) is not None]
    dtype = source.dtype
    for value in rest:
        if isinstance(value, torch.dtype):
            dtype = value
        elif isinstance(value, torch.Tensor):
            dtype = value.dtype
        elif isinstance(value, str) and value.rpartition(".")[2].endswith("Tensor"):
            raise Unsayable("type")
    keep = {"memory_format": keywords["memory_format"]} if keywords.get("memory_format") is not None else {}
    return "to", [source, dtype], keep
