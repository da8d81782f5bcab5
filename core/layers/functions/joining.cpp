// New tensors from whole ones: cat, stack, repeat, roll, flip, clone, contiguous and conversions. Sources: torch.cat
// and its siblings; which of them copy: ATen/native/TensorConversions.cpp and TensorProperties.cpp.
#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// A new tensor of the first input's shape with other strides.
void copy(Call& call, std::optional<DType> dtype, Strides strides) {
    call.output(call.shape(), dtype);
    call.outputs_.back().strides = std::move(strides);
}

/// cat has always skipped tensors of shape (0), whatever the others' rank.
bool is_skipped(const Tensor& tensor) { return tensor.rank() == 1 && tensor.shape[0] == 0; }

/// Strides of tensors joined to `shape`: in their memory format, if all have one.
Strides joined_strides(std::span<const Tensor* const> tensors, const Tensor& first, const Shape& shape) {
    const MemoryFormat format = format_of(first);
    const bool common =
        std::all_of(tensors.begin(), tensors.end(), [&](const Tensor* tensor) { return format_of(*tensor) == format; });
    return strides_in(common ? format : MemoryFormat::contiguous, shape);
}

struct Cat {
    std::int64_t dim = 0;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension along which the inputs are joined"});
    }

    void infer(Call& call) {
        const Tensor* first = nullptr;
        for (std::size_t i = 0; i < call.input_count(); ++i) {
            if (!check_least_rank(call, 1, i)) return;
            if (first == nullptr && !is_skipped(call.input(i))) first = &call.input(i);
        }
        const DType dtype = Operands(call).inputs().promoted();
        if (first == nullptr) return call.output({0}, dtype);
        if (!check_dimension(call, "dim", dim, first->rank())) return;
        Shape shape = first->shape;
        shape[at(dim)] = 0;
        for (const Tensor* input : call.inputs_) {
            if (is_skipped(*input)) continue;
            if (!check_joins(call, *first, *input)) return;
            shape[at(dim)] += input->shape[at(dim)];
        }
        Strides strides = joined_strides(call.inputs_, *first, shape);
        call.output(std::move(shape), dtype);
        call.outputs_.back().strides = std::move(strides);
    }

 private:
    bool check_joins(Call& call, const Tensor& first, const Tensor& other) const {
        if (first.rank() != other.rank()) {
            call.fail("wrong-rank", "inputs",
                      "cat joins tensors of equally many dimensions, but has " + in_words(first.shape) + " and " +
                          in_words(other.shape))
                .values = {{"dimensions", count_of(first.rank())}, {"other", count_of(other.rank())}};
            return false;
        }
        for (std::size_t i = 0; i < first.rank(); ++i) {
            if (i == at(dim) || first.shape[i] == other.shape[i]) continue;
            call.fail("shape-mismatch", "inputs",
                      "cat along dimension " + plain(dim) + " has " + in_words(first.shape) + " and " +
                          in_words(other.shape) + ", whose sizes " + plain(first.shape[i].value()) + " and " +
                          plain(other.shape[i].value()) + " of dimension " + plain(count_of(i)) +
                          " clash: change what comes in, or dim")
                .values = {
                {"size", first.shape[i].value()}, {"other", other.shape[i].value()}, {"dimension", count_of(i)}};
            return false;
        }
        return true;
    }
};

struct Stack {
    std::int64_t dim = 0;

    void attributes(Fields& fields) { fields.integer("dim", dim, {.help = "where the new dimension is put"}); }
    void infer(Call& call) {
        for (const Tensor* input : call.inputs_)
            if (!check_shape(call, "inputs", "another input", *input, call.shape())) return;
        if (!check_dimension(call, "dim", dim, call.shape().size() + 1)) return;
        Shape shape = call.shape();
        const auto place = static_cast<std::ptrdiff_t>(dim);
        const Integer count = count_of(call.input_count());
        // PyTorch joins along the dimension that is there and splits it; only a new last dimension is made first.
        Strides strides;
        if (at(dim) < shape.size()) {
            const Integer size = shape[at(dim)];
            Shape joined = shape;
            joined[at(dim)] *= count;
            strides = joined_strides(call.inputs_, call.input(), joined);
            strides.insert(strides.begin() + place, strides[at(dim)] * size);
        }
        shape.insert(shape.begin() + place, count);
        if (strides.empty()) {
            std::vector<Tensor> longer;
            for (const Tensor* input : call.inputs_) {
                longer.push_back(*input);
                longer.back().shape.push_back(1);
                longer.back().strides.push_back(1);
            }
            std::vector<const Tensor*> pointers;
            pointers.reserve(longer.size());
            for (const Tensor& tensor : longer) pointers.push_back(&tensor);
            strides = joined_strides(pointers, longer[0], shape);
        }
        call.output(std::move(shape), Operands(call).inputs().promoted());
        call.outputs_.back().strides = std::move(strides);
    }
};

