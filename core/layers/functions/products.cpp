// Products of matrices: matmul, linear, addmm and their siblings. Sources: torch.matmul, torch.nn.functional.linear;
// types: both operands must have one.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// Sizes that are summed over must agree.
bool check_inner(Call& call, std::string_view field, const Tensor& a, Integer in_a, const Tensor& b, Integer in_b) {
    if (in_a == in_b) return true;
    call.fail("shape-mismatch", field,
              call.row().op + " multiplies " + in_words(a.shape) + " with " + in_words(b.shape) +
                  ", whose inner sizes " + plain(in_a.value()) + " and " + plain(in_b.value()) + " must agree")
        .values = {{"size", in_a.value()}, {"other", in_b.value()}};
    return false;
}

/// All inputs have one type.
bool check_one_dtype(Call& call) {
    for (const Tensor* input : call.inputs_)
        if (!check_same_dtype(call, "inputs", *input)) return false;
    return true;
}

/// Vectors, matrices, and batches of them that broadcast.
struct MatMul : NoAttributes {
    void infer(Call& call) const {
        if (!check_least_rank(call, 1, 0) || !check_least_rank(call, 1, 1) || !check_one_dtype(call)) return;
        const Tensor &a = call.input(0), &b = call.input(1);
        const std::size_t inner_of_b = b.rank() == 1 ? 0 : b.rank() - 2;
        if (!check_inner(call, "inputs", a, a.shape.back(), b, b.shape[inner_of_b])) return;
        std::optional<Shape> shape = broadcast(call, batch_of(a), batch_of(b));
        if (!shape) return;
        if (a.rank() > 1) shape->push_back(a.shape[a.rank() - 2]);
        if (b.rank() > 1) shape->push_back(b.shape.back());
        call.output(std::move(*shape));
    }

 private:
    static Shape batch_of(const Tensor& tensor) {
        Shape shape = tensor.shape;
        shape.resize(shape.size() > 2 ? shape.size() - 2 : 0);
        return shape;
    }
};

/// What a product of two matrices, or of two batches of them (rank 3), gives; nothing if they do not fit (said).
std::optional<Shape> product_of(Call& call, int rank, std::size_t first) {
    if (!check_rank(call, {rank}, first) || !check_rank(call, {rank}, first + 1) || !check_one_dtype(call))
        return std::nullopt;
    const Tensor &a = call.input(first), &b = call.input(first + 1);
    const std::size_t rows = a.rank() - 2, columns = a.rank() - 1;
    if (!check_inner(call, "inputs", a, a.shape[columns], b, b.shape[rows])) return std::nullopt;
    if (rank == 3 && a.shape[0] != b.shape[0]) {
        call.fail("shape-mismatch", "inputs",
                  call.row().op + " multiplies as many matrices as there are in both, but has " +
                      plain(a.shape[0].value()) + " and " + plain(b.shape[0].value()) +
                      ": use matmul, which broadcasts")
            .values = {{"size", a.shape[0].value()}, {"other", b.shape[0].value()}};
        return std::nullopt;
    }
    Shape shape = a.shape;
    shape[columns] = b.shape[columns];
    return shape;
}

template <int rank>
struct Product : NoAttributes {
    void infer(Call& call) const {
        if (std::optional<Shape> shape = product_of(call, rank, 0)) call.output(std::move(*shape));
    }
};

/// beta × input + alpha × (product of the other two).
template <int rank>
struct AddedProduct {
    double beta = 1, alpha = 1;

    void attributes(Fields& fields) {
        fields.number("beta", beta, {.help = "what the first input is multiplied with"});
        fields.number("alpha", alpha, {.help = "what the product is multiplied with"});
    }
    void infer(Call& call) const {
        std::optional<Shape> shape = product_of(call, rank, 1);
        if (!shape) return;
        const std::optional<Shape> sum = broadcast(call, *shape, call.shape());
        if (!sum || !check_expands(call, *shape, *sum)) return;
        new_or_written(call, std::move(*shape), call.input(1).dtype);
    }

 private:
    /// The first input must expand to the product, not the product to it.
    static bool check_expands(Call& call, const Shape& product, const Shape& sum) {
        if (product == sum) return true;
        call.fail("shape-mismatch", "inputs",
                  "the first input is " + in_words(call.shape()) + ", which cannot expand to the product, " +
                      in_words(product))
            .values = {{"given", in_words(call.shape())}, {"expected", in_words(product)}};
        return false;
    }
};

