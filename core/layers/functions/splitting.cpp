// Views of parts of a tensor: split, chunk, unbind, narrow, select. Sources: torch.split and its siblings; what the
// parts are: ATen/native/TensorShape.cpp.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// A view whose dimension `dim` has another size.
void part(Call& call, std::int64_t dim, Integer size) {
    Shape shape = call.shape();
    shape[at(dim)] = size;
    call.view(call.input(), std::move(shape), call.input().strides);
}

/// A view without dimension `dim`.
void selected(Call& call, std::int64_t dim) {
    Shape shape = call.shape();
    Strides strides = call.input().strides;
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(dim));
    strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(dim));
    call.view(call.input(), std::move(shape), std::move(strides));
}

/// What these functions have in common: one dimension of a tensor that has some.
struct AlongDim {
    std::int64_t dim = 0;

    bool fits(Call& call) {
        return check_least_rank(call, 1) && check_dimension(call, "dim", dim, call.shape().size());
    }
    [[nodiscard]] Integer length(const Call& call) const { return call.shape()[at(dim)]; }

    void parts_of(Call& call, std::string_view field, Integer size) const {
        const Integer count = larger(ceil_divide(length(call), size), 1);
        if (!check_parts(call, field, count)) return;
        for (Integer i = 0; i < count; i += 1) part(call, dim, smaller(size, length(call) - i * size));
        call.returns(Returned::tuple);
    }
};

struct Split : AlongDim {
    std::optional<std::vector<Size>> split_size_or_sections;

    void attributes(Fields& fields) {
        fields.sizes("split_size_or_sections", split_size_or_sections,
                     {.help = "the size of each part, or a list of their sizes", .least = 0, .required = true});
        fields.integer("dim", dim, {.help = "the dimension that is split"});
    }

    void infer(Call& call) {
        if (!fits(call)) return;
        const std::optional<Shape> sizes = checked_sizes(call, kField, *split_size_or_sections, 0);
        if (!sizes) return;
        if (is_list(call, kField)) return sections(call, *sizes);
        const Integer size = sizes->front();
        if (size > 0) return parts_of(call, kField, size);
        if (length(call) == 0) {
            part(call, dim, 0);
            return call.returns(Returned::tuple);
        }
        call.fail("out-of-range", kField, "parts of size 0 never cover the dimension: take a size of at least 1")
            .values = {{"size", 0}, {"least", 1}};
    }

 private:
    static constexpr std::string_view kField = "split_size_or_sections";

    void sections(Call& call, const Shape& sizes) const {
        Integer sum = 0;
        for (const Integer size : sizes) sum += size;
        if (sum != length(call)) {
            call.fail("shape-mismatch", kField,
                      "the parts " + in_words(sizes) + " sum to " + plain(sum.value()) + ", but dimension " +
                          plain(dim) + " has size " + plain(length(call).value()))
                .values = {{"sum", sum.value()}, {"size", length(call).value()}};
            return;
        }
        for (const Integer size : sizes) part(call, dim, size);
        call.returns(Returned::tuple);
    }
};

struct Chunk : AlongDim {
    std::int64_t chunks = 0;

    void attributes(Fields& fields) {
        fields.integer("chunks", chunks,
                       {.help = "number of parts; fewer where the size is no multiple", .least = 1, .required = true});
        fields.integer("dim", dim, {.help = "the dimension that is split"});
    }
    void infer(Call& call) {
        if (!fits(call)) return;
        if (length(call) > 0) return parts_of(call, "chunks", ceil_divide(length(call), chunks));
        if (!check_parts(call, "chunks", chunks)) return;
        for (std::int64_t i = 0; i < chunks; ++i) part(call, dim, 0);
        call.returns(Returned::tuple);
    }
};

struct TensorSplit : AlongDim {
    std::optional<std::vector<Size>> indices_or_sections;

    void attributes(Fields& fields) {
        fields.sizes("indices_or_sections", indices_or_sections,
                     {.help = "number of parts, or a list of where the next part begins", .required = true});
        fields.integer("dim", dim, {.help = "the dimension that is split"});
    }

