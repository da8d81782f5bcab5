#include "layers/activation.hpp"

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"

namespace footprint {

void elementwise_output(Call& call, Integers integers) {
    if (integers == Integers::refused && !check_floating(call)) return;
    if (call.row().inplace) return call.elementwise();
    const bool converts = integers == Integers::promoted && !is_floating(call.input().dtype);
    call.output(call.shape(), converts ? call.default_dtype() : call.input().dtype);
    call.outputs_.back().strides = preserved_strides(call.input());
}

void CELU::infer(Call& call) {
    if (value == 0)
        call.fail("out-of-range", "alpha", "alpha is 0, but CELU divides by it: take another number");
    else
        elementwise_output(call, Integers::refused);
}

void Hardtanh::infer(Call& call) {
    if (max_val > min_val) return elementwise_output(call, Integers::kept);
    call.fail("out-of-range", "min_val",
              "max_val is " + fixed(max_val, 6) + ", but must be above min_val, which is " + fixed(min_val, 6))
        .values = {{"max_val", fixed(max_val, 6)}, {"min_val", fixed(min_val, 6)}};
}

void RReLU::infer(Call& call) {
    if (lower <= upper) return elementwise_output(call, Integers::refused);
    call.fail("out-of-range", "lower",
              "lower is " + fixed(lower, 6) + ", but may be at most upper, which is " + fixed(upper, 6))
        .values = {{"lower", fixed(lower, 6)}, {"upper", fixed(upper, 6)}};
}

void GLU::infer(Call& call) {
    if (!check_least_rank(call, 1) || !check_floating(call) || !check_dimension(call, "dim", dim, call.shape().size()))
        return;
    const Integer size = call.shape()[static_cast<std::size_t>(dim)];
    if (size.value() % 2 != 0) {
        call.fail("not-divisible", "dim",
                  "GLU halves dimension " + plain(dim) + ", whose size " + plain(size.value()) +
                      " is odd: take another dimension, or an even size")
            .values = {{"size", size.value()}, {"divisor", 2}};
        return;
    }
    call.output(sizes(call.shape(), Symbols<Integer>{}));
}

void SoftmaxLike::infer(Call& call) {
    if (!check_floating(call)) return;
    const std::size_t rank = call.shape().size();
    // What PyTorch takes when dim is left out (functional.py, _get_softmax_dim).
    if (!dim) dim = rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
    if (check_dimension(call, "dim", *dim, rank)) call.output(call.shape());
}

namespace {

/// A leaky ReLU with learned slopes, one or one per channel.
struct PReLU {
    std::int64_t num_parameters = 1;
    double init = 0.25;

    void attributes(Fields& fields) {
        fields.integer("num_parameters", num_parameters, {.help = "slopes learned: 1, or one per channel", .least = 1});
        fields.number("init", init, {.help = "first value of the slopes"});
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        owner.parameter("weight", {symbol("n", num_parameters, "num_parameters of this row")});
    }

    void infer(Call& call) {
        if (!check_parameter_dtype(call)) return;
        const Shape& shape = call.shape();
        const Integer channels = shape.size() > 1 ? shape[1] : 1;
        if (num_parameters != 1 && channels != num_parameters) {
            Diagnostic& diagnostic =
                call.fail("shape-mismatch", "num_parameters",
                          "num_parameters is " + plain(num_parameters) + ", but the input has " +
                              plain(channels.value()) + " channels: take 1, or as many as there are channels");
            diagnostic.values = {{"num_parameters", num_parameters}, {"input", channels.value()}};
            diagnostic.fixes = {{"num_parameters", plain(channels.value())}};
            return;
        }
        own_parameters(*this, call);
        elementwise_output(call, Integers::refused);
    }
};

/// Softmax over the channels of each place.
struct Softmax2d {
    void attributes(Fields&) {}
    void infer(Call& call) const {
        if (check_rank(call, {3, 4}) && check_floating(call)) call.output(call.shape());
    }
};

template <class T>
LayerType activation(std::string_view op, std::string_view summary) {
    return layer_type<T>(op, "activation", summary);
}

using Kept = Elementwise<Integers::kept>;
using Promoted = Elementwise<Integers::promoted>;
using Refused = Elementwise<Integers::refused>;

}  // namespace

LayerType ReLU_type() { return in_place(activation<Kept>("ReLU", "max(0, x)")); }
LayerType ReLU6_type() { return in_place(activation<Kept>("ReLU6", "x cut off at 0 and 6")); }
LayerType LeakyReLU_type() { return in_place(activation<LeakyReLU>("LeakyReLU", "x, and a small slope below 0")); }
LayerType PReLU_type() { return with_keywords(activation<PReLU>("PReLU", "x, and a learned slope below 0"), kWeight); }
LayerType RReLU_type() { return in_place(activation<RReLU>("RReLU", "x, and a random slope below 0")); }
LayerType ELU_type() { return in_place(activation<ELU>("ELU", "x, and alpha (eˣ − 1) below 0")); }
LayerType SELU_type() { return in_place(activation<Refused>("SELU", "a scaled ELU that keeps mean and variance")); }
LayerType CELU_type() { return in_place(activation<CELU>("CELU", "an ELU that is smooth for every alpha")); }
LayerType GELU_type() { return activation<GELU>("GELU", "x times the normal distribution's share below x"); }
LayerType SiLU_type() { return in_place(activation<Refused>("SiLU", "x times sigmoid(x); swish")); }
LayerType Mish_type() { return in_place(activation<Refused>("Mish", "x times tanh(softplus(x))")); }
LayerType Hardswish_type() { return in_place(activation<Refused>("Hardswish", "x times Hardsigmoid(x)")); }
LayerType Hardsigmoid_type() {
    return in_place(activation<Refused>("Hardsigmoid", "a sigmoid of three straight lines"));
}
LayerType Hardtanh_type() { return in_place(activation<Hardtanh>("Hardtanh", "x cut off at both ends")); }
LayerType Hardshrink_type() { return activation<Hardshrink>("Hardshrink", "x, and 0 near 0"); }
LayerType Softshrink_type() { return activation<Softshrink>("Softshrink", "x moved towards 0"); }
LayerType Tanhshrink_type() { return activation<Promoted>("Tanhshrink", "x minus tanh(x)"); }
LayerType Sigmoid_type() { return activation<Promoted>("Sigmoid", "1 / (1 + e⁻ˣ)"); }
LayerType LogSigmoid_type() { return activation<Refused>("LogSigmoid", "the logarithm of a sigmoid"); }
LayerType Softplus_type() { return activation<Softplus>("Softplus", "a smooth ReLU"); }
LayerType Softsign_type() { return activation<Promoted>("Softsign", "x / (1 + |x|)"); }
LayerType Tanh_type() { return activation<Promoted>("Tanh", "the hyperbolic tangent"); }
LayerType Threshold_type() { return in_place(activation<Threshold>("Threshold", "x above a threshold, else a value")); }
LayerType GLU_type() { return activation<GLU>("GLU", "half of a dimension times the sigmoid of the other half"); }
LayerType Softmax_type() { return activation<SoftmaxLike>("Softmax", "shares of eˣ along a dimension"); }
LayerType Softmax2d_type() { return activation<Softmax2d>("Softmax2d", "softmax over the channels of (N, C, H, W)"); }
LayerType Softmin_type() { return activation<SoftmaxLike>("Softmin", "shares of e⁻ˣ along a dimension"); }
LayerType LogSoftmax_type() { return activation<SoftmaxLike>("LogSoftmax", "the logarithm of a softmax"); }

}  // namespace footprint