/// The whole tensor over and over along each dimension.
void repeat(Call& call, std::string_view field, Shape repeats) {
    const Shape& shape = call.shape();
    for (std::size_t i = 0; i < shape.size(); ++i) {
        Integer& size = repeats[repeats.size() - 1 - i];
        size *= shape[shape.size() - 1 - i];
        if (size.overflowed()) {
            call.fail("overflow", field, "a repeated size does not fit 64 bits");
            return;
        }
    }
    call.output(std::move(repeats));
}

struct Repeat {
    std::optional<std::vector<Size>> repeats;

    void attributes(Fields& fields) {
        fields.sizes("repeats", repeats, {.help = "how often along each dimension", .least = 0, .required = true});
    }
    void infer(Call& call) const {
        std::optional<Shape> times = checked_sizes(call, "repeats", *repeats, 0);
        if (!times) return;
        if (times->size() >= call.shape().size()) return repeat(call, "repeats", std::move(*times));
        call.fail("wrong-rank", "repeats",
                  "repeats has " + plain(count_of(times->size())) + " members, but the input has " +
                      plain(count_of(call.shape().size())) + " dimensions: give one for each")
            .values = {{"repeats", count_of(times->size())}, {"dimensions", count_of(call.shape().size())}};
    }
};

struct Tile {
    std::optional<std::vector<Size>> dims;

    void attributes(Fields& fields) {
        fields.sizes(
            "dims", dims,
            {.help = "how often along each dimension; fewer stand for the last ones", .least = 0, .required = true});
    }
    void infer(Call& call) const {
        std::optional<Shape> times = checked_sizes(call, "dims", *dims, 0);
        if (!times) return;
        while (times->size() < call.shape().size()) times->insert(times->begin(), 1);
        repeat(call, "dims", std::move(*times));
    }
};

/// Each element several times, one after the other.
struct RepeatInterleave {
    std::optional<std::vector<Size>> repeats;
    std::optional<std::int64_t> dim;

    void attributes(Fields& fields) {
        fields.sizes(
            "repeats", repeats,
            {.help = "how often each element; a list gives each its own number", .least = 0, .required = true});
        fields.integer(
            "dim", dim,
            {.help = "the dimension whose elements repeat; left out: of the flattened input", .nullable = true});
    }
    void infer(Call& call) {
        const std::optional<Shape> times = checked_sizes(call, "repeats", *repeats, 0);
        if (!times) return;
        Shape shape = call.shape();
        if (!dim || shape.empty()) shape = {elements(shape)};
        std::int64_t along = dim.value_or(0);
        if (!check_dimension(call, "dim", along, shape.size())) return;
        Integer& size = shape[at(along)];
        if (times->size() == 1) {
            size *= times->front();
        } else if (size == count_of(times->size())) {
            size = 0;
            for (const Integer time : *times) size += time;
        } else {
            call.fail("shape-mismatch", "repeats",
                      "repeats has " + plain(count_of(times->size())) + " members, but the dimension has size " +
                          plain(size.value()) + ": give one number, or one for each element")
                .values = {{"repeats", count_of(times->size())}, {"size", size.value()}};
            return;
        }
        call.output(std::move(shape));
    }
};

struct Roll {
    std::optional<std::vector<std::int64_t>> shifts, dims;

    void attributes(Fields& fields) {
        fields.integers(
            "shifts", shifts,
            {.help = "how far elements move; those that fall out come in at the other end", .required = true});
        fields.integers("dims", dims,
                        {.help = "along which dimensions; left out: of the flattened input", .nullable = true});
    }
    void infer(Call& call) const {
        if (dims && !dims->empty()) {
            for (std::int64_t dim : *dims)
                if (!check_dimension(call, "dims", dim, call.shape().size())) return;
        }
        const std::size_t along = dims ? dims->size() : 0;
        if (shifts->empty()) {
            call.fail("out-of-range", "shifts", "shifts is empty: give one shift for each dimension");
            return;
        }
        if (shifts->size() != along && (along != 0 || shifts->size() != 1)) {
            call.fail("shape-mismatch", "shifts",
                      "shifts has " + plain(count_of(shifts->size())) + " members, but dims " + plain(count_of(along)) +
                          ": give one shift for each dimension")
                .values = {{"shifts", count_of(shifts->size())}, {"dims", count_of(along)}};
            return;
        }
        call.output(call.shape());
    }
};

struct Flip {
    std::optional<std::vector<std::int64_t>> dims;

    void attributes(Fields& fields) {
        fields.integers("dims", dims, {.help = "dimensions whose order is reversed", .required = true});
    }
    void infer(Call& call) const {
        if (checked_dimensions(call, "dims", *dims, call.shape().size()))
            copy(call, std::nullopt, preserved_strides(call.input()));
    }
};

/// The order of dimensions in memory, where a function lets it be chosen.
struct WithFormat {
    std::string memory_format;

    void format_field(Fields& fields, std::string_view otherwise) {
        fields.word("memory_format", memory_format,
                    {"contiguous_format", "channels_last", "channels_last_3d", "preserve_format"},
                    {.help = "order of dimensions in memory", .nullable = true, .otherwise = otherwise});
    }

