// Reductions over dimensions.
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Tensor;

bool keepdim(const RowRun& run) { return run.boolean("keepdim", false); }

void sum(RowRun& run) { run.outputs = {aten::sum(run.input(), run.reduced(), keepdim(run))}; }
void mean(RowRun& run) { run.outputs = {aten::mean(run.input(), run.reduced(), keepdim(run))}; }
void amax(RowRun& run) { run.outputs = {aten::max_over(run.input(), run.reduced(), keepdim(run))}; }
void norm(RowRun& run) {
    const double p = run.number("p", run.number("ord", 2));
    run.outputs = {aten::vector_norm(run.input(), run.reduced(), keepdim(run), p)};
}
void var(RowRun& run) { run.outputs = {aten::var(run.input(), run.reduced(), keepdim(run))}; }
void std_(RowRun& run) { run.outputs = {aten::standard_deviation(run.input(), run.reduced(), keepdim(run))}; }

void var_mean(RowRun& run) {
    const aten::Moments made = aten::var_mean(run.input(), run.reduced(), keepdim(run), run.row.op == "std_mean");
    run.outputs = {made.spread, made.mean};
}

/// Values and their indices: backward writes the gradient where they were.
void values_and_indices(RowRun& run) {
    if (run.inputs.size() > 1) {
        run.outputs = {aten::maximum(run.input(), run.input(1))};
        return;
    }
    if (run.inferred.outputs.size() < 2) {
        run.outputs = {aten::extreme_of_all(run.input())};
        return;
    }
    const aten::Extremes found = aten::extremes(run.input(), run.out_sizes());
    run.outputs = {found.values, found.indices};
}

void logsumexp(RowRun& run) { run.outputs = {aten::logsumexp(run.input(), run.reduced(), keepdim(run))}; }

/// Running sums: backward flips, sums and flips back.
void cumulative(RowRun& run) {
    const Tensor self = run.input();
    Tensor result = aten::empty_like(self, run.out_dtype());
    if (aten::History history{"CumsumBackward0", {&self}})
        history.of(result, [](aten::Incoming in) {
            const Tensor flipped = aten::empty_like(in.grad());
            const Tensor summed = aten::empty_like(flipped);
            return aten::Tensors{aten::empty_like(summed)};
        });
    run.outputs = {result};
}

}  // namespace

std::vector<Lowered> reduction_lowerings() {
    return {
        {"sum", sum},
        {"mean", mean},
        {"prod", general},
        {"amax", amax},
        {"amin", amax},
        {"max", values_and_indices},
        {"min", values_and_indices},
        {"median", values_and_indices},
        {"norm", norm},
        {"linalg_vector_norm", norm},
        {"var", var},
        {"std", std_},
        {"var_mean", var_mean},
        {"std_mean", var_mean},
        {"logsumexp", logsumexp},
        {"cumsum", cumulative},
        {"cumprod", general},
        {"topk", values_and_indices},
        {"sort", values_and_indices},
    };
}

}  // namespace footprint
