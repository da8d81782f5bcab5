// Functions over whole dimensions: sums, means, extremes, norms, running sums, sorting. Sources: torch.sum and its
// siblings; types of results: ATen/native/ReduceOps.cpp.
#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// The shape that is left of the input when dimensions are reduced; with keepdim they stay as 1.
Shape reduced_shape(const Shape& in, const std::vector<std::size_t>& dims, bool keepdim) {
    Shape shape;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (std::find(dims.begin(), dims.end(), i) == dims.end())
            shape.push_back(in[i]);
        else if (keepdim)
            shape.push_back(1);
    }
    return shape;
}

/// Dimensions that are reduced: those of `dim`, or all.
struct Reduction {
    std::optional<std::vector<std::int64_t>> dim;
    bool keepdim = false;

    void attributes(Fields& fields) {
        fields.integers("dim", dim, {.help = "dimensions that are reduced; left out or empty: all", .nullable = true});
        keepdim_field(fields);
    }
    void keepdim_field(Fields& fields) {
        fields.boolean("keepdim", keepdim, {.help = "reduced dimensions stay, with size 1"});
    }

    /// The reduced dimensions, or nothing if one does not exist (said).
    std::optional<std::vector<std::size_t>> dimensions(Call& call) const {
        const std::size_t rank = call.shape().size();
        if (dim && !dim->empty()) return checked_dimensions(call, "dim", *dim, rank);
        std::vector<std::size_t> all(rank);
        for (std::size_t i = 0; i < rank; ++i) all[i] = i;
        return all;
    }

    void reduce(Call& call, DType dtype) const {
        if (const auto dims = dimensions(call)) call.output(reduced_shape(call.shape(), *dims, keepdim), dtype);
    }
};

/// Integers sum up as int64.
DType summed_type(const Call& call, std::optional<DType> wanted) {
    const DType dtype = call.input().dtype;
    return wanted.value_or(is_floating(dtype) ? dtype : DType::int64);
}

struct Sum : Reduction {
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        Reduction::attributes(fields);
        dtype_field(fields);
    }
    void dtype_field(Fields& fields) {
        fields.dtype("dtype", dtype,
                     {.help = "converts the input to this type first",
                      .nullable = true,
                      .otherwise = "the input's; int64 for integers"});
    }
    void infer(Call& call) const { reduce(call, summed_type(call, dtype)); }
};

struct Mean : Sum {
    void infer(Call& call) const {
        if (dtype && !is_floating(*dtype)) {
            call.fail("wrong-dtype", "dtype", "a mean is no whole number: take a floating-point dtype").fixes = {
                {"dtype", "\"float32\""}};
            return;
        }
        if (dtype || check_floating(call)) reduce(call, dtype.value_or(call.input().dtype));
    }
};

/// One dimension, or all.
struct ReductionOfOne {
    std::optional<std::int64_t> dim;
    bool keepdim = false;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is reduced; left out: all", .nullable = true});
        fields.boolean("keepdim", keepdim, {.help = "the reduced dimension stays, with size 1"});
    }

    std::optional<Shape> reduced(Call& call) const {
        const Shape& shape = call.shape();
        if (!dim) return keepdim ? Shape(shape.size(), 1) : Shape();
        std::int64_t checked = *dim;
        if (!check_dimension(call, "dim", checked, shape.size())) return std::nullopt;
        return reduced_shape(shape, {at(checked)}, keepdim);
    }
};

struct Product : ReductionOfOne {
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        ReductionOfOne::attributes(fields);
        fields.dtype("dtype", dtype,
                     {.help = "converts the input to this type first",
                      .nullable = true,
                      .otherwise = "the input's; int64 for integers"});
    }
    void infer(Call& call) const {
        if (std::optional<Shape> shape = reduced(call)) call.output(std::move(*shape), summed_type(call, dtype));
    }
};

/// An extreme has none of no elements.
bool check_some(Call& call, const std::vector<std::size_t>& dims) {
    const Shape& shape = call.shape();
    const bool none =
        std::any_of(dims.begin(), dims.end(), [&](std::size_t dim) { return dim < shape.size() && shape[dim] == 0; });
    if (none)
        call.fail("empty-output", "dim",
                  call.row().op + " has no answer over a dimension of size 0: the input is " + in_words(shape))
            .values = {{"size", 0}, {"least", 1}};
    return !none;
}

struct Extremes : Reduction {
    void infer(Call& call) const {
        if (const auto dims = dimensions(call); dims && check_some(call, *dims))
            call.output(reduced_shape(call.shape(), *dims, keepdim));
    }
};

/// max and min are three functions: over all, over a dimension (values and indices), of two tensors.
struct Extreme : ReductionOfOne {
    void infer(Call& call) const {
        if (call.input_count() > 1) {
            if (dim) {
                call.fail("unknown-attribute", "dim",
                          call.row().op + " of two tensors compares them element by element and takes no dim")
                    .fixes = {{"dim", ""}};
                return;
            }
            const Operands operands = Operands(call).inputs();
            return operands.result(operands.promoted());
        }
        if (!dim) {
            std::vector<std::size_t> all(call.shape().size());
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
            if (check_some(call, all)) call.output({});
            return;
        }
        values_and_indices(call);
    }

