// Activations as functions: torch.nn.functional's relu, gelu, softmax and their siblings. What they do is their
// modules'.
#include "layers/activation.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// The softmax functions, which unlike their modules can convert first.
struct SoftmaxTo : SoftmaxLike {
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        SoftmaxLike::attributes(fields);
        fields.dtype("dtype", dtype,
                     {.help = "converts the input to this type first", .nullable = true, .otherwise = "the input's"});
    }

    void infer(Call& call) {
        if (!dtype) return SoftmaxLike::infer(call);
        Tensor converted = call.input();
        converted.dtype = *dtype;
        const Tensor* const given = call.inputs_[0];
        call.inputs_[0] = &converted;
        SoftmaxLike::infer(call);
        call.inputs_[0] = given;
    }
};

/// A leaky ReLU whose slopes are another tensor: one, or one for each channel.
struct SlopedByTensor : NoAttributes {
    void infer(Call& call) const {
        const Tensor* weight = required_tensor(call, "weight", 1, "its slopes");
        if (weight == nullptr || !check_floating(call) || !check_same_dtype(call, "weight", *weight)) return;
        const Shape& shape = call.shape();
        const Integer channels = shape.size() > 1 ? shape[1] : Integer(1), slopes = elements(weight->shape);
        if (weight->rank() > 1) {
            call.fail("wrong-rank", "weight",
                      "the slopes of prelu are " + in_words(weight->shape) +
                          ", but must be one number or one for each channel");
        } else if (slopes != 1 && slopes != channels) {
            call.fail("shape-mismatch", "weight",
                      "prelu has " + in_words(weight->shape) + " slopes, but the input " + in_words(shape) + " has " +
                          in_words({channels}) + " channels: give one slope, or one for each channel")
                .values = {{"weight", slopes.value()}, {"channels", channels.value()}};
        } else {
            Operands(call).tensor(call.input()).result(call.input().dtype);
        }
    }
};

/// Logits to probabilities with noise in between.
struct GumbelSoftmax {
    double tau = 1;
    bool hard = false;
    std::int64_t dim = -1;

    void attributes(Fields& fields) {
        fields.number("tau", tau, {.help = "temperature"});
        fields.boolean("hard", hard, {.help = "gives one-hot vectors"});
        fields.integer("dim", dim, {.help = "the dimension that sums to 1"});
    }
    void infer(Call& call) {
        if (check_floating(call) && check_dimension(call, "dim", dim, call.shape().size())) call.output(call.shape());
    }
};

/// Of integers it gives floating-point numbers, which cannot be written over them.
struct Promoted : NoAttributes {
    void infer(Call& call) const {
        const Operands operands = Operands(call).inputs();
        operands.result(operands.floating());
    }
};

template <class T>
LayerType activation(std::string_view op, std::string_view summary) {
    return layer_type<T>(op, "activation", summary);
}

using Kept = Elementwise<Integers::kept>;
using Refused = Elementwise<Integers::refused>;

}  // namespace

LayerType relu_type() { return in_place(activation<Kept>("relu", "max(0, x)")); }
LayerType relu6_type() { return in_place(activation<Kept>("relu6", "x cut off at 0 and 6")); }
LayerType leaky_relu_type() { return in_place(activation<LeakyReLU>("leaky_relu", "x, and a small slope below 0")); }
LayerType prelu_type() {
    return with_keywords(with(activation<SlopedByTensor>("prelu", "x, and slopes of another tensor below 0"), {1, 2}),
                         kWeight);
}
LayerType rrelu_type() { return in_place(activation<RReLU>("rrelu", "x, and a random slope below 0")); }
LayerType elu_type() { return in_place(activation<ELU>("elu", "x, and alpha (eˣ − 1) below 0")); }
LayerType selu_type() { return in_place(activation<Refused>("selu", "a scaled ELU that keeps mean and variance")); }
LayerType celu_type() { return in_place(activation<CELU>("celu", "an ELU that is smooth for every alpha")); }
LayerType gelu_type() { return activation<GELU>("gelu", "x times the normal distribution's share below x"); }
LayerType silu_type() { return in_place(activation<Refused>("silu", "x times sigmoid(x); swish")); }
LayerType mish_type() { return in_place(activation<Refused>("mish", "x times tanh(softplus(x))")); }
LayerType hardswish_type() { return in_place(activation<Refused>("hardswish", "x times hardsigmoid(x)")); }
LayerType hardsigmoid_type() {
    return in_place(activation<Refused>("hardsigmoid", "a sigmoid of three straight lines"));
}
LayerType hardtanh_type() { return in_place(activation<Hardtanh>("hardtanh", "x cut off at both ends")); }
LayerType hardshrink_type() { return activation<Hardshrink>("hardshrink", "x, and 0 near 0"); }
LayerType softshrink_type() { return activation<Softshrink>("softshrink", "x moved towards 0"); }
LayerType tanhshrink_type() { return activation<Promoted>("tanhshrink", "x minus tanh(x)"); }
LayerType sigmoid_type() { return in_place(activation<Promoted>("sigmoid", "1 / (1 + e⁻ˣ)")); }
LayerType logsigmoid_type() { return activation<Refused>("logsigmoid", "the logarithm of a sigmoid"); }
LayerType softplus_type() { return activation<Softplus>("softplus", "a smooth ReLU"); }
LayerType softsign_type() { return activation<Promoted>("softsign", "x / (1 + |x|)"); }
LayerType tanh_type() { return in_place(activation<Promoted>("tanh", "the hyperbolic tangent")); }
LayerType threshold_type() { return in_place(activation<Threshold>("threshold", "x above a threshold, else a value")); }
LayerType glu_type() { return activation<GLU>("glu", "half of a dimension times the sigmoid of the other half"); }
LayerType softmax_type() { return activation<SoftmaxTo>("softmax", "shares of eˣ along a dimension"); }
LayerType softmin_type() { return activation<SoftmaxTo>("softmin", "shares of e⁻ˣ along a dimension"); }
LayerType log_softmax_type() { return activation<SoftmaxTo>("log_softmax", "the logarithm of a softmax"); }
LayerType gumbel_softmax_type() {
    return activation<GumbelSoftmax>("gumbel_softmax", "softmax of the input with Gumbel noise");
}

}  // namespace footprint
