// GradScaler: torch.amp's, which scales the loss so that gradients in half precision do not vanish.
#pragma once

#include "kernels/kernels.hpp"
#include "step/optimizer.hpp"

namespace footprint {

class GradScaler {
 public:
    explicit GradScaler(aten::Device& device) : device_(device) {}

    /// The loss times the scale, which is made at the first call.
    [[nodiscard]] aten::Tensor scale(const aten::Tensor& loss);
    /// unscale_: by 1 / scale, through float64.
    void unscale();
    /// step and update: an optimizer of fused kernels unscales itself.
    void step(OptimizerRun& optimizer);

 private:
    [[nodiscard]] aten::Tensor number(DType dtype) const { return aten::empty(device_, {}, dtype); }
    void unscale_grads();
    void step_fused(OptimizerRun& optimizer);

    aten::Device& device_;
    aten::Tensor scale_, growth_;
    aten::Tensor found_inf_;  // from unscale to the end of step
};

}  // namespace footprint
