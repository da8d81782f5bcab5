// Elements picked by indices: getitem and setitem, gather, scatter, index_select, masked_fill, where, one_hot. Sources:
// torch.gather and its siblings; ATen/native/TensorAdvancedIndexing.cpp.
#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/subscript.hpp"
#include "layers/layer.hpp"
#include "layers/reshaping.hpp"

namespace footprint {
namespace {

struct GetItem {
    std::vector<IndexItem> index;

    void attributes(Fields& fields) {
        fields.index("index", index, {.help = "what stands between the brackets of x[…]", .required = true});
    }
    void infer(Call& call) const {
        std::optional<Subscript> view = subscript(call, index);
        if (!view) return;
        if (view->picks.empty()) return call.view(call.input(), std::move(view->shape), std::move(view->strides));
        if (view->has_mask()) {
            call.fail("wrong-dtype", "index",
                      "a mask picks a number of elements that depends on values: write the call as an opaque row with "
                      "the shape that was recorded");
            return;
        }
        std::optional<Shape> shape = picked_shape(call, *view);
        if (!shape) return;
        Strides strides = picked_strides(*view, *shape);
        call.output(std::move(*shape));
        call.outputs_.back().strides = std::move(strides);
    }
};

/// What a number may be in a document that JSON has no word for.
bool is_number(const Value& value) {
    const std::string* word = value.text();
    return value.integer() != nullptr || value.real() != nullptr || value.boolean() != nullptr ||
           (word != nullptr && (*word == "inf" || *word == "-inf" || *word == "nan"));
}

bool check_number(Call& call, const Value* value) {
    if (value == nullptr || is_number(*value)) return true;
    call.fail("wrong-type", "value",
              "value is " + value->in_words() + ", but must be a number, true, false, \"inf\", \"-inf\" or \"nan\"")
        .values = {{"value", value->in_words()}};
    return false;
}

struct SetItem {
    std::vector<IndexItem> index;
    const Value* value = nullptr;

    void attributes(Fields& fields) {
        fields.index("index", index, {.help = "what stands between the brackets of x[…] = value", .required = true});
        fields.value("value", value, {.help = "a number that is written, in the place of the second input"});
    }
    void infer(Call& call) const {
        if (!check_number(call, value)) return;
        const bool two = call.input_count() > 1;
        if (two == (value != nullptr)) {
            call.fail(two ? "wrong-input-count" : "missing", "value",
                      two ? "what is written is given twice: keep either the second input or value"
                          : "setitem needs what to write: name a second input, or give a number under value");
            return;
        }
        const std::optional<Subscript> target = subscript(call, index);
        if (!target || (two && !target->has_mask() && !fits(call, *target))) return;
        // A view is copied into, which converts; picked elements are put one by one, which does not.
        if (two && !target->picks.empty() && !check_same_dtype(call, "inputs", call.input(1))) return;
        if (two && target->picks.empty() && elements(target->shape) != 0 && !check_distinct(call, *target)) return;
        written(call);
    }

 private:
    /// No two elements that are written are one place in memory, as those of an expanded dimension are.
    static bool check_distinct(Call& call, const Subscript& target) {
        for (std::size_t i = 0; i < target.shape.size(); ++i) {
            if (target.strides[i] != 0 || target.shape[i] < 2) continue;
            call.fail("overlapping-write", "index",
                      "the index reaches a dimension of size " + plain(target.shape[i].value()) +
                          " that was expanded, so that all its elements are one place in memory: put a clone row "
                          "before it")
                .values = {{"size", target.shape[i].value()}};
            return false;
        }
        return true;
    }

