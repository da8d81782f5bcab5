// Normalization.
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Tensor;

void batch_norm(RowRun& run) {
    // Without running statistics, those of the batch are taken in every mode.
    const bool tracked =
        run.row.is_module() ? run.boolean("track_running_stats", true) : run.tensor("running_mean", 1).defined();
    run.outputs = {
        aten::batch_norm(run.input(), run.tensor("weight", 3), run.tensor("bias", 4), run.training || !tracked)};
}

void instance_norm(RowRun& run) {
    const Tensor &input = run.input(), weight = run.tensor("weight", 3), bias = run.tensor("bias", 4);
    // A module takes one item without a batch too: then the kernel sees a batch of one (_handle_no_batch_input).
    const bool batched = !run.row.is_module() || input.dim() == run.row.op[run.row.op.size() - 2] - '0' + 2;
    const Tensor out = aten::instance_norm(batched ? input : aten::unsqueeze(input, 0), weight, bias);
    if (batched) {
        run.outputs = {out};
        return;
    }
    aten::Sizes sizes = out.sizes(), strides = out.strides();
    sizes.erase(sizes.begin());
    strides.erase(strides.begin());
    run.outputs = {aten::squeeze(out, std::move(sizes), std::move(strides))};
}

/// How many rows are normalized each on its own.
std::int64_t rows_of(const RowRun& run) {
    const Tensor weight = run.tensor("weight", 1);
    std::int64_t normalized = 1;
    if (const auto shape = run.integers("normalized_shape"))
        for (const std::int64_t size : *shape) normalized = aten::times(normalized, size);
    else
        normalized = weight.defined() ? weight.numel() : run.input().size(-1);
    return normalized == 0 ? 0 : run.input().numel() / normalized;
}

void layer_norm(RowRun& run) {
    run.outputs = {aten::layer_norm(run.input(), run.tensor("weight", 1), run.tensor("bias", 2), rows_of(run))};
}

void rms_norm(RowRun& run) { run.outputs = {aten::rms_norm(run.input(), run.tensor("weight", 1), rows_of(run))}; }

void group_norm(RowRun& run) {
    run.outputs = {
        aten::group_norm(run.input(), run.tensor("weight", 1), run.tensor("bias", 2), run.integer("num_groups", 1))};
}

/// torch.nn.functional.local_response_norm: x / (k + alpha · avg_pool(pad(x²)))^beta.
void local_response_norm(RowRun& run) {
    const Tensor input = run.input();
    const std::int64_t size = run.integer("size", 1);
    aten::Sizes padded = input.sizes();
    padded.insert(padded.begin() + 1, 1);
    padded[2] = aten::saturated(Integer(padded[2]) + size - 1);
    aten::Sizes pooled = input.sizes();
    pooled.insert(pooled.begin() + 1, 1);
    Tensor scaled;
    {
        Tensor average;
        {
            Tensor square = aten::mul(input, input);
            Tensor with_ends = aten::rearranged("ConstantPadNdBackward0", aten::unsqueeze(square, 1), padded);
            square = Tensor();
            average = aten::rearranged("AvgPool3DBackward0", with_ends, pooled, aten::Keeps::self);
        }
        average = aten::view(average, input.sizes());
        const Tensor shifted = aten::add_scalar(aten::mul_scalar(average));
        scaled = aten::pow_scalar(shifted, run.number("beta", 0.75));
    }
    run.outputs = {aten::div(input, scaled)};
}

/// x / max(‖x‖, eps).
void normalize(RowRun& run) {
    std::vector<bool> over(run.input().sizes().size(), false);
    over[run.dimension("dim", 1, over.size())] = true;
    const Tensor norm = aten::clamp(aten::vector_norm(run.input(), over, true, run.number("p", 2)), false, false);
    run.outputs = {aten::div(run.input(), aten::expand(norm, run.input().sizes()))};
}

/// A weight of a direction and a length: one kernel where all but the first or the last dimension are summed over
/// (aten/src/ATen/native/WeightNorm.cpp). The last one is not called −1, which is one norm of everything.
void weight_norm(RowRun& run) {
    const Tensor direction = run.input(0), length = run.input(1);
    const std::int64_t dim = run.integer("dim", 0);
    if (dim != 0 && dim != direction.dim() - 1) return general(run);
    if (direction.dtype() == DType::float16 || length.dtype() == DType::float16) return general(run);
    Tensor weight = aten::empty_like(direction), norms = aten::empty_like(length);
    if (aten::History history{"WeightNormInterfaceBackward0", {&direction, &length}})
        history.of(weight, [v = history.save(direction), g = history.save(length),
                            norms = history.save(norms)](aten::Incoming in) {
            const Tensor direction = v.unpack(), length = g.unpack(), norm = norms.unpack();
            Tensor grad_v = in.needs(0) ? aten::empty_like(direction) : Tensor();
            Tensor grad_g = in.needs(1) ? aten::empty_like(length) : Tensor();
            return aten::Tensors{std::move(grad_v), std::move(grad_g)};
        });
    run.outputs = {weight};
}

}  // namespace

std::vector<Lowered> normalization_lowerings() {
    return {
        {"BatchNorm1d", batch_norm},
        {"BatchNorm2d", batch_norm},
        {"BatchNorm3d", batch_norm},
        {"batch_norm", batch_norm},
        {"InstanceNorm1d", instance_norm},
        {"InstanceNorm2d", instance_norm},
        {"InstanceNorm3d", instance_norm},
        {"instance_norm", instance_norm},
        {"LayerNorm", layer_norm},
        {"layer_norm", layer_norm},
        {"RMSNorm", rms_norm},
        {"rms_norm", rms_norm},
        {"GroupNorm", group_norm},
        {"group_norm", group_norm},
        {"LocalResponseNorm", local_response_norm},
        {"local_response_norm", local_response_norm},
        {"normalize", normalize},
        {"_weight_norm", weight_norm},
    };
}

}  // namespace footprint
