// Normalization. Sources: aten/src/ATen/native/Normalization.cpp (_select_batch_norm_backend), cudnn/BatchNorm.cpp,
// cuda/Normalization.cu, cuda/layer_norm_kernel.cu, cuda/group_norm_kernel.cu.
#include <algorithm>
#include <limits>

#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

constexpr std::int64_t kLargestCudnnBatch = 880'801;

bool is_channels_last(const Tensor& tensor) { return !tensor.is_contiguous() && tensor.is_contiguous_channels_last(); }

bool uses_cudnn(const Tensor& input, const Tensor& weight, const Tensor& bias) {
    return weight.defined() && bias.defined() && input.dim() >= 3 && input.dtype() != DType::bfloat16 &&
           input.size(0) <= kLargestCudnnBatch && input.numel() < std::numeric_limits<std::int32_t>::max();
}

Tensor in_format_of(const Tensor& grad, const Tensor& input) {
    const bool last = is_channels_last(input);
    if (last ? grad.is_contiguous_channels_last() : grad.is_contiguous()) return grad;
    return empty_strided(grad.device(), grad.sizes(), last ? channels_last(grad.sizes()) : contiguous(grad.sizes()),
                         grad.dtype());
}

/// Sums over rows in which a channel is contiguous are split over blocks from so many rows on
/// (flexible_launch_configs).
void channels_last_staging(const Tensor& input, std::int64_t per_channel) {
    constexpr std::int64_t kThreads = 512, kValues = 16;
    const std::int64_t channels = input.size(1), rows = input.numel() / std::max<std::int64_t>(channels, 1);
    std::int64_t width = std::min<std::int64_t>(last_power_of_two(channels), 32);
    const std::int64_t height = std::min(last_power_of_two((rows + kValues - 1) / kValues), kThreads / width);
    if (width * height != kThreads) width = std::min(last_power_of_two(channels), kThreads / height);
    const std::int64_t blocks = std::min<std::int64_t>((rows + height * kValues - 1) / (height * kValues), 128);
    if (blocks < 8) return;
    Device& device = input.device();
    const Storage staging(device, Integer(4) * per_channel * channels * blocks);
    const Storage semaphores(device, Integer(4) * ((channels + width - 1) / width));
}

}  // namespace

Tensor batch_norm(const Tensor& given, const Tensor& weight, const Tensor& bias, bool training) {
    Device& device = given.device();
    const bool cudnn = uses_cudnn(given, weight, bias);
    // cuDNN is given, and keeps, one that lies in its memory format.
    const bool lies_so = given.suggests_channels_last() ? given.is_contiguous_channels_last() : given.is_contiguous();
    const Tensor input = cudnn && !lies_so ? clone(given, !given.suggests_channels_last()) : given;
    const Tensor x = input.is_non_overlapping_and_dense() ? input : clone(detached(input), true);
    const bool by_rows = !cudnn && (input.dim() == 2 || is_channels_last(input));
    const std::int64_t channels = input.size(1);
    Tensor result = empty_like(x);
    Tensor mean, invstd;
    if (training) {
        mean = empty(device, {channels}, DType::float32);
        invstd = empty(device, {channels}, DType::float32);
        if (by_rows) channels_last_staging(input, 4);
    }
    if (History history{cudnn ? "CudnnBatchNormBackward0" : "NativeBatchNormBackward0", {&input, &weight, &bias}}) {
        const Saved kept = history.save(input), kept_mean = history.save(mean), kept_invstd = history.save(invstd);
        history.of(result, [kept, kept_weight = history.save(weight), kept_mean, kept_invstd, cudnn, by_rows, channels,
                            training, parameters = weight.defined() ? weight.dtype() : DType::float32](Incoming in) {
            const Tensor x = kept.unpack(), mean = kept_mean.unpack(), invstd = kept_invstd.unpack();
            Device& on = x.device();
            const Tensor grad = in_format_of(in.grad(), x);
            Tensor grad_input, grad_weight, grad_bias, sum_dy, sum_dy_xmu;
            if (cudnn && training) {
                grad_input = empty_like(x);
                grad_weight = empty(on, {channels}, parameters);
                grad_bias = empty(on, {channels}, parameters);
                return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
            }
            if (by_rows && training) {
                sum_dy = empty(on, {channels}, DType::float32);
                sum_dy_xmu = empty(on, {channels}, DType::float32);
                if (in.needs(1)) grad_weight = empty(on, {channels}, parameters);
                if (in.needs(2)) grad_bias = empty(on, {channels}, parameters);
                channels_last_staging(x, 2);
                if (in.needs(0)) grad_input = empty_like(x);
                return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
            }
            if (in.needs(0)) grad_input = empty_like(x);
            if (in.needs(1)) grad_weight = empty(on, {channels}, parameters);
            if (in.needs(2)) grad_bias = empty(on, {channels}, parameters);
            return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
        });
    }
    return result;
}

Tensor instance_norm(const Tensor& input, const Tensor& weight, const Tensor& bias) {
    const std::int64_t batch = input.size(0), channels = input.size(1);
    const Tensor weights = weight.defined() ? repeat(weight, {batch}) : Tensor();
    const Tensor biases = bias.defined() ? repeat(bias, {batch}) : Tensor();
    Sizes sizes = input.sizes();
    sizes[0] = 1;
    sizes[1] = batch * channels;
    const Tensor merged = view(contiguous_copy(input), sizes);
    return view(batch_norm(merged, weights, biases, true), input.sizes());
}

