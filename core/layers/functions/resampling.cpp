// Padding, resizing and rearranging of places as functions. Sources: torch.nn.functional's pad, interpolate,
// pixel_shuffle, unfold, grid_sample.
#include <algorithm>
#include <array>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"
#include "layers/resize.hpp"

namespace footprint {
namespace {

struct Pad {
    std::optional<std::vector<Size>> pad;
    std::string mode = "constant";
    std::optional<double> value;

    void attributes(Fields& fields) {
        fields.sizes("pad", pad,
                     {.help = "added before and after each dimension, the last dimension first; negative ones cut",
                      .required = true});
        fields.word("mode", mode, {"constant", "reflect", "replicate", "circular"}, {.help = "what the padding holds"});
        fields.number("value", value, {.help = "the constant", .nullable = true, .otherwise = "0"});
    }

    void infer(Call& call) const {
        const Shape& in = call.shape();
        const std::size_t padded = pad->size() / 2;
        if (pad->size() % 2 != 0) {
            call.fail("not-divisible", "pad",
                      "pad has " + plain(count_of(pad->size())) +
                          " members, but takes two for each dimension: one before, one after")
                .values = {{"members", count_of(pad->size())}, {"divisor", 2}};
            return;
        }
        if (!check_dimensions(call, padded)) return;
        if (mode != "constant" && value) {
            call.fail("unknown-attribute", "value", "value has no meaning with mode \"" + mode + "\": leave it out")
                .fixes = {{"value", ""}};
            return;
        }
        Shape shape = in;
        for (std::size_t i = 0; i < padded; ++i) {
            const std::size_t axis = in.size() - 1 - i;
            const Integer before = (*pad)[2 * i].at(call.batch()), after = (*pad)[2 * i + 1].at(call.batch());
            if (!check_amount(call, larger(before, after), in[axis], axis)) return;
            shape[axis] = in[axis] + before + after;
            const std::int64_t least = mode == "constant" || mode == "circular" ? 0 : 1;
            if (!below(shape[axis], least)) continue;
            call.fail("empty-output", "pad",
                      "dimension " + plain(count_of(axis)) + " would have size " + plain(shape[axis].value()) +
                          ": cut less off its " + plain(in[axis].value()))
                .values = {{"size", shape[axis].value()}, {"least", least}, {"input", in[axis].value()}};
            return;
        }
        Strides strides = strides_in(mode == "constant" ? format_of(call.input()) : MemoryFormat::contiguous, shape);
        call.output(std::move(shape));
        call.outputs_.back().strides = std::move(strides);
    }

 private:
    bool check_dimensions(Call& call, std::size_t padded) const {
        const std::size_t rank = call.shape().size();
        // Padding with values of the input leaves batch and channels alone; one of them may be missing.
        const bool fits = mode == "constant" ? padded <= rank
                                             : padded >= 1 && padded <= 3 && (rank == padded + 1 || rank == padded + 2);
        if (fits) return true;
        call.fail("wrong-rank", "pad",
                  "pad is for " + plain(count_of(padded)) + " dimensions, but the input has " + plain(count_of(rank)) +
                      (mode == "constant"
                           ? std::string()
                           : ", and mode \"" + mode + "\" pads all but the first one or two of up to five"))
            .values = {{"pad", count_of(padded)}, {"dimensions", count_of(rank)}};
        return false;
    }

    bool check_amount(Call& call, Integer amount, Integer length, std::size_t axis) const {
        if (mode == "replicate" && length == 0) {
            call.fail("empty-output", "pad",
                      "dimension " + plain(count_of(axis)) + " has size 0, so there is no edge to repeat")
                .values = {{"input", 0}, {"least", 1}};
            return false;
        }
        const bool fits = mode == "reflect" ? amount < length : mode != "circular" || amount <= length;
        if (fits) return true;
        call.fail("out-of-range", "pad",
                  "mode \"" + mode + "\" needs a padding " + (mode == "reflect" ? "below" : "of at most") +
                      " the input's size, but dimension " + plain(count_of(axis)) + " has size " +
                      plain(length.value()) + " and is padded by " + plain(amount.value()))
            .values = {{"padding", amount.value()}, {"input", length.value()}};
        return false;
    }
};

struct Interpolate : Interpolation {
    bool antialias = false;

