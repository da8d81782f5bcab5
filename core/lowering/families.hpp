// The families of lowerings, each a file: what PyTorch runs for every operation of the catalogue.
#pragma once

#include <vector>

#include "lowering/row_run.hpp"

namespace footprint {

[[nodiscard]] std::vector<Lowered> pointwise_lowerings();
[[nodiscard]] std::vector<Lowered> shape_lowerings();
[[nodiscard]] std::vector<Lowered> reduction_lowerings();
[[nodiscard]] std::vector<Lowered> matrix_lowerings();  // linear maps, convolution, embedding
[[nodiscard]] std::vector<Lowered> einsum_lowerings();
[[nodiscard]] std::vector<Lowered> normalization_lowerings();
[[nodiscard]] std::vector<Lowered> window_lowerings();  // pools, padding, resampling
[[nodiscard]] std::vector<Lowered> attention_lowerings();
[[nodiscard]] std::vector<Lowered> recurrent_lowerings();
[[nodiscard]] std::vector<Lowered> loss_lowerings();

}  // namespace footprint
