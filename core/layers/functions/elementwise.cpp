// Arithmetic and comparisons, element by element. Types are promoted and shapes broadcast as torch.add and its siblings
// do (PyTorch's notes "Tensor Attributes" and "Broadcasting semantics").
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// The type of an elementwise result.
enum class Gives : std::uint8_t {
    promoted,  // the operands' own: int + int is int
    floating,  // a floating-point type: int / int is float32
    boolean    // a comparison
};

DType type_of(const Operands& operands, Gives gives) {
    if (gives == Gives::boolean) return DType::boolean;
    return gives == Gives::floating ? operands.floating() : operands.promoted();
}

/// A function of each element of one tensor.
template <Gives gives>
struct OfOne : NoAttributes {
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs();
        operands.result(type_of(operands, gives));
    }
};

bool check_not_bool(Call& call) {
    for (const Tensor* input : call.inputs_) {
        if (input->dtype != DType::boolean) continue;
        call.fail(
                "wrong-dtype", "inputs",
                call.row().op + " takes no bool tensor: use logical_not or logical_xor, or convert it with a `to` row")
            .values = {{"dtype", "bool"}};
        return false;
    }
    return true;
}

bool check_whole(Call& call) {
    for (const Tensor* input : call.inputs_) {
        if (is_integral(input->dtype)) continue;
        const std::string dtype(name_of(input->dtype));
        call.fail("wrong-dtype", "inputs",
                  call.row().op + " takes bool or whole numbers, but an input is " + dtype +
                      ": convert it with a `to` row")
            .values = {{"dtype", dtype}};
        return false;
    }
    return true;
}

/// −x, which PyTorch refuses of bool.
struct Negation : OfOne<Gives::promoted> {
    void infer(Call& call) const {
        if (check_not_bool(call)) OfOne::infer(call);
    }
};

/// |x|: of a complex number its length, which is real.
struct Absolute : NoAttributes {
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs();
        const DType dtype = operands.promoted();
        const bool complex = dtype == DType::complex64 || dtype == DType::complex128;
        if (complex && call.row().inplace) {
            call.fail(
                    "wrong-dtype", "inplace",
                    "the absolute value of complex numbers is real and cannot be written into them: leave inplace out")
                .fixes = {{"inplace", ""}};
            return;
        }
        operands.result(!complex ? dtype : dtype == DType::complex128 ? DType::float64 : DType::float32);
    }
};

/// x ** 2: to PyTorch a power, so that of bool is int64.
struct Square : NoAttributes {
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs();
        const DType dtype = operands.promoted();
        operands.result(dtype == DType::boolean ? DType::int64 : dtype);
    }
};

struct BitwiseNot : OfOne<Gives::promoted> {
    void infer(Call& call) const {
        if (check_whole(call)) OfOne::infer(call);
    }
};

/// A function of two tensors, or of a tensor and the number `other`.
template <Gives gives>
struct OfTwo {
    std::optional<double> other;

    void attributes(Fields& fields) {
        fields.number("other", other, {.help = "a number in the place of the second input"});
    }

    void infer(Call& call) const {
        Operands operands(call);
        operands.tensor(call.input());
        if (add_second(call, operands, "other", other)) operands.result(type_of(operands, gives));
    }
};

struct Bitwise : OfTwo<Gives::promoted> {
    void infer(Call& call) const {
        if (check_whole(call)) OfTwo::infer(call);
    }
};

/// Of two tensors only: maximum, logical_and.
template <Gives gives>
struct OfTwoTensors : NoAttributes {
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs();
        operands.result(type_of(operands, gives));
    }
};

/// input + alpha × other, and what subtracts.
struct Addition : OfTwo<Gives::promoted> {
    double alpha = 1;

    void attributes(Fields& fields) {
        OfTwo::attributes(fields);
        fields.number("alpha", alpha, {.help = "what the second operand is multiplied with"});
    }

    void infer(Call& call) const {
        Operands operands(call);
        operands.tensor(call.input());
        if (!add_second(call, operands, "other", other)) return;
        const DType dtype = operands.promoted();
        const Value* written = call.row().attribute("alpha");
        if (written != nullptr && written->real() != nullptr && !is_floating(dtype)) {
            call.fail("wrong-type", "alpha",
                      "alpha is no whole number, but the result is " + std::string(name_of(dtype)) +
                          ": take a whole number, or convert an input first")
                .values = {{"alpha", written->in_words()}, {"dtype", std::string(name_of(dtype))}};
            return;
        }
        operands.result(dtype);
    }
};