    void attributes(Fields& fields) {
        Interpolation::attributes(fields);
        fields.boolean("antialias", antialias, {.help = "smooths what becomes smaller; bilinear and bicubic alone"});
    }
    void infer(Call& call) {
        if (antialias && mode != "bilinear" && mode != "bicubic") {
            call.fail("unknown-attribute", "antialias",
                      "antialias has no meaning with mode \"" + mode + "\": leave it out, or take bilinear or bicubic")
                .fixes = {{"antialias", ""}};
            return;
        }
        Interpolation::infer(call);
    }
};

/// Two functions of one name: Tensor.unfold, a view of windows along a dimension, and torch.nn.functional.unfold.
struct EitherUnfold {
    std::optional<std::int64_t> dimension, size, step;
    Unfold columns;

    void attributes(Fields& fields) {
        fields.integer("dimension", dimension,
                       {.help = "of a view of windows: the dimension they slide along; size and step go with it"});
        fields.integer("size", size, {.help = "length of a window along the dimension", .least = 0});
        fields.integer("step", step, {.help = "step of the window along the dimension", .least = 1});
        fields.tuple("kernel_size", columns.kernel_size, {.help = "of columns of blocks: size of a block", .least = 1});
        fields.tuple("dilation", columns.dilation, {.help = "spacing of a block's elements", .least = 1});
        fields.tuple("padding", columns.padding, {.help = "added at both ends", .least = 0});
        fields.tuple("stride", columns.stride, {.help = "step of the block", .least = 1});
    }

    void infer(Call& call) {
        const bool windows = dimension || size || step;
        if (windows && columns.kernel_size.given) {
            call.fail("unknown-attribute", "kernel_size",
                      "unfold takes either dimension, size and step (windows along a dimension) or kernel_size "
                      "(columns of blocks)")
                .fixes = {{"kernel_size", ""}};
        } else if (!windows && !columns.kernel_size.given) {
            call.fail("missing", "kernel_size",
                      "unfold needs kernel_size (columns of blocks), or dimension, size and step (windows along a "
                      "dimension)");
        } else if (windows) {
            slide(call);
        } else {
            columns.infer(call);
        }
    }

 private:
    void slide(Call& call) const {
        for (const auto& [name, value] :
             {std::pair{"dimension", &dimension}, std::pair{"size", &size}, std::pair{"step", &step}}) {
            if (*value) continue;
            call.fail("missing", name, std::string("unfold along a dimension needs ") + name);
            return;
        }
        std::int64_t dim = *dimension;
        if (!check_dimension(call, "dimension", dim, call.shape().size())) return;
        const bool scalar = call.shape().empty();
        const Integer length = scalar ? Integer(1) : call.shape()[at(dim)];
        if (*size > length) {
            call.fail("out-of-range", "size",
                      "a window of " + plain(*size) + " does not fit into dimension " + plain(dim) +
                          ", whose size is " + plain(length.value()))
                .values = {{"size", *size}, {"input", length.value()}};
            return;
        }
        Shape shape = call.shape();
        Strides strides = call.input().strides;
        shape.push_back(*size);
        strides.push_back(scalar ? Integer(1) : strides[at(dim)]);
        if (!scalar) {
            shape[at(dim)] = floor_divide(length - *size, *step) + 1;
            strides[at(dim)] *= *step;
        }
        call.view(call.input(), std::move(shape), std::move(strides));
    }
};

/// Values of (N, C, H, W) at the places of a grid (N, H', W', 2); of volumes likewise.
struct GridSample {
    std::string mode = "bilinear", padding_mode = "zeros";
    bool align_corners = false;