/// A product for each group of rows, or of columns, of whatever is one matrix; `offs` says where each group ends. As
/// torch._grouped_mm, whose output has rows that begin at multiples of 16 bytes (create_grouped_gemm_output_tensor).
struct GroupedProduct : NoAttributes {
    void infer(Call& call) const {
        if (!check_rank(call, {2, 3}, 0) || !check_rank(call, {2, 3}, 1)) return;
        const Tensor &a = call.input(0), &b = call.input(1);
        if (!check_floating(call, 0) || !check_same_dtype(call, "inputs", b)) return;
        const Integer rows = a.shape[a.rank() - 2], columns = b.shape.back();
        const bool grouped_a = a.rank() == 3, grouped_b = b.rank() == 3;
        const std::optional<Integer> groups = groups_of(call, a, b);
        if (!groups || !check_aligned(call, a) || !check_aligned(call, b)) return;
        if ((grouped_a || grouped_b) && !check_inner(call, "inputs", a, a.shape.back(), b, b.shape[b.rank() - 2]))
            return;
        const Integer step = elements_in(16, a.dtype), pitch = ceil_divide(columns, step) * step;
        Shape shape = grouped_a == grouped_b ? Shape{*groups, rows, columns} : Shape{rows, columns};
        Strides strides = shape.size() == 3 ? Strides{rows * pitch, pitch, 1} : Strides{pitch, 1};
        call.output_strided(std::move(shape), std::move(strides));
    }

 private:
    /// Said by the batch of whatever is one, else by `offs`, which must agree; nothing if they do not (said).
    static std::optional<Integer> groups_of(Call& call, const Tensor& a, const Tensor& b) {
        const bool both = a.rank() == 3 && b.rank() == 3;
        if (both != (call.inputs_.size() == 2)) {
            call.fail("wrong-input-count", "inputs",
                      both ? "_grouped_mm multiplies two batches of matrices without a third input"
                           : "_grouped_mm needs a third input, where each group of the single matrix ends (offs)")
                .values = {{"inputs", count_of(call.inputs_.size())}, {"takes", both ? 2 : 3}};
            return std::nullopt;
        }
        if (!both && !check_rank(call, {1}, 2)) return std::nullopt;
        if (!both && call.input(2).dtype != DType::int32) {
            call.fail("wrong-dtype", "inputs",
                      "the ends of the groups must be int32, but are " + std::string(name_of(call.input(2).dtype)))
                .values = {{"dtype", std::string(name_of(call.input(2).dtype))}, {"takes", std::string("int32")}};
            return std::nullopt;
        }
        const Integer groups = both ? a.shape[0] : call.shape(2)[0];
        const Tensor* batch = b.rank() == 3 ? &b : a.rank() == 3 ? &a : nullptr;
        if (batch == nullptr || batch->shape[0] == groups) return groups;
        call.fail("shape-mismatch", "inputs",
                  "there are " + plain(groups.value()) + " groups, but " + plain(batch->shape[0].value()) + " matrices")
            .values = {{"size", groups.value()}, {"other", batch->shape[0].value()}};
        return std::nullopt;
    }

    /// By rows or by columns, each beginning at a multiple of 16 bytes.
    static bool check_aligned(Call& call, const Tensor& matrix) {
        const std::size_t last = matrix.rank() - 1;
        const bool by_rows = matrix.strides[last] == 1;
        const Integer pitch = matrix.strides[by_rows ? last - 1 : last], step = elements_in(16, matrix.dtype);
        if (pitch.overflowed() || step.value() == 0 || pitch.value() % step.value() == 0) return true;
        call.fail("not-divisible", "inputs",
                  std::string("the ") + (by_rows ? "rows" : "columns") + " of " + in_words(matrix.shape) + " lie " +
                      plain(pitch.value()) + " elements apart, which is no multiple of " + plain(step.value()) +
                      " (16 bytes)")
            .values = {{"size", pitch.value()}, {"divisor", step.value()}};
        return false;
    }

    static Integer elements_in(std::int64_t bytes, DType dtype) { return bytes / size_of(dtype); }
};

/// Matrix times vector.
struct MatrixVector : NoAttributes {
    void infer(Call& call) const {
        if (!check_rank(call, {2}, 0) || !check_rank(call, {1}, 1) || !check_one_dtype(call)) return;
        if (check_inner(call, "inputs", call.input(0), call.shape(0)[1], call.input(1), call.shape(1)[0]))
            call.output({call.shape(0)[0]});
    }
};

struct Dot : NoAttributes {
    void infer(Call& call) const {
        if (!check_rank(call, {1}, 0) || !check_rank(call, {1}, 1) || !check_one_dtype(call)) return;
        if (check_inner(call, "inputs", call.input(0), call.shape(0)[0], call.input(1), call.shape(1)[0]))
            call.output({});
    }
};

