#include "layers/dropout.hpp"

#include "layers/activation.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {

void Dropout::infer(Call& call) {
    if (!check_probability(call, "p", p)) return;
    if (!drops(call)) return call.same(call.input());
    elementwise_output(call, Integers::refused);
}

void FeatureDropout::infer(Call& call) {
    if (drops(call) && !check_least_rank(call, 2)) return;
    Dropout::infer(call);
}

void Dropout1d::infer(Call& call) {
    if (check_rank(call, {2, 3})) Dropout::infer(call);
}

namespace {

/// The modules of alpha dropout have `inplace` but do not pass it on (torch/nn/modules/dropout.py): a new tensor
/// always.
template <class Function>
struct NeverInPlace : Function {
    void infer(Call& call) {
        Function::infer(call);
        if (call.failed() || !call.row().inplace || !this->drops(call)) return;
        call.outputs_.clear();
        call.output(call.shape());
    }
};

template <class T>
LayerType dropout(std::string_view op, std::string_view summary) {
    return in_place(layer_type<T>(op, "dropout", summary));
}

}  // namespace

LayerType Dropout_type() { return dropout<Dropout>("Dropout", "in training, random elements become 0"); }
LayerType Dropout1d_type() {
    return dropout<Dropout1d>("Dropout1d", "in training, random channels of (N, C, L) become 0");
}
LayerType Dropout2d_type() {
    return dropout<FeatureDropout>("Dropout2d", "in training, random channels of (N, C, H, W) become 0");
}
LayerType Dropout3d_type() {
    return dropout<FeatureDropout>("Dropout3d", "in training, random channels of (N, C, D, H, W) become 0");
}
LayerType AlphaDropout_type() {
    return dropout<NeverInPlace<Dropout>>("AlphaDropout", "dropout that keeps mean and variance, for SELU");
}
LayerType FeatureAlphaDropout_type() {
    return dropout<NeverInPlace<FeatureDropout>>("FeatureAlphaDropout", "AlphaDropout of whole channels of (N, C, *)");
}

}  // namespace footprint
