// Optimizers: what each keeps for a parameter, and what a step takes above it. Source: torch/optim (2.15).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/kernels.hpp"
#include "model/run.hpp"

namespace footprint {

/// An optimizer of torch.optim, as far as memory goes.
struct OptimizerType {
    std::string_view class_name;  // torch.optim's
    std::string_view name;        // Optimizer::name
    std::string_view keeps;       // in words, for a reader who chooses
    bool has_foreach = false, has_fused = false;
    bool foreach_by_default = false;  // on a GPU; otherwise a for-loop
    // Which of the arguments that decide memory it takes.
    bool momentum = false, nesterov = false, amsgrad = false, centered = false, weight_decay = false;
};

[[nodiscard]] std::span<const OptimizerType> optimizers();
/// By its name; none for a name it does not know, and for "none".
[[nodiscard]] const OptimizerType* find_optimizer(std::string_view name);

/// A tensor that an optimizer keeps for a parameter.
struct OptimizerState {
    std::string_view name;  // torch.optim's
    aten::Tensor tensor;
};

struct OptimizedParameter {
    aten::Tensor parameter;
    std::vector<OptimizerState> state;
    bool has_state = false;
    std::int64_t steps = 0;

    /// Makes a state like the parameter, or one number on the device.
    void keep(std::string_view name);
    void keep(std::string_view name, aten::Sizes sizes);
    void keep_number(std::string_view name);
    [[nodiscard]] const aten::Tensor& kept(std::string_view name) const;
};

class OptimizerRun {
 public:
    /// What the constructor does. `parameters` in model.parameters()'s order; `settings` names a known optimizer.
    OptimizerRun(const Optimizer& settings, const aten::Tensors& parameters);
    void step();
    /// Its own kernels take GradScaler's scale and what it found (_step_supports_amp_scaling).
    [[nodiscard]] bool scales_gradients() const { return settings_.fused; }

 private:
    Optimizer settings_;
    const OptimizerType* type_;
    std::vector<OptimizedParameter> parameters_;  // in model.parameters()'s order
};

/// torch.nn.utils.clip_grad_norm_.
void clip_grad_norm(const aten::Tensors& parameters);

/// How many types the tensors have: PyTorch's lists of tensors are run once for each.
[[nodiscard]] std::size_t count_types(const aten::Tensors& tensors);

}  // namespace footprint
