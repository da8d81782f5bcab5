// Linear and bilinear maps. Source: torch.nn.Linear, torch.nn.Bilinear.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::string_view kOutFeatures = "out_features of this row";

struct Linear {
    std::optional<std::int64_t> in_features;
    std::int64_t out_features = 0;
    bool bias = true;

    void attributes(Fields& fields) {
        fields.integer("in_features", in_features, {.help = "last size of the input", .least = 0, .inferred = true});
        fields.integer("out_features", out_features, {.help = "last size of the output", .least = 0, .required = true});
        fields.boolean("bias", bias, {.help = "adds one learned number per output feature"});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        in.back() = symbol("F_out", out_features, kOutFeatures);
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        const N in = symbol("F_in", *in_features, "features of the input");
        const N out = symbol("F_out", out_features, kOutFeatures);
        owner.parameter("weight", {out, in}, in * out);
        if (bias) owner.parameter("bias", {out});
    }

    void infer(Call& call) {
        if (!check_least_rank(call, 1) || !check_parameter_dtype(call)) return;
        if (!call.settle("in_features", in_features, call.shape().back(), "the last size of the input")) return;
        own_parameters(*this, call);
        call.output(sizes(call.shape(), Symbols<Integer>{}));
    }
};

/// x₁ᵀ W x₂ + b.
struct Bilinear {
    std::optional<std::int64_t> in1_features, in2_features;
    std::int64_t out_features = 0;
    bool bias = true;

    void attributes(Fields& fields) {
        fields.integer("in1_features", in1_features,
                       {.help = "last size of the first input", .least = 1, .inferred = true});
        fields.integer("in2_features", in2_features,
                       {.help = "last size of the second input", .least = 0, .inferred = true});
        fields.integer("out_features", out_features, {.help = "last size of the output", .least = 0, .required = true});
        fields.boolean("bias", bias, {.help = "adds one learned number per output feature"});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        in.back() = symbol("F_out", out_features, kOutFeatures);
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        const N first = symbol("F_in1", *in1_features, "features of the first input");
        const N second = symbol("F_in2", *in2_features, "features of the second input");
        const N out = symbol("F_out", out_features, kOutFeatures);
        owner.parameter("weight", {out, first, second}, first * second * out);
        if (bias) owner.parameter("bias", {out});
    }

    void infer(Call& call) {
        if (!check_least_rank(call, 1, 0) || !check_least_rank(call, 1, 1)) return;
        if (!check_parameter_dtype(call, 0) || !check_parameter_dtype(call, 1)) return;
        const Shape& first = call.shape(0);
        const Shape& second = call.shape(1);
        Shape expected = first;
        expected.back() = second.back();
        if (!check_shape(call, "inputs", "but for its last size the second input", call.input(1), expected)) return;
        if (!call.settle("in1_features", in1_features, first.back(), "the last size of the first input")) return;
        if (!call.settle("in2_features", in2_features, second.back(), "the last size of the second input")) return;
        own_parameters(*this, call);
        call.output(sizes(first, Symbols<Integer>{}));
    }
};

}  // namespace

LayerType Linear_type() {
    return with_keywords(
        layer_type<Linear>("Linear", "linear", "matrix times the last dimension of (*, F), plus a bias"),
        kWeightAndBias);
}
LayerType Bilinear_type() {
    return with(with_keywords(
                    layer_type<Bilinear>("Bilinear", "linear", "a form in two inputs (*, F1) and (*, F2), plus a bias"),
                    kWeightAndBias),
                {2, 2});
}

}  // namespace footprint