struct Subtraction : Addition {
    void infer(Call& call) const {
        if (check_not_bool(call)) Addition::infer(call);
    }
};

/// other − input: to PyTorch the other operand is the first, whose order of dimensions counts.
struct ReverseSubtraction : Subtraction {
    void infer(Call& call) const {
        const bool two = call.input_count() == 2;
        if (two) std::swap(call.inputs_[0], call.inputs_[1]);
        Subtraction::infer(call);
        if (two) std::swap(call.inputs_[0], call.inputs_[1]);
    }
};

struct Division : OfTwo<Gives::floating> {
    std::string rounding_mode;

    void attributes(Fields& fields) {
        OfTwo::attributes(fields);
        fields.word("rounding_mode", rounding_mode, {"trunc", "floor"},
                    {.help = "rounds the quotient; left out, it is exact", .nullable = true});
    }

    void infer(Call& call) const {
        Operands operands(call);
        operands.tensor(call.input());
        if (add_second(call, operands, "other", other))
            operands.result(rounding_mode.empty() ? operands.floating() : operands.promoted());
    }
};

/// input ** exponent; either may be a number.
struct Power {
    std::optional<double> input, exponent;

    void attributes(Fields& fields) {
        fields.number("input", input, {.help = "a number that is raised to the power of the input tensor"});
        fields.number("exponent", exponent, {.help = "a number in the place of the second input"});
    }

    void infer(Call& call) const {
        Operands operands(call);
        operands.tensor(call.input());
        if (input && !exponent && call.input_count() == 1) {
            if (!call.row().inplace)
                return call.output(call.shape(), operands.number("input").promoted());  // contiguous, unlike the others
            call.fail("unknown-attribute", "inplace",
                      "a number to the power of a tensor has no in-place form: leave inplace out")
                .fixes = {{"inplace", ""}};
            return;
        }
        if (add_second(call, operands, "exponent", exponent)) operands.result(operands.promoted());
    }
};

struct Clamp {
    std::optional<double> min, max;

    void attributes(Fields& fields) {
        fields.number("min", min, {.help = "smaller values become this", .nullable = true});
        fields.number("max", max, {.help = "larger values become this", .nullable = true});
    }

    void infer(Call& call) const {
        if (!min && !max && call.input_count() == 1) {
            call.fail("missing", "min", call.row().op + " needs a bound: give min, max or both");
            return;
        }
        const Operands operands = Operands(call).inputs().number("min").number("max");
        operands.result(operands.promoted());
    }
};

struct ClampMin {
    double min = 0;

    void attributes(Fields& fields) {
        fields.number("min", min, {.help = "smaller values become this", .required = true});
    }
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs().number("min");
        operands.result(operands.promoted());
    }
};

struct ClampMax {
    double max = 0;

    void attributes(Fields& fields) {
        fields.number("max", max, {.help = "larger values become this", .required = true});
    }
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs().number("max");
        operands.result(operands.promoted());
    }
};

/// input + value × tensor1 × tensor2.
struct AddProduct {
    double value = 1;

    void attributes(Fields& fields) {
        fields.number("value", value, {.help = "what the product or quotient is multiplied with"});
    }
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs();
        operands.result(operands.promoted());
    }
};

/// With ÷ instead of ×, which PyTorch refuses of whole numbers.
struct AddQuotient : AddProduct {
    void infer(Call& call) const {
        if (is_floating(call.input(1).dtype) || is_floating(call.input(2).dtype)) return AddProduct::infer(call);
        call.fail("wrong-dtype", "inputs",
                  "addcdiv divides floating-point numbers, but gets whole ones: convert an input with a `to` row")
            .values = {{"dtype", std::string(name_of(call.input(1).dtype))}};
    }
};

/// input + weight × (end − input).
struct Lerp {
    std::optional<double> weight;

