// Scaled dot-product attention: which backend PyTorch takes, and what each makes. Sources:
// aten/src/ATen/native/transformers/attention.cpp, cuda/sdp_utils.cpp, cuda/attention.cu, cuda/attention_backward.cu.
#include <algorithm>

#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

std::int64_t rounded_up(std::int64_t n, std::int64_t to) { return (n + to - 1) / to * to; }

AttentionBackend chosen(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                        const AttentionArguments& arguments) {
    if (query.dim() != 4 || key.dim() != 4 || value.dim() != 4) return AttentionBackend::math;
    if (arguments.forced) return *arguments.forced;
    const std::int32_t capability = query.device().properties.compute_capability;
    const bool half = query.dtype() == DType::float16 || query.dtype() == DType::bfloat16;
    const std::int64_t head = query.size(-1);
    if (query.dim() != 4 || query.dtype() == DType::float64) return AttentionBackend::math;
    if (query.stride(-1) != 1 || key.stride(-1) != 1 || value.stride(-1) != 1) return AttentionBackend::math;
    if (mask.defined() && mask.dim() > 0 && mask.stride(-1) != 1) return AttentionBackend::math;
    const bool shared = (arguments.enable_gqa || key.size(1) == 1) && key.size(1) == value.size(1) && key.size(1) > 0 &&
                        query.size(1) % key.size(1) == 0;
    const bool same_heads = shared || (query.size(1) == key.size(1) && query.size(1) == value.size(1));
    const bool flash = half && capability >= 80 && !mask.defined() && head == value.size(-1) && head % 8 == 0 &&
                       head <= 256 && same_heads;
    const bool cudnn = half && (capability == 90 || capability == 100 || capability == 103) && head % 8 == 0 &&
                       head <= 128 && same_heads && arguments.dropout_p == 0;
    if (cudnn) return AttentionBackend::cudnn;
    if (flash) return AttentionBackend::flash;
    const std::int64_t alignment = half ? 8 : 4;
    if (same_heads && head % alignment == 0 && value.size(-1) % alignment == 0 && capability >= 50)
        return AttentionBackend::efficient;
    return AttentionBackend::math;
}

/// A result laid out as (batch, length, heads, width) in memory, as the kernels write it.
Tensor by_tokens(const Tensor& like, std::int64_t length, std::int64_t width) {
    Device& device = like.device();
    Tensor result = transpose(empty(device, {like.size(0), length, like.size(1), width}, like.dtype()), 1, 2);
    untracked(result);  // made within the operation, where autograd does not look
    return result;
}

/// A result in the order in which the tensor's own tokens and heads lie in memory.
Tensor like_tokens(const Tensor& like) {
    Tensor result = transpose(empty_like(transpose(detached(like), 1, 2)), 1, 2);
    untracked(result);
    return result;
}

/// A mask of true and false becomes one of 0 and −∞, each a tensor without dimensions (convert_boolean_attn_mask).
Tensor as_numbers(const Tensor& mask, DType dtype) {
    if (!mask.defined() || mask.dtype() != DType::boolean) return mask;
    const Tensor zero = empty(mask.device(), {}, dtype), infinity = empty(mask.device(), {}, dtype);
    return elementwise_result({&mask}, dtype);
}

/// The mask of the efficient kernel, whose rows begin at multiples of eight elements, spread over batch and heads
/// (preprocess_mask).
Tensor aligned_mask(const Tensor& mask, const Sizes& scores) {
    if (!mask.defined()) return mask;
    Tensor aligned = mask;
    bool is_aligned = mask.dim() == 0 || mask.stride(-1) == 1;
    for (std::int64_t i = 0; i + 1 < mask.dim(); ++i) is_aligned = is_aligned && mask.stride(i) % 8 == 0;
    if (!is_aligned) {
        Sizes sizes = mask.sizes();
        sizes.back() += 8 - sizes.back() % 8;
        const Tensor padded = rearranged("ConstantPadNdBackward0", mask, sizes);
        aligned = part("SliceBackward0", padded, mask.sizes(), padded.strides());
    }
    return expand(aligned, scores);
}

