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

/// cudnn_conv_suggest_memory_format: channels last where the input or the weight is.
bool in_channels_last(const Tensor& input, const Tensor& weight) {
    return input.dtype() != DType::float64 && (input.suggests_channels_last() || weight.suggests_channels_last());
}

/// Tensor cores multiply this type; float32 as TF32, which cuDNN may use unless told otherwise.
bool on_tensor_cores(DType dtype, std::int32_t compute_capability) {
    return compute_capability >= (dtype == DType::float16 ? 70 : 80);
}

/// What cuDNN's engine takes while it runs. Which engine runs, only the library knows; what each kind of engine needs
/// follows from the convolution (docs/decisions/010).
class CudnnEngine {
 public:
    CudnnEngine(const Tensor& input, const Tensor& weight, const ConvolutionArguments& arguments)
        : input_(input),
          weight_(weight),
          arguments_(arguments),
          in_(input.nbytes()),
          out_(Integer(product(arguments.output)) * size_of(input.dtype())) {}

    [[nodiscard]] Storage workspace() const {
        Device& device = input_.device();
        const Within kind(device.kind, BlockKind::workspace);
        const Within kernel(device.kernel, kCudnnConvolution);
        Storage taken(device, bytes(device));
        if (device.workspaces == Workspaces::high && taken.allocation >= 0)
            device.likely_workspaces.emplace_back(taken.allocation,
                                                  likely(device.properties.compute_capability).value());
        return taken;
    }

 private:
    [[nodiscard]] Integer bytes(const Device& device) const {
        switch (device.workspaces) {
            case Workspaces::none:
                return 0;
            case Workspaces::likely:
                return likely(device.properties.compute_capability);
            case Workspaces::high:
                return larger(likely(device.properties.compute_capability), larger(copies(), matrix()));
            case Workspaces::given:
                return device.cudnn_workspace;
        }
        return 0;
    }

    [[nodiscard]] Integer likely(std::int32_t compute_capability) const {
        if (winograd_applies()) return winograd();
        const bool last = in_channels_last(input_, weight_);
        return on_tensor_cores(input_.dtype(), compute_capability) && !last ? copies() : 0;
    }

    /// Tensor cores read channels last: all three tensors are laid out anew.
    [[nodiscard]] Integer copies() const { return in_ + out_ + weight_.nbytes(); }

    [[nodiscard]] bool winograd_applies() const {
        return input_.dtype() == DType::float32 && input_.dim() == 4 && weight_.size(2) == 3 && weight_.size(3) == 3 &&
               arguments_.stride == 1 && arguments_.groups == 1 && !arguments_.dilated;
    }

    /// F(4×4, 3×3): tiles of 6 × 6 for every 4 × 4 values of input and output, and for every 3 × 3 of the weight
    /// (Lavin and Gray, 2015), held between the three kernels that transform, multiply, and transform back.
    [[nodiscard]] Integer winograd() const {
        const Integer both = in_ + out_;
        return both * 2 + floor_divide(both, 4) + weight_.nbytes() * 4;
    }

    /// The input as the matrix that is multiplied: for each position all values under the kernel.
    [[nodiscard]] Integer matrix() const {
        const std::int64_t under_the_kernel = product(Sizes(weight_.sizes().begin() + 1, weight_.sizes().end()));
        if (under_the_kernel == weight_.size(1)) return 0;  // the input is that matrix
        const Sizes& positions = arguments_.transposed ? input_.sizes() : arguments_.output;
        Integer values = under_the_kernel;
        for (std::size_t dim = 0; dim < positions.size(); ++dim)
            if (dim != 1) values = values * positions[dim];
        return values * size_of(input_.dtype());
    }

    const Tensor& input_;
    const Tensor& weight_;
    const ConvolutionArguments& arguments_;
    Integer in_, out_;
};

/// A new tensor that lies as the kernels write it.
Tensor made_in_format(const Tensor& like, const Sizes& sizes, bool last) {
    return empty_strided(like.device(), sizes, last ? channels_last(sizes) : contiguous(sizes), like.dtype());
}

/// The tensor as the kernels read it.
Tensor in_format(const Tensor& tensor, bool last) {
    const bool lies_so = last ? tensor.is_contiguous_channels_last() : tensor.is_contiguous();
    return lies_so ? tensor : made_in_format(tensor, tensor.sizes(), last);
}

/// The gradients of cuDNN's convolution (cudnn_convolution_backward): the input is laid out for all of it before; the
/// gradient is too where it lies in the other format, else anew for each of the two.
void cudnn_backward(Incoming in, const Tensor& input, const Tensor& weight, const ConvolutionArguments& arguments,
                    bool last, Tensors& grads) {
    const Tensor x = in_format(input, last);
    const bool at_once = arguments.transposed || in.grad().suggests_channels_last() != last;
    const Tensor grad = at_once ? in_format(in.grad(), last) : in.grad();
    if (in.needs(0)) {
        grads[0] = made_in_format(x, x.sizes(), last);
        const Tensor w = in_format(weight, last), read = in_format(grad, last);
        const Storage taken = CudnnEngine(x, weight, arguments).workspace();
    }
    if (in.needs(1)) {
        const Tensor read = in_format(grad, last);
        grads[1] = made_in_format(weight, weight.sizes(), last);
        const Storage taken = CudnnEngine(x, weight, arguments).workspace();
    }
}

/// Those of PyTorch's own (conv_depthwise2d_backward_out, conv_depthwise2d_grad_weight_out).
void depthwise_backward(Incoming in, const Tensor& input, const Tensor& weight, Tensors& grads) {
    const Tensor grad = in_format(in.grad(), false);
    if (in.needs(1)) {
        const Tensor x = in_format(input, false);
        grads[1] = made_in_format(weight, weight.sizes(), false);
    }
    if (in.needs(0)) grads[0] = made_in_format(input, input.sizes(), false);
}

}  // namespace

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias,
                   const ConvolutionArguments& arguments) {
    Device& device = input.device();
    if (device.autocast) {
        const Tensor b = in_lower_precision(bias), w = in_lower_precision(weight), x = in_lower_precision(input);
        const AutocastOff off(device);
        return convolution(x, w, b, arguments);
    }
    const bool last = in_channels_last(input, weight);
    const bool depthwise = !last && is_native_depthwise(input, weight, arguments);
    const auto made = [&] {
        const Tensor x = in_format(input, last);
        Tensor out = made_in_format(input, arguments.output, last);
        const Tensor w = in_format(weight, last);
        if (!depthwise) const Storage taken = CudnnEngine(x, w, arguments).workspace();
        return out;
    };
    keeps_operands(device, input.requires_grad() || weight.requires_grad() ? 2 : 0);
    Tensor result = made();
    if (History history{"ConvolutionBackward0", {&input, &weight, &bias}})
        history.of(result, [input = history.save(input), weight = history.save(weight), arguments, depthwise,
                            last](Incoming in) {
            // One of a single dimension is seen as one of two, for which the input must be contiguous.
            const Tensor w = weight.unpack();
            const Tensor x = w.dim() == 3 ? in_format(input.unpack(), false) : input.unpack();
            Tensors grads(3);
            if (depthwise)
                depthwise_backward(in, x, w, grads);
            else
                cudnn_backward(in, x, w, arguments, last, grads);
            if (in.needs(2)) {
                grads[2] = empty(x.device(), {in.grad().size(1)}, x.dtype());
                std::vector<bool> reduced(in.grad().sizes().size(), true);
                reduced[1] = false;
                reduction_staging(in.grad(), reduced);
            }
            return grads;
        });
    return result;
}

}  // namespace footprint::aten
