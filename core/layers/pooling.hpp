// Max, average, power-average, adaptive and fractional pooling, and unpooling, of one to three dimensions; modules and
// functions share these. Source of shapes: torch.nn.MaxPool2d and its siblings, "Shape"; of refusals:
// ATen/native/Pool.h.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "layers/arithmetic.hpp"
#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// What pools with a sliding window have in common.
struct Pool : Sliding {
    using Sliding::Sliding;

    bool ceil_mode = false;

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - static_cast<std::size_t>(rank);
        for (int i = 0; i < rank; ++i) {
            N& length = in[first + static_cast<std::size_t>(i)];
            length = ceil_mode ? windows_rounded_up(length, window(i, symbol)) : windows(length, window(i, symbol));
        }
        return in;
    }

 protected:
    void kernel_and_stride(Fields& fields);
    /// Checks rank, stride, padding and room for the window; then the shape of the output, or nothing (said).
    std::optional<Shape> pooled(Call& call);
    /// The mean of each window, of a type of its own if one is given.
    void average(Call& call, DType type);
};

struct MaxPool : Pool {
    using Pool::Pool;

    bool return_indices = false;

    void attributes(Fields& fields);
    void infer(Call& call);
};

struct AvgPool : Pool {
    using Pool::Pool;

    bool count_include_pad = true;
    std::optional<std::int64_t> divisor_override;  // of two and three dimensions

    void attributes(Fields& fields);
    void infer(Call& call);
};

struct LPPool : Pool {
    using Pool::Pool;

    double norm_type = 0;

    void attributes(Fields& fields);
    void infer(Call& call);
};

/// Windows as large as needed for a wanted output size.
struct AdaptivePool {
    explicit AdaptivePool(int spatial_dimensions) : rank(spatial_dimensions), output_size(rank, 0) {}

    int rank;
    Tuple output_size;  // a member that is None keeps the input's size

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - static_cast<std::size_t>(rank);
        for (int i = 0; i < rank; ++i)
            if (output_size[i] != Tuple::kNone)
                in[first + static_cast<std::size_t>(i)] =
                    symbol(on_axis("O", rank, i), output_size[i], "output_size of this row");
        return in;
    }

 protected:
    void output_size_field(Fields& fields);
    bool fits(Call& call) const;
};

struct AdaptiveAvgPool : AdaptivePool {
    using AdaptivePool::AdaptivePool;

    void attributes(Fields& fields) { output_size_field(fields); }
    void infer(Call& call);
};

struct AdaptiveMaxPool : AdaptivePool {
    using AdaptivePool::AdaptivePool;

    bool return_indices = false;

    void attributes(Fields& fields);
    void infer(Call& call);
};

/// Windows at random places; either the output's size or its ratio to the input's is given.
struct FractionalMaxPool {
    explicit FractionalMaxPool(int spatial_dimensions)
        : rank(spatial_dimensions), kernel_size(rank, 0), output_size(rank, 0) {}

    int rank;
    Tuple kernel_size;
    Tuple output_size;
    std::optional<std::vector<double>> output_ratio;  // one, or one for each dimension
    bool return_indices = false;

    void attributes(Fields& fields);
    void infer(Call& call);
};

/// The inverse of a max pool: puts values back where its indices say. Inputs: values, indices.
struct MaxUnpool : Sliding {
    using Sliding::Sliding;

    std::optional<std::vector<Size>> output_size;  // an argument of the call; whole or spatial
    std::vector<std::int64_t> chosen;              // the spatial sizes it settles, if given

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - static_cast<std::size_t>(rank);
        for (int i = 0; i < rank; ++i) {
            N& length = in[first + static_cast<std::size_t>(i)];
            if (!chosen.empty()) {
                length = symbol(on_axis("O", rank, i), chosen[static_cast<std::size_t>(i)], "output_size of this row");
                continue;
            }
            const Window<N> w = window(i, symbol);
            length = (length - 1) * w.stride - 2 * w.padding + w.kernel;
        }
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);

 private:
    bool choose(Call& call);
};

}  // namespace footprint
