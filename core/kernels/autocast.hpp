// torch.autocast: which operands an operation casts. Its lists are those of aten/src/ATen/autocast_mode.h (CUDA).
// Operands are cast from the last to the first, as the compiled call evaluates them.
#pragma once

#include "kernels/tensor.hpp"

namespace footprint::aten {

/// While it lives the operation's own calls cast nothing more.
class AutocastOff {
 public:
    explicit AutocastOff(Device& device) : mode_(device.autocast, std::optional<DType>()) {}

 private:
    Within<std::optional<DType>> mode_;
};

/// A floating-point operand in the lower precision; parameters are cast once and kept until autocast is left.
[[nodiscard]] Tensor in_lower_precision(const Tensor& operand);
/// An operand of lower precision in float32.
[[nodiscard]] Tensor in_float32(const Tensor& operand);
[[nodiscard]] bool autocasts(const Tensor& operand);

}  // namespace footprint::aten