 protected:
    void values_and_indices(Call& call) const {
        const std::optional<Shape> shape = reduced(call);
        if (!shape || !check_some(call, {at(*dim < 0 ? *dim + count_of(call.shape().size()) : *dim)})) return;
        call.output(*shape);
        call.output(*shape, DType::int64);
        call.returns(Returned::tuple);
    }
};

/// The middle value: over all, or over a dimension with its index.
struct Median : Extreme {
    void infer(Call& call) const {
        if (dim)
            values_and_indices(call);
        else
            call.output({});
    }
};

struct IndexOfExtreme : ReductionOfOne {
    void infer(Call& call) const {
        std::optional<Shape> shape = reduced(call);
        if (!shape) return;
        if (elements(call.shape()) == 0 && elements(*shape) != 0) {
            call.fail("empty-output", "dim",
                      call.row().op + " has no answer over no elements: the input is " + in_words(call.shape()))
                .values = {{"size", 0}, {"least", 1}};
            return;
        }
        call.output(std::move(*shape), DType::int64);
    }
};

struct Norm : Reduction {
    const Value* p = nullptr;
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        fields.value("p", p, {.help = "order of the norm: a number, or \"fro\"", .otherwise = "2"});
        Reduction::attributes(fields);
        fields.dtype("dtype", dtype,
                     {.help = "converts the input to this type first", .nullable = true, .otherwise = "the input's"});
    }
    void infer(Call& call) const {
        const std::string* word = p == nullptr ? nullptr : p->text();
        const bool known = word != nullptr && (*word == "fro" || *word == "inf" || *word == "-inf");
        if (p != nullptr && !known && p->integer() == nullptr && p->real() == nullptr) {
            call.fail("wrong-type", "p",
                      "p is " + p->in_words() + ", but must be a number, \"fro\", \"inf\" or \"-inf\"")
                .values = {{"p", p->in_words()}};
            return;
        }
        if (known || p == nullptr) {
            // Without a number it is the Frobenius norm, which is of vectors and matrices alone.
            constexpr std::size_t kMatrix = 2;
            if (dim && dim->size() > kMatrix) {
                call.fail("out-of-range", "dim",
                          "dim names " + plain(count_of(dim->size())) +
                              " dimensions, but the norm of a matrix is over 2: give p a number")
                    .values = {{"dim", count_of(dim->size())}, {"most", 2}};
                return;
            }
        }
        if (check_floating(call)) reduce(call, dtype.value_or(call.input().dtype));
    }
};

struct VectorNorm : Reduction {
    double ord = 2;
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        fields.number("ord", ord, {.help = "order of the norm"});
        Reduction::attributes(fields);
        fields.dtype("dtype", dtype,
                     {.help = "converts the input to this type first", .nullable = true, .otherwise = "the input's"});
    }
    void infer(Call& call) const {
        if (check_floating(call)) reduce(call, dtype.value_or(call.input().dtype));
    }
};

struct Variance : Reduction {
    double correction = 1;

    void attributes(Fields& fields) {
        fields.integers("dim", dim, {.help = "dimensions that are reduced; left out or empty: all", .nullable = true});
        fields.number("correction", correction, {.help = "taken off the number of elements that is divided by"});
        keepdim_field(fields);
    }
    void infer(Call& call) const {
        if (check_floating(call)) reduce(call, call.input().dtype);
    }
};

struct VarianceAndMean : Variance {
    void infer(Call& call) const {
        Variance::infer(call);
        if (call.failed()) return;
        const Shape shape = call.outputs_.back().shape;
        call.output(shape);
        call.returns(Returned::tuple);
    }
};

struct LogSumExp : Reduction {
    void attributes(Fields& fields) {
        fields.integers("dim", dim, {.help = "dimensions that are reduced", .required = true});
        keepdim_field(fields);
    }
    void infer(Call& call) const {
        reduce(call, is_floating(call.input().dtype) ? call.input().dtype : DType::float32);
    }
};

struct Any : Reduction {
    void infer(Call& call) const { reduce(call, call.input().dtype == DType::uint8 ? DType::uint8 : DType::boolean); }
};

/// Running sums and products: as long as the input.
struct Cumulative {
    std::int64_t dim = 0;
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is run along", .required = true});
        fields.dtype("dtype", dtype,
                     {.help = "converts the input to this type first",
                      .nullable = true,
                      .otherwise = "the input's; int64 for integers"});
    }
    void infer(Call& call) {
        if (check_dimension(call, "dim", dim, call.shape().size()))
            new_or_written(call, call.shape(), summed_type(call, dtype));
    }
};