    /// The second input broadcasts to what the index picks; leading sizes of 1 do not count.
    static bool fits(Call& call, const Subscript& target) {
        const std::optional<Shape> wanted = picked_shape(call, target);
        if (!wanted) return false;
        const Shape& given = call.shape(1);
        const auto first = std::find_if(given.begin(), given.end(), [](Integer size) { return size != 1; });
        const Shape needed(first, given.end());
        bool holds = needed.size() <= wanted->size();
        for (std::size_t i = 0; holds && i < needed.size(); ++i) {
            const Integer size = needed[needed.size() - 1 - i];
            holds = size == 1 || size == (*wanted)[wanted->size() - 1 - i];
        }
        if (!holds)
            call.fail("shape-mismatch", "inputs",
                      "the second input is " + in_words(given) + ", but the index picks " + in_words(*wanted) +
                          ": they must agree, or broadcast")
                .values = {{"given", in_words(given)}, {"expected", in_words(*wanted)}};
        return holds;
    }
};

bool check_index(Call& call, std::size_t input) { return check_indices(call, IndexTypes::int32_or_int64, input); }

/// `index` has the rank of the input, and outside dimension `dim` no larger sizes (a scalar counts as one element).
bool check_index_fits(Call& call, const Shape& index, const Shape& in, std::int64_t dim, std::string_view what) {
    if (std::max<std::size_t>(index.size(), 1) != std::max<std::size_t>(in.size(), 1)) {
        call.fail("wrong-rank", "inputs",
                  "the index has " + plain(count_of(index.size())) + " dimensions and " + std::string(what) + " " +
                      plain(count_of(in.size())) + ": they must have equally many")
            .values = {{"index", count_of(index.size())}, {"dimensions", count_of(in.size())}};
        return false;
    }
    for (std::size_t i = 0; i < index.size() && i < in.size(); ++i) {
        if (i == at(dim) || index[i] <= in[i]) continue;
        call.fail("shape-mismatch", "inputs",
                  "the index is " + in_words(index) + " and reaches beyond " + std::string(what) + ", which is " +
                      in_words(in) + ", in dimension " + plain(count_of(i)))
            .values = {{"index", index[i].value()}, {"size", in[i].value()}, {"dimension", count_of(i)}};
        return false;
    }
    return true;
}

struct AtDim {
    std::int64_t dim = 0;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is indexed", .required = true});
    }
    bool fits(Call& call) { return check_dimension(call, "dim", dim, call.shape().size()) && check_index(call, 1); }
};

struct Gather : AtDim {
    void infer(Call& call) {
        if (!fits(call) ||
            (elements(call.shape(1)) != 0 && !check_index_fits(call, call.shape(1), call.shape(), dim, "the input")))
            return;
        call.output(call.shape(1));
    }
};

/// A copy of the input with elements written where the index says.
struct Scatter : AtDim {
    const Value* value = nullptr;

    void attributes(Fields& fields) {
        AtDim::attributes(fields);
        fields.value("value", value, {.help = "a number that is written, in the place of the third input"});
    }
    void infer(Call& call) {
        if (!check_number(call, value)) return;
        if ((call.input_count() > 2) == (value != nullptr)) {
            call.fail(value == nullptr ? "missing" : "wrong-input-count", "value",
                      "scatter writes either its third input or the number value: give one of them");
            return;
        }
        scatter(call);
    }

 protected:
    void scatter(Call& call) {
        if (!fits(call)) return;
        const bool empty = elements(call.shape(1)) == 0;
        if (!empty && !check_index_fits(call, call.shape(1), call.shape(), dim, "the input")) return;
        if (call.input_count() > 2) {
            if (!check_same_dtype(call, "inputs", call.input(2))) return;
            constexpr std::int64_t kNoDimension = -1;  // the index stays within src in every dimension
            if (!empty && !check_index_fits(call, call.shape(1), call.shape(2), kNoDimension, "what is written"))
                return;
        }
        new_or_written(call, call.shape(), call.input().dtype);
    }
};

struct ScatterAdd : Scatter {
    void attributes(Fields& fields) { AtDim::attributes(fields); }
    void infer(Call& call) { scatter(call); }
};

/// Rows of a dimension, by a list of indices.
struct IndexSelect : AtDim {
    void infer(Call& call) {
        if (!check_rank(call, {0, 1}, 1) || !fits(call)) return;
        Shape shape = call.shape();
        const Integer count = elements(call.shape(1));
        if (shape.empty() && count != 1) {
            call.fail("shape-mismatch", "inputs",
                      "of one number index_select takes one index, but has " + plain(count.value()))
                .values = {{"indices", count.value()}};
            return;
        }
        if (!shape.empty()) shape[at(dim)] = count;
        call.output(std::move(shape));
    }
};

struct IndexAdd : AtDim {
    double alpha = 1;

