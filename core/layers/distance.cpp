#include "layers/distance.hpp"

#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {

void CosineSimilarity::infer(Call& call) {
    const DType type = promoted(call.input(0).dtype, call.input(1).dtype);
    if (!is_floating(type) && !check_floating(call)) return;
    std::optional<Shape> shape = broadcast(call, call.shape(0), call.shape(1));
    if (!shape || !check_dimension(call, "dim", dim, shape->size())) return;
    if (!shape->empty()) shape->erase(shape->begin() + static_cast<std::ptrdiff_t>(dim));
    call.output(std::move(*shape), type);
}

namespace {

/// The norm of the difference along the last dimension.
struct PairwiseDistance {
    double p = 2.0, eps = 1e-6;
    bool keepdim = false;

    void attributes(Fields& fields) {
        fields.number("p", p, {.help = "which norm"});
        fields.number("eps", eps, {.help = "added to the difference"});
        fields.boolean("keepdim", keepdim, {.help = "keeps the last dimension, with size 1"});
    }

    void infer(Call& call) const {
        std::optional<Shape> shape = broadcast(call, call.shape(0), call.shape(1));
        if (!shape) return;
        if (!shape->empty() && keepdim) shape->back() = 1;
        if (!shape->empty() && !keepdim) shape->pop_back();
        const DType type = promoted(call.input(0).dtype, call.input(1).dtype);
        call.output(std::move(*shape), is_floating(type) ? type : call.default_dtype());
    }
};

}  // namespace

LayerType CosineSimilarity_type() {
    return with(layer_type<CosineSimilarity>("CosineSimilarity", "distance",
                                             "cosine of the angle between two inputs along a dimension"),
                {2, 2});
}
LayerType PairwiseDistance_type() {
    return with(
        layer_type<PairwiseDistance>("PairwiseDistance", "distance", "distance of two inputs along the last dimension"),
        {2, 2});
}

}  // namespace footprint