    void infer(Call& call) {
        if (!fits(call)) return;
        if (is_list(call, kField)) return indices(call);
        const Integer count = indices_or_sections->front().at(call.batch());
        if (count < 1) {
            call.fail("out-of-range", kField,
                      "the number of parts is " + plain(count.value()) + ", but must be at least 1")
                .values = {{"parts", count.value()}, {"least", 1}};
            return;
        }
        if (!check_parts(call, kField, count)) return;
        const Integer size = floor_divide(length(call), count), longer = length(call) - size * count;
        for (Integer i = 0; i < count; i += 1) part(call, dim, i < longer ? size + 1 : size);
        call.returns(Returned::tuple);
    }

 private:
    static constexpr std::string_view kField = "indices_or_sections";

    void indices(Call& call) const {
        if (!check_parts(call, kField, count_of(indices_or_sections->size()) + 1)) return;
        const auto place = [&](Integer index) {
            return larger(smaller(index < 0 ? index + length(call) : index, length(call)), 0);
        };
        Integer begin = 0;
        for (const Size& written : *indices_or_sections) {
            const Integer end = place(written.at(call.batch()));
            part(call, dim, larger(end - begin, 0));
            begin = end;
        }
        part(call, dim, length(call) - begin);
        call.returns(Returned::tuple);
    }
};

struct Unbind : AlongDim {
    void attributes(Fields& fields) { fields.integer("dim", dim, {.help = "the dimension that is taken apart"}); }
    void infer(Call& call) {
        if (!fits(call) || !check_parts(call, "dim", length(call))) return;
        for (Integer i = 0; i < length(call); i += 1) selected(call, dim);
        call.returns(Returned::tuple);
    }
};

struct Narrow : AlongDim {
    std::optional<std::vector<Size>> start, length_;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is cut", .required = true});
        fields.sizes("start", start,
                     {.help = "the first element kept; a negative one is counted from the end", .required = true});
        fields.sizes("length", length_, {.help = "how many are kept", .required = true});
    }
    void infer(Call& call) {
        if (!fits(call) || !one(call, "start", *start) || !one(call, "length", *length_)) return;
        Integer first = start->front().at(call.batch());
        const Integer count = length_->front().at(call.batch()), size = length(call);
        const Integer written = first;
        if (first < 0) first += size;
        if (count >= 0 && first >= 0 && first + count <= size) return part(call, dim, count);
        call.fail("out-of-range", count < 0 || first + count > size ? "length" : "start",
                  plain(count.value()) + " elements from " + plain(written.value()) + " are not within dimension " +
                      plain(dim) + ", whose size is " + plain(size.value()))
            .values = {{"start", written.value()}, {"length", count.value()}, {"size", size.value()}};
    }

 private:
    static bool one(Call& call, std::string_view field, const std::vector<Size>& sizes) {
        if (sizes.size() == 1) return true;
        call.fail("wrong-type", field, std::string(field) + " must be one whole number").values = {
            {"members", count_of(sizes.size())}};
        return false;
    }
};

struct Select : AlongDim {
    std::int64_t index = 0;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that goes", .required = true});
        fields.integer(
            "index", index,
            {.help = "which of its elements stays; a negative one is counted from the end", .required = true});
    }
    void infer(Call& call) {
        if (!fits(call)) return;
        const Integer size = length(call);
        if (Integer(index) >= -size && Integer(index) < size) return selected(call, dim);
        call.fail("out-of-range", "index",
                  "index is " + plain(index) + ", but dimension " + plain(dim) + " has size " + plain(size.value()))
            .values = {{"index", index}, {"size", size.value()}};
    }
};

template <class T>
LayerType part_function(std::string_view op, std::string_view summary) {
    return layer_type<T>(op, "shape", summary);
}

}  // namespace

LayerType split_type() { return part_function<Split>("split", "parts of a given size, or of given sizes"); }
LayerType chunk_type() { return part_function<Chunk>("chunk", "a given number of parts"); }
LayerType tensor_split_type() {
    return part_function<TensorSplit>("tensor_split", "parts, equal but for one element, or cut at indices");
}
LayerType unbind_type() { return part_function<Unbind>("unbind", "each element of a dimension as a tensor"); }
LayerType narrow_type() { return part_function<Narrow>("narrow", "a stretch of a dimension"); }
LayerType select_type() { return part_function<Select>("select", "one element of a dimension"); }

}  // namespace footprint
