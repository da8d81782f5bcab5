"""What a CUDA device does where the meta device does something else.

A training step is recorded on the meta device, which runs PyTorch's own dispatcher and autograd but chooses some operators
otherwise, lays some results out otherwise, and takes no memory inside an operator.  Six tables set that right; each entry
says what ATen does on a card of compute capability 8.0 in float32 (torch 2.15):

  CHOSEN    composite operators that pick another kernel on CUDA
  RESULTS   kernels whose results the meta device makes slowly or in another layout
  ORDER     in which a kernel makes its results, where not in that of their places
  BEFORE    copies that a kernel is given, made before its results and given back after all
  INSIDE    what a kernel takes and gives back while it runs, after its results have been made
  IN_PLACE  what a formula of backward does in place unless somebody looks, as a dispatch mode does
"""
import contextlib
import dataclasses
import math
import warnings

import torch

from .facts import Refused

aten = torch.ops.aten
LARGEST_CUDNN_BATCH = 880_801  # _select_batch_norm_backend, training


@dataclasses.dataclass(frozen=True)
class Workspace:
    """A library's, of the card's size."""
    library: str  # "cublas" or "cublaslt"


@dataclasses.dataclass(frozen=True)
class Reduction:
    """Of a tensor's dimensions (size, stride, reduced); what it takes is said by staging.py."""
    element: int      # bytes of an input element
    accumulator: int  # bytes of an accumulator
    dimensions: tuple


@dataclasses.dataclass(frozen=True)
class Temporaries:
    """So many bytes each, alive together."""
    sizes: tuple


@dataclasses.dataclass(frozen=True)
class Taken:
    """Bytes that are taken, in order; −n: the n-th of them is given back."""
    events: tuple


def nbytes(tensor):
    return tensor.numel() * tensor.element_size()


def is_dense(tensor):
    """Its elements fill one run of memory, in whatever order."""
    run = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape)):
        if size != 1 and stride != run:
            return False
        run *= size
    return True


# ---------------------------------------------------------------- which kernel
def batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled):
    if (cudnn_enabled and weight is not None and bias is not None and input.dim() >= 3 and input.dtype is not torch.bfloat16
            and input.size(0) <= LARGEST_CUDNN_BATCH and input.numel() < 2 ** 31 - 1):
        return aten.cudnn_batch_norm.default(input, weight, bias, running_mean, running_var, training, momentum, eps)[0]
    return aten.batch_norm.default.decompose(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled)


def dropout(input, p, train):
    if train and 0 < p < 1 and input.numel():
        return aten.native_dropout.default(input, p, train)[0]
    return aten.dropout.default.decompose(input, p, train)


def attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, *, scale=None, enable_gqa=False):
    """float32 goes to the memory-efficient kernel where that can read it, else it is written out as products."""
    if query.dim() == 3 and attn_mask is None:  # to the kernels a batch of one
        return attention(query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0), None, dropout_p, is_causal, scale=scale,
                         enable_gqa=enable_gqa).squeeze(0)
    readable = all(t.dim() == 4 and t.dtype is torch.float32 and t.stride(-1) == 1 and t.size(-1) % 4 == 0
                   for t in (query, key, value)) and (attn_mask is None or attn_mask.stride(-1) == 1)
    if readable and not ((enable_gqa or key.size(1) == 1) and query.size(1) % key.size(1) == 0):
        readable = len({t.size(1) for t in (query, key, value)}) == 1
    if not readable:
        return aten.scaled_dot_product_attention.default.decompose(query, key, value, attn_mask, dropout_p, is_causal,
                                                                   scale=scale, enable_gqa=enable_gqa)
    if attn_mask is not None:
        attn_mask = mask_of_kernel(attn_mask, query, key)
    needs = torch.is_grad_enabled() and any(t.requires_grad for t in (query, key, value))
    return aten._scaled_dot_product_efficient_attention.default(query, key, value, attn_mask, needs, dropout_p, is_causal,
                                                                scale=scale)[0]


