#include "kernels/autocast.hpp"

#include "kernels/kernels.hpp"

namespace footprint::aten {

bool autocasts(const Tensor& operand) { return operand.defined() && operand.device().autocast.has_value(); }

Tensor in_lower_precision(const Tensor& operand) {
    if (!autocasts(operand)) return operand;
    Device& device = operand.device();
    const DType to_type = *device.autocast;
    const bool eligible =
        operand.dtype() == DType::float32 || operand.dtype() == DType::float16 || operand.dtype() == DType::bfloat16;
    if (!eligible || operand.dtype() == to_type) return operand;
    const bool cached =
        operand.dtype() == DType::float32 && device.grad_enabled && operand.impl()->is_leaf_requiring_grad;
    if (!cached) return to(operand, to_type);
    for (const auto& [leaf, cast] : device.autocast_cache)
        if (leaf == operand.impl()) return Tensor(cast.get());
    Tensor cast = to(operand, to_type);
    device.autocast_cache.emplace_back(operand.impl(), Ref<TensorImpl>(cast.impl()));
    return cast;
}

Tensor in_float32(const Tensor& operand) {
    if (!autocasts(operand)) return operand;
    if (operand.dtype() != DType::float16 && operand.dtype() != DType::bfloat16) return operand;
    return to(operand, DType::float32);
}

}  // namespace footprint::aten
