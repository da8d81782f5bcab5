// Convolutions as functions: the weight is a tensor of its own, and its sizes are the kernel's. Sources:
// torch.nn.functional's conv2d and conv_transpose2d, "Shape".
#include "base/number.hpp"
#include "layers/arithmetic.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// What both have in common: a window whose kernel is read from the weight.
struct WeightedWindow : Sliding {
    using Sliding::Sliding;

    std::optional<std::vector<Size>> given_groups;
    std::int64_t groups = 1;
    Integer out_channels = 0;

    /// Weights that differ for each item of the batch are one grouped convolution of all of them.
    void groups_field(Fields& fields) {
        fields.sizes(
            "groups", given_groups,
            {.help = "blocks of channels that do not mix; may follow the batch", .least = 1, .otherwise = "1"});
    }

    /// The tensors fit one another; `in` and `out` say which sizes of the weight are channels.
    bool fits(Call& call, std::size_t in, std::size_t out) {
        if (!check_rank(call, {rank + 1, rank + 2}) || !check_floating(call)) return false;
        const Tensor* weight = required_tensor(call, "weight", 1, "its weight");
        if (weight == nullptr || !settle_groups(call)) return false;
        const auto spatial = at(rank);
        if (weight->rank() != spatial + 2) {
            call.fail("wrong-rank", "weight",
                      "weight is " + in_words(weight->shape) + ", but " + call.row().op + " needs " + plain(rank + 2) +
                          " dimensions: channels out and in, and the kernel's")
                .values = {{"dimensions", count_of(weight->rank())}, {"takes", rank + 2}};
            return false;
        }
        if (!check_same_dtype(call, "weight", *weight)) return false;
        for (int i = 0; i < rank; ++i) kernel_size.values[at(i)] = weight->shape[at(i) + 2].value();
        // Of a convolution's weight the channels in, of a transposed one's the channels out, are those of one group.
        const Integer channels = call.shape()[call.shape().size() - spatial - 1];
        const Integer wanted = in == 1 ? weight->shape[in] * groups : weight->shape[in];
        if (channels != wanted) {
            call.fail("shape-mismatch", "weight",
                      "weight is " + in_words(weight->shape) + (groups > 1 ? " in " + plain(groups) + " groups" : "") +
                          " and takes " + plain(wanted.value()) + " channels, but the input has " +
                          plain(channels.value()))
                .values = {{"weight", wanted.value()}, {"input", channels.value()}};
            return false;
        }
        if (!check_divisible(call, "groups", in == 1 ? "the number of channels out" : "the number of channels in",
                             weight->shape[0], groups))
            return false;
        out_channels = out == 1 ? weight->shape[out] * groups : weight->shape[out];
        if (weight->shape[0] < 1 || weight->shape[1] < 1) {
            call.fail("out-of-range", "weight",
                      "weight is " + in_words(weight->shape) + ", but needs at least one channel out and in")
                .values = {{"least", 1}};
            return false;
        }
        if (elements(weight->shape) == 0) {
            call.fail("out-of-range", "weight", "weight is " + in_words(weight->shape) + ", a kernel without elements")
                .values = {{"least", 1}};
            return false;
        }
        const Tensor* bias = tensor_under(call, "bias", 2);
        return bias == nullptr ||
               (check_same_dtype(call, "bias", *bias) && check_shape(call, "bias", "bias", *bias, {out_channels}));
    }

    bool settle_groups(Call& call) {
        if (!given_groups) return true;
        const std::optional<Shape> numbers = checked_sizes(call, "groups", *given_groups, 1);
        if (!numbers) return false;
        if (numbers->size() == 1) {
            groups = (*numbers)[0].value();
            return true;
        }
        call.fail("wrong-type", "groups", "groups is one number, not a list of " + plain(count_of(numbers->size())))
            .values = {{"numbers", count_of(numbers->size())}};
        return false;
    }

    void window_fields(Fields& fields) { fields.tuple("stride", stride, {.help = "step of the window", .least = 1}); }
};

struct Convolve : WeightedWindow {
    using WeightedWindow::WeightedWindow;

    std::string padding_word;

    void attributes(Fields& fields) {
        window_fields(fields);
        fields.tuple_or_word("padding", padding, padding_word, {"valid", "same"},
                             {.help = "added at both ends of each dimension", .least = 0});
        fields.tuple("dilation", dilation, {.help = "spacing of the kernel's elements", .least = 1});
        groups_field(fields);
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - at(rank);
        for (int i = 0; i < rank && padding_word != "same"; ++i) {
            N& length = in[first + at(i)];
            length = windows(length, window(i, symbol));
        }
        in[first - 1] = symbol("C_out", out_channels, "first size of the weight");
        return in;
    }

