// Embedding. Source: aten/src/ATen/native/Embedding.cpp, cuda/Embedding.cu.
#include "kernels/kernels.hpp"

namespace footprint::aten {

Tensor embedding(const Tensor& weight, const Tensor& indices) {
    const Tensor flat =
        indices.is_contiguous() ? indices : clone(detached(indices), true);  // reshape(−1), for index_select
    Sizes sizes = indices.sizes();
    sizes.push_back(weight.size(1));
    Tensor result = empty(weight.device(), std::move(sizes), weight.dtype());
    if (History history{"EmbeddingBackward0", {&weight}})
        history.of(result, [indices = history.save(indices), table = weight.sizes()](Incoming in) {
            const Tensor at = indices.unpack();
            const Tensor grad = contiguous_copy(in.grad()), read = contiguous_copy(at);
            return Tensors{empty(grad.device(), table, grad.dtype())};
        });
    return result;
}

}  // namespace footprint::aten
