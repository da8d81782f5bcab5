// Pooling with indices. Source: aten/src/ATen/native/cuda/DilatedMaxPool2d.cu, AdaptiveMaxPooling2d.cu.
#include "kernels/kernels.hpp"

namespace footprint::aten {

Tensor max_pool(std::string_view node, const Tensor& self, const Sizes& output, Tensor* returned) {
    const bool last = !self.is_contiguous() && self.is_contiguous_channels_last();
    Sizes strides = last ? channels_last(output) : contiguous(output);
    Tensor result = empty_strided(self.device(), output, strides, self.dtype());
    Tensor indices = empty_strided(self.device(), output, strides, DType::int64);
    { const Tensor x = last ? self : contiguous_copy(detached(self)); }
    if (History history{node, {&self}})
        history.of(result, [self = history.save(self), indices = history.save(indices)](Incoming in) {
            const Tensor input = self.unpack(), at = indices.unpack();
            const bool last = !input.is_contiguous() && input.is_contiguous_channels_last();
            Tensor grad_input = empty_like(input);
            const Tensor grad = last ? in.grad() : contiguous_copy(in.grad());
            const Tensor x = last ? input : contiguous_copy(input);
            return Tensors{std::move(grad_input)};
        });
    if (returned != nullptr) *returned = indices;
    return result;
}

Tensor max_unpool(const Tensor& self, const Tensor& indices, const Sizes& output) {
    Tensor result = empty(self.device(), output, self.dtype());
    if (History history{"MaxUnpool2DBackward0", {&self}})
        history.of(result, [indices = history.save(indices), whole = self.sizes()](Incoming in) {
            const Tensor at = indices.unpack();
            return Tensors{empty(in.grad().device(), whole, in.grad().dtype())};
        });
    return result;
}

}  // namespace footprint::aten