def mask_of_kernel(mask, query, key):
    """Numbers, rows that begin at multiples of eight, spread over batch and heads."""
    if mask.dtype is torch.bool:
        mask = torch.where(mask, mask.new_empty((), dtype=query.dtype), mask.new_empty((), dtype=query.dtype))
    length = mask.size(-1)
    if any(stride % 8 for stride in mask.stride()[:-1]):
        mask = torch.nn.functional.pad(mask, (0, 8 - length % 8))[..., :length]
    return mask.expand(query.size(0), query.size(1), query.size(2), key.size(2))


def rms_norm(input, normalized_shape, weight=None, eps=None):
    return RmsNorm.apply(input, weight, input.numel() // math.prod(normalized_shape))


class RmsNorm(torch.autograd.Function):
    """_fused_rms_norm, which the meta device does not have: what it makes and keeps."""

    @staticmethod
    def forward(ctx, input, weight, rows):
        result, rstd = plain(input), torch.empty(rows, dtype=torch.float32, device=input.device)
        ctx.save_for_backward(input, weight, rstd)
        return result

    @staticmethod
    def backward(ctx, grad):
        input, weight, _ = ctx.saved_tensors
        return plain(input) if ctx.needs_input_grad[0] else None, plain(weight) if ctx.needs_input_grad[1] else None, None


def recurrent(*_, **__):
    raise Refused("a step with a recurrent layer cannot be recorded: the meta device runs it one product at a time, a GPU in one call "
                  "of cuDNN, whose reserve only the library knows")


CHOSEN = {"batch_norm": batch_norm, "dropout": dropout, "scaled_dot_product_attention": attention, "rms_norm": rms_norm}
CHOSEN.update({f"{cell}.{given}": recurrent for cell in ("lstm", "gru", "rnn_tanh", "rnn_relu") for given in ("input", "data")})


@contextlib.contextmanager
def kernels_of_cuda():
    """Inside, composite operators on meta tensors choose as on CUDA."""
    library = torch.library.Library("aten", "IMPL")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, function in CHOSEN.items():
                library.impl(name, function, "AutogradMeta")
        yield
    finally:
        library._destroy()


# ---------------------------------------------------------------- results
def is_channels_last(tensor):
    return tensor.dim() == 4 and not tensor.is_contiguous() and tensor.is_contiguous(memory_format=torch.channels_last)


def convolution_format(input, weight):
    """cudnn_conv_suggest_memory_format."""
    return torch.channels_last if is_channels_last(input) or is_channels_last(weight) else torch.contiguous_format


def plain(like, shape=None):
    """A contiguous tensor of the same element type."""
    return torch.empty(like.shape if shape is None else shape, dtype=like.dtype, device=like.device)


def convolution_backward(grad, input, weight, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
    layout = dict(dtype=input.dtype, device=input.device, memory_format=convolution_format(input, weight))
    return (torch.empty(input.shape, **layout) if mask[0] else None, torch.empty(weight.shape, **layout) if mask[1] else None,
            plain(grad, [grad.size(1)]) if mask[2] else None)


def cudnn_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps):
    kept = [weight.numel()] if training else [0]
    return torch.empty_like(input), plain(weight, kept), plain(weight, kept), torch.empty(0, dtype=torch.uint8, device=input.device)


def cudnn_batch_norm_backward(input, grad, weight, running_mean, running_var, mean, invstd, eps, reserve):
    return torch.empty_like(input), plain(weight), plain(weight)


def native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps):
    kept = [input.size(1) if training else 0]
    statistics = dict(dtype=torch.float32, device=input.device)
    return torch.empty_like(input), torch.empty(kept, **statistics), torch.empty(kept, **statistics)


def native_batch_norm_backward(grad, input, weight, running_mean, running_var, mean, invstd, training, eps, mask):
    vector = [input.size(1)]
    return torch.empty_like(input) if mask[0] else None, *(plain(input, vector) if wanted else None for wanted in mask[1:])


def native_layer_norm(input, shape, weight, bias, eps):
    outer = [*input.shape[:input.dim() - len(shape)], *[1] * len(shape)]
    statistics = dict(dtype=torch.float32, device=input.device)
    return plain(input), torch.empty(outer, **statistics), torch.empty(outer, **statistics)


def native_layer_norm_backward(grad, input, shape, mean, rstd, weight, bias, mask):
    return tuple(plain(t) if wanted and t is not None else None for t, wanted in zip((input, weight, bias), mask))