    void attributes(Fields& fields) {
        fields.word("mode", mode, {"bilinear", "nearest", "bicubic"}, {.help = "how values between places are made"});
        fields.word("padding_mode", padding_mode, {"zeros", "border", "reflection"}, {.help = "what lies outside"});
        fields.boolean("align_corners", align_corners,
                       {.help = "−1 and 1 are the middles of the corner elements, not their edges", .nullable = true});
    }
    void infer(Call& call) const {
        if (!check_rank(call, {4, 5}) || !check_floating(call) || !check_same_dtype(call, "inputs", call.input(1)))
            return;
        const Shape &in = call.shape(0), &grid = call.shape(1);
        const std::size_t spatial = in.size() - 2;
        if (!check_rank(call, {static_cast<int>(in.size())}, 1)) return;
        if (grid[0] != in[0] || grid.back() != count_of(spatial)) {
            call.fail("shape-mismatch", "inputs",
                      "the grid is " + in_words(grid) + ", but for " + in_words(in) + " it must begin with " +
                          plain(in[0].value()) + " and end with " + plain(count_of(spatial)))
                .values = {{"grid", in_words(grid)}, {"input", in_words(in)}};
            return;
        }
        for (std::size_t i = 2; i < in.size(); ++i) {
            if (in[i] > 0) continue;
            call.fail("shape-mismatch", "inputs",
                      "grid_sample finds no value in an input of " + in_words(in) +
                          ": every size after the channels must be at least 1")
                .values = {{"size", 0}, {"least", 1}};
            return;
        }
        Shape shape = {in[0], in[1]};
        shape.insert(shape.end(), grid.begin() + 1, grid.end() - 1);
        call.output(std::move(shape));
    }
};

/// The grid of an affine map: theta (N, 2, 3) and a size (N, C, H, W) give (N, H, W, 2).
struct AffineGrid {
    std::optional<std::vector<Size>> size;
    bool align_corners = false;

    void attributes(Fields& fields) {
        fields.sizes(
            "size", size,
            {.help = "the size that will be sampled: (N, C, H, W) or (N, C, D, H, W)", .least = 1, .required = true});
        fields.boolean("align_corners", align_corners,
                       {.help = "−1 and 1 are the middles of the corner elements, not their edges", .nullable = true});
    }
    void infer(Call& call) const {
        const std::optional<Shape> wanted = checked_sizes(call, "size", *size, 1);
        if (!wanted) return;
        if (wanted->size() != 4 && wanted->size() != 5) {
            call.fail("wrong-rank", "size",
                      "size has " + plain(count_of(wanted->size())) +
                          " members, but must be (N, C, H, W) or (N, C, D, H, W)")
                .values = {{"members", count_of(wanted->size())}};
            return;
        }
        const Integer spatial = count_of(wanted->size() - 2);
        if (!check_floating(call) ||
            !check_shape(call, "inputs", "theta", call.input(), {(*wanted)[0], spatial, spatial + 1}))
            return;
        Shape shape = {(*wanted)[0]};
        shape.insert(shape.end(), wanted->begin() + 2, wanted->end());
        shape.push_back(spatial);
        call.output(std::move(shape));
    }
};

template <class T>
LayerType resize(std::string_view op, std::string_view summary, Inputs inputs = {}) {
    return with(layer_type<T>(op, "resize", summary), inputs);
}

}  // namespace

LayerType pad_type() { return layer_type<Pad>("pad", "padding", "values added around any dimensions"); }
LayerType interpolate_type() { return resize<Interpolate>("interpolate", "(N, C, *) at another size"); }
LayerType pixel_shuffle_type() {
    return resize<PixelShuffle>("pixel_shuffle", "channels become places: (N, C·r², H, W) to (N, C, H·r, W·r)");
}
LayerType pixel_unshuffle_type() {
    return resize<PixelUnshuffle>("pixel_unshuffle", "places become channels: (N, C, H·r, W·r) to (N, C·r², H, W)");
}
LayerType channel_shuffle_type() { return resize<ChannelShuffle>("channel_shuffle", "channels mixed across groups"); }
LayerType unfold_type() {
    return resize<EitherUnfold>("unfold", "windows along a dimension, as a view; or blocks of (N, C, H, W) as columns");
}
LayerType fold_type() { return resize<Fold>("fold", "columns of blocks added up to (N, C, H, W)"); }
LayerType grid_sample_type() { return resize<GridSample>("grid_sample", "values at the places of a grid", {2, 2}); }
LayerType affine_grid_type() { return resize<AffineGrid>("affine_grid", "the grid of an affine map"); }

}  // namespace footprint
