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
void norm(RowRun& run) { run.outputs = {aten::vector_norm(run.input(), run.reduced(), keepdim(run))}; }
void var(RowRun& run) { run.outputs = {aten::var(run.input(), run.reduced(), keepdim(run))}; }
void std_(RowRun& run) { run.outputs = {aten::sqrt(aten::var(run.input(), run.reduced(), keepdim(run)))}; }

void var_mean(RowRun& run) {
    const Tensor variance = aten::var(run.input(), run.reduced(), keepdim(run));
    run.outputs = {run.row.op == "std_mean" ? aten::sqrt(variance) : variance,
                   aten::mean(run.input(), run.reduced(), keepdim(run))};
}

/// Values and their indices: backward writes the gradient where they were.
void values_and_indices(RowRun& run) {
    if (run.inputs.size() > 1) {
        run.outputs = {aten::maximum(run.input(), run.input(1))};
        return;
    }
    if (run.inferred.outputs.size() < 2) return amax(run);
    const aten::Extremes found = aten::extremes(run.input(), run.out_sizes());
    run.outputs = {found.values, found.indices};
}

void logsumexp(RowRun& run) {
    const Tensor self = run.input();
    Tensor result = aten::empty(run.device, run.out_sizes(), run.out_dtype());
    {
        const Tensor largest = aten::empty(run.device, run.out_sizes(), run.out_dtype());
        const Tensor shifted = aten::empty_like(self);
    }
    if (aten::History history{"LogsumexpBackward0", {&self}})
        history.of(result, [self = history.save(self), result = history.save(result)](aten::Incoming) {
            const Tensor input = self.unpack(), out = result.unpack();
            const Tensor shares = aten::empty_like(input);
            return aten::Tensors{aten::empty_like(input)};
        });
    run.outputs = {result};
}

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