Tensor layer_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, std::int64_t rows) {
    Device& device = input.device();
    if (device.autocast) {
        const Tensor b = in_float32(bias), w = in_float32(weight), x = in_float32(input);
        const AutocastOff off(device);
        return layer_norm(x, w, b, rows);
    }
    const Tensor x = contiguous_copy(detached(input));
    Tensor result = empty(device, input.sizes(), input.dtype());
    Tensor mean = empty(device, {rows}, DType::float32), rstd = empty(device, {rows}, DType::float32);
    if (History history{"NativeLayerNormBackward0", {&input, &weight, &bias}}) {
        const Saved kept = history.save(input), kept_mean = history.save(mean), kept_rstd = history.save(rstd);
        const Saved kept_weight = history.save(weight), kept_bias = history.save(bias);
        history.of(result, [kept, kept_weight, kept_bias, kept_mean, kept_rstd](Incoming in) {
            const Tensor input = kept.unpack(), weight = kept_weight.unpack(), bias = kept_bias.unpack();
            const Tensor mean = kept_mean.unpack(), rstd = kept_rstd.unpack();
            const Tensor x = contiguous_copy(input);
            Tensor grad_input = in.needs(0) ? empty_like(x) : Tensor();
            Tensor grad_weight = in.needs(1) ? empty_like(weight) : Tensor();
            Tensor grad_bias = in.needs(2) ? empty_like(bias) : Tensor();
            const Tensor grad = contiguous_copy(in.grad());
            return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
        });
    }
    return result;
}

Tensor rms_norm(const Tensor& input, const Tensor& weight, std::int64_t rows) {
    Device& device = input.device();
    const Tensor x = contiguous_copy(detached(input));
    Tensor result = empty(device, input.sizes(), input.dtype());
    Tensor rstd = empty(device, {rows}, DType::float32);
    if (History history{"FusedRmsNormBackward0", {&input, &weight}}) {
        const Saved kept = history.save(input), kept_weight = history.save(weight), kept_rstd = history.save(rstd);
        history.of(result, [kept, kept_weight, kept_rstd](Incoming in) {
            const Tensor input = kept.unpack(), weight = kept_weight.unpack(), rstd = kept_rstd.unpack();
            const Tensor x = contiguous_copy(input);
            Tensor grad_input = in.needs(0) ? empty_like(x) : Tensor();
            Tensor grad_weight = in.needs(1) ? empty_like(weight) : Tensor();
            const Tensor grad = contiguous_copy(in.grad());
            return Tensors{std::move(grad_input), std::move(grad_weight)};
        });
    }
    return result;
}

Tensor group_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, std::int64_t groups) {
    Device& device = input.device();
    if (device.autocast) {
        const Tensor b = in_float32(bias), w = in_float32(weight), x = in_float32(input);
        const AutocastOff off(device);
        return group_norm(x, w, b, groups);
    }
    const std::int64_t batch = input.size(0), channels = input.size(1);
    const bool last = is_channels_last(input);
    Tensor result = last ? empty_like(input) : empty(device, input.sizes(), input.dtype());
    Tensor mean = empty(device, {batch, groups}, input.dtype()), rstd = empty(device, {batch, groups}, input.dtype());
    {
        const Tensor x = last ? input : contiguous_copy(detached(input));
        const Tensor a = empty(device, {batch, channels}, DType::float32),
                     b = empty(device, {batch, channels}, DType::float32);
    }
    if (History history{"NativeGroupNormBackward0", {&input, &weight, &bias}}) {
        const Saved kept = history.save(input), kept_mean = history.save(mean), kept_rstd = history.save(rstd);
        const Saved kept_weight = history.save(weight);
        history.of(result, [kept, kept_weight, kept_mean, kept_rstd, batch, channels, groups](Incoming in) {
            const Tensor input = kept.unpack(), weight = kept_weight.unpack(), mean = kept_mean.unpack(),
                         rstd = kept_rstd.unpack();
            Device& on = input.device();
            const bool last = is_channels_last(input);
            const Tensor x = last ? input : contiguous_copy(input), grad = in_format_of(in.grad(), x);
            Tensor grad_input = in.needs(0) ? empty_like(x) : Tensor();
            Tensor grad_weight = in.needs(1) ? empty_like(weight) : Tensor();
            Tensor grad_bias =
                in.needs(2) ? empty(on, {channels}, weight.defined() ? weight.dtype() : x.dtype()) : Tensor();
            const Tensor ds = empty(on, {batch, channels}, DType::float32),
                         db = empty(on, {batch, channels}, DType::float32);
            if (in.needs(0)) {
                const Tensor c1 = empty(on, {batch, groups}, DType::float32),
                             c2 = empty(on, {batch, groups}, DType::float32);
                const Tensor c3 = weight.defined() && !last ? empty(on, {batch, channels}, DType::float32) : Tensor();
            }
            return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
        });
    }
    return result;
}

}  // namespace footprint::aten
