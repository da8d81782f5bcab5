// Strides: in which order PyTorch puts the elements of what it makes. They decide whether a later view, reshape or
// flatten copies.
#pragma once

#include <cstdint>
#include <span>

#include "model/tensor.hpp"

namespace footprint {

/// Each element has an address of its own and there are no gaps (c10, is_non_overlapping_and_dense).
[[nodiscard]] bool is_dense(const Tensor& tensor);

/// How the memory of a batch of images may lie. PyTorch reads it back from the strides (suggest_memory_format).
enum class MemoryFormat : std::uint8_t { contiguous, channels_last };
[[nodiscard]] MemoryFormat format_of(const Tensor& tensor);
/// Strides of a new tensor in that format; channels_last only for four or five dimensions.
[[nodiscard]] Strides strides_in(MemoryFormat format, const Shape& shape);
[[nodiscard]] bool is_contiguous_in(MemoryFormat format, const Tensor& tensor);

/// Strides of a copy that keeps its source's order of dimensions (torch.preserve_format).
[[nodiscard]] Strides preserved_strides(const Tensor& tensor);

/// Strides of a new tensor made element by element from operands that broadcast to `shape`
/// (ATen/TensorIterator.cpp, fast_set_up and reorder_dimensions).
[[nodiscard]] Strides elementwise_strides(const Shape& shape, std::span<const Tensor* const> operands);

}  // namespace footprint
