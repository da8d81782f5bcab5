// Views: the same memory under other sizes and strides, and reshape and flatten, which copy where no strides would do.
// Sources: torch.Tensor.view, torch.reshape and their siblings; what is a view: ATen/native/TensorShape.cpp.
#include <algorithm>
#include <numeric>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/layer.hpp"
#include "layers/reshaping.hpp"

namespace footprint {
namespace {

/// The shape that `sizes` make of `count` elements, with −1 replaced; nothing if none fits (said).
std::optional<Shape> shape_of(Call& call, std::string_view field, const std::vector<Size>& sizes, Integer count) {
    const auto is = [&](std::int64_t number) {
        return [number, batch = call.batch()](const Size& size) { return size.at(batch) == number; };
    };
    if (std::any_of(sizes.begin(), sizes.end(), is(-1)) && std::any_of(sizes.begin(), sizes.end(), is(0))) {
        call.fail("out-of-range", field, "−1 could be any size beside a size of 0: write the size");
        return std::nullopt;
    }
    return resolved_sizes(call, field, sizes, count);
}

/// A view, or why there can be none.
void view_or_fail(Call& call, std::string_view field, Shape shape) {
    if (std::optional<Strides> strides = view_strides(call.input(), shape)) {
        call.view(call.input(), std::move(shape), std::move(*strides));
        return;
    }
    Diagnostic& diagnostic = call.fail(
        "not-a-view", field,
        "the input lies in memory so that " + in_words(shape) + " cannot be a view of it (it was transposed, " +
            "permuted or sliced): use reshape, which copies, or put contiguous before it");
    diagnostic.values = {{"input", in_words(call.shape())}, {"shape", in_words(shape)}};
    if (call.row().op == "view") diagnostic.fixes = {{"op", "\"reshape\""}};
}

/// A view with its dimensions in another order.
void reordered(Call& call, const std::vector<std::size_t>& order) {
    Shape shape;
    Strides strides;
    for (const std::size_t dimension : order) {
        shape.push_back(call.shape()[dimension]);
        strides.push_back(call.input().strides[dimension]);
    }
    call.view(call.input(), std::move(shape), std::move(strides));
}

std::vector<std::size_t> in_order(std::size_t rank) {
    std::vector<std::size_t> order(rank);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

/// Any sizes and strides over the input's memory: chunks that overlap.
struct AsStrided {
    std::optional<std::vector<Size>> size, stride;
    std::optional<std::int64_t> storage_offset;

    void attributes(Fields& fields) {
        fields.sizes("size", size, {.help = "sizes of the view", .least = 0, .required = true});
        fields.sizes("stride", stride, {.help = "elements from one index to the next", .least = 0, .required = true});
        fields.integer("storage_offset", storage_offset,
                       {.help = "elements before the first", .least = 0, .nullable = true, .otherwise = "the input's"});
    }
    void infer(Call& call) const {
        std::optional<Shape> sizes = checked_sizes(call, "size", *size, 0);
        std::optional<Shape> strides = checked_sizes(call, "stride", *stride, 0);
        if (!sizes || !strides) return;
        if (sizes->size() != strides->size()) {
            call.fail("shape-mismatch", "stride",
                      "there are " + plain(count_of(strides->size())) + " strides for " +
                          plain(count_of(sizes->size())) + " sizes")
                .values = {{"sizes", count_of(sizes->size())}, {"strides", count_of(strides->size())}};
            return;
        }
        call.view(call.input(), std::move(*sizes), std::move(*strides));
    }
};

struct Reshape {
    std::optional<std::vector<Size>> shape;

    void attributes(Fields& fields) {
        fields.sizes("shape", shape,
                     {.help = "sizes of the result; −1: what is left over", .least = -1, .required = true});
    }
    void infer(Call& call) const {
        if (std::optional<Shape> wanted = shape_of(call, "shape", *shape, elements(call.shape())))
            reshaped(call, call.input(), std::move(*wanted));
    }
};

struct View : Reshape {
    void infer(Call& call) const {
        if (std::optional<Shape> wanted = shape_of(call, "shape", *shape, elements(call.shape())))
            view_or_fail(call, "shape", std::move(*wanted));
    }
};

bool check_as_many(Call& call) {
    const Integer mine = elements(call.shape()), wanted = elements(call.shape(1));
    if (mine == wanted) return true;
    call.fail("shape-mismatch", "inputs",
              "its inputs are " + in_words(call.shape()) + " and " + in_words(call.shape(1)) +
                  ", which do not hold equally many elements")
        .values = {{"elements", mine.value()}, {"other", wanted.value()}};
    return false;
}

struct ReshapeAs : NoAttributes {
    void infer(Call& call) const {
        if (check_as_many(call)) reshaped(call, call.input(), call.shape(1));
    }
};

struct ViewAs : NoAttributes {
    void infer(Call& call) const {
        if (check_as_many(call)) view_or_fail(call, "inputs", call.shape(1));
    }
};

/// Unlike the module, from the batch on.
struct FlattenAll : Flatten {
    FlattenAll() : Flatten(0) {}
};

struct UnflattenInto {
    std::int64_t dim = 0;
    std::optional<std::vector<Size>> sizes_;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is split", .required = true});
        fields.sizes("sizes", sizes_,
                     {.help = "what it becomes; −1: what is left over", .least = -1, .required = true});
    }
    void infer(Call& call) {
        if (!check_least_rank(call, 1) || !check_dimension(call, "dim", dim, call.shape().size())) return;
        if (sizes_->empty()) {
            call.fail("out-of-range", "sizes", "sizes is empty, but the dimension must become at least one");
            return;
        }
        const std::optional<Shape> parts = shape_of(call, "sizes", *sizes_, call.shape()[at(dim)]);
        if (!parts) return;
        Shape shape = call.shape();
        const auto place = shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(dim));
        shape.insert(place, parts->begin(), parts->end());
        view_or_fail(call, "sizes", std::move(shape));
    }
};

struct Permute {
    std::optional<std::vector<std::int64_t>> dims;

