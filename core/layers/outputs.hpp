// Outputs whose memory lies as PyTorch's kernels leave it: images keep their channels last.
#pragma once

#include <optional>

#include "layers/call.hpp"

namespace footprint {

/// A new tensor with as many dimensions as the first input and in its memory format (suggest_memory_format): what
/// cuDNN's convolutions, pools, batch norm, interpolation and constant padding make.
void output_in_format(Call& call, Shape shape, std::optional<DType> dtype = std::nullopt);

/// The same for convolutions and pools, whose kernels of one spatial dimension take (N, C, L) for an image (N, C, 1,
/// L).
void output_as_image(Call& call, int spatial_dimensions, Shape shape, std::optional<DType> dtype = std::nullopt);

}  // namespace footprint
