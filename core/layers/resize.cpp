#include "layers/resize.hpp"

#include "layers/checks.hpp"
#include "layers/layer.hpp"
#include "layers/outputs.hpp"

namespace footprint {

Integer scaled_length(Integer length, double factor) {
    constexpr double kMost = 9.2e18;
    const double product = static_cast<double>(length.value()) * factor;
    if (length.overflowed() || !(product < kMost && product > -kMost)) return Integer::overflow();
    return static_cast<std::int64_t>(product);
}

void Interpolation::size_fields(Fields& fields) {
    fields.integers("size", size,
                    {.help = "spatial size of the output; or give scale_factor", .least = 0, .nullable = true});
    fields.numbers("scale_factor", scale_factor, {.help = "output's size over the input's", .nullable = true});
}

void Interpolation::attributes(Fields& fields) {
    size_fields(fields);
    fields.word("mode", mode, {"nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"},
                {.help = "how values between places are made"});
    fields.boolean("align_corners", align_corners,
                   {.help = "lets the corners keep their values", .nullable = true, .otherwise = "null"});
    fields.boolean("recompute_scale_factor", recompute_scale_factor,
                   {.help = "interpolates by the sizes instead of the factor", .nullable = true, .otherwise = "null"});
}

void Interpolation::infer(Call& call) {
    if (size.has_value() == scale_factor.has_value()) {
        if (size)
            call.fail("unknown-attribute", "scale_factor", "size and scale_factor are both given: leave one out")
                .fixes = {{"scale_factor", ""}};
        else
            call.fail("missing", "size", call.row().op + " needs size or scale_factor: give one of them");
        return;
    }
    const bool linear = mode == "linear" || mode == "bilinear" || mode == "bicubic" || mode == "trilinear";
    if (const Value* given = call.row().attribute("align_corners"); given != nullptr && !given->is_null() && !linear) {
        call.fail("unknown-attribute", "align_corners",
                  "align_corners has no meaning with mode \"" + mode + "\": leave it out")
            .fixes = {{"align_corners", ""}};
        return;
    }
    if (size && recompute_scale_factor) {
        call.fail("unknown-attribute", "recompute_scale_factor",
                  "recompute_scale_factor has no meaning with a size: leave it out")
            .fixes = {{"recompute_scale_factor", ""}};
        return;
    }
    if (!check_rank(call, {3, 4, 5})) return;
    const std::size_t rank = call.shape().size() - 2;
    const std::size_t takes = mode == "linear" ? 1 : mode == "trilinear" ? 3 : 2;
    if (linear && takes != rank) {
        call.fail("wrong-rank", call.row().attribute("mode") != nullptr ? "mode" : "inputs",
                  "mode \"" + mode + "\" works on " + plain(static_cast<std::int64_t>(takes)) +
                      " dimensions after the channels, but the input is " + in_words(call.shape()) + ": " +
                      (rank == 1   ? "take \"linear\""
                       : rank == 2 ? "take \"bilinear\""
                                   : "take \"trilinear\""))
            .values = {{"dimensions", static_cast<std::int64_t>(rank)}, {"takes", static_cast<std::int64_t>(takes)}};
        return;
    }
    const std::size_t given = size ? size->size() : scale_factor->size();
    if (given != 1 && given != rank) return wrong_count(call, given, rank);
    // A list of one is a list to PyTorch, not a number for all dimensions.
    const Value* written = call.row().attribute(size ? "size" : "scale_factor");
    if (given != rank && written != nullptr && written->list() != nullptr) return wrong_count(call, given, rank);
    Shape shape = sizes(call.shape(), Symbols<Integer>{});
    // "area" is an adaptive pool: it may give nothing, and in three dimensions its output is contiguous.
    const bool area = mode == "area";
    if (!check_sizes(call, size ? "size" : "scale_factor", shape, area ? 0 : 1)) return;
    if (area && rank == 3)
        call.output(std::move(shape));
    else
        output_in_format(call, std::move(shape));
}

void Interpolation::wrong_count(Call& call, std::size_t given, std::size_t rank) const {
    const std::string_view field = size ? "size" : "scale_factor";
    call.fail("wrong-rank", field,
              std::string(field) + " has " + plain(static_cast<std::int64_t>(given)) + " members, but the input has " +
                  plain(static_cast<std::int64_t>(rank)) + " dimensions after the channels")
        .values = {{"members", static_cast<std::int64_t>(given)}, {"dimensions", static_cast<std::int64_t>(rank)}};
}

void PixelShuffle::attributes(Fields& fields) {
    fields.integer("upscale_factor", upscale_factor,
                   {.help = "how much larger height and width become", .least = 1, .required = true});
}

void PixelShuffle::infer(Call& call) {
    if (!check_least_rank(call, 3)) return;
    const Integer channels = call.shape()[call.shape().size() - 3];
    const Integer square = Integer(upscale_factor) * upscale_factor;
    if (square.overflowed() || channels.value() % square.value() != 0) {
        call.fail("not-divisible", "upscale_factor",
                  "the input has " + plain(channels.value()) + " channels, which is no multiple of upscale_factor² = " +
                      (square.overflowed() ? "more than 64 bits" : plain(square.value())))
            .values = {{"channels", channels.value()}, {"upscale_factor", upscale_factor}};
        return;
    }
    call.output(sizes(call.shape(), Symbols<Integer>{}));
}

void PixelUnshuffle::attributes(Fields& fields) {
    fields.integer("downscale_factor", downscale_factor,
                   {.help = "how much smaller height and width become", .least = 1, .required = true});
}

void PixelUnshuffle::infer(Call& call) {
    if (!check_least_rank(call, 3)) return;
    const std::size_t rank = call.shape().size();
    if (check_divisible(call, "downscale_factor", "height", call.shape()[rank - 2], downscale_factor) &&
        check_divisible(call, "downscale_factor", "width", call.shape()[rank - 1], downscale_factor))
        call.output(sizes(call.shape(), Symbols<Integer>{}));
}

void ChannelShuffle::attributes(Fields& fields) {
    fields.integer("groups", groups,
                   {.help = "groups of channels that are dealt out in turn", .least = 1, .required = true});
}

void ChannelShuffle::infer(Call& call) {
    if (check_least_rank(call, 3) && check_divisible(call, "groups", "channels", call.shape()[1], groups))
        call.output(call.shape());
}

void Unfold::attributes(Fields& fields) {
    fields.tuple("kernel_size", kernel_size, {.help = "size of the window", .least = 1, .required = true});
    fields.tuple("dilation", dilation, {.help = "spacing of the window's elements", .least = 1});
    fields.tuple("padding", padding, {.help = "zeros added at both ends of each dimension", .least = 0});
    fields.tuple("stride", stride, {.help = "step of the window", .least = 1});
}

void Unfold::infer(Call& call) {
    if (!check_rank(call, {3, 4})) return;
    const Symbols<Integer> symbols;
    const std::size_t dimensions = call.shape().size();
    const Integer positions[] = {windows(call.shape()[dimensions - 2], window(0, symbols)),
                                 windows(call.shape()[dimensions - 1], window(1, symbols))};
    if (check_windows(call, *this, positions)) call.output(sizes(call.shape(), symbols));
}

void Fold::attributes(Fields& fields) {
    fields.tuple("output_size", output_size, {.help = "height and width of the output", .least = 1, .required = true});
    fields.tuple("kernel_size", kernel_size, {.help = "size of the window", .least = 1, .required = true});
    fields.tuple("dilation", dilation, {.help = "spacing of the window's elements", .least = 1});
    fields.tuple("padding", padding, {.help = "taken off both ends of each dimension", .least = 0});
    fields.tuple("stride", stride, {.help = "step of the window", .least = 1});
}

void Fold::infer(Call& call) {
    if (!check_rank(call, {2, 3})) return;
    const Shape& shape = call.shape();
    const Integer column = Integer(kernel_size[0]) * kernel_size[1];
    const Integer rows = shape[shape.size() - 2];
    if (column.overflowed() || rows.value() % column.value() != 0) {
        call.fail("not-divisible", "kernel_size",
                  "the columns of the input hold " + plain(rows.value()) + " values, which is no multiple of the " +
                      (column.overflowed() ? "kernel" : plain(column.value()) + " places of the kernel"))
            .values = {{"values", rows.value()}, {"kernel", column.value()}};
        return;
    }
    const Symbols<Integer> symbols;
    const Integer places =
        windows(Integer(output_size[0]), window(0, symbols)) * windows(Integer(output_size[1]), window(1, symbols));
    if (shape.back() != places) {
        call.fail("shape-mismatch", "output_size",
                  "an output of this size has " + (places.overflowed() ? "too many" : plain(places.value())) +
                      " windows, but the input has " + plain(shape.back().value()) + " columns")
            .values = {{"windows", places.value()}, {"columns", shape.back().value()}};
        return;
    }
    call.output(sizes(shape, symbols));
}

namespace {

struct UpsamplingNearest2d : Interpolation {
    void attributes(Fields& fields) { size_fields(fields); }
};

struct UpsamplingBilinear2d : Interpolation {
    UpsamplingBilinear2d() { mode = "bilinear"; }
    void attributes(Fields& fields) { size_fields(fields); }
};

template <class T>
LayerType resize(std::string_view op, std::string_view summary) {
    return layer_type<T>(op, "resize", summary);
}

}  // namespace

LayerType Upsample_type() { return resize<Interpolation>("Upsample", "interpolates the places of (N, C, *)"); }
LayerType UpsamplingNearest2d_type() {
    return resize<UpsamplingNearest2d>("UpsamplingNearest2d", "repeats the places of (N, C, H, W)");
}
LayerType UpsamplingBilinear2d_type() {
    return resize<UpsamplingBilinear2d>("UpsamplingBilinear2d", "interpolates the places of (N, C, H, W) linearly");
}
LayerType PixelShuffle_type() {
    return resize<PixelShuffle>("PixelShuffle", "(N, C·r², H, W) becomes (N, C, H·r, W·r)");
}
LayerType PixelUnshuffle_type() {
    return resize<PixelUnshuffle>("PixelUnshuffle", "(N, C, H·r, W·r) becomes (N, C·r², H, W)");
}
LayerType ChannelShuffle_type() {
    return resize<ChannelShuffle>("ChannelShuffle", "deals the channels of (N, C, *) out in turn");
}
LayerType Fold_type() { return resize<Fold>("Fold", "adds columns (N, C·k², L) back into places (N, C, H, W)"); }
LayerType Unfold_type() { return resize<Unfold>("Unfold", "every window of (N, C, H, W) as a column (N, C·k², L)"); }

}  // namespace footprint
