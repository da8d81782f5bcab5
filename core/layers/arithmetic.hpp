// The arithmetic of sizes, each rule written once as a template over its number type: with Integer it computes, with
// Term it records the formula that the page shows. Sources are PyTorch's documentation ("Shape") and, where that rounds
// differently, its kernels.
#pragma once

#include <string>
#include <string_view>

#include "explain/term.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// A sliding window along one dimension.
template <class N>
struct Window {
    N kernel, stride, padding, dilation;
};

/// Positions of a window: torch.nn.Conv2d, "Shape".
template <class N>
N windows(N length, const Window<N>& window) {
    return floor_divide(length + 2 * window.padding - window.dilation * (window.kernel - 1) - 1, window.stride) + 1;
}

/// Positions with ceil_mode: a last window may hang over the end, but must start inside the input or its left padding
/// (ATen/native/Pool.h, pooling_output_shape_pad_lr).
template <class N>
N windows_rounded_up(N length, const Window<N>& window) {
    N count = ceil_divide(length + 2 * window.padding - window.dilation * (window.kernel - 1) - 1, window.stride) + 1;
    if (value_of((count - 1) * window.stride) >= value_of(length + window.padding)) count = count - 1;
    return count;
}

/// The length that a transposed convolution makes: torch.nn.ConvTranspose2d, "Shape".
template <class N>
N transposed_length(N length, const Window<N>& window, N output_padding) {
    return (length - 1) * window.stride - 2 * window.padding + window.dilation * (window.kernel - 1) + output_padding +
           1;
}

/// "H" and "W" for two spatial dimensions, "L" for one, "D", "H", "W" for three.
inline std::string_view axis_name(int spatial_dimensions, int i) {
    constexpr std::string_view kNames[] = {"D", "H", "W"};
    return spatial_dimensions == 1 ? "L" : kNames[3 - spatial_dimensions + i];
}

/// "k_H": a symbol for one dimension of an attribute.
inline std::string on_axis(std::string_view letter, int spatial_dimensions, int i) {
    std::string name(letter);
    if (spatial_dimensions > 1) name += "_" + std::string(axis_name(spatial_dimensions, i));
    return name;
}

/// "height": a dimension in a sentence.
inline std::string_view axis_word(int spatial_dimensions, int i) {
    constexpr std::string_view kWords[] = {"depth", "height", "width"};
    return spatial_dimensions == 1 ? "length" : kWords[3 - spatial_dimensions + i];
}

/// What convolutions, pools and unfolding have in common: a window that slides over the last dimensions.
struct Sliding {
    explicit Sliding(int spatial_dimensions)
        : rank(spatial_dimensions), kernel_size(rank, 0), stride(rank, 1), padding(rank, 0), dilation(rank, 1) {}

    template <class N>
    Window<N> window(int i, const Symbols<N>& symbol) const {
        return {symbol(on_axis("k", rank, i), kernel_size[i], "kernel_size of this row"),
                symbol(on_axis("s", rank, i), stride[i], "stride of this row"),
                symbol(on_axis("p", rank, i), padding[i], "padding of this row"),
                symbol(on_axis("d", rank, i), dilation[i], "dilation of this row")};
    }

    int rank;
    Tuple kernel_size, stride, padding, dilation;
};

/// A layer that exists for one to three spatial dimensions: `Of<MaxPool, 2>` is MaxPool2d.
template <class Layer, int Rank>
struct Of : Layer {
    Of() : Layer(Rank) {}
};

}  // namespace footprint
