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
    const bool same_heads = query.size(1) == key.size(1) && query.size(1) == value.size(1);
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

/// The mask of the efficient kernel, its rows padded to eight elements.
Tensor padded_mask(const Tensor& mask) {
    if (mask.dim() == 0) return mask;
    const std::int64_t length = mask.size(-1);
    if (length % 8 == 0) return mask;
    Sizes sizes = mask.sizes();
    sizes.back() = rounded_up(length, 8);
    Tensor padded = empty(mask.device(), sizes, mask.dtype());
    return alias(padded, mask.sizes(), padded.strides());
}

Tensor efficient(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                 const AttentionArguments& arguments) {
    Device& device = query.device();
    const bool train = device.grad_enabled && (query.requires_grad() || key.requires_grad() || value.requires_grad());
    const std::int64_t batch = query.size(0), heads = query.size(1), length = query.size(2);
    const Tensor cast = mask.defined() ? to(mask, query.dtype()) : Tensor();
    const Tensor bias = mask.defined() ? padded_mask(cast) : Tensor();
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
            Tensor delta;
            if (query.dtype() == DType::float32) {  // (grad · output) summed over the width
                const Tensor product = transpose(elementwise_result({&grad, &output}, DType::float32), 1, 2);
                const Tensor sums = empty(on, {batch, length, heads}, DType::float32);
                delta = empty(on, {batch, heads, length}, DType::float32);
            } else {
                delta = empty(on, {batch, heads, length}, DType::float32);
            }
            // Blocks of 64 queries by 64 columns, each with a lock and a counter in 16 bytes.
            const std::int64_t columns = width <= 64 ? 64 : 128;
            const std::int64_t blocks = rounded_up(length, 64) / 64 * (rounded_up(width, columns) / columns);
            const Storage workspace(on, Integer(batch) * heads * blocks * (64 * columns + 4) * 4);
            return Tensors{std::move(grad_query), std::move(grad_key), std::move(grad_value), Tensor()};
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
    Tensor attention;
    {
        const Tensor k = mul_scalar(k32);
        attention = matmul(q, transpose(k, -2, -1));
    }
    if (mask.defined()) attention = add_(attention, mask);
    attention = safe_softmax(attention);
    if (arguments.dropout_p > 0) attention = dropout(attention, false);
    const Tensor weights = to(attention, type);  // returned too, and dropped by the caller
    return to(matmul(attention, v32), type);
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

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                                    const AttentionArguments& arguments) {
    if (autocasts(query)) {
        const Tensor v = in_lower_precision(value), k = in_lower_precision(key), q = in_lower_precision(query);
        const AutocastOff off(query.device());
        return scaled_dot_product_attention(q, k, v, mask, arguments);
    }
    switch (chosen(query, key, value, mask, arguments)) {
        case AttentionBackend::flash:
            return flash(query, key, value, arguments);
        case AttentionBackend::cudnn:
            return cudnn(query, key, value);
        case AttentionBackend::efficient:
            return efficient(query, key, value, mask, arguments);
        case AttentionBackend::math:
            break;
    }
    return math(query, key, value, mask, arguments);
}

}  // namespace footprint::aten