    void attributes(Fields& fields) {
        AtDim::attributes(fields);
        fields.number("alpha", alpha, {.help = "what the third input is multiplied with"});
    }
    void infer(Call& call) {
        if (!check_rank(call, {0, 1}, 1) || !fits(call) || !check_same_dtype(call, "inputs", call.input(2))) return;
        Shape wanted = call.shape();
        if (!wanted.empty()) wanted[at(dim)] = elements(call.shape(1));
        if (!check_shape(call, "inputs", "what is added", call.input(2), wanted)) return;
        new_or_written(call, call.shape(), call.input().dtype);
    }
};

struct Take : NoAttributes {
    void infer(Call& call) const {
        if (check_indices(call, IndexTypes::int64, 1)) call.output(call.shape(1));
    }
};

struct TakeAlongDim {
    std::optional<std::int64_t> dim;

    void attributes(Fields& fields) {
        fields.integer("dim", dim,
                       {.help = "the dimension that is indexed; left out: of the flattened input", .nullable = true});
    }
    void infer(Call& call) const {
        if (!check_indices(call, IndexTypes::int64, 1)) return;
        if (!dim) return flat(call);
        std::int64_t along = *dim;
        Shape in = call.shape(), index = call.shape(1);
        if (in.size() != index.size()) {
            check_index_fits(call, index, in, 0, "the input");
            if (!call.failed()) call.output(index);
            return;
        }
        if (!check_dimension(call, "dim", along, in.size())) return;
        const Integer picked = index.empty() ? Integer(1) : index[at(along)];
        if (!index.empty()) index[at(along)] = in[at(along)];
        std::optional<Shape> shape = broadcast(call, in, index);
        if (!shape) return;
        if (!shape->empty()) (*shape)[at(along)] = picked;
        call.output(std::move(*shape));
    }

 private:
    /// Without dim both are flattened by view, which never copies.
    static void flat(Call& call) {
        for (const Tensor* input : call.inputs_) {
            if (view_strides(*input, {elements(input->shape)})) continue;
            call.fail("not-a-view", "inputs",
                      "take_along_dim without dim needs inputs that flatten without a copy: put contiguous before it, "
                      "or give dim");
            return;
        }
        call.output({elements(call.shape(1))});
    }
};

bool check_mask(Call& call, std::size_t input, std::string_view what) {
    const DType dtype = call.input(input).dtype;
    if (dtype == DType::boolean || (dtype == DType::uint8 && call.row().op == "where")) return true;
    const std::string name(name_of(dtype));
    call.fail("wrong-dtype", "inputs",
              "the " + std::string(what) + " is " + name +
                  ", but must be bool: compare it (ne, lt …), or convert it with a `to` row")
        .values = {{"dtype", name}};
    return false;
}

/// The input with a number where the mask is true.
struct MaskedFill {
    const Value* value = nullptr;

    void attributes(Fields& fields) {
        fields.value("value", value, {.help = "a number, also \"-inf\", in the place of a third input"});
    }
    void infer(Call& call) const {
        if (!check_number(call, value) || !check_mask(call, 1, "mask")) return;
        const bool tensor = call.input_count() > 2;
        if (tensor == (value != nullptr)) {
            call.fail(tensor ? "wrong-input-count" : "missing", "value",
                      "masked_fill needs either a number under value or a third input: give one of them");
            return;
        }
        if (tensor && !check_rank(call, {0}, 2)) return;
        // Out of place it is a contiguous copy, whatever the order of the input's dimensions.
        const std::optional<Shape> shape = broadcast(call, call.shape(), call.shape(1));
        if (shape) new_or_written(call, *shape, call.input().dtype);
    }
};

/// Elements of two operands, chosen by a condition.
struct Where {
    std::optional<double> input, other;