Tensor efficient(const Tensor& query, const Tensor& key, const Tensor& value, Tensor mask,
                 const AttentionArguments& arguments) {
    Device& device = query.device();
    const bool train = device.grad_enabled && (query.requires_grad() || key.requires_grad() || value.requires_grad());
    const std::int64_t batch = query.size(0), heads = query.size(1), length = query.size(2);
    const Tensor bias = aligned_mask(mask, {batch, heads, length, key.size(2)});
    mask = Tensor();
    Tensor seed, offset;
    if (arguments.dropout_p == 0) {
        seed = empty(device, {}, DType::int64);
        offset = empty(device, {}, DType::int64);
    }
    Tensor result = by_tokens(query, length, value.size(-1));
    Tensor logsumexp = train ? empty(device, {batch, heads, rounded_up(length, 32)}, DType::float32) : Tensor();
    if (History history{"ScaledDotProductEfficientAttentionBackward0", {&query, &key, &value, &bias}}) {
        history.of(result, [q = history.save(query), k = history.save(key), v = history.save(value),
                            bias = history.save(bias), out = history.save(result), lse = history.save(logsumexp),
                            seed = history.save(seed), offset = history.save(offset)](Incoming in) {
            const Tensor query = q.unpack(), key = k.unpack(), value = v.unpack(), mask = bias.unpack(),
                         output = out.unpack();
            const Tensor logsumexp = lse.unpack(), s = seed.unpack(), o = offset.unpack();
            Device& on = query.device();
            const std::int64_t batch = query.size(0), heads = query.size(1), length = query.size(2),
                               width = query.size(3);
            const Tensor grad = transpose(contiguous_copy(transpose(in.grad(), 1, 2)), 1, 2);
            Tensor grad_query = by_tokens(query, length, width);
            Tensor grad_key = by_tokens(key, key.size(2), width);
            Tensor grad_value = by_tokens(value, value.size(2), value.size(3));
            // Of each head of the query first, then summed over those that share one.
            const bool shares = key.size(1) != heads;
            const Tensor key_of_each = shares ? by_tokens(query, key.size(2), width) : Tensor();
            const Tensor value_of_each = shares ? by_tokens(query, value.size(2), value.size(3)) : Tensor();
            Tensor grad_mask;
            if (in.needs(3)) {
                Sizes padded = mask.sizes();
                padded.back() = rounded_up(padded.back(), 16);
                const Tensor whole = empty(on, padded, mask.dtype());
                grad_mask = alias(whole, mask.sizes(), whole.strides());
            }
            Tensor delta;
            if (query.dtype() == DType::float32) {  // (grad · output) summed over the width
                const Tensor product = transpose(elementwise_result({&grad, &output}, DType::float32), 1, 2);
                const Tensor sums = empty(on, {batch, length, heads}, DType::float32);
                delta = contiguous_copy(transpose(sums, 1, 2));
            } else {
                delta = empty(on, {batch, heads, length}, DType::float32);
            }
            // Blocks of 64 queries by 64 columns, each with a lock and a counter in 16 bytes.
            const std::int64_t columns = width <= 64 ? 64 : 128;
            const std::int64_t blocks = rounded_up(length, 64) / 64 * (rounded_up(width, columns) / columns);
            const Storage workspace(on, Integer(batch) * heads * blocks * (64 * columns + 4) * 4);
            return Tensors{std::move(grad_query), std::move(grad_key), std::move(grad_value), std::move(grad_mask)};
        });
    }
    return result;
}

Tensor flash(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionArguments& arguments) {
    Device& device = query.device();
    const std::int64_t batch = query.size(0), heads = query.size(1), length = query.size(2);
    Tensor result = like_tokens(query);
    Tensor logsumexp = empty(device, {batch, heads, length}, DType::float32);
    // The generator's state, and with dropout what it was before.
    const Tensor philox = arguments.dropout_p > 0 ? empty(device, {2}, DType::int64) : Tensor();
    Tensor rng_state, unused;
    if (philox.defined()) {
        unused = empty(device, {}, DType::int64);
        rng_state = empty(device, {2}, DType::int64);
    } else {
        rng_state = empty(device, {2}, DType::int64);
        unused = empty(device, {}, DType::int64);
    }
    if (History history{"ScaledDotProductFlashAttentionBackward0", {&query, &key, &value}}) {
        history.of(result, [q = history.save(query), k = history.save(key), v = history.save(value),
                            out = history.save(result), lse = history.save(logsumexp), state = history.save(rng_state),
                            none = history.save(unused)](Incoming in) {
            const Tensor query = q.unpack(), key = k.unpack(), value = v.unpack(), output = out.unpack();
            const Tensor logsumexp = lse.unpack(), rng = state.unpack(), second = none.unpack();
            Device& on = query.device();
            const std::int64_t batch = query.size(0), heads = query.size(1), length = rounded_up(query.size(2), 128);
            const std::int64_t width = query.size(3) <= 128   ? rounded_up(query.size(3), 32)
                                       : query.size(3) <= 192 ? 192
                                                              : 256;
            const auto by_token = [](const Tensor& tensor) { return contiguous_copy(transpose(tensor, 1, 2)); };
            const Tensor grad = by_token(in.grad()), out_read = by_token(output);
            Tensor grad_query = like_tokens(query), grad_key = like_tokens(key), grad_value = like_tokens(value);
            const Tensor softmax_d = empty(on, {batch, heads, length}, DType::float32);
            const Tensor accumulator = empty(on, {batch, length, heads, width}, DType::float32);
            // Of each head of the query, summed over those that share one.
            const bool shares = key.size(1) != heads;
            const Tensor key_of_each =
                shares ? empty(on, {batch, key.size(2), heads, key.size(3)}, key.dtype()) : Tensor();
            const Tensor value_of_each =
                shares ? empty(on, {batch, value.size(2), heads, value.size(3)}, value.dtype()) : Tensor();
            return Tensors{std::move(grad_query), std::move(grad_key), std::move(grad_value)};
        });
    }
    return result;
}

