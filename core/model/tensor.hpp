// Tensor: what inference knows of a value in the graph. Storage and strides decide, as in PyTorch, what is a view, what
// a copy and what is written in place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/integer.hpp"
#include "base/small_vector.hpp"
#include "model/dtype.hpp"

namespace footprint {

using Shape = SmallVector<Integer, 6>;  // sizes, the batch included
using Strides = Shape;                  // in elements

struct Tensor {
    Shape shape;
    Strides strides;
    DType dtype = DType::float32;
    std::int32_t storage = -1;  // index into the graph's storages
    bool requires_grad = false;
    bool exists = true;  // false: an element of a tuple that is no tensor

    [[nodiscard]] std::size_t rank() const { return shape.size(); }
};

struct Storage {
    Integer bytes;
    std::int32_t row = -1;  // which row made it, from 0; -1: an input or a parameter
};

/// The product of the sizes; 1 for a tensor without dimensions.
[[nodiscard]] Integer elements(const Shape& shape);
[[nodiscard]] Strides contiguous_strides(const Shape& shape);
/// PyTorch's is_contiguous(): dimensions of size 1 may have any stride, and an empty tensor is contiguous.
[[nodiscard]] bool is_contiguous(const Tensor& tensor);
/// "2 × 3 × 224 × 224", for sentences.
[[nodiscard]] std::string in_words(const Shape& shape);

}  // namespace footprint
