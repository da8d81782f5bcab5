// Convolutions and transposed convolutions of one to three dimensions. Source of shapes: torch.nn.Conv2d and
// torch.nn.ConvTranspose2d, "Shape".
#include "base/number.hpp"
#include "layers/arithmetic.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"
#include "layers/outputs.hpp"

namespace footprint {
namespace {

constexpr std::string_view kOutChannels = "out_channels of this row";

/// What a convolution and a transposed one have in common.
struct Kernel : Sliding {
    using Sliding::Sliding;

    std::optional<std::int64_t> in_channels;
    std::int64_t out_channels = 0;
    std::int64_t groups = 1;
    bool bias = true;

    /// The weight is (first, second, kernel…). Its count reads as a person would say it: channels in, channels out,
    /// kernel.
    template <class N>
    void own(Owner<N>& owner, const Symbols<N>& symbol, std::int64_t first, std::int64_t second) const {
        N count = symbol("C_in", *in_channels, "channels of the input");
        if (groups > 1) count = floor_divide(count, symbol("g", groups, "groups of this row"));
        const N out = symbol("C_out", out_channels, kOutChannels);
        count = count * out;
        ShapeOf<N> shape = {N(first), N(second)};
        for (int i = 0; i < rank; ++i) {
            shape.push_back(N(kernel_size[i]));
            count = count * symbol(on_axis("k", rank, i), kernel_size[i], "kernel_size of this row");
        }
        owner.parameter("weight", std::move(shape), count);
        if (bias) owner.parameter("bias", {out});
    }

    /// The input's rank and type, its channels and the groups agree with the row.
    bool fits(Call& call) {
        if (!check_rank(call, {rank + 1, rank + 2}) || !check_parameter_dtype(call)) return false;
        const Integer channels = call.shape()[call.shape().size() - static_cast<std::size_t>(rank) - 1];
        if (!call.settle("in_channels", in_channels, channels, "the number of channels of the input")) return false;
        const bool in = check_divisible(call, "groups", "in_channels", *in_channels, groups);
        const bool out = check_divisible(call, "groups", "out_channels", out_channels, groups);
        return in && out;
    }
};

struct Convolution : Kernel {
    using Kernel::Kernel;

    std::string padding_word;  // "valid", "same", or empty: numbers
    std::string padding_mode = "zeros";

    void attributes(Fields& fields) {
        fields.integer("in_channels", in_channels, {.help = "channels of the input", .least = 1, .inferred = true});
        fields.integer("out_channels", out_channels,
                       {.help = "channels of the output, one filter each", .least = 1, .required = true});
        fields.tuple("kernel_size", kernel_size, {.help = "size of the window", .least = 1, .required = true});
        fields.tuple("stride", stride, {.help = "step of the window", .least = 1});
        fields.tuple_or_word("padding", padding, padding_word, {"valid", "same"},
                             {.help = "added at both ends of each dimension", .least = 0});
        fields.tuple("dilation", dilation, {.help = "spacing of the kernel's elements", .least = 1});
        fields.integer("groups", groups, {.help = "blocks of channels that do not mix", .least = 1});
        fields.boolean("bias", bias, {.help = "adds one learned number per output channel"});
        fields.word("padding_mode", padding_mode, {"zeros", "reflect", "replicate", "circular"},
                    {.help = "what the padding holds"});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - static_cast<std::size_t>(rank);
        for (int i = 0; i < rank && padding_word != "same"; ++i) {
            N& length = in[first + static_cast<std::size_t>(i)];
            length = windows(length, window(i, symbol));
        }
        in[first - 1] = symbol("C_out", out_channels, kOutChannels);
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        own(owner, symbol, out_channels, *in_channels / groups);
    }

    void infer(Call& call) {
        if (!fits(call) || !check_same(call) || !check_padding_mode(call)) return;
        Shape shape = sizes(call.shape(), Symbols<Integer>{});
        if (!check_windows(call, *this, std::span(shape).last(static_cast<std::size_t>(rank)))) return;
        own_parameters(*this, call);
        if (rank == 1) return call.output(std::move(shape));  // contiguous, by PyTorch's CPU and meta kernels
        output_as_image(call, rank, std::move(shape));
    }

 private:
    bool check_same(Call& call) const {
        for (int i = 0; i < rank && padding_word == "same"; ++i) {
            if (stride[i] == 1) continue;
            Diagnostic& diagnostic =
                call.fail("out-of-range", "padding",
                          "padding \"same\" works with stride 1 alone, but stride is " + plain(stride[i]));
            diagnostic.values = {{"stride", stride[i]}};
            diagnostic.fixes = {{"stride", "1"}};
            return false;
        }
        return true;
    }

    /// Reflection needs an input longer than the padding, a circle one at least as long (torch.nn.functional.pad).
    bool check_padding_mode(Call& call) const {
        if (padding_mode != "reflect" && padding_mode != "circular") return true;
        const bool reflect = padding_mode == "reflect";
        for (int i = 0; i < rank; ++i) {
            const Integer length = call.shape()[call.shape().size() - static_cast<std::size_t>(rank - i)];
            const Integer pad = padding_word == "same" ? ceil_divide(Integer(dilation[i]) * (kernel_size[i] - 1), 2)
                                                       : Integer(padding[i]);
            if (pad.overflowed() || (reflect ? pad < length || pad == 0 : pad <= length)) continue;
            call.fail("out-of-range", "padding",
                      "padding_mode \"" + padding_mode + "\" needs a padding " + (reflect ? "below" : "of at most") +
                          " the " + std::string(axis_word(rank, i)) + " of the input, " + plain(length.value()) +
                          ", but it is " + plain(pad.value()))
                .values = {{"padding", pad.value()}, {"input", length.value()}};
            return false;
        }
        return true;
    }
};

struct TransposedConvolution : Kernel {
    explicit TransposedConvolution(int spatial_dimensions) : Kernel(spatial_dimensions), output_padding(rank, 0) {}

