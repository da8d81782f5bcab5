// The loss of a step, after the model's outputs: the names of `loss` in a document (docs/formats.md).
#pragma once

#include <string_view>

#include "kernels/kernels.hpp"

namespace footprint {

/// How the model hands out several outputs, which decides how cross entropy weighs them.
enum class Outputs : std::uint8_t { tensor, tuple, named_tuple, dictionary };

/// The loss as PyTorch computes it; undefined where there is nothing to compute it from. `marked` is the output that
/// the model itself calls its loss.
[[nodiscard]] aten::Tensor loss_of(std::string_view name, const aten::Tensors& out, Outputs kind,
                                   const aten::Tensor& target, const aten::Tensor& marked);

}  // namespace footprint