    void attributes(Fields& fields) {
        fields.integers("dims", dims, {.help = "the input's dimensions in their new order", .required = true});
    }
    void infer(Call& call) const {
        const std::optional<std::vector<std::size_t>> order =
            checked_dimensions(call, "dims", *dims, call.shape().size());
        if (!order) return;
        if (order->size() == call.shape().size()) return reordered(call, *order);
        call.fail("wrong-rank", "dims",
                  "dims names " + plain(count_of(order->size())) + " dimensions, but the input has " +
                      plain(count_of(call.shape().size())) + ": name each once")
            .values = {{"dims", count_of(order->size())}, {"dimensions", count_of(call.shape().size())}};
    }
};

void exchange(Call& call, std::string_view first_field, std::int64_t first, std::string_view second_field,
              std::int64_t second) {
    const std::size_t rank = call.shape().size();
    if (!check_dimension(call, first_field, first, rank) || !check_dimension(call, second_field, second, rank)) return;
    std::vector<std::size_t> order = in_order(rank);
    if (rank > 0) std::swap(order[at(first)], order[at(second)]);
    reordered(call, order);
}

struct Transpose {
    std::int64_t dim0 = 0, dim1 = 0;

    void attributes(Fields& fields) {
        fields.integer("dim0", dim0, {.help = "one of the two dimensions exchanged", .required = true});
        fields.integer("dim1", dim1, {.help = "the other", .required = true});
    }
    void infer(Call& call) const { exchange(call, "dim0", dim0, "dim1", dim1); }
};

struct SwapAxes {
    std::int64_t axis0 = 0, axis1 = 0;

    void attributes(Fields& fields) {
        fields.integer("axis0", axis0, {.help = "one of the two dimensions exchanged", .required = true});
        fields.integer("axis1", axis1, {.help = "the other", .required = true});
    }
    void infer(Call& call) const { exchange(call, "axis0", axis0, "axis1", axis1); }
};

/// The transpose of a matrix; of fewer dimensions, a view of the tensor as it is.
struct MatrixTranspose : NoAttributes {
    void infer(Call& call) const {
        if (!check_rank(call, {0, 1, 2})) return;
        std::vector<std::size_t> order = in_order(call.shape().size());
        std::reverse(order.begin(), order.end());
        reordered(call, order);
    }
};

struct MoveDim {
    std::optional<std::vector<std::int64_t>> source, destination;

