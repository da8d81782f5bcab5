#include "layers/reshaping.hpp"

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {

std::optional<Strides> view_strides(const Tensor& tensor, const Shape& shape) {
    if (elements(tensor.shape) == 0) return tensor.shape == shape ? tensor.strides : contiguous_strides(shape);
    Strides strides(shape.size(), 1);
    std::size_t left = shape.size();  // dimensions of the view that have no stride yet
    Integer step = tensor.rank() == 0 ? Integer(1) : tensor.strides.back();
    Integer in_tensor = 1, in_view = 1;  // elements of the run of dimensions that lie evenly in memory
    for (std::size_t i = tensor.rank(); i-- > 0;) {
        in_tensor *= tensor.shape[i];
        const bool run_ends = i == 0 || (tensor.shape[i - 1] != 1 && tensor.strides[i - 1] != in_tensor * step);
        if (!run_ends) continue;
        for (; left > 0 && (in_view < in_tensor || shape[left - 1] == 1); --left) {
            strides[left - 1] = in_view * step;
            in_view *= shape[left - 1];
        }
        if (in_view != in_tensor) return std::nullopt;
        if (i == 0) break;
        step = tensor.strides[i - 1];
        in_tensor = in_view = 1;
    }
    return left == 0 || tensor.rank() == 0 ? std::optional(std::move(strides)) : std::nullopt;
}

void reshaped(Call& call, const Tensor& tensor, Shape shape) {
    if (std::optional<Strides> strides = view_strides(tensor, shape))
        call.view(tensor, std::move(shape), std::move(*strides));
    else
        call.output(std::move(shape), tensor.dtype);
}

std::optional<Shape> resolved_sizes(Call& call, std::string_view field, const std::vector<Size>& sizes, Integer count) {
    Shape shape;
    std::optional<std::size_t> open;  // where the −1 stands
    Integer known = 1;
    for (const Size& size : sizes) {
        const Integer at = size.at(call.batch());
        if (at == -1) {
            if (open) {
                call.fail("out-of-range", field,
                          std::string(field) + " has −1 twice, but only one size can follow from the others");
                return std::nullopt;
            }
            open = shape.size();
        } else if (below(at, 0)) {
            call.fail("out-of-range", field,
                      std::string(field) + " has the size " + plain(at.value()) + ": take one from 0, or −1 once")
                .values = {{"size", at.value()}};
            return std::nullopt;
        } else {
            known *= at;
        }
        shape.push_back(at);
    }
    const bool divides = !known.overflowed() && !count.overflowed() && known != 0 && count.value() % known.value() == 0;
    if (open && divides) {
        shape[*open] = floor_divide(count, known);
        return shape;
    }
    if (!open && known == count) return shape;
    if (known.overflowed() || count.overflowed()) {
        call.fail("overflow", field, "the sizes of " + std::string(field) + " multiply to more than 64 bits can count");
        return std::nullopt;
    }
    call.fail(open ? "not-divisible" : "shape-mismatch", field,
              "the sizes of " + std::string(field) + " hold " + (open ? "a multiple of " : "") + plain(known.value()) +
                  " elements, but there are " + plain(count.value()) + ": change one of them")
        .values = {{"asked", known.value()}, {"elements", count.value()}};
    return std::nullopt;
}

void Flatten::attributes(Fields& fields) {
    fields.integer("start_dim", start_dim, {.help = "first dimension to merge, the batch counted"});
    fields.integer("end_dim", end_dim, {.help = "last dimension to merge"});
}

void Flatten::infer(Call& call) {
    const std::size_t rank = call.shape().size();
    if (!check_dimension(call, "start_dim", start_dim, rank) || !check_dimension(call, "end_dim", end_dim, rank))
        return;
    if (start_dim > end_dim) {
        call.fail("out-of-range", "start_dim",
                  "end_dim is dimension " + plain(end_dim) + ", which comes before start_dim, dimension " +
                      plain(start_dim))
            .values = {{"start_dim", start_dim}, {"end_dim", end_dim}};
        return;
    }
    if (rank > 0 && start_dim == end_dim) return call.same(call.input());
    reshaped(call, call.input(), sizes(call.shape(), Symbols<Integer>{}));
}

namespace {

/// Splits one dimension into several.
struct Unflatten {
    std::int64_t dim = 0;
    std::optional<std::vector<Size>> unflattened_size;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension to split, the batch counted", .required = true});
        fields.sizes("unflattened_size", unflattened_size,
                     {.help = "what it becomes; one size may be −1", .required = true});
    }

    void infer(Call& call) {
        if (!check_dimension(call, "dim", dim, call.shape().size()) || !check_least_rank(call, 1)) return;
        if (unflattened_size->empty()) {
            call.fail("out-of-range", "unflattened_size", "unflattened_size is empty: give at least one size");
            return;
        }
        Shape shape = call.shape();
        const auto at = shape.begin() + static_cast<std::ptrdiff_t>(dim);
        const std::optional<Shape> parts = resolved_sizes(call, "unflattened_size", *unflattened_size, *at);
        if (!parts) return;
        shape.insert(shape.erase(at), parts->begin(), parts->end());
        reshaped(call, call.input(), std::move(shape));  // one dimension's parts are always a view
    }
};

struct Identity {
    void attributes(Fields&) {}
    void infer(Call& call) const { call.same(call.input()); }
};

}  // namespace

LayerType Flatten_type() {
    return layer_type<Flatten>("Flatten", "shape", "merges dimensions into one: (N, *) becomes (N, F)");
}
LayerType Unflatten_type() { return layer_type<Unflatten>("Unflatten", "shape", "splits a dimension into several"); }
LayerType Identity_type() { return layer_type<Identity>("Identity", "shape", "its input, unchanged"); }

}  // namespace footprint