Tensor cudnn(const Tensor& query, const Tensor& key, const Tensor& value) {
    Device& device = query.device();
    const std::int64_t batch = query.size(0), heads = query.size(1), length = query.size(2);
    Tensor seed = empty(device, {}, DType::int64), offset = empty(device, {}, DType::int64);
    Tensor result = like_tokens(query);
    Tensor logsumexp = empty(device, {batch, heads, length, 1}, DType::float32);
    if (History history{"ScaledDotProductCudnnAttentionBackward0", {&query, &key, &value}}) {
        history.of(result, [q = history.save(query), k = history.save(key), v = history.save(value),
                            out = history.save(result), lse = history.save(logsumexp), seed = history.save(seed),
                            offset = history.save(offset)](Incoming in) {
            const Tensor query = q.unpack(), key = k.unpack(), value = v.unpack(), output = out.unpack();
            const Tensor logsumexp = lse.unpack(), s = seed.unpack(), o = offset.unpack();
            (void)in;
            Tensor grad_query = empty_like(query), grad_key = empty_like(key), grad_value = empty_like(value);
            return Tensors{std::move(grad_query), std::move(grad_key), std::move(grad_value)};
        });
    }
    return result;
}

Tensor math(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
            const AttentionArguments& arguments) {
    const DType type = query.dtype();
    const bool half = type == DType::float16 || type == DType::bfloat16;
    const Tensor q32 = half ? to(query, DType::float32) : query, k32 = half ? to(key, DType::float32) : key,
                 v32 = half ? to(value, DType::float32) : value;
    const Tensor q = mul_scalar(q32);
    Tensor bias = mask;
    if (arguments.is_causal) {
        const Sizes scores = {query.size(-2), key.size(-2)};
        Tensor all = empty(query.device(), scores, DType::boolean);
        const Tensor lower = empty(query.device(), scores, DType::boolean);
        all = Tensor();
        bias = as_numbers(lower, q32.dtype());
    }
    const bool shares = arguments.enable_gqa && query.dim() > 2;
    const Tensor k_of_each = shares ? repeat_interleave(k32, query.size(-3) / key.size(-3), -3) : k32;
    const Tensor v_of_each = shares ? repeat_interleave(v32, query.size(-3) / value.size(-3), -3) : v32;
    Tensor attention;
    {
        const Tensor k = mul_scalar(k_of_each);
        attention = matmul(q, transpose(k, -2, -1));
    }
    if (bias.defined()) attention = add_(attention, bias);
    attention = safe_softmax(attention);
    if (arguments.dropout_p > 0) attention = dropout(attention, false);
    const Tensor weights = to(attention, type);  // returned too, and dropped by the caller
    return to(matmul(attention, v_of_each), type);
}

}  // namespace

Tensor safe_softmax(const Tensor& self) {
    const Tensor scores = self;
    Tensor result = softmax("SafeSoftmaxBackward0", scores, scores.dtype());
    const Tensor masked = elementwise_result({&scores}, DType::boolean);
    Sizes rows = scores.sizes();
    rows.back() = 1;
    const Tensor whole_rows = empty(scores.device(), rows, DType::boolean);
    const Tensor zero = empty(scores.device(), {}, scores.dtype());
    return result;
}

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& given,
                                    const AttentionArguments& arguments) {
    if (autocasts(query)) {
        const Tensor m = in_lower_precision(given), v = in_lower_precision(value), k = in_lower_precision(key),
                     q = in_lower_precision(query);
        const AutocastOff off(query.device());
        return scaled_dot_product_attention(q, k, v, m, arguments);
    }
    Tensor mask = as_numbers(given, query.dtype());
    if (query.dim() == 3) {  // to the kernels it is a batch of one
        const Tensor q = unsqueeze(query, 0), k = unsqueeze(key, 0), v = unsqueeze(value, 0);
        if (chosen(q, k, v, mask, arguments) != AttentionBackend::math) {
            const Tensor result = scaled_dot_product_attention(q, k, v, mask, arguments);
            Sizes sizes = result.sizes(), strides = result.strides();
            sizes.erase(sizes.begin());
            strides.erase(strides.begin());
            return squeeze(result, std::move(sizes), std::move(strides));
        }
    }
    switch (chosen(query, key, value, mask, arguments)) {
        case AttentionBackend::flash:
            return flash(query, key, value, arguments);
        case AttentionBackend::cudnn:
            return cudnn(query, key, value);
        case AttentionBackend::efficient:
            return efficient(query, key, value, std::move(mask), arguments);
        case AttentionBackend::math:
            break;
    }
    return math(query, key, value, mask, arguments);
}

}  // namespace footprint::aten