struct Outer : NoAttributes {
    void infer(Call& call) const {
        if (check_rank(call, {1}, 0) && check_rank(call, {1}, 1))
            call.output({call.shape(0)[0], call.shape(1)[0]}, Operands(call).inputs().promoted());
    }
};

/// x Wᵀ + b; weight (out, in) and bias (out), or weight (in).
struct LinearMap : NoAttributes {
    void infer(Call& call) const {
        const Tensor* weight = required_tensor(call, "weight", 1, "its weight");
        if (weight == nullptr || !check_least_rank(call, 1)) return;
        if (weight->rank() != 1 && weight->rank() != 2) {
            call.fail("wrong-rank", "weight",
                      "weight is " + in_words(weight->shape) + ", but must be (out_features, in_features)")
                .values = {{"dimensions", count_of(weight->rank())}, {"takes", 2}};
            return;
        }
        if (!check_same_dtype(call, "weight", *weight) ||
            !check_inner(call, "weight", call.input(), call.shape().back(), *weight, weight->shape.back()))
            return;
        Shape shape = call.shape();
        shape.pop_back();
        if (weight->rank() == 2) shape.push_back(weight->shape[0]);
        if (const Tensor* bias = tensor_under(call, "bias", 2)) {
            const Shape wanted = weight->rank() == 2 ? Shape{weight->shape[0]} : Shape{};
            if (!check_same_dtype(call, "bias", *bias) ||
                (elements(bias->shape) != 1 && !check_shape(call, "bias", "bias", *bias, wanted)))
                return;
        }
        call.output(std::move(shape));
    }
};

/// x₁ᵀ W x₂ + b; weight (out, in1, in2).
struct BilinearMap : NoAttributes {
    void infer(Call& call) const {
        const Tensor* weight = required_tensor(call, "weight", 2, "its weight");
        if (weight == nullptr || !check_least_rank(call, 1, 0) || !check_least_rank(call, 1, 1)) return;
        if (weight->rank() != 3) {
            call.fail(
                    "wrong-rank", "weight",
                    "weight is " + in_words(weight->shape) + ", but must be (out_features, in1_features, in2_features)")
                .values = {{"dimensions", count_of(weight->rank())}, {"takes", 3}};
            return;
        }
        const Tensor &a = call.input(0), &b = call.input(1);
        Shape wanted = a.shape;
        wanted.back() = b.shape.back();
        if (!check_same_dtype(call, "inputs", b) || !check_same_dtype(call, "weight", *weight) ||
            !check_shape(call, "inputs", "but for its last size the second input", b, wanted) ||
            !check_inner(call, "weight", a, a.shape.back(), *weight, weight->shape[1]) ||
            !check_inner(call, "weight", b, b.shape.back(), *weight, weight->shape[2]))
            return;
        if (const Tensor* bias = tensor_under(call, "bias", 3);
            bias != nullptr && !check_shape(call, "bias", "bias", *bias, {weight->shape[0]}))
            return;
        wanted.back() = weight->shape[0];
        call.output(std::move(wanted));
    }
};

template <class T>
LayerType product(std::string_view op, std::string_view summary, Inputs inputs = {2, 2}) {
    return with(layer_type<T>(op, "linear", summary), inputs);
}

}  // namespace

LayerType matmul_type() { return product<MatMul>("matmul", "product of matrices, vectors, or batches of matrices"); }
LayerType mm_type() { return product<Product<2>>("mm", "product of two matrices"); }
LayerType bmm_type() { return product<Product<3>>("bmm", "product of two equally long batches of matrices"); }
LayerType _grouped_mm_type() {
    return product<GroupedProduct>("_grouped_mm", "a product of matrices for each group of rows", {2, 3});
}
LayerType mv_type() { return product<MatrixVector>("mv", "matrix times vector"); }
LayerType dot_type() { return product<Dot>("dot", "product of two vectors"); }
LayerType outer_type() { return product<Outer>("outer", "every element of one vector times every one of the other"); }
LayerType addmm_type() {
    return in_place(product<AddedProduct<2>>("addmm", "beta × input + alpha × (mat1 × mat2)", {3, 3}));
}
LayerType baddbmm_type() {
    return in_place(product<AddedProduct<3>>("baddbmm", "beta × input + alpha × (batch1 × batch2)", {3, 3}));
}
LayerType linear_type() {
    return with_keywords(product<LinearMap>("linear", "x times the transposed weight, plus bias", {1, 3}),
                         kWeightAndBias);
}
LayerType bilinear_type() {
    return with_keywords(product<BilinearMap>("bilinear", "a form in two inputs, plus bias", {2, 4}), kWeightAndBias);
}

}  // namespace footprint