    Tuple output_padding;
    std::string padding_mode = "zeros";
    std::optional<std::vector<Size>> output_size;  // an argument of the call; whole or spatial

    void attributes(Fields& fields) {
        fields.integer("in_channels", in_channels, {.help = "channels of the input", .least = 1, .inferred = true});
        fields.integer("out_channels", out_channels, {.help = "channels of the output", .least = 1, .required = true});
        fields.tuple("kernel_size", kernel_size, {.help = "size of the window", .least = 1, .required = true});
        fields.tuple("stride", stride, {.help = "step of the window over the output", .least = 1});
        fields.tuple("padding", padding, {.help = "taken off both ends of the output", .least = 0});
        fields.tuple("output_padding", output_padding, {.help = "added at one end of the output", .least = 0});
        fields.integer("groups", groups, {.help = "blocks of channels that do not mix", .least = 1});
        fields.boolean("bias", bias, {.help = "adds one learned number per output channel"});
        fields.tuple("dilation", dilation, {.help = "spacing of the kernel's elements", .least = 1});
        fields.word("padding_mode", padding_mode, {"zeros"}, {.help = "what the padding holds"});
        fields.sizes("output_size", output_size,
                     {.help = "of the call: the output's size, in place of output_padding", .nullable = true});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        const std::size_t first = in.size() - static_cast<std::size_t>(rank);
        for (int i = 0; i < rank; ++i) {
            N& length = in[first + static_cast<std::size_t>(i)];
            length = transposed_length(length, window(i, symbol),
                                       symbol(on_axis("o", rank, i), output_padding[i], "output_padding of this row"));
        }
        in[first - 1] = symbol("C_out", out_channels, kOutChannels);
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        own(owner, symbol, *in_channels, out_channels / groups);
    }

    void infer(Call& call) {
        if (!fits(call) || !(output_size ? settle_output_padding(call) : check_output_padding(call))) return;
        Shape shape = sizes(call.shape(), Symbols<Integer>{});
        if (!check_sizes(call, "padding", shape, 1)) return;
        own_parameters(*this, call);
        output_as_image(call, rank, std::move(shape));
    }

 private:
    /// output_size settles output_padding, which may be from 0 to below the stride (torch/nn/modules/conv.py,
    /// _output_padding).
    bool settle_output_padding(Call& call) {
        const auto spatial = static_cast<std::size_t>(rank);
        const std::size_t given = output_size->size(), whole = call.shape().size();
        if (given != spatial && given != whole) {
            call.fail("wrong-rank", "output_size",
                      "output_size has " + plain(static_cast<std::int64_t>(given)) + " sizes, but must have " +
                          plain(rank) + " or " + plain(static_cast<std::int64_t>(whole)))
                .values = {{"sizes", static_cast<std::int64_t>(given)}, {"dimensions", rank}};
            return false;
        }
        output_padding.values.fill(0);
        const Shape least = sizes(call.shape(), Symbols<Integer>{});
        for (int i = 0; i < rank; ++i) {
            const auto axis = static_cast<std::size_t>(i);
            const Integer wanted = (*output_size)[given - spatial + axis].at(call.batch());
            const Integer extra = wanted - least[whole - spatial + axis];
            if (!extra.overflowed() && extra >= 0 && extra < stride[i]) {
                output_padding.values[axis] = extra.value();
                continue;
            }
            const Integer smallest = least[whole - spatial + axis];
            call.fail("out-of-range", "output_size",
                      "the " + std::string(axis_word(rank, i)) + " of output_size is " + plain(wanted.value()) +
                          ", but can be from " + plain(smallest.value()) + " to " +
                          plain((smallest + stride[i] - 1).value()))
                .values = {{"output_size", wanted.value()},
                           {"least", smallest.value()},
                           {"most", (smallest + stride[i] - 1).value()}};
            return false;
        }
        return true;
    }

    bool check_output_padding(Call& call) const {
        for (int i = 0; i < rank; ++i) {
            if (output_padding[i] < stride[i] || output_padding[i] < dilation[i]) continue;
            call.fail("out-of-range", "output_padding",
                      "output_padding is " + plain(output_padding[i]) + ", but must be below the stride " +
                          plain(stride[i]) + " or the dilation " + plain(dilation[i]))
                .values = {{"output_padding", output_padding[i]}, {"stride", stride[i]}, {"dilation", dilation[i]}};
            return false;
        }
        return true;
    }
};

template <class T>
LayerType convolution(std::string_view op, std::string_view summary) {
    return with_keywords(layer_type<T>(op, "convolution", summary), kWeightAndBias);
}

}  // namespace

LayerType Conv1d_type() { return convolution<Of<Convolution, 1>>("Conv1d", "convolution over (N, C, L)"); }
LayerType Conv2d_type() { return convolution<Of<Convolution, 2>>("Conv2d", "convolution over (N, C, H, W)"); }
LayerType Conv3d_type() { return convolution<Of<Convolution, 3>>("Conv3d", "convolution over (N, C, D, H, W)"); }
LayerType ConvTranspose1d_type() {
    return convolution<Of<TransposedConvolution, 1>>("ConvTranspose1d", "transposed convolution over (N, C, L)");
}
LayerType ConvTranspose2d_type() {
    return convolution<Of<TransposedConvolution, 2>>("ConvTranspose2d", "transposed convolution over (N, C, H, W)");
}
LayerType ConvTranspose3d_type() {
    return convolution<Of<TransposedConvolution, 3>>("ConvTranspose3d", "transposed convolution over (N, C, D, H, W)");
}

}  // namespace footprint