    void attributes(Fields& fields) {
        fields.number("input", input, {.help = "a number where the condition holds, in the place of a tensor"});
        fields.number("other", other, {.help = "a number where it does not, in the place of a tensor"});
    }
    void infer(Call& call) const {
        if (!check_mask(call, 0, "condition")) return;
        const std::size_t given = call.input_count() + (input ? 1U : 0U) + (other ? 1U : 0U);
        if (given != 3) {
            call.fail(given < 3 ? "missing" : "wrong-input-count", "inputs",
                      "where takes a condition and two operands, each a tensor or a number under input or other, but "
                      "has " +
                          plain(count_of(given)) + " in all")
                .values = {{"given", count_of(given)}, {"takes", 3}};
            return;
        }
        Operands chosen(call), all(call);
        for (std::size_t i = 1; i < call.input_count(); ++i) chosen.tensor(call.input(i));
        chosen.number("input").number("other");
        all.inputs().number("input").number("other");
        all.result(chosen.promoted());
    }
};

struct OneHot {
    std::int64_t num_classes = -1;

    void attributes(Fields& fields) {
        fields.integer("num_classes", num_classes, {.help = "size of the new last dimension", .least = -1});
    }
    void infer(Call& call) const {
        if (!check_indices(call, IndexTypes::int64)) return;
        if (num_classes < 1) {
            call.fail(call.row().attribute("num_classes") == nullptr ? "missing" : "out-of-range", "num_classes",
                      "without num_classes the number of classes depends on values: write it")
                .values = {{"least", 1}};
            return;
        }
        Shape shape = call.shape();
        shape.push_back(num_classes);
        call.output(std::move(shape));
    }
};

/// A triangle of each matrix; the rest becomes 0.
struct Triangle {
    std::int64_t diagonal = 0;

    void attributes(Fields& fields) {
        fields.integer("diagonal", diagonal, {.help = "how far above the main diagonal the triangle ends"});
    }
    void infer(Call& call) const {
        if (check_least_rank(call, 2)) new_or_written(call, call.shape(), call.input().dtype);
    }
};

template <class T>
LayerType indexing(std::string_view op, std::string_view summary, Inputs inputs) {
    return with(layer_type<T>(op, "indexing", summary), inputs);
}

}  // namespace

LayerType getitem_type() {
    return indexing<GetItem>("getitem", "x[…]: a view, or a copy where index tensors pick", {1, 1});
}
LayerType setitem_type() {
    return in_place(indexing<SetItem>("setitem", "x[…] = value, written into the first input", {1, 2}));
}
LayerType gather_type() { return indexing<Gather>("gather", "elements of a dimension, by an index tensor", {2, 2}); }
LayerType scatter_type() {
    return in_place(indexing<Scatter>("scatter", "the input with elements written by an index tensor", {2, 3}));
}
LayerType scatter_add_type() {
    return in_place(indexing<ScatterAdd>("scatter_add", "the input with elements added by an index tensor", {3, 3}));
}
LayerType index_select_type() {
    return indexing<IndexSelect>("index_select", "some elements of a dimension, by a list of indices", {2, 2});
}
LayerType index_add_type() {
    return in_place(indexing<IndexAdd>("index_add", "the input with rows added by a list of indices", {3, 3}));
}
LayerType take_type() { return indexing<Take>("take", "elements of the flattened input, by an index tensor", {2, 2}); }
LayerType take_along_dim_type() {
    return indexing<TakeAlongDim>("take_along_dim", "elements of a dimension, by indices that broadcast", {2, 2});
}
LayerType masked_fill_type() {
    return in_place(indexing<MaskedFill>("masked_fill", "the input with a number where a mask is true", {2, 3}));
}
LayerType where_type() { return indexing<Where>("where", "one of two operands, by a condition", {1, 3}); }
LayerType one_hot_type() { return indexing<OneHot>("one_hot", "class numbers as vectors of 0 and 1", {1, 1}); }
LayerType tril_type() { return in_place(indexing<Triangle>("tril", "the lower triangle of each matrix", {1, 1})); }
LayerType triu_type() { return in_place(indexing<Triangle>("triu", "the upper triangle of each matrix", {1, 1})); }

}  // namespace footprint
