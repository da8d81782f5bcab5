// Padding modules of one to three dimensions. Source of shapes: torch.nn.ConstantPad2d and its siblings; of refusals:
// ATen/native/PadNd.cpp and ReflectionPad.cpp. Padding by nothing still copies.
#include <array>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"
#include "layers/outputs.hpp"

namespace footprint {
namespace {

constexpr About kPadding = {
    .help = "added before and after each dimension, the last dimension first; negative cuts off", .required = true};

/// Padding with a value, of the last dimensions of any input that has them.
struct ConstantPad {
    explicit ConstantPad(int spatial_dimensions) : rank(spatial_dimensions), padding(2 * rank, 0) {}

    int rank;
    Tuple padding;  // left, right, top, bottom, front, back

    void attributes(Fields& fields) { fields.tuple("padding", padding, kPadding); }

    /// What stands before (0) or after (1) spatial dimension i.
    [[nodiscard]] std::int64_t around(int i, int side) const { return padding[2 * (rank - 1 - i) + side]; }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        constexpr std::string_view kSides[] = {"p_left", "p_right", "p_top", "p_bottom", "p_front", "p_back"};
        const std::size_t first = in.size() - static_cast<std::size_t>(rank);
        for (int i = 0; i < rank; ++i) {
            N& length = in[first + static_cast<std::size_t>(i)];
            const int side = 2 * (rank - 1 - i);
            length = length + symbol(kSides[side], around(i, 0), "padding of this row") +
                     symbol(kSides[side + 1], around(i, 1), "padding of this row");
        }
        return in;
    }

    void infer(Call& call) const {
        if (static_cast<int>(call.shape().size()) < rank) {
            call.fail("wrong-rank", "padding",
                      call.row().op + " pads " + plain(rank) + " dimensions, but the input has " +
                          plain(static_cast<std::int64_t>(call.shape().size())) +
                          ": take a padding of fewer dimensions")
                .values = {{"dimensions", static_cast<std::int64_t>(call.shape().size())}, {"least", rank}};
        } else {
            cut_and_pad(call);
        }
    }

 protected:
    /// PyTorch cuts before it pads, so what is cut off must be there.
    void cut_and_pad(Call& call) const {
        for (int i = 0; i < rank; ++i) {
            const Integer length = call.shape()[call.shape().size() - static_cast<std::size_t>(rank - i)];
            const Integer cut = smaller(around(i, 0), 0) + smaller(around(i, 1), 0);
            if (!below(length + cut, 0)) continue;
            call.fail("empty-output", "padding",
                      "padding cuts " + plain((-cut).value()) + " off the " + std::string(axis_word(rank, i)) +
                          " of the input, which is " + plain(length.value()))
                .values = {{"cut", (-cut).value()}, {"input", length.value()}};
            return;
        }
        pad(call, 0);
    }

    void pad(Call& call, std::int64_t least) const {
        if (std::optional<Shape> shape = padded_shape(call, least)) output_in_format(call, std::move(*shape));
    }

    std::optional<Shape> padded_shape(Call& call, std::int64_t least) const {
        Shape shape = sizes(call.shape(), Symbols<Integer>{});
        const std::size_t unpadded = shape.size() - static_cast<std::size_t>(rank);
        const Shape padded(shape.begin() + static_cast<std::ptrdiff_t>(unpadded), shape.end());
        return check_sizes(call, "padding", padded, least) ? std::optional(std::move(shape)) : std::nullopt;
    }
};

struct ConstantPadWithValue : ConstantPad {
    using ConstantPad::ConstantPad;

    double value = 0;

    void attributes(Fields& fields) {
        ConstantPad::attributes(fields);
        fields.number("value", value, {.help = "what the padding holds", .required = true});
    }
};

/// Padding that repeats the input: (C, …) or (N, C, …) alone.
struct ReplicationPad : ConstantPad {
    using ConstantPad::ConstantPad;

    void infer(Call& call) const {
        if (check_rank(call, {rank + 1, rank + 2})) pad(call, 1);
    }