    void attributes(Fields& fields) {
        fields.integers("source", source, {.help = "dimensions that move", .required = true});
        fields.integers("destination", destination, {.help = "where they go", .required = true});
    }
    void infer(Call& call) const {
        const std::size_t rank = call.shape().size();
        const auto from = checked_dimensions(call, "source", *source, rank);
        const auto to = from ? checked_dimensions(call, "destination", *destination, rank) : std::nullopt;
        if (!to) return;
        if (from->size() != to->size()) {
            call.fail("wrong-rank", "destination",
                      "source names " + plain(count_of(from->size())) + " dimensions, but destination " +
                          plain(count_of(to->size())) + ": name equally many")
                .values = {{"source", count_of(from->size())}, {"destination", count_of(to->size())}};
            return;
        }
        constexpr std::size_t kOpen = static_cast<std::size_t>(-1);
        std::vector<std::size_t> order(rank, kOpen);
        for (std::size_t i = 0; i < from->size() && rank > 0; ++i) order[(*to)[i]] = (*from)[i];
        std::size_t next = 0;
        for (std::size_t& place : order) {
            if (place != kOpen) continue;
            while (std::find(from->begin(), from->end(), next) != from->end()) ++next;
            place = next++;
        }
        reordered(call, order);
    }
};

/// Takes out dimensions of size 1: all, or those named; a named one of another size stays.
struct Squeeze {
    std::optional<std::vector<std::int64_t>> dim;

    void attributes(Fields& fields) {
        fields.integers("dim", dim, {.help = "dimensions taken out if their size is 1; left out: all such"});
    }
    void infer(Call& call) const {
        const std::size_t rank = call.shape().size();
        std::optional<std::vector<std::size_t>> chosen = in_order(rank);
        if (dim) chosen = checked_dimensions(call, "dim", *dim, rank);
        if (!chosen) return;
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < rank; ++i)
            if (call.shape()[i] != 1 || std::find(chosen->begin(), chosen->end(), i) == chosen->end())
                kept.push_back(i);
        reordered(call, kept);
    }
};

struct Unsqueeze {
    std::int64_t dim = 0;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "where a dimension of size 1 is put", .required = true});
    }
    void infer(Call& call) {
        Shape shape = call.shape();
        Strides strides = call.input().strides;
        if (!check_dimension(call, "dim", dim, shape.size() + 1)) return;
        const auto place = static_cast<std::ptrdiff_t>(dim);
        const Integer stride = at(dim) < shape.size() ? shape[at(dim)] * strides[at(dim)] : Integer(1);
        shape.insert(shape.begin() + place, 1);
        strides.insert(strides.begin() + place, stride);
        call.view(call.input(), std::move(shape), std::move(strides));
    }
};

/// A view in which sizes of 1 repeat: their neighbours lie 0 apart.
void expand(Call& call, std::string_view field, const Shape& wanted) {
    const Shape& shape = call.shape();
    if (wanted.size() < shape.size()) {
        call.fail(field == "inputs" ? "shape-mismatch" : "wrong-rank", field,
                  "it has " + plain(count_of(wanted.size())) + " sizes, but the input has " +
                      plain(count_of(shape.size())) + " dimensions: give one size for each")
            .values = {{std::string(field), count_of(wanted.size())}, {"dimensions", count_of(shape.size())}};
        return;
    }
    const std::size_t added = wanted.size() - shape.size();
    Shape expanded = wanted;
    Strides strides(wanted.size());
    for (std::size_t i = wanted.size(); i-- > 0;) {
        Integer& size = expanded[i];
        if (i < added) {
            if (size == -1) {
                call.fail("out-of-range", field,
                          "−1 keeps the size of a dimension, but dimension " + plain(count_of(i)) +
                              " is new: write its size");
                return;
            }
            // A size of 1 gets the stride that a contiguous tensor would have; of a scalar all strides are 0.
            strides[i] = size == 1 && !shape.empty() ? expanded[i + 1] * strides[i + 1] : Integer(0);
            continue;
        }
        const Integer own = shape[i - added];
        if (size == -1) size = own;
        if (size == own) {
            strides[i] = call.input().strides[i - added];
        } else if (own == 1) {
            strides[i] = 0;
        } else {
            call.fail("shape-mismatch", field,
                      "dimension " + plain(count_of(i - added)) + " of the input has size " + plain(own.value()) +
                          " and cannot become " + plain(size.value()) + ": only a size of 1 expands")
                .values = {{"size", own.value()}, {std::string(field), size.value()}};
            return;
        }
    }
    call.view(call.input(), std::move(expanded), std::move(strides));
}

