// Loss functions that a model calls itself.
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

void cross_entropy(RowRun& run) {
    const bool smooths = run.number("label_smoothing", 0) > 0;
    if (run.tensor("weight", 2).defined() && (smooths || is_floating(run.input(1).dtype()))) return general(run);
    const std::string_view word = run.word("reduction", "mean");
    const aten::Reduction reduction = word == "none"  ? aten::Reduction::none
                                      : word == "sum" ? aten::Reduction::sum
                                                      : aten::Reduction::mean;
    run.outputs = {aten::cross_entropy(run.input(), run.input(1), reduction, smooths)};
}

void mse_loss(RowRun& run) {
    if (run.out_sizes().empty())
        run.outputs = {aten::mse_loss(run.input(), run.input(1))};
    else
        general(run);
}

}  // namespace

std::vector<Lowered> loss_lowerings() {
    return {
        {"cross_entropy", cross_entropy},
        {"nll_loss", general},
        {"mse_loss", mse_loss},
        {"l1_loss", general},
        {"smooth_l1_loss", general},
        {"huber_loss", general},
        {"binary_cross_entropy", general},
        {"binary_cross_entropy_with_logits", general},
        {"kl_div", general},
        {"cosine_similarity", general},
        {"CosineSimilarity", general},
        {"PairwiseDistance", general},
        {"cdist", general},
        {"opaque", general},
    };
}

}  // namespace footprint
