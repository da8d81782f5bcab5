#include "step/grad_scaler.hpp"

namespace footprint {

using aten::Tensor;
using aten::Within;

namespace {

constexpr std::string_view kName = "GradScaler";

}  // namespace

Tensor GradScaler::scale(const Tensor& loss) {
    if (!scale_.defined()) {
        const Within kind(device_.kind, aten::BlockKind::grad_scaler);
        scale_ = number(DType::float32);
        growth_ = number(DType::int32);
    }
    return aten::mul(loss, scale_);
}

void GradScaler::unscale() {
    const Within kernel(device_.kernel, kName);
    Tensor found_inf, inv_scale;
    {
        Tensor scale = number(DType::float64);
        const Tensor reciprocal = number(DType::float64);
        scale = Tensor();
        inv_scale = number(DType::float32);
    }
    found_inf = number(DType::float32);
    unscale_grads();
}

/// _unscale_grads_: both numbers are copied; what is found stays until update().
void GradScaler::unscale_grads() {
    found_inf_ = number(DType::float32);
    const Tensor inv_scale = number(DType::float32);
}

void GradScaler::step(OptimizerRun& optimizer) {
    if (optimizer.scales_gradients()) {
        step_fused(optimizer);
    } else {
        if (!found_inf_.defined()) unscale();
        optimizer.step();
    }
    found_inf_ = Tensor();
}

/// It looks for infinities (_check_inf_per_device), the optimizer unscales.
void GradScaler::step_fused(OptimizerRun& optimizer) {
    Tensor found_inf, grad_scale;
    {
        const Within kernel(device_.kernel, kName);
        const bool unscaled = found_inf_.defined();
        if (!unscaled) {
            Tensor zero;
            const Tensor dummy_inv_scale = number(DType::float32);
            zero = number(DType::float32);
            unscale_grads();
        }
        found_inf = number(DType::float32);
        if (!unscaled) grad_scale = number(DType::float32);
    }
    optimizer.step();
}

}  // namespace footprint