struct Expand {
    std::optional<std::vector<Size>> size, sizes_;

    void attributes(Fields& fields) {
        fields.sizes("size", size, {.help = "sizes of the result; −1 keeps a size", .least = -1});
        fields.sizes("sizes", sizes_, {.help = "the same, by the name that PyTorch's documentation uses", .least = -1});
    }
    void infer(Call& call) const {
        if (size.has_value() == sizes_.has_value()) {
            call.fail(size ? "unknown-attribute" : "missing", size ? "sizes" : "size",
                      size ? "size and sizes are the same: give one of them"
                           : "expand needs size: the sizes of the result, −1 to keep one");
            return;
        }
        const std::string_view field = size ? "size" : "sizes";
        if (const std::optional<Shape> wanted = checked_sizes(call, field, size ? *size : *sizes_, -1))
            expand(call, field, *wanted);
    }
};

struct BroadcastTo {
    std::optional<std::vector<Size>> size;

    void attributes(Fields& fields) {
        fields.sizes("size", size, {.help = "sizes of the result; −1 keeps a size", .least = -1, .required = true});
    }
    void infer(Call& call) const {
        if (const std::optional<Shape> wanted = checked_sizes(call, "size", *size, -1)) expand(call, "size", *wanted);
    }
};

struct ExpandAs : NoAttributes {
    void infer(Call& call) const { expand(call, "inputs", call.shape(1)); }
};

struct Detach : NoAttributes {
    void infer(Call& call) const {
        call.view(call.input(), call.shape(), call.input().strides);
        call.outputs_.back().requires_grad = false;
    }
};

/// The elements of a diagonal, as the last dimension.
struct Diagonal {
    std::int64_t offset = 0, dim1 = 0, dim2 = 1;

    void attributes(Fields& fields) {
        fields.integer("offset", offset, {.help = "how far above the main diagonal"});
        fields.integer("dim1", dim1, {.help = "rows"});
        fields.integer("dim2", dim2, {.help = "columns"});
    }
    void infer(Call& call) {
        const std::size_t rank = call.shape().size();
        if (!check_least_rank(call, 2) || !check_dimension(call, "dim1", dim1, rank) ||
            !check_dimension(call, "dim2", dim2, rank))
            return;
        if (dim1 == dim2) {
            call.fail("out-of-range", "dim2",
                      "dim1 and dim2 are both " + plain(dim1) + ": a diagonal needs two dimensions")
                .values = {{"dim1", dim1}, {"dim2", dim2}};
            return;
        }
        const Shape& in = call.shape();
        const Strides& steps = call.input().strides;
        const Integer length =
            offset >= 0 ? smaller(in[at(dim1)], in[at(dim2)] - offset) : smaller(in[at(dim1)] + offset, in[at(dim2)]);
        Shape shape;
        Strides strides;
        for (std::size_t i = 0; i < rank; ++i) {
            if (i == at(dim1) || i == at(dim2)) continue;
            shape.push_back(in[i]);
            strides.push_back(steps[i]);
        }
        shape.push_back(larger(length, 0));
        strides.push_back(steps[at(dim1)] + steps[at(dim2)]);
        call.view(call.input(), std::move(shape), std::move(strides));
    }
};

/// Pairs of real numbers, side by side, seen as complex ones.
struct ViewAsComplex {
    void attributes(Fields&) {}
    void infer(Call& call) const {
        Tensor seen = call.input();
        if (seen.dtype != DType::float32 && seen.dtype != DType::float64) {
            call.fail("wrong-dtype", "inputs",
                      "complex numbers are pairs of float32 or float64 here, but the input is " +
                          std::string(name_of(seen.dtype)));
            return;
        }
        if (seen.rank() == 0 || seen.shape.back() != 2) {
            call.fail("shape-mismatch", "inputs",
                      "the last dimension must hold two numbers, but the input is " + in_words(seen.shape));
            return;
        }
        const auto odd = [](Integer stride) { return stride.value() % 2 != 0; };
        if (seen.strides.back() != 1 || std::any_of(seen.strides.begin(), seen.strides.end() - 1, odd)) {
            call.fail("not-a-view", "inputs",
                      "the two numbers of a pair must lie side by side: put contiguous before it");
            return;
        }
        Shape shape(seen.shape.begin(), seen.shape.end() - 1);
        Strides strides(seen.strides.begin(), seen.strides.end() - 1);
        for (Integer& stride : strides) stride = Integer(stride.value() / 2);
        seen.dtype = seen.dtype == DType::float64 ? DType::complex128 : DType::complex64;
        call.view(seen, std::move(shape), std::move(strides));
    }
};