 protected:
    /// Each padding is at most the input's size less `short_by`.
    bool check_most(Call& call, std::int64_t short_by) const {
        for (int i = 0; i < rank; ++i) {
            const Integer length = call.shape()[call.shape().size() - static_cast<std::size_t>(rank - i)];
            for (int side = 0; side < 2; ++side) {
                const std::int64_t amount = around(i, side);
                if (amount <= length - short_by) continue;
                call.fail("out-of-range", "padding",
                          "padding is " + plain(amount) + ", but " + call.row().op + " can take at most " +
                              plain((length - short_by).value()) + " over the " + std::string(axis_word(rank, i)) +
                              " " + plain(length.value()) + " of the input")
                    .values = {{"padding", amount}, {"input", length.value()}};
                return false;
            }
        }
        return true;
    }
};

struct ReflectionPad : ReplicationPad {
    using ReplicationPad::ReplicationPad;

    void infer(Call& call) const {
        if (!check_rank(call, {rank + 1, rank + 2}) || !check_most(call, 1)) return;
        std::optional<Shape> shape = padded_shape(call, 1);
        if (!shape) return;
        if (rank == 2)
            call.output(std::move(*shape));  // contiguous, by PyTorch's CUDA kernel on fake tensors
        else
            output_in_format(call, std::move(*shape));
    }
};

struct CircularPad : ReplicationPad {
    using ReplicationPad::ReplicationPad;

    void infer(Call& call) const {
        if (!check_rank(call, {rank + 1, rank + 2}) || !check_most(call, 0)) return;
        if (std::optional<Shape> shape = padded_shape(call, 0))
            call.output(std::move(*shape));  // contiguous (_pad_circular)
    }
};

template <class T>
LayerType padding(std::string_view op, std::string_view summary) {
    return layer_type<T>(op, "padding", summary);
}

}  // namespace

LayerType ZeroPad1d_type() { return padding<Of<ConstantPad, 1>>("ZeroPad1d", "zeros around the last dimension"); }
LayerType ZeroPad2d_type() { return padding<Of<ConstantPad, 2>>("ZeroPad2d", "zeros around the last two dimensions"); }
LayerType ZeroPad3d_type() {
    return padding<Of<ConstantPad, 3>>("ZeroPad3d", "zeros around the last three dimensions");
}
LayerType ConstantPad1d_type() {
    return padding<Of<ConstantPadWithValue, 1>>("ConstantPad1d", "a value around the last dimension");
}
LayerType ConstantPad2d_type() {
    return padding<Of<ConstantPadWithValue, 2>>("ConstantPad2d", "a value around the last two dimensions");
}
LayerType ConstantPad3d_type() {
    return padding<Of<ConstantPadWithValue, 3>>("ConstantPad3d", "a value around the last three dimensions");
}
LayerType ReflectionPad1d_type() {
    return padding<Of<ReflectionPad, 1>>("ReflectionPad1d", "(N, C, L) mirrored at its ends");
}
LayerType ReflectionPad2d_type() {
    return padding<Of<ReflectionPad, 2>>("ReflectionPad2d", "(N, C, H, W) mirrored at its edges");
}
LayerType ReflectionPad3d_type() {
    return padding<Of<ReflectionPad, 3>>("ReflectionPad3d", "(N, C, D, H, W) mirrored at its faces");
}
LayerType ReplicationPad1d_type() {
    return padding<Of<ReplicationPad, 1>>("ReplicationPad1d", "(N, C, L) with its ends repeated");
}
LayerType ReplicationPad2d_type() {
    return padding<Of<ReplicationPad, 2>>("ReplicationPad2d", "(N, C, H, W) with its edges repeated");
}
LayerType ReplicationPad3d_type() {
    return padding<Of<ReplicationPad, 3>>("ReplicationPad3d", "(N, C, D, H, W) with its faces repeated");
}
LayerType CircularPad1d_type() {
    return padding<Of<CircularPad, 1>>("CircularPad1d", "(N, C, L) continued from its other end");
}
LayerType CircularPad2d_type() {
    return padding<Of<CircularPad, 2>>("CircularPad2d", "(N, C, H, W) continued from its other edges");
}
LayerType CircularPad3d_type() {
    return padding<Of<CircularPad, 3>>("CircularPad3d", "(N, C, D, H, W) continued from its other faces");
}

}  // namespace footprint
