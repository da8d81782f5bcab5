// Convolution. Sources: aten/src/ATen/native/Convolution.cpp (which backend), cudnn/ConvShared.cpp,
// cuda/DepthwiseConv2d.cu.
#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

/// Where cuDNN is taken to be faster in half precision (check_cudnn_depthwise_workload_with_filter).
bool cudnn_depthwise(const Tensor& input, const Tensor& weight, const ConvolutionArguments& arguments) {
    if (arguments.dilated || arguments.stride == 0 || input.size(1) < 32) return false;
    if (input.size(2) == 1 && arguments.stride == 1) return true;
    const std::int64_t filter = weight.size(3), width = input.size(3), channels = input.size(1);
    if (weight.size(2) != filter || (filter != 1 && filter != 3 && filter != 5) || width < 7) return false;
    if (arguments.stride == 1) return true;
    if (arguments.stride != 2) return false;
    if (input.size(0) == 1) return filter != 1 || width <= 28;
    if (filter == 1) return input.size(0) <= 16 && channels >= 128 && width <= 7;
    return channels >= 512 || (channels >= 256 && width >= 28);
}

/// A depthwise convolution goes to PyTorch's own kernel unless cuDNN is known to be faster (use_cudnn_depthwise).
bool is_native_depthwise(const Tensor& input, const Tensor& weight, const ConvolutionArguments& arguments) {
    if (arguments.transposed || input.dim() != 4 || arguments.groups == 1) return false;
    if (input.size(1) != arguments.groups || weight.size(0) % input.size(1) != 0) return false;
    return input.dtype() != DType::float16 || !cudnn_depthwise(input, weight, arguments);
}

/// What cuDNN's engine takes while it runs; only the library knows how much.
Storage cudnn_workspace(const Tensor& input, const Tensor& weight, const Sizes& output) {
    Device& device = input.device();
    const Within kind(device.kind, BlockKind::workspace);
    const Integer in = input.nbytes(), out = Integer(product(output)) * size_of(input.dtype());
    Integer bytes = 0;
    switch (device.workspaces) {
        case Workspaces::none:
            break;
        case Workspaces::larger:
            bytes = larger(in, out);
            break;
        case Workspaces::all:
            bytes = in + out + weight.nbytes();
            break;
        case Workspaces::given:
            bytes = device.cudnn_workspace;
            break;
    }
    return Storage(device, bytes);
}

Tensor in_format(const Tensor& tensor, bool last) {
    if (last)
        return tensor.is_contiguous_channels_last()
                   ? tensor
                   : empty_strided(tensor.device(), tensor.sizes(), channels_last(tensor.sizes()), tensor.dtype());
    return tensor.is_contiguous() ? tensor : clone(detached(tensor), true);
}

/// cudnn_conv_suggest_memory_format: channels last where the input or the weight is.
bool is_channels_last(const Tensor& tensor) { return !tensor.is_contiguous() && tensor.is_contiguous_channels_last(); }

}  // namespace

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias,
                   const ConvolutionArguments& arguments) {
    Device& device = input.device();
    if (device.autocast) {
        const Tensor b = in_lower_precision(bias), w = in_lower_precision(weight), x = in_lower_precision(input);
        const AutocastOff off(device);
        return convolution(x, w, b, arguments);
    }
    const bool last = is_channels_last(input) || is_channels_last(weight);
    const bool depthwise = !last && is_native_depthwise(input, weight, arguments);
    const auto made = [&] {
        const Tensor x = in_format(input, last);
        const Tensor w = in_format(weight, last);
        Tensor out =
            empty_strided(device, arguments.output,
                          last ? channels_last(arguments.output) : contiguous(arguments.output), input.dtype());
        if (!depthwise) const Storage taken = cudnn_workspace(x, w, arguments.output);
        return out;
    };
    Tensor result = made();
    if (History history{"ConvolutionBackward0", {&input, &weight, &bias}})
        history.of(result, [input = history.save(input), weight = history.save(weight), arguments, depthwise,
                            last](Incoming in) {
            const Tensor x = input.unpack(), w = weight.unpack();
            Device& on = x.device();
            Tensor grad_input, grad_weight, grad_bias;
            const auto make_bias = [&] {
                if (!in.needs(2)) return;
                const std::int64_t channels = in.grad().size(1);
                grad_bias = empty(on, {channels}, x.dtype());
                std::vector<bool> reduced(in.grad().sizes().size(), true);
                reduced[1] = false;
                reduction_staging(in.grad(), reduced);
            };
            if (depthwise) {
                const Tensor grad = in_format(in.grad(), false);
                if (in.needs(1)) grad_weight = empty(on, w.sizes(), w.dtype());
                if (in.needs(0)) grad_input = empty(on, x.sizes(), x.dtype());
                make_bias();
                return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
            }
            if (arguments.transposed) {  // one copy of the gradient for both
                const Tensor grad = in_format(in.grad(), last);
                if (in.needs(0)) {
                    grad_input = empty_strided(on, x.sizes(), last ? channels_last(x.sizes()) : contiguous(x.sizes()),
                                               x.dtype());
                    const Storage taken = cudnn_workspace(x, w, arguments.output);
                }
                if (in.needs(1)) {
                    grad_weight = empty_strided(on, w.sizes(), last ? channels_last(w.sizes()) : contiguous(w.sizes()),
                                                w.dtype());
                    const Storage taken = cudnn_workspace(x, w, arguments.output);
                }
            } else {
                if (in.needs(0)) {
                    grad_input = empty_strided(on, x.sizes(), last ? channels_last(x.sizes()) : contiguous(x.sizes()),
                                               x.dtype());
                    const Tensor w_read = in_format(w, last), grad = in_format(in.grad(), last);
                    const Storage taken = cudnn_workspace(x, w, arguments.output);
                }
                if (in.needs(1)) {
                    const Tensor grad = in_format(in.grad(), last), x_read = in_format(x, last);
                    grad_weight = empty_strided(on, w.sizes(), last ? channels_last(w.sizes()) : contiguous(w.sizes()),
                                                w.dtype());
                    const Storage taken = cudnn_workspace(x, w, arguments.output);
                }
            }
            make_bias();
            return Tensors{std::move(grad_input), std::move(grad_weight), std::move(grad_bias)};
        });
    return result;
}

}  // namespace footprint::aten