/// Values and indices.
void sorted(Call& call, Shape shape, std::optional<Strides> strides) {
    call.output(shape);
    call.output(std::move(shape), DType::int64);
    call.returns(Returned::tuple);
    if (!strides) return;
    for (Tensor& output : call.outputs_) output.strides = *strides;
}

struct TopK {
    std::int64_t k = 0, dim = -1;
    bool largest = true, is_sorted = true;

    void attributes(Fields& fields) {
        fields.integer("k", k, {.help = "how many are kept", .least = 0, .required = true});
        fields.integer("dim", dim, {.help = "the dimension along which the best are sought"});
        fields.boolean("largest", largest, {.help = "the largest, else the smallest"});
        fields.boolean("sorted", is_sorted, {.help = "in order"});
    }
    void infer(Call& call) {
        Shape shape = call.shape();
        if (!check_dimension(call, "dim", dim, shape.size())) return;
        const Integer size = shape.empty() ? Integer(1) : shape[at(dim)];
        if (k > size) {
            Diagnostic& diagnostic = call.fail("out-of-range", "k",
                                               "k is " + plain(k) + ", but dimension " + plain(dim) + " has only " +
                                                   plain(size.value()) + " elements");
            diagnostic.values = {{"k", k}, {"size", size.value()}};
            diagnostic.fixes = {{"k", plain(size.value())}};
            return;
        }
        if (!shape.empty()) shape[at(dim)] = k;
        sorted(call, std::move(shape), std::nullopt);
    }
};

struct Sort {
    std::int64_t dim = -1;
    bool descending = false, stable = false;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is sorted"});
        fields.boolean("descending", descending, {.help = "the largest first"});
        fields.boolean("stable", stable, {.help = "equal elements keep their order"});
    }
    void infer(Call& call) {
        if (check_dimension(call, "dim", dim, call.shape().size()))
            sorted(call, call.shape(), preserved_strides(call.input()));
    }
};

struct ArgSort : Sort {
    void infer(Call& call) {
        if (!check_dimension(call, "dim", dim, call.shape().size())) return;
        call.output(call.shape(), DType::int64);
        call.outputs_.back().strides = preserved_strides(call.input());
    }
};

template <class T>
LayerType reduction(std::string_view op, std::string_view summary, Inputs inputs = {}) {
    return with(layer_type<T>(op, "reduction", summary), inputs);
}

}  // namespace

LayerType sum_type() { return reduction<Sum>("sum", "the sum over dimensions"); }
LayerType mean_type() { return reduction<Mean>("mean", "the mean over dimensions"); }
LayerType prod_type() { return reduction<Product>("prod", "the product over a dimension"); }
LayerType amax_type() { return reduction<Extremes>("amax", "the largest element over dimensions"); }
LayerType amin_type() { return reduction<Extremes>("amin", "the smallest element over dimensions"); }
LayerType max_type() {
    return reduction<Extreme>(
        "max", "the largest element; over a dimension, with its index; of two tensors, element by element", {1, 2});
}
LayerType min_type() {
    return reduction<Extreme>(
        "min", "the smallest element; over a dimension, with its index; of two tensors, element by element", {1, 2});
}
LayerType median_type() { return reduction<Median>("median", "the middle element; over a dimension, with its index"); }
LayerType argmax_type() { return reduction<IndexOfExtreme>("argmax", "where the largest element is"); }
LayerType argmin_type() { return reduction<IndexOfExtreme>("argmin", "where the smallest element is"); }
LayerType norm_type() { return reduction<Norm>("norm", "the norm over dimensions"); }
LayerType linalg_vector_norm_type() { return reduction<VectorNorm>("linalg_vector_norm", "the norm over dimensions"); }
LayerType var_type() { return reduction<Variance>("var", "the variance over dimensions"); }
LayerType std_type() { return reduction<Variance>("std", "the standard deviation over dimensions"); }
LayerType var_mean_type() { return reduction<VarianceAndMean>("var_mean", "variance and mean over dimensions"); }
LayerType std_mean_type() {
    return reduction<VarianceAndMean>("std_mean", "standard deviation and mean over dimensions");
}
LayerType logsumexp_type() {
    return reduction<LogSumExp>("logsumexp", "the logarithm of the sum of eˣ over dimensions");
}
LayerType all_type() { return reduction<Any>("all", "whether all elements are true"); }
LayerType any_type() { return reduction<Any>("any", "whether any element is true"); }
LayerType cumsum_type() { return in_place(reduction<Cumulative>("cumsum", "running sums along a dimension")); }
LayerType cumprod_type() { return in_place(reduction<Cumulative>("cumprod", "running products along a dimension")); }
LayerType topk_type() { return reduction<TopK>("topk", "the k largest elements of a dimension, with their indices"); }
LayerType sort_type() { return reduction<Sort>("sort", "a dimension in order, with the indices"); }
LayerType argsort_type() { return reduction<ArgSort>("argsort", "the indices that put a dimension in order"); }

}  // namespace footprint