    /// The rank that a channels-last format needs.
    bool fits(Call& call) const {
        const std::size_t needed = memory_format == "channels_last" ? 4 : memory_format == "channels_last_3d" ? 5 : 0;
        if (needed == 0 || call.shape().size() == needed) return true;
        call.fail("wrong-rank", "memory_format",
                  memory_format + " needs " + plain(count_of(needed)) + " dimensions, but the input has " +
                      plain(count_of(call.shape().size())))
            .values = {{"dimensions", count_of(call.shape().size())}, {"takes", count_of(needed)}};
        return false;
    }
    [[nodiscard]] bool preserves() const { return memory_format.empty() || memory_format == "preserve_format"; }
    [[nodiscard]] MemoryFormat format() const {
        return memory_format == "channels_last" || memory_format == "channels_last_3d" ? MemoryFormat::channels_last
                                                                                       : MemoryFormat::contiguous;
    }
};

struct Clone : WithFormat {
    void attributes(Fields& fields) { format_field(fields, "the input's"); }
    void infer(Call& call) const {
        if (!fits(call)) return;
        copy(call, std::nullopt, preserves() ? preserved_strides(call.input()) : strides_in(format(), call.shape()));
    }
};

/// The input itself where it is contiguous already.
struct Contiguous : WithFormat {
    void attributes(Fields& fields) { format_field(fields, "contiguous_format"); }
    void infer(Call& call) const {
        if (!fits(call)) return;
        if (memory_format == "preserve_format") {
            call.fail("unknown-word", "memory_format", "contiguous cannot preserve a format: leave memory_format out")
                .fixes = {{"memory_format", ""}};
        } else if (is_contiguous_in(format(), call.input())) {
            call.same(call.input());
        } else {
            copy(call, std::nullopt, strides_in(format(), call.shape()));
        }
    }
};

/// The input itself where it is of that type and format already, else a converted copy.
void convert(Call& call, DType dtype, const WithFormat& as) {
    const bool as_it_is = as.preserves() || is_contiguous_in(as.format(), call.input());
    if (dtype == call.input().dtype && as_it_is) return call.same(call.input());
    copy(call, dtype, as.preserves() ? preserved_strides(call.input()) : strides_in(as.format(), call.shape()));
}

struct To : WithFormat {
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        fields.dtype("dtype", dtype, {.help = "the element type wanted", .otherwise = "the model's"});
        format_field(fields, "the input's");
    }
    void infer(Call& call) const {
        if (fits(call)) convert(call, dtype.value_or(call.default_dtype()), *this);
    }
};

template <DType dtype>
struct ToType : NoAttributes {
    void infer(Call& call) const { convert(call, dtype, {}); }
};

/// To the second input's type.
struct TypeAs : NoAttributes {
    void infer(Call& call) const { convert(call, call.input(1).dtype, {}); }
};

template <DType dtype>
LayerType conversion(std::string_view op, std::string_view summary) {
    return layer_type<ToType<dtype>>(op, "conversion", summary);
}

template <class T>
LayerType joining(std::string_view op, std::string_view summary, Inputs inputs = {}) {
    return with(layer_type<T>(op, "joining", summary), inputs);
}

}  // namespace

LayerType cat_type() {
    return joining<Cat>("cat", "the inputs one after the other along a dimension", {1, kAnyNumber});
}
LayerType concat_type() {
    return joining<Cat>("concat", "the inputs one after the other along a dimension", {1, kAnyNumber});
}
LayerType stack_type() { return joining<Stack>("stack", "the inputs along a new dimension", {1, kAnyNumber}); }
LayerType repeat_type() { return joining<Repeat>("repeat", "copies of the whole along each dimension"); }
LayerType tile_type() { return joining<Tile>("tile", "copies of the whole along each dimension"); }
LayerType repeat_interleave_type() {
    return joining<RepeatInterleave>("repeat_interleave", "each element several times");
}
LayerType roll_type() { return joining<Roll>("roll", "elements moved along dimensions, round the end"); }
LayerType flip_type() { return joining<Flip>("flip", "dimensions in reverse order"); }
LayerType clone_type() { return joining<Clone>("clone", "a copy"); }
LayerType contiguous_type() {
    return joining<Contiguous>("contiguous", "the input, copied if its memory is in another order");
}

LayerType to_type() {
    return layer_type<To>("to", "conversion", "the input as another element type; itself if it is of that type");
}
LayerType type_as_type() {
    return with(layer_type<TypeAs>("type_as", "conversion", "the first input as the second's element type"), {2, 2});
}
LayerType float_type() { return conversion<DType::float32>("float", "the input as float32"); }
LayerType double_type() { return conversion<DType::float64>("double", "the input as float64"); }
LayerType half_type() { return conversion<DType::float16>("half", "the input as float16"); }
LayerType bfloat16_type() { return conversion<DType::bfloat16>("bfloat16", "the input as bfloat16"); }
LayerType long_type() { return conversion<DType::int64>("long", "the input as int64"); }
LayerType int_type() { return conversion<DType::int32>("int", "the input as int32"); }
LayerType bool_type() { return conversion<DType::boolean>("bool", "the input as bool"); }

}  // namespace footprint