struct ViewAsReal {
    void attributes(Fields&) {}
    void infer(Call& call) const {
        Tensor seen = call.input();
        if (seen.dtype != DType::complex64 && seen.dtype != DType::complex128) {
            call.fail("wrong-dtype", "inputs",
                      "only complex numbers are pairs, but the input is " + std::string(name_of(seen.dtype)));
            return;
        }
        Shape shape = seen.shape;
        Strides strides = seen.strides;
        for (Integer& stride : strides) stride = stride * 2;
        shape.push_back(2);
        strides.push_back(1);
        seen.dtype = seen.dtype == DType::complex128 ? DType::float64 : DType::float32;
        call.view(seen, std::move(shape), std::move(strides));
    }
};

template <class T>
LayerType shape_function(std::string_view op, std::string_view summary, Inputs inputs = {}) {
    return with(layer_type<T>(op, "shape", summary), inputs);
}

}  // namespace

LayerType view_type() { return shape_function<View>("view", "the same elements under other sizes, without a copy"); }
LayerType reshape_type() {
    return shape_function<Reshape>("reshape", "the same elements under other sizes; a copy where no view can be");
}
LayerType view_as_type() { return shape_function<ViewAs>("view_as", "a view of the second input's shape", {2, 2}); }
LayerType reshape_as_type() {
    return shape_function<ReshapeAs>("reshape_as", "reshape to the second input's shape", {2, 2});
}
LayerType flatten_type() { return shape_function<FlattenAll>("flatten", "several dimensions become one"); }
LayerType unflatten_type() { return shape_function<UnflattenInto>("unflatten", "one dimension becomes several"); }
LayerType permute_type() { return shape_function<Permute>("permute", "the dimensions in another order"); }
LayerType transpose_type() { return shape_function<Transpose>("transpose", "two dimensions exchanged"); }
LayerType swapaxes_type() { return shape_function<SwapAxes>("swapaxes", "two dimensions exchanged"); }
LayerType swapdims_type() { return shape_function<Transpose>("swapdims", "two dimensions exchanged"); }
LayerType t_type() { return shape_function<MatrixTranspose>("t", "a matrix transposed"); }
LayerType movedim_type() { return shape_function<MoveDim>("movedim", "dimensions moved to other places"); }
LayerType moveaxis_type() { return shape_function<MoveDim>("moveaxis", "dimensions moved to other places"); }
LayerType squeeze_type() { return shape_function<Squeeze>("squeeze", "dimensions of size 1 taken out"); }
LayerType unsqueeze_type() { return shape_function<Unsqueeze>("unsqueeze", "a dimension of size 1 put in"); }
LayerType expand_type() { return shape_function<Expand>("expand", "sizes of 1 repeated, without a copy"); }
LayerType broadcast_to_type() {
    return shape_function<BroadcastTo>("broadcast_to", "sizes of 1 repeated, without a copy");
}
LayerType expand_as_type() {
    return shape_function<ExpandAs>("expand_as", "sizes of 1 repeated to the second input's shape", {2, 2});
}
LayerType as_strided_type() {
    return shape_function<AsStrided>("as_strided", "any sizes and strides over the same memory");
}
LayerType detach_type() { return shape_function<Detach>("detach", "the same memory, without its gradient"); }
LayerType view_as_complex_type() {
    return shape_function<ViewAsComplex>("view_as_complex", "pairs in the last dimension seen as complex numbers");
}
LayerType view_as_real_type() {
    return shape_function<ViewAsReal>("view_as_real", "complex numbers seen as pairs in a last dimension");
}
LayerType diagonal_type() { return shape_function<Diagonal>("diagonal", "a view of a diagonal"); }

}  // namespace footprint
