// Changing the number of places: interpolation, shuffles between channels and places, and sliding blocks. Modules and
// functions share these. Sources: torch.nn.Upsample, PixelShuffle, Fold, Unfold, "Shape"; refusals from
// torch/nn/functional.py (interpolate) and ATen/native/im2col_shape_check.h.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.hpp"
#include "layers/arithmetic.hpp"
#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// length × factor as PyTorch computes it: in double precision, cut off.
[[nodiscard]] Integer scaled_length(Integer length, double factor);

/// The same as a rule: a product or a quotient where the factor is a whole number or one part of a whole.
template <class N>
N scaled(N length, double factor, std::string_view letter, int rank, int i, const Symbols<N>& symbol) {
    constexpr double kLargest = 1e6;
    const Integer exact = scaled_length(value_of(length), factor);
    if (factor >= 1 && factor < kLargest) {
        const N product =
            length * symbol(on_axis(letter, rank, i), static_cast<std::int64_t>(factor), "scale_factor of this row");
        if (value_of(product) == exact) return product;
    } else if (factor > 1 / kLargest && factor < 1) {
        const auto divisor = static_cast<std::int64_t>(std::llround(1 / factor));
        const N quotient =
            floor_divide(length, symbol(on_axis(letter, rank, i), divisor, "1 / scale_factor of this row"));
        if (1.0 / static_cast<double>(divisor) == factor && value_of(quotient) == exact) return quotient;
    }
    return symbol(on_axis("O", rank, i), exact,
                  "the input's size times scale_factor " + fixed(factor, 6) + ", rounded down");
}

/// torch.nn.functional.interpolate: either the size or the factor is given.
struct Interpolation {
    std::optional<std::vector<std::int64_t>> size;
    std::optional<std::vector<double>> scale_factor;
    std::string mode = "nearest";
    bool align_corners = false;           // None and false differ only in whether they may be given
    bool recompute_scale_factor = false;  // no effect on sizes

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const int rank = static_cast<int>(in.size()) - 2;
        for (int i = 0; i < rank; ++i) {
            const auto axis = static_cast<std::size_t>(i);
            N& length = in[axis + 2];
            if (size)
                length = symbol(on_axis("O", rank, i), size->size() == 1 ? size->front() : (*size)[axis],
                                "size of this row");
            else
                length = scaled(length, scale_factor->size() == 1 ? scale_factor->front() : (*scale_factor)[axis], "r",
                                rank, i, symbol);
        }
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);

 protected:
    void size_fields(Fields& fields);

 private:
    void wrong_count(Call& call, std::size_t given, std::size_t rank) const;
};

/// (*, C·r², H, W) becomes (*, C, H·r, W·r).
struct PixelShuffle {
    std::int64_t upscale_factor = 1;

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const N factor = symbol("r", upscale_factor, "upscale_factor of this row");
        const std::size_t rank = in.size();
        in[rank - 3] = floor_divide(in[rank - 3], factor * factor);
        in[rank - 2] = in[rank - 2] * factor;
        in[rank - 1] = in[rank - 1] * factor;
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);
};

/// The inverse of PixelShuffle.
struct PixelUnshuffle {
    std::int64_t downscale_factor = 1;

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const N factor = symbol("r", downscale_factor, "downscale_factor of this row");
        const std::size_t rank = in.size();
        in[rank - 3] = in[rank - 3] * factor * factor;
        in[rank - 2] = floor_divide(in[rank - 2], factor);
        in[rank - 1] = floor_divide(in[rank - 1], factor);
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);
};

struct ChannelShuffle {
    std::int64_t groups = 1;

    void attributes(Fields& fields);
    void infer(Call& call);
};

/// Every window as a column: (N, C, H, W) becomes (N, C·k_H·k_W, L).
struct Unfold : Sliding {
    Unfold() : Sliding(2) {}

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t channels = in.size() - 3;
        const Window<N> high = window(0, symbol), wide = window(1, symbol);
        const N places = windows(in[channels + 1], high) * windows(in[channels + 2], wide);
        in[channels] = in[channels] * high.kernel * wide.kernel;
        in[channels + 1] = places;
        in.pop_back();
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);
};

/// Adds columns back into places: (N, C·k_H·k_W, L) becomes (N, C, H, W).
struct Fold : Sliding {
    Fold() : Sliding(2), output_size(2, 0) {}

    Tuple output_size;

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t channels = in.size() - 2;
        in[channels] = floor_divide(in[channels], symbol("k_H", kernel_size[0], "kernel_size of this row") *
                                                      symbol("k_W", kernel_size[1], "kernel_size of this row"));
        in[channels + 1] = symbol("O_H", output_size[0], "output_size of this row");
        in.push_back(symbol("O_W", output_size[1], "output_size of this row"));
        return in;
    }

    void attributes(Fields& fields);
    void infer(Call& call);
};

}  // namespace footprint