def efficient_attention(query, key, value, bias, keep, dropout_p=0.0, is_causal=False, *, scale=None):
    """The result lies by tokens; the logarithms of a head's rows fill a multiple of 32.  With dropout the generator's state is
    on the host."""
    batch, heads, length, _ = query.shape
    result = plain(query, (batch, length, heads, value.size(-1))).transpose(1, 2)
    logarithms = torch.empty(batch, heads, -(-length // 32) * 32 if keep else 0, dtype=torch.float32, device=query.device)
    state = [torch.empty((), dtype=torch.int64, device="cpu" if dropout_p > 0 else query.device) for _ in range(2)]
    return result, logarithms, *state


def efficient_attention_backward(grad, query, key, value, bias, out, logarithms, seed, offset, dropout_p, wanted, *_, **scale):
    """Gradients lie by tokens; a mask's rows fill a multiple of sixteen."""
    def by_tokens(tensor):
        return plain(tensor, tensor.transpose(1, 2).shape).transpose(1, 2)
    of_mask = None
    if bias is not None and wanted[3]:
        of_mask = plain(bias, [*bias.shape[:-1], -(-bias.size(-1) // 16) * 16])[..., :bias.size(-1)]
    return by_tokens(query), by_tokens(key), by_tokens(value), of_mask


def mse_loss(input, target, reduction=1):
    """It is made as large as the input and then shrunk to one number: the memory stays."""
    squares = torch.empty_like(input) if input.shape == target.shape else torch.empty_like(input - target)
    return squares.as_strided((), ()) if reduction else squares


RESULTS = {
    aten.convolution_backward.default: convolution_backward,
    aten.cudnn_batch_norm.default: cudnn_batch_norm,
    aten.cudnn_batch_norm_backward.default: cudnn_batch_norm_backward,
    aten.native_batch_norm.default: native_batch_norm,
    aten.native_batch_norm_backward.default: native_batch_norm_backward,
    aten.native_layer_norm.default: native_layer_norm,
    aten.native_layer_norm_backward.default: native_layer_norm_backward,
    aten._scaled_dot_product_efficient_attention.default: efficient_attention,
    aten._scaled_dot_product_efficient_attention_backward.default: efficient_attention_backward,
    aten.mse_loss.default: mse_loss,
    aten.roll.default: lambda tensor, *_, **__: plain(tensor),
}

def order_of_convolution_backward(grad, input, weight, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, *_):
    """A depthwise one is PyTorch's own."""
    depthwise = (not transposed and input.dim() == 4 and groups > 1 and input.size(1) == groups and weight.size(0) % groups == 0
                 and convolution_format(input, weight) is torch.contiguous_format)
    return (1, 0, 2) if depthwise else (0, 1, 2)


def order_of_native_batch_norm_backward(grad, input, *_):
    return (1, 2, 0) if input.dim() == 2 else (0, 1, 2)


ORDER = {
    aten._scaled_dot_product_efficient_attention.default: lambda *_, **__: (2, 3, 0, 1),
    aten.convolution_backward.default: order_of_convolution_backward,
    aten.native_batch_norm_backward.default: order_of_native_batch_norm_backward,
}

# In backward, over zeros that the formula has just made (areAnyTensorSubclassLike).
IN_PLACE = {aten.index_put.default, aten._unsafe_index_put.default, aten.scatter.src, aten.scatter.value, aten.scatter_add.default,
            aten.index_add.default}


# ---------------------------------------------------------------- inside a kernel
def copies(*tensors, layout=torch.contiguous_format):
    """Of those that do not lie as the kernel wants them."""
    sizes = tuple(nbytes(t) for t in tensors if not t.is_contiguous(memory_format=layout))
    return [Temporaries(sizes)] if sizes else []


def unreadable(matrix):
    """Neither rows nor columns lie as cuBLAS can read them (prepare_matrix_for_cublas)."""
    def good(fast, slow):
        return matrix.stride(fast) == 1 and matrix.stride(slow) >= max(1, matrix.size(fast))
    return not (good(-2, -1) or good(-1, -2))


def product(first, second, workspace="cublas"):
    sizes = tuple(nbytes(m) for m in (first, second) if unreadable(m))
    return [*([Temporaries(sizes)] if sizes else []), Workspace(workspace)] if first.numel() and second.numel() else []


def addmm(bias, first, second, **scales):
    lt = bias.dim() == 1 and bias.is_contiguous() and second.size(0) > 1 and second.size(1) > 1
    return product(first, second, "cublaslt" if lt else "cublas")


def batched(_, first, second, **scales):
    return product(first, second)


def reduction(tensor, dims, accumulator=4):
    dims = range(tensor.dim()) if dims is None or dims == [] else [dims] if isinstance(dims, int) else dims
    reduced = {d % tensor.dim() for d in dims} if tensor.dim() else set()
    described = tuple((n, s, i in reduced) for i, (n, s) in enumerate(zip(tensor.shape, tensor.stride())))
    return [Reduction(tensor.element_size(), accumulator, described)]


def layout_of(input, weight):
    return convolution_format(input, weight) if input.dim() == 4 else torch.contiguous_format


def lying_otherwise(layout, *tensors):
    return [nbytes(t) for t in tensors if not t.is_contiguous(memory_format=layout)]


def otherwise_suggested(grad, layout):
    """It lies in the other memory format, and is laid out anew once for both gradients."""
    return grad.dim() == 4 and is_channels_last(grad) != (layout is torch.channels_last)


def convolution(input, weight, *_):
    return copies(weight, layout=layout_of(input, weight))


def before_convolution_backward(grad, input, weight, bias_sizes, stride, padding, dilation, transposed, *_):
    layout = layout_of(input, weight)
    return [*lying_otherwise(layout, input),
            *(lying_otherwise(layout, grad) if transposed or otherwise_suggested(grad, layout) else [])]


def inside_convolution_backward(grad, input, weight, bias_sizes, stride, padding, dilation, transposed, *settings):
    layout, mask = layout_of(input, weight), settings[-1]
    again = [] if transposed or otherwise_suggested(grad, layout) else [grad]
    taken = copies(weight, *again, layout=layout) if mask[0] else []
    taken += copies(*again, layout=layout) if mask[1] else []
    return taken + (reduction(grad, [d for d in range(grad.dim()) if d != 1]) if mask[2] else [])


def inside_batch_norm_backward(input, grad, *_):
    return copies(grad, layout=torch.channels_last if is_channels_last(input) else torch.contiguous_format)


def before_native_batch_norm_backward(grad, input, *_):
    return [4 * input.size(1)] * 2 if input.dim() == 2 else []  # sums of the gradient over rows


def group_norm(input, weight, bias, batch, channels, *_):
    return [*copies(input), Temporaries((4 * batch * channels,) * 2)]


def group_norm_backward(grad, input, mean, rstd, weight, batch, channels, inner, groups, mask):
    of_channels, of_groups = 4 * batch * channels, 4 * batch * groups
    sums = (of_channels, of_channels)
    return [*copies(input, grad), Temporaries((*sums, of_groups, of_groups, *([of_channels] if weight is not None else []))
                                              if mask[0] else sums)]


def attention_backward(grad, query, key, value, bias, output, *_, **scale):
    """delta = (grad · output) summed over the width; then blocks of 64 queries by 64 or 128 columns, each with a lock and a
    counter in 16 bytes."""
    batch, heads, length, width = query.shape
    rows = batch * heads * length * 4
    columns = 64 if width <= 64 else 128
    blocks = batch * heads * -(-length // 64) * -(-width // columns)
    shared = key.size(1) != heads  # keys and values of each head of the query, summed over those that share one
    taken = [batch * heads * key.size(2) * width * 4, batch * heads * value.size(2) * value.size(3) * 4] if shared else []
    n, size = len(taken), blocks * (64 * columns + 4) * 4
    if heads == 1 or length == 1:  # the sums lie as delta
        delta = (nbytes(output), rows, -(n + 1), size, -(n + 2), -(n + 3))
    else:
        delta = (nbytes(output), rows, rows, -(n + 2), -(n + 1), size, -(n + 3), -(n + 4))
    return [Taken((*taken, *delta, *(-k for k in range(n, 0, -1))))]


def radix_sort(n, largest):
    """cub::DeviceRadixSort of n pairs of int64: in one block, or by eight bits at a time (radix_sort_bytes in core/kernels/shape.cpp)."""
    if n <= 256 * 9:
        return 1
    passes = -(-max(largest.bit_length(), 1) // 8)
    between = 2 * aligned(8 * n) if passes > 1 else 0
    return aligned(passes * 2048) + aligned(4 * passes) + aligned(-(-n // 3840) * 1024) + between + 255


def aligned(size):
    return -(-size // 256) * 256


def sorting(into, indices, values, *_):
    """index_put_with_sort_kernel: the indices made one number for each element, and sorted."""
    given = [i for i in indices if i is not None]
    n = nbytes(torch.broadcast_tensors(*given)[0]) if given else 0
    if not n:
        return []
    linear = [event for k in range(len(given)) for event in (n, n, -(2 * k + 1), *([-(2 * k + 2)] if k else []))]
    first = 2 * len(given)
    copied = [] if values.is_contiguous() else [nbytes(values)]
    last = max(k for k, i in enumerate(indices) if i is not None)
    arrays = [*copied, n, n, n, radix_sort(n // 8, (into.numel() - 1) // math.prod(into.shape[last + 1:]))]
    return [Taken((*linear, *arrays, *(-(first + k) for k in range(len(arrays), 0, -1)), -2))]


BEFORE = {
    aten.native_batch_norm_backward.default: before_native_batch_norm_backward,
    aten.convolution.default: lambda input, weight, *_: lying_otherwise(layout_of(input, weight), input),
    aten.convolution_backward.default: before_convolution_backward,
    aten._scaled_dot_product_efficient_attention_backward.default:
        lambda grad, *_, **scale: lying_otherwise(torch.contiguous_format, grad.transpose(1, 2)),
    aten.native_layer_norm.default: lambda input, *_: lying_otherwise(torch.contiguous_format, input),
    aten.roll.default: lambda tensor, shifts, dims=(), **_: [nbytes(tensor)] * (len(dims) - 1),  # one dimension at a time
    aten.native_layer_norm_backward.default: lambda grad, input, *_: lying_otherwise(torch.contiguous_format, input),
}

INSIDE = {
    aten.index_put.default: sorting,
    aten.mm.default: product,
    aten.bmm.default: product,
    aten.addmm.default: addmm,
    aten.baddbmm.default: batched,
    aten.convolution.default: convolution,
    aten.convolution_backward.default: inside_convolution_backward,
    aten.cudnn_batch_norm_backward.default: inside_batch_norm_backward,
    aten.native_group_norm.default: group_norm,
    aten.native_group_norm_backward.default: group_norm_backward,
    aten.native_layer_norm_backward.default: lambda grad, *_: copies(grad),
    aten._softmax_backward_data.default: lambda grad, output, *_: [Temporaries((nbytes(output),))],  # grad · output
    aten._scaled_dot_product_efficient_attention_backward.default: attention_backward,
    aten.mse_loss.default: lambda x, target, reduced=1: [Temporaries((nbytes(x),)), *reduction(x, None)] if reduced else [],
    aten.sum.default: lambda x, **_: reduction(x, None),
    aten.sum.dim_IntList: lambda x, dim=None, keepdim=False, **_: reduction(x, dim),
    aten.mean.default: lambda x, **_: reduction(x, None),
    aten.mean.dim: lambda x, dim=None, keepdim=False, **_: reduction(x, dim),
    aten.amax.default: lambda x, dim=(), keepdim=False: reduction(x, list(dim)),
    aten.var.correction: lambda x, dim=None, **_: reduction(x, dim, accumulator=16),
    aten.linalg_vector_norm.default: lambda x, ord=2, dim=None, keepdim=False, **_: reduction(x, dim),
}

# What a GPU takes that no table here has, by the operator's name.
MISSING = {
    "convolution": "cuDNN's workspaces of convolutions, which only the library knows",
    "native_batch_norm": "what a batch norm over very many rows takes while it runs",
    "embedding_dense_backward": "what the sorting of an embedding's gradient takes while it runs",
}
