// Reshaping: which shapes are views of which tensors, and Flatten. Modules and functions share these.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "explain/term.hpp"
#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// The strides that make `shape` a view of the tensor, or nothing where only a copy can have it. Both have equally many
/// elements. PyTorch's own rule: ATen/TensorUtils.cpp, computeStride.
[[nodiscard]] std::optional<Strides> view_strides(const Tensor& tensor, const Shape& shape);

/// torch.reshape: a view where there is one, else a copy.
void reshaped(Call& call, const Tensor& tensor, Shape shape);

/// Sizes, of which one may be −1, made to hold `count` elements; nothing (said, on `field`) where they cannot.
[[nodiscard]] std::optional<Shape> resolved_sizes(Call& call, std::string_view field, const std::vector<Size>& sizes,
                                                  Integer count);

/// Merges dimensions start_dim … end_dim into one.
struct Flatten {
    explicit Flatten(std::int64_t start = 1) : start_dim(start) {}

    std::int64_t start_dim;
    std::int64_t end_dim = -1;

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>&) const {
        if (in.empty()) return {N(1)};
        const auto first = in.begin() + static_cast<std::ptrdiff_t>(start_dim);
        const auto last = in.begin() + static_cast<std::ptrdiff_t>(end_dim);
        for (auto at = first; at != last;) *first = *first * *++at;
        in.erase(first + 1, last + 1);
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);
};

}  // namespace footprint
