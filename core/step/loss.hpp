// The loss of a step, after the model's outputs: the names of `loss` in a document (docs/formats.md).
#pragma once

#include <string>
#include <string_view>

#include "kernels/kernels.hpp"

namespace footprint {

/// How the model hands out several outputs, which decides how cross entropy weighs them.
enum class Outputs : std::uint8_t { tensor, tuple, named_tuple, dictionary };

/// Why the loss cannot be made of these outputs, in one sentence; empty: it can.
[[nodiscard]] std::string trouble_with_loss(std::string_view name, const aten::Tensors& out);

/// The loss as PyTorch computes it, of outputs without trouble; undefined where there is none. `marked` is the output
/// that the model itself calls its loss.
[[nodiscard]] aten::Tensor loss_of(std::string_view name, const aten::Tensors& out, Outputs kind,
                                   const aten::Tensor& target, const aten::Tensor& marked);

}  // namespace footprint
