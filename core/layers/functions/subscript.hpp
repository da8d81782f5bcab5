// x[…]: what an index makes of a tensor, for getitem, which reads it, and setitem, which writes into it.
#pragma once

#include <optional>
#include <vector>

#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// Integers, slices and None make a view; after them, index tensors pick elements of some of its dimensions.
struct Subscript {
    Shape shape;      // of the view
    Strides strides;  // of the view
    struct Picked {
        std::size_t dimension;  // of the view; of a mask, the first it covers
        const Tensor* index;
    };
    std::vector<Picked> picks;

    /// A mask picks as many elements as are true in it, which no shape tells.
    [[nodiscard]] bool has_mask() const;
};

/// Applies an index to the first input; nothing if it does not fit (said).
std::optional<Subscript> subscript(Call& call, const std::vector<IndexItem>& index);

/// The shape of what the index picks; nothing if index tensors clash (said). Without masks.
std::optional<Shape> picked_shape(Call& call, const Subscript& subscript);
/// Strides of what a copy of the picked elements gets.
[[nodiscard]] Strides picked_strides(const Subscript& subscript, const Shape& shape);

}  // namespace footprint