    void infer(Call& call) {
        if (!fits(call, 1, 0)) return;
        for (int i = 0; i < rank && padding_word == "same"; ++i) {
            if (stride[i] == 1) continue;
            Diagnostic& diagnostic =
                call.fail("out-of-range", "stride",
                          "padding \"same\" works with stride 1 alone, but stride is " + plain(stride[i]));
            diagnostic.values = {{"stride", stride[i]}};
            diagnostic.fixes = {{"stride", "1"}};
            return;
        }
        Shape shape = sizes(call.shape(), Symbols<Integer>{});
        if (has_room(call, shape)) call.output(std::move(shape));
    }

 private:
    /// The kernel is the weight's, so it is the weight that is too large.
    bool has_room(Call& call, const Shape& shape) const {
        for (int i = 0; i < rank; ++i) {
            const std::size_t axis = shape.size() - at(rank - i);
            if (!below(shape[axis], 1)) continue;
            const Integer reach = Integer(dilation[i]) * (kernel_size[i] - 1) + 1,
                          padded = call.shape()[axis] + 2 * Integer(padding[i]);
            call.fail("kernel-exceeds-input", "weight",
                      "the kernel reaches over " + plain(reach.value()) + ", but the " +
                          std::string(axis_word(rank, i)) + " of the input is " + plain(padded.value()) +
                          " with its padding: take a smaller weight or more padding")
                .values = {{"kernel", reach.value()}, {"input", padded.value()}};
            return false;
        }
        return true;
    }
};

struct ConvolveTransposed : WeightedWindow {
    explicit ConvolveTransposed(int spatial_dimensions) : WeightedWindow(spatial_dimensions), output_padding(rank, 0) {}

    Tuple output_padding;

    void attributes(Fields& fields) {
        window_fields(fields);
        fields.tuple("padding", padding, {.help = "taken off both ends of the output", .least = 0});
        fields.tuple("output_padding", output_padding, {.help = "added at one end of the output", .least = 0});
        groups_field(fields);
        fields.tuple("dilation", dilation, {.help = "spacing of the kernel's elements", .least = 1});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - at(rank);
        for (int i = 0; i < rank; ++i) {
            N& length = in[first + at(i)];
            length = transposed_length(length, window(i, symbol),
                                       symbol(on_axis("o", rank, i), output_padding[i], "output_padding of this row"));
        }
        in[first - 1] = symbol("C_out", out_channels, "second size of the weight, times groups");
        return in;
    }

    void infer(Call& call) {
        if (!fits(call, 0, 1)) return;
        for (int i = 0; i < rank; ++i) {
            if (output_padding[i] < stride[i] || output_padding[i] < dilation[i]) continue;
            call.fail("out-of-range", "output_padding",
                      "output_padding is " + plain(output_padding[i]) + ", but must be below the stride " +
                          plain(stride[i]) + " or the dilation " + plain(dilation[i]))
                .values = {{"output_padding", output_padding[i]}, {"stride", stride[i]}, {"dilation", dilation[i]}};
            return;
        }
        Shape shape = sizes(call.shape(), Symbols<Integer>{});
        if (check_sizes(call, "padding", shape, 1)) call.output(std::move(shape));
    }
};

template <class T>
LayerType convolution(std::string_view op, std::string_view summary) {
    return with_keywords(with(layer_type<T>(op, "convolution", summary), {1, 3}), kWeightAndBias);
}

}  // namespace

LayerType conv1d_type() { return convolution<Of<Convolve, 1>>("conv1d", "convolution over (N, C, L)"); }
LayerType conv2d_type() { return convolution<Of<Convolve, 2>>("conv2d", "convolution over (N, C, H, W)"); }
LayerType conv3d_type() { return convolution<Of<Convolve, 3>>("conv3d", "convolution over (N, C, D, H, W)"); }
LayerType conv_transpose1d_type() {
    return convolution<Of<ConvolveTransposed, 1>>("conv_transpose1d", "transposed convolution over (N, C, L)");
}
LayerType conv_transpose2d_type() {
    return convolution<Of<ConvolveTransposed, 2>>("conv_transpose2d", "transposed convolution over (N, C, H, W)");
}
LayerType conv_transpose3d_type() {
    return convolution<Of<ConvolveTransposed, 3>>("conv_transpose3d", "transposed convolution over (N, C, D, H, W)");
}

}  // namespace footprint