    void attributes(Fields& fields) {
        fields.number("weight", weight,
                      {.help = "a number in the place of the third input: 0 gives input, 1 gives end"});
    }

    void infer(Call& call) const {
        if (!weight && call.input_count() < 3 && call.keyword("weight") == nullptr) {
            call.fail("missing", "weight", "lerp needs a weight: give a number, or a tensor as third input");
            return;
        }
        for (const Tensor* input : call.inputs_)
            if (!check_same_dtype(call, "inputs", *input)) return;
        Operands operands = Operands(call).inputs();
        if (const Tensor* named = call.keyword("weight")) operands.tensor(*named);
        operands.number("weight");
        operands.result(call.input().dtype);
    }
};

template <Gives gives>
LayerType one(std::string_view op, std::string_view summary) {
    return in_place(layer_type<OfOne<gives>>(op, "arithmetic", summary));
}

template <class T>
LayerType two(std::string_view op, std::string_view summary) {
    return in_place(with(layer_type<T>(op, "arithmetic", summary), {1, 2}));
}

LayerType comparison(std::string_view op, std::string_view summary) {
    return with(layer_type<OfTwo<Gives::boolean>>(op, "comparison", summary), {1, 2});
}

template <class T>
LayerType tensors(std::string_view op, std::string_view summary, std::uint8_t count) {
    return in_place(with(layer_type<T>(op, "arithmetic", summary), {count, count}));
}

constexpr Gives kPromoted = Gives::promoted, kFloating = Gives::floating, kBoolean = Gives::boolean;

}  // namespace

LayerType add_type() { return two<Addition>("add", "input + alpha × other"); }
LayerType sub_type() { return two<Subtraction>("sub", "input − alpha × other"); }
LayerType rsub_type() {
    return with(layer_type<ReverseSubtraction>("rsub", "arithmetic", "other − alpha × input, as 1 − x"), {1, 2});
}
LayerType mul_type() { return two<OfTwo<kPromoted>>("mul", "input × other"); }
LayerType div_type() { return two<Division>("div", "input ÷ other"); }
LayerType floor_divide_type() { return two<OfTwo<kPromoted>>("floor_divide", "input ÷ other, rounded down"); }
LayerType remainder_type() {
    return two<OfTwo<kPromoted>>("remainder", "what input ÷ other leaves, with other's sign");
}
LayerType fmod_type() { return two<OfTwo<kPromoted>>("fmod", "what input ÷ other leaves, with input's sign"); }
LayerType pow_type() { return two<Power>("pow", "input to the power of exponent"); }
LayerType maximum_type() {
    return with(layer_type<OfTwoTensors<kPromoted>>("maximum", "arithmetic", "the larger of two, element by element"),
                {2, 2});
}
LayerType minimum_type() {
    return with(layer_type<OfTwoTensors<kPromoted>>("minimum", "arithmetic", "the smaller of two, element by element"),
                {2, 2});
}
LayerType atan2_type() { return tensors<OfTwoTensors<kFloating>>("atan2", "the angle of the point (other, input)", 2); }
LayerType clamp_type() {
    return in_place(with(layer_type<Clamp>("clamp", "arithmetic", "x cut off at min and max"), {1, 3}));
}
LayerType clamp_min_type() { return in_place(layer_type<ClampMin>("clamp_min", "arithmetic", "x cut off at min")); }
LayerType clamp_max_type() { return in_place(layer_type<ClampMax>("clamp_max", "arithmetic", "x cut off at max")); }
LayerType addcmul_type() { return tensors<AddProduct>("addcmul", "input + value × tensor1 × tensor2", 3); }
LayerType addcdiv_type() { return tensors<AddQuotient>("addcdiv", "input + value × tensor1 ÷ tensor2", 3); }
LayerType lerp_type() {
    return in_place(with_keywords(
        with(layer_type<Lerp>("lerp", "arithmetic", "between input and end, by weight"), {2, 3}), kWeight));
}

