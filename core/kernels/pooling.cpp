// Pooling with indices. Source: aten/src/ATen/native/cuda/DilatedMaxPool2d.cu, AdaptiveMaxPooling2d.cu.
#include "kernels/kernels.hpp"

namespace footprint::aten {

Tensor max_pool(std::string_view node, const Tensor& self, const Sizes& output, Tensor* returned) {
    const bool last = !self.is_contiguous() && self.is_contiguous_channels_last();
    const Tensor x = last ? self : contiguous_copy(detached(self));
    Sizes strides = last ? channels_last(output) : contiguous(output);
    Tensor result = empty_strided(self.device(), output, strides, self.dtype());
    Tensor indices = empty_strided(self.device(), output, strides, DType::int64);
    if (History history{node, {&self}})
        history.of(result, [self = history.save(self), indices = history.save(indices)](Incoming in) {
            const Tensor input = self.unpack(), at = indices.unpack();
            const bool last = !input.is_contiguous() && input.is_contiguous_channels_last();
            const Tensor grad = last ? in.grad() : contiguous_copy(in.grad());
            return Tensors{empty_like(input)};
        });
    if (returned != nullptr) *returned = indices;
    return result;
}

}  // namespace footprint::aten
