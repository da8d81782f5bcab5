// Activations and arithmetic: modules and functions of each element.
#include "kernels/autocast.hpp"
#include "lowering/families.hpp"

namespace footprint {
namespace {

using aten::Keeps;
using aten::Tensor;

template <Keeps keeps>
void unary(RowRun& run) {
    const std::string_view node = run.row.op;
    run.outputs = {run.row.inplace ? aten::pointwise_(node, run.input(), keeps)
                                   : aten::pointwise(node, run.input(), keeps)};
}

/// A function that autocast computes in float32.
template <Keeps keeps>
void unary_in_float32(RowRun& run) {
    run.outputs = {aten::pointwise(run.row.op, aten::in_float32(run.input()), keeps)};
}
constexpr Lower kSelf32 = unary_in_float32<Keeps::self>, kResult32 = unary_in_float32<Keeps::result>;

constexpr Lower kSelf = unary<Keeps::self>, kResult = unary<Keeps::result>;

/// One whose backward takes several steps, as derivatives.yaml writes its formula; `in_float32`: under autocast.
template <Keeps keeps, int steps, bool in_float32 = false>
void in_steps(RowRun& run) {
    const Tensor input = in_float32 ? aten::in_float32(run.input()) : run.input();
    if (run.row.inplace)
        run.outputs = {aten::pointwise_(run.row.op, input, keeps)};
    else
        run.outputs = {aten::pointwise(run.row.op, input, keeps, steps)};
}

/// LeakyReLU and ELU keep their input, but in place their result.
void self_or_result(RowRun& run) { run.row.inplace ? kResult(run) : kSelf(run); }

void softmax(RowRun& run) {
    const bool log = run.row.op == "LogSoftmax" || run.row.op == "log_softmax";
    Tensor input = run.input();
    if (run.row.op == "Softmin" || run.row.op == "softmin") input = aten::mul_scalar(input);
    if (input.dtype() != run.out_dtype() && run.row.attribute("dtype") != nullptr)
        input = aten::to(input, run.out_dtype());
    // Autocast asks for float32, and the kernel reads the input as it is.
    const DType dtype = aten::autocasts(input) ? DType::float32 : run.out_dtype();
    run.outputs = {aten::softmax(log ? "LogSoftmaxBackward0" : "SoftmaxBackward0", input, dtype)};
}

/// torch.nn.functional.gumbel_softmax: noise, added and divided by the temperature before the softmax.
void gumbel_softmax(RowRun& run) {
    const Tensor logits = run.input();
    Tensor noise = aten::empty_like(logits);
    noise = aten::empty_like(aten::in_float32(noise));  // its logarithm
    noise = aten::empty_like(noise);                    // negated
    {
        const Tensor sum = aten::add(logits, noise);
        noise = aten::mul_scalar(sum);
    }
    const Tensor soft =
        aten::softmax("SoftmaxBackward0", noise, aten::autocasts(noise) ? DType::float32 : noise.dtype());
    run.outputs = {soft};
    if (!run.boolean("hard", false)) return;
    aten::Sizes sizes = soft.sizes();
    sizes[run.dimension("dim", -1, sizes.size())] = 1;
    const Tensor index = aten::extremes(soft, sizes).indices;
    const Tensor hard = aten::empty_like(logits);
    const Tensor difference = aten::sub(hard, aten::detached(soft));
    run.outputs = {aten::add(difference, soft)};
}

void glu(RowRun& run) {
    run.outputs = {
        aten::glu(run.input(), static_cast<std::int64_t>(run.dimension("dim", -1, run.input().sizes().size())))};
}

void prelu(RowRun& run) { run.outputs = {aten::prelu(run.input(), run.tensor("weight", 1))}; }

void softsign(RowRun& run) {  // x / (|x| + 1)
    Tensor magnitude = aten::pointwise("AbsBackward0", run.input(), Keeps::self, 1);
    const Tensor more = aten::add_scalar(magnitude);
    magnitude = Tensor();
    run.outputs = {aten::div(run.input(), more)};
}

void tanhshrink(RowRun& run) {  // x − tanh x
    run.outputs = {aten::sub(run.input(), aten::pointwise("TanhBackward0", run.input(), Keeps::result))};
}

/// Random slopes, kept, where it trains; else a leaky ReLU.
void rrelu(RowRun& run) {
    if (!run.training) return self_or_result(run);
    const Tensor noise = aten::empty_like(run.input());
    Tensor result = run.row.inplace ? run.input() : aten::empty_like(run.input());
    const Tensor input = run.input();
    if (aten::History history{"RreluWithNoiseBackward0", {&input}})
        history.of(result, [self = history.save(input), noise = history.save(noise)](aten::Incoming in) {
            const Tensor kept = self.unpack(), slopes = noise.unpack();
            return aten::Tensors{aten::binary_result(in.grad(), slopes)};
        });
    run.outputs = {result};
}

void log_sigmoid(RowRun& run) { run.outputs = {aten::pointwise("LogSigmoidBackward0", run.input(), Keeps::self)}; }

void feature_dropout(RowRun& run) {
    run.outputs = {run.is_view() && !run.row.inplace ? run.input()
                                                     : aten::feature_dropout(run.input(), run.row.inplace)};
}

bool drops(const RowRun& run) {
    const bool trains = run.row.is_module() ? run.training : run.boolean("training", run.training);
    return trains && run.number("p", 0.5) != 0;
}

void dropout(RowRun& run) {
    if (!drops(run)) {
        run.outputs = {run.input()};
        return;
    }
    const bool whole = run.row.op.find('1') != std::string::npos || run.row.op.find('2') != std::string::npos ||
                       run.row.op.find('3') != std::string::npos;
    if (whole) return feature_dropout(run);
    run.outputs = {aten::dropout(run.input(), run.row.inplace)};
}

/// SELU's dropout: noise, scaled and shifted, of the input's type.
void alpha_dropout(RowRun& run) {
    if (!drops(run)) {
        run.outputs = {run.input()};
        return;
    }
    const Tensor noise = aten::empty_like(run.input());
    const Tensor shift = aten::mul_scalar(aten::detached(aten::add_scalar(aten::detached(noise))));
    run.outputs = {run.row.inplace ? aten::add_(aten::mul_(run.input(), noise), shift)
                                   : aten::add(aten::mul(run.input(), noise), shift)};
}

// ── arithmetic
/// The second operand: a tensor, or undefined where it is a number.
Tensor other(const RowRun& run) { return run.inputs.size() > 1 ? run.inputs[1] : Tensor(); }

/// The first operand times a number: integers stay integers.
Tensor scaled(const RowRun& run) {
    return is_floating(run.out_dtype()) ? aten::mul_scalar(run.input())
                                        : aten::empty_like(run.input(), run.out_dtype());
}

void add(RowRun& run) {
    const Tensor second = other(run);
    if (!second.defined())
        run.outputs = {run.row.inplace ? run.input() : aten::add_scalar(run.input())};
    else
        run.outputs = {run.row.inplace ? aten::add_(run.input(), second) : aten::add(run.input(), second)};
}

void sub(RowRun& run) {
    const Tensor second = other(run);
    if (!second.defined()) return add(run);
    run.outputs = {run.row.inplace ? aten::sub_(run.input(), second) : aten::sub(run.input(), second)};
}

/// other − self: the gradient of the first is negated.
void rsub(RowRun& run) {
    const Tensor second = other(run);
    run.outputs = {second.defined() ? aten::sub(second, run.input()) : scaled(run)};
}

void mul(RowRun& run) {
    const Tensor second = other(run);
    if (!second.defined())
        run.outputs = {run.row.inplace ? aten::in_place(run.input()) : scaled(run)};
    else
        run.outputs = {run.row.inplace ? aten::mul_(run.input(), second) : aten::mul(run.input(), second)};
}

void div(RowRun& run) {
    const Tensor second = other(run);
    if (!second.defined())
        run.outputs = {run.row.inplace ? aten::in_place(run.input()) : aten::mul_scalar(run.input())};
    else
        run.outputs = {run.row.inplace ? aten::div_(run.input(), second) : aten::div(run.input(), second)};
}

void pow(RowRun& run) {
    const Tensor exponent = other(run);
    if (run.row.attribute("input") != nullptr) {  // a number to the power of a tensor
        run.outputs = {aten::exponential(run.input())};
        return;
    }
    if (!exponent.defined()) {
        const double to = run.row.op == "square" ? 2.0 : run.number("exponent", 2.0);
        run.outputs = {aten::pow_scalar(run.input(), to)};
        return;
    }
    run.outputs = {aten::pow_tensor(run.input(), exponent)};
}

void sqrt(RowRun& run) { run.outputs = {aten::sqrt(run.input())}; }
void rsqrt(RowRun& run) { run.outputs = {aten::rsqrt(run.input())}; }
void reciprocal(RowRun& run) { run.outputs = {aten::reciprocal(run.input())}; }
void extreme(RowRun& run) { run.outputs = {aten::maximum(run.input(), run.input(1))}; }
void negated(RowRun& run) { run.outputs = {run.row.inplace ? run.input() : scaled(run)}; }

/// A result without a gradient: comparisons, indices, filling.
void constant(RowRun& run) {
    run.outputs.clear();
    for (std::size_t k = 0; k < run.inferred.outputs.size(); ++k)
        run.outputs.push_back(run.is_view(k) ? run.input()
                                             : aten::empty_strided(run.device, run.out_sizes(k), run.out_strides(k),
                                                                   run.made_dtype.value_or(run.out_dtype(k))));
}

/// A tensor made in forward; on the host it takes no memory of the device.
void made(RowRun& run) {
    if (run.word("device", "cuda") != "cpu") constant(run);
}

/// zero_ of a part is written into the whole's history, and its gradient is zeros.
void zero(RowRun& run) {
    if (!run.row.inplace) return constant(run);
    const Tensor self = run.input();
    Tensor result = self;
    if (aten::History history{"ZeroBackward0", {&self}})
        history.rewrites(result, [](aten::Incoming in) { return aten::Tensors{aten::empty_like(in.grad())}; });
    run.outputs = {result};
}

void clamp(RowRun& run) {
    if (run.inputs.size() > 1) return kSelf(run);
    const auto given = [&](std::string_view name) {
        const Value* value = run.row.attribute(name);
        return value != nullptr && !value->is_null();
    };
    run.outputs = {aten::clamp(run.input(), given("min") && given("max"), run.row.inplace)};
}

/// The remainder of a division by a number, or by a tensor that wants no gradient: the gradient passes.
void remainder(RowRun& run) {
    const Tensor second = other(run);
    if (!is_floating(run.out_dtype()) || run.row.inplace || (second.defined() && second.requires_grad()))
        return constant(run);
    run.outputs = {second.defined() ? aten::add(run.input(), second) : aten::add_scalar(run.input())};
}

void atan2(RowRun& run) { run.outputs = {aten::atan2(run.input(), run.input(1))}; }
void lerp(RowRun& run) { run.outputs = {aten::lerp(run.input(), run.input(1), run.tensor("weight", 2))}; }
void triangle(RowRun& run) {
    run.outputs = {run.row.inplace                    ? run.input()
                   : is_floating(run.input().dtype()) ? aten::mul_scalar(run.input())
                                                      : aten::empty_like(run.input())};
}

void where(RowRun& run) {
    // A number in the place of a tensor becomes a tensor of one element.
    const auto operand = [&](std::size_t position, std::string_view number) {
        if (run.row.attribute(number) != nullptr) return aten::empty(run.device, {}, run.out_dtype());
        return position < run.inputs.size() ? run.inputs[position] : aten::empty(run.device, {}, run.out_dtype());
    };
    const Tensor first = operand(1, "input");
    const Tensor second = operand(run.row.attribute("input") != nullptr ? 1 : 2, "other");
    run.outputs = {aten::where(run.input(), first, second)};
}

void masked_fill(RowRun& run) {
    run.outputs = {run.row.inplace ? aten::masked_fill_(run.input(), run.input(1))
                                   : aten::masked_fill(run.input(), run.input(1))};
}

/// value · tensor1 · tensor2 (or their quotient) added to the input.
void add_product(RowRun& run) {
    const auto run_as = run.row.op == "addcmul" ? aten::addcmul : aten::addcdiv;
    run.outputs = {run_as(run.input(), run.input(1), run.input(2), run.row.inplace)};
}

}  // namespace

std::vector<Lowered> pointwise_lowerings() {
    return {
        {"ReLU", kResult},
        {"relu", kResult},
        {"ReLU6", kSelf},
        {"relu6", kSelf},
        {"LeakyReLU", self_or_result},
        {"leaky_relu", self_or_result},
        {"PReLU", prelu},
        {"prelu", prelu},
        {"RReLU", rrelu},
        {"rrelu", rrelu},
        {"ELU", self_or_result},
        {"elu", self_or_result},
        {"SELU", self_or_result},
        {"selu", self_or_result},
        {"CELU", self_or_result},
        {"celu", self_or_result},
        {"GELU", kSelf},
        {"gelu", kSelf},
        {"SiLU", kSelf},
        {"silu", kSelf},
        {"Mish", kSelf},
        {"mish", kSelf},
        {"Hardswish", kSelf},
        {"hardswish", kSelf},
        {"Hardsigmoid", kSelf},
        {"hardsigmoid", kSelf},
        {"Hardtanh", kSelf},
        {"hardtanh", kSelf},
        {"Hardshrink", kSelf},
        {"hardshrink", kSelf},
        {"Softshrink", kSelf},
        {"softshrink", kSelf},
        {"Tanhshrink", tanhshrink},
        {"tanhshrink", tanhshrink},
        {"Sigmoid", kResult},
        {"sigmoid", kResult},
        {"LogSigmoid", log_sigmoid},
        {"logsigmoid", log_sigmoid},
        {"Softplus", kSelf32},
        {"softplus", kSelf32},
        {"Softsign", softsign},
        {"softsign", softsign},
        {"Tanh", kResult},
        {"tanh", kResult},
        {"Threshold", kSelf},
        {"threshold", kSelf},
        {"GLU", glu},
        {"glu", glu},
        {"Softmax", softmax},
        {"softmax", softmax},
        {"Softmax2d", softmax},
        {"Softmin", softmax},
        {"softmin", softmax},
        {"LogSoftmax", softmax},
        {"log_softmax", softmax},
        {"gumbel_softmax", gumbel_softmax},
        {"Dropout", dropout},
        {"dropout", dropout},
        {"Dropout1d", dropout},
        {"dropout1d", dropout},
        {"Dropout2d", dropout},
        {"dropout2d", dropout},
        {"Dropout3d", dropout},
        {"dropout3d", dropout},
        {"AlphaDropout", alpha_dropout},
        {"alpha_dropout", alpha_dropout},
        {"FeatureAlphaDropout", alpha_dropout},
        {"feature_alpha_dropout", alpha_dropout},
        {"add", add},
        {"sub", sub},
        {"rsub", rsub},
        {"mul", mul},
        {"div", div},
        {"floor_divide", constant},
        {"remainder", remainder},
        {"fmod", remainder},
        {"pow", pow},
        {"square", pow},
        {"maximum", extreme},
        {"minimum", extreme},
        {"atan2", atan2},
        {"clamp", clamp},
        {"clamp_min", clamp},
        {"clamp_max", clamp},
        {"addcmul", add_product},
        {"addcdiv", add_product},
        {"lerp", lerp},
        {"neg", negated},
        {"abs", in_steps<Keeps::self, 1>},
        {"sign", constant},
        {"floor", constant},
        {"ceil", constant},
        {"round", constant},
        {"trunc", constant},
        {"reciprocal", reciprocal},
        {"sqrt", sqrt},
        {"rsqrt", rsqrt},
        {"exp", kResult32},
        {"expm1", in_steps<Keeps::result, 1, true>},
        {"exp2", in_steps<Keeps::result, 1>},
        {"log", kSelf32},
        {"log1p", in_steps<Keeps::self, 1, true>},
        {"log2", in_steps<Keeps::self, 1, true>},
        {"log10", in_steps<Keeps::self, 1, true>},
        {"sin", in_steps<Keeps::self, 1>},
        {"cos", in_steps<Keeps::self, 2>},
        {"tan", in_steps<Keeps::result, 2, true>},
        {"asin", in_steps<Keeps::self, 4, true>},
        {"acos", in_steps<Keeps::self, 5, true>},
        {"atan", in_steps<Keeps::self, 2>},
        {"sinh", in_steps<Keeps::self, 1, true>},
        {"cosh", in_steps<Keeps::self, 1, true>},
        {"erf", in_steps<Keeps::self, 4>},
        {"eq", constant},
        {"ne", constant},
        {"lt", constant},
        {"le", constant},
        {"gt", constant},
        {"ge", constant},
        {"isnan", constant},
        {"isinf", constant},
        {"isfinite", constant},
        {"logical_not", constant},
        {"logical_and", constant},
        {"logical_or", constant},
        {"logical_xor", constant},
        {"bitwise_not", constant},
        {"bitwise_and", constant},
        {"bitwise_or", constant},
        {"bitwise_xor", constant},
        {"zero", zero},
        {"zeros_like", constant},
        {"ones_like", constant},
        {"empty_like", constant},
        {"full_like", constant},
        {"rand_like", constant},
        {"randn_like", constant},
        {"bernoulli", constant},
        {"constant", made},
        {"one_hot", constant},
        {"argmax", constant},
        {"argmin", constant},
        {"argsort", constant},
        {"all", constant},
        {"any", constant},
        {"where", where},
        {"masked_fill", masked_fill},
        {"tril", triangle},
        {"triu", triangle},
    };
}

}  // namespace footprint