LayerType neg_type() { return in_place(layer_type<Negation>("neg", "arithmetic", "−x")); }
LayerType abs_type() { return in_place(layer_type<Absolute>("abs", "arithmetic", "|x|")); }
LayerType sign_type() { return one<kPromoted>("sign", "−1, 0 or 1"); }
LayerType square_type() { return in_place(layer_type<Square>("square", "arithmetic", "x²")); }
LayerType floor_type() { return one<kPromoted>("floor", "x rounded down"); }
LayerType ceil_type() { return one<kPromoted>("ceil", "x rounded up"); }
LayerType round_type() { return one<kPromoted>("round", "x rounded to the nearest, ties to even"); }
LayerType trunc_type() { return one<kPromoted>("trunc", "x rounded towards 0"); }
LayerType reciprocal_type() { return one<kFloating>("reciprocal", "1 ÷ x"); }
LayerType sqrt_type() { return one<kFloating>("sqrt", "√x"); }
LayerType rsqrt_type() { return one<kFloating>("rsqrt", "1 ÷ √x"); }
LayerType exp_type() { return one<kFloating>("exp", "eˣ"); }
LayerType expm1_type() { return one<kFloating>("expm1", "eˣ − 1"); }
LayerType exp2_type() { return one<kFloating>("exp2", "2ˣ"); }
LayerType log_type() { return one<kFloating>("log", "the natural logarithm"); }
LayerType log1p_type() { return one<kFloating>("log1p", "the natural logarithm of 1 + x"); }
LayerType log2_type() { return one<kFloating>("log2", "the logarithm to base 2"); }
LayerType log10_type() { return one<kFloating>("log10", "the logarithm to base 10"); }
LayerType sin_type() { return one<kFloating>("sin", "the sine"); }
LayerType cos_type() { return one<kFloating>("cos", "the cosine"); }
LayerType tan_type() { return one<kFloating>("tan", "the tangent"); }
LayerType asin_type() { return one<kFloating>("asin", "the arc sine"); }
LayerType acos_type() { return one<kFloating>("acos", "the arc cosine"); }
LayerType atan_type() { return one<kFloating>("atan", "the arc tangent"); }
LayerType sinh_type() { return one<kFloating>("sinh", "the hyperbolic sine"); }
LayerType cosh_type() { return one<kFloating>("cosh", "the hyperbolic cosine"); }
LayerType erf_type() { return one<kFloating>("erf", "the error function"); }

LayerType eq_type() { return comparison("eq", "whether input = other"); }
LayerType ne_type() { return comparison("ne", "whether input ≠ other"); }
LayerType lt_type() { return comparison("lt", "whether input < other"); }
LayerType le_type() { return comparison("le", "whether input ≤ other"); }
LayerType gt_type() { return comparison("gt", "whether input > other"); }
LayerType ge_type() { return comparison("ge", "whether input ≥ other"); }
LayerType isnan_type() { return layer_type<OfOne<kBoolean>>("isnan", "comparison", "whether x is not a number"); }
LayerType isinf_type() { return layer_type<OfOne<kBoolean>>("isinf", "comparison", "whether x is infinite"); }
LayerType isfinite_type() { return layer_type<OfOne<kBoolean>>("isfinite", "comparison", "whether x is finite"); }
LayerType logical_not_type() { return layer_type<OfOne<kBoolean>>("logical_not", "comparison", "not x"); }
LayerType logical_and_type() {
    return with(layer_type<OfTwoTensors<kBoolean>>("logical_and", "comparison", "input and other"), {2, 2});
}
LayerType logical_or_type() {
    return with(layer_type<OfTwoTensors<kBoolean>>("logical_or", "comparison", "input or other"), {2, 2});
}
LayerType logical_xor_type() {
    return with(layer_type<OfTwoTensors<kBoolean>>("logical_xor", "comparison", "either input or other"), {2, 2});
}
LayerType bitwise_not_type() {
    return in_place(layer_type<BitwiseNot>("bitwise_not", "comparison", "the bits of x inverted"));
}
LayerType bitwise_and_type() {
    return in_place(with(layer_type<Bitwise>("bitwise_and", "comparison", "bits set in both"), {1, 2}));
}
LayerType bitwise_or_type() {
    return in_place(with(layer_type<Bitwise>("bitwise_or", "comparison", "bits set in either"), {1, 2}));
}
LayerType bitwise_xor_type() {
    return in_place(with(layer_type<Bitwise>("bitwise_xor", "comparison", "bits set in one alone"), {1, 2}));
}

}  // namespace footprint
