// Each optimizer as torch/optim/*.py writes it, reduced to what is made and freed, and when. The names are that code's:
// a local variable that Python binds anew in a loop is one here, since it holds its tensor until then.
#include "step/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace footprint {
namespace {

using aten::Tensor;
using aten::Tensors;

// ── what the optimizers are written in

/// A list of Python's: it gives its tensors up from its end.
class List {
 public:
    List() = default;
    List(List&&) = default;
    List& operator=(List&& other) noexcept {
        std::swap(tensors_, other.tensors_);
        other.clear();
        return *this;
    }
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    ~List() { clear(); }

    void add(Tensor tensor) { tensors_.push_back(std::move(tensor)); }
    void clear() {
        while (!tensors_.empty()) tensors_.pop_back();
    }
    [[nodiscard]] const Tensors& tensors() const { return tensors_; }

 private:
    Tensors tensors_;
};

using Parameters = std::vector<OptimizedParameter*>;

/// The result of an operation on each element. Optimizers' operands are all of the parameter's layout and type.
Tensor like(const Tensor& operand) { return aten::empty_like(operand); }
Tensor like(const OptimizedParameter* of) { return aten::empty_like(of->parameter); }
/// The same of a result that nothing else holds: it is freed when the operation is done.
Tensor like(Tensor&& operand) {
    Tensor result = aten::empty_like(operand);
    operand = Tensor();
    return result;
}
Tensor mask_of(const Tensor& operand) { return aten::empty_like(operand, DType::boolean); }
Tensor number_on(aten::Device& device, DType dtype = DType::float32) { return aten::empty(device, {}, dtype); }

/// The result of torch._foreach_*: one tensor for each of the group's.
List like(const Parameters& group) {
    List made;
    for (const OptimizedParameter* one : group) made.add(like(one));
    return made;
}

/// Tensor.norm(2).item(), and the like: made, read and freed.
void read(Tensor value) { value = Tensor(); }

std::vector<bool> all_of(const Tensor& tensor) { return std::vector<bool>(tensor.sizes().size(), true); }
std::vector<bool> only(const Tensor& tensor, std::int64_t dim) {
    std::vector<bool> reduced(tensor.sizes().size(), false);
    reduced[static_cast<std::size_t>(tensor.dim() + dim)] = true;
    return reduced;
}
Tensor norm(const Tensor& tensor) { return aten::vector_norm(tensor, all_of(tensor), false); }

/// A for-loop's variable takes the next gradient, and with decay the sum of it and the parameter.
void take_gradient(Tensor& grad, const OptimizedParameter* one, bool decays) {
    grad = Tensor();
    if (decays) grad = like(one);
}

/// Optimizer._group_tensors_by_device_and_dtype.
template <class T>
std::vector<std::vector<T>> grouped(const std::vector<T>& all, DType (*dtype)(const T&)) {
    std::vector<std::vector<T>> groups;
    for (const T& one : all) {
        const auto found = std::find_if(groups.begin(), groups.end(),
                                        [&](const std::vector<T>& group) { return dtype(group[0]) == dtype(one); });
        if (found == groups.end())
            groups.push_back({one});
        else
            found->push_back(one);
    }
    return groups;
}

/// A call of optimizer.step().
struct Step {
    const Optimizer& given;
    const Parameters& parameters;  // that have a gradient

    [[nodiscard]] bool decays() const { return given.weight_decay != 0; }
    [[nodiscard]] std::vector<Parameters> groups() const {
        return grouped<OptimizedParameter*>(parameters,
                                            [](OptimizedParameter* const& one) { return one->parameter.dtype(); });
    }
};

// ── the optimizers. `init` makes a parameter's state before its first step (_init_group), `multi_tensor` is the step
// of foreach, `single_tensor` the for-loop, `fused` the step that is one kernel.

struct Base {
    static constexpr bool at_construction = false;  // whether the constructor makes the state
    static void fused(const Step&) {}
};

struct SGD : Base {
    static void init(OptimizedParameter&, const Optimizer&) {}
    static void fused(const Step& step) {
        if (step.given.momentum != 0) keep_buffers(step.parameters);
    }
    static void multi_tensor(const Step& step) {
        List grads;
        for (const Parameters& group : step.groups()) {
            if (step.decays()) grads = like(group);
            if (step.given.momentum == 0) continue;
            keep_buffers(group);
            if (!step.given.nesterov) grads.clear();  // they are the buffers now
        }
    }
    static void single_tensor(const Step& step) {
        Tensor grad;
        for (OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            if (step.given.momentum == 0) continue;
            keep_buffers({one});
            grad = step.given.nesterov ? like(one) : Tensor();
        }
    }
    /// The first gradients themselves are kept.
    static void keep_buffers(const Parameters& group) {
        for (OptimizedParameter* one : group)
            if (one->state.empty()) one->keep("momentum_buffer");
    }
};

struct Adam : Base {
    static void init(OptimizedParameter& one, const Optimizer& given) {
        if (given.fused) one.keep_number("step");
        one.keep("exp_avg");
        one.keep("exp_avg_sq");
        if (given.amsgrad) one.keep("max_exp_avg_sq");
    }
    static void multi_tensor(const Step& step) { multi_tensor(step, step.decays()); }
    static void single_tensor(const Step& step) { single_tensor(step, step.decays()); }

    static void multi_tensor(const Step& step, bool decays_gradients) {
        List exp_avg_sq_sqrt;
        for (const Parameters& group : step.groups()) {
            List grads;
            if (decays_gradients) grads = like(group);
            grads.clear();
            exp_avg_sq_sqrt = like(group);
        }
    }
    static void single_tensor(const Step& step, bool decays_gradients) {
        Tensor denom, grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, decays_gradients);
            denom = like(like(one));  // exp_avg_sq.sqrt() / bias_correction2_sqrt
        }
    }
};

/// Decay is of the parameters, in place.
struct AdamW : Adam {
    static void multi_tensor(const Step& step) { Adam::multi_tensor(step, false); }
    static void single_tensor(const Step& step) { Adam::single_tensor(step, false); }
};

struct Adamax : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        one.keep("exp_avg");
        one.keep("exp_inf");
    }
    static void multi_tensor(const Step& step) {
        List grads;
        for (const Parameters& group : step.groups()) grads = like(group);  // decayed, or their absolute values
    }
    static void single_tensor(const Step& step) {
        Tensor grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            const Tensor magnitude = like(one);
        }
    }
};

struct NAdam : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        one.keep("exp_avg");
        one.keep("exp_avg_sq");
    }
    static void multi_tensor(const Step& step) {
        List exp_avg_sq_sqrt, grads;
        for (const Parameters& group : step.groups()) {
            if (step.decays()) grads = like(group);
            exp_avg_sq_sqrt = like(group);
        }
    }
    static void single_tensor(const Step& step) {
        Tensor denom, grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            denom = like(like(one));  // exp_avg_sq.div(bias_correction2).sqrt()
        }
    }
};

struct RAdam : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        one.keep("exp_avg");
        one.keep("exp_avg_sq");
    }
    static void multi_tensor(const Step& step) {
        List buffer;
        for (const Parameters& group : step.groups()) {
            List grads;
            if (step.decays()) grads = like(group);
            grads.clear();
            buffer = like(group);
        }
    }
    static void single_tensor(const Step& step) {
        Tensor bias_corrected_exp_avg, grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            bias_corrected_exp_avg = like(one);
            Tensor update = like(one);  // × lr
            if (!is_rectified(one->steps)) continue;
            Tensor adaptive_lr = compute_adaptive_lr(one);
            update = like(one);
            adaptive_lr = Tensor();
            update = like(std::move(update));  // × rect
        }
    }
    static Tensor compute_adaptive_lr(const OptimizedParameter* one) {
        const Tensor exp_avg_sq_sqrt = like(one);
        return like(like(exp_avg_sq_sqrt));  // a number / a tensor: its reciprocal × the number
    }
    /// Whether the approximated moving average is long enough, at PyTorch's beta2.
    static bool is_rectified(std::int64_t steps) {
        constexpr double beta2 = 0.999, rho_inf = 2 / (1 - beta2) - 1;
        const double power = std::pow(beta2, static_cast<double>(steps));
        return rho_inf - 2 * static_cast<double>(steps) * power / (1 - power) > 5;
    }
};

struct RMSprop : Base {
    static void init(OptimizedParameter& one, const Optimizer& given) {
        one.keep("square_avg");
        if (given.momentum > 0) one.keep("momentum_buffer");
        if (given.centered) one.keep("grad_avg");
    }
    static void multi_tensor(const Step& step) {
        List avg, grads;
        for (const Parameters& group : step.groups()) {
            if (step.decays()) grads = like(group);
            avg = like(group);
        }
    }
    static void single_tensor(const Step& step) {
        Tensor avg, grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            avg = like(one);
        }
    }
};

struct Adagrad : Base {
    static constexpr bool at_construction = true;
    static void init(OptimizedParameter& one, const Optimizer& given) {
        if (given.fused) one.keep_number("step");
        one.keep("sum");
    }
    static void multi_tensor(const Step& step) {
        List grads, numerator, std;
        for (const Parameters& group : step.groups()) {
            if (step.decays()) grads = like(group);  // the numerator too
            std = like(group);
            if (!step.decays()) numerator = like(group);
        }
    }
    static void single_tensor(const Step& step) {
        Tensor std, grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            std = like(one);
        }
    }
};

struct Adadelta : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        one.keep("square_avg");
        one.keep("acc_delta");
    }
    static void multi_tensor(const Step& step) {
        List deltas, std, grads;
        for (const Parameters& group : step.groups()) {
            if (step.decays()) grads = like(group);
            std = like(group);
            deltas = like(group);
        }
    }
    static void single_tensor(const Step& step) {
        Tensor delta, std, grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
            std = like(one);
            delta = like(one);
        }
    }
};

/// A matrix's second moment is kept as its row and column means. Decay is of the parameters, in place.
struct Adafactor : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        if (!is_matrix(one)) return one.keep("variance");
        aten::Sizes rows = one.parameter.sizes(), columns = rows;
        rows.back() = 1;
        columns[columns.size() - 2] = 1;
        one.keep("row_var", std::move(rows));
        one.keep("col_var", std::move(columns));
    }
    static void multi_tensor(const Step& step) {
        List updates;
        for (const Parameters& group : step.groups()) {
            const bool first = is_matrix(*group[0]);
            for (const bool matrices : {first, !first}) {
                Parameters part;
                for (OptimizedParameter* one : group)
                    if (is_matrix(*one) == matrices) part.push_back(one);
                if (!part.empty()) multi_tensor(part, matrices, updates);
            }
        }
    }
    static void multi_tensor(const Parameters& group, bool matrices, List& updates) {
        const auto of_each = [&](auto&& make) {
            List made;
            for (const OptimizedParameter* one : group) made.add(make(*one));
            return made;
        };
        for (const OptimizedParameter* one : group) read(norm(one->parameter));
        List var_estimates;
        if (matrices) {
            {
                const List row_means = of_each([](const OptimizedParameter& one) { return mean_square(one, -1); });
            }
            {
                const List col_means = of_each([](const OptimizedParameter& one) { return mean_square(one, -2); });
            }
            var_estimates = of_each(outer_product);
            const List row_var_means = of_each(mean_of_rows);
        } else {
            { const List grads_squared = like(group); }
            var_estimates = like(group);
        }
        updates = std::move(var_estimates);
        for (const Tensor& update : updates.tensors()) read(norm(update));
    }
    static void single_tensor(const Step& step) {
        Tensor update, var_estimate, grad_squared, col_mean, row_mean;
        for (const OptimizedParameter* one : step.parameters) {
            read(norm(one->parameter));
            if (is_matrix(*one)) {
                row_mean = mean_square(*one, -1);
                col_mean = mean_square(*one, -2);
                var_estimate = outer_product(*one);
                read(mean_of_rows(*one));
            } else {
                grad_squared = like(one);
                var_estimate = like(one);
            }
            update = var_estimate;
            read(norm(update));
        }
    }

    static bool is_matrix(const OptimizedParameter& one) { return one.parameter.dim() > 1; }
    static Tensor mean_square(const OptimizedParameter& one, std::int64_t dim) {
        return aten::vector_norm(one.parameter, only(one.parameter, dim), true);
    }
    static Tensor outer_product(const OptimizedParameter& one) {
        return aten::matmul(one.kept("row_var"), one.kept("col_var"));
    }
    static Tensor mean_of_rows(const OptimizedParameter& one) {
        const Tensor& row_var = one.kept("row_var");
        return aten::mean(row_var, only(row_var, -2), true);
    }
};

struct Rprop : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        one.keep("prev");
        one.keep("step_size");
    }
    static void multi_tensor(const Step& step) {
        List grad_signs;
        Tensor sign;
        for (const Parameters& group : step.groups()) {
            List signs = like(group);
            for (const Tensor& each : signs.tensors()) {
                sign = each;
                replace_signs(sign);
            }
            for (const Tensor& each : signs.tensors()) {
                Tensor chosen;  // torch.where(sign.eq(etaminus), 0, grad)
                const Tensor mask = mask_of(each), zero = number_on(each.device(), each.dtype());
                chosen = like(each);
            }
            signs.clear();
            grad_signs = like(group);
        }
    }
    static void single_tensor(const Step& step) {
        Tensor sign, grad;
        for (const OptimizedParameter* one : step.parameters) {
            grad = Tensor();
            sign = like(like(one));
            replace_signs(sign);
            grad = like(one);
            { const Tensor mask = mask_of(sign); }
            const Tensor grad_sign = like(grad);
        }
    }
    /// sign[sign.gt(0)] = etaplus, and so on.
    static void replace_signs(const Tensor& sign) {
        for (int k = 0; k < 3; ++k) const Tensor mask = mask_of(sign);
    }
};

/// Its step counters live on the device even where nothing asks for that.
struct ASGD : Base {
    static void init(OptimizedParameter& one, const Optimizer&) {
        one.keep_number("step");
        {
            const Tensor eta = number_on(one.parameter.device());  // then cloned
            one.keep_number("eta");
        }
        one.keep_number("mu");
        one.keep("ax");
    }
    static void multi_tensor(const Step& step) {
        List new_etas, new_mus;
        for (const Parameters& group : step.groups()) {
            // grad + param × (weight_decay + lambd); then param − ax
            for (int k = 0; k < 2; ++k) const List intermediate = like(group);
            // lr / ((1 + lambd × lr × step) ** alpha)
            new_etas = of_each(group, [](const Tensor& counter) {
                const Tensor power = like(like(like(counter)));
                return like(like(power));
            });
            new_mus = of_each(group, [](const Tensor& counter) { return like(counter); });
        }
    }
    /// Until step t0 = 1,000,000 mu is 1, and ax a copy of the parameter.
    static void single_tensor(const Step& step) {
        Tensor grad;
        for (const OptimizedParameter* one : step.parameters) {
            take_gradient(grad, one, step.decays());
        }
    }
    template <class Make>
    static List of_each(const Parameters& group, Make make) {
        List made;
        for (const OptimizedParameter* one : group) made.add(make(one->kept("step")));
        return made;
    }
};

// ── the table

struct Implementation {
    void (*init)(OptimizedParameter&, const Optimizer&);
    void (*multi_tensor)(const Step&);
    void (*single_tensor)(const Step&);
    void (*fused)(const Step&);
    bool at_construction;
};

constexpr Implementation kImplementations[] = {
#define OPTIMIZER(Class, ...) \
    {Class::init, Class::multi_tensor, Class::single_tensor, Class::fused, Class::at_construction},
#include "step/optimizers.def"
#undef OPTIMIZER
};

// Its words.
enum Ways : unsigned { for_loop = 1, for_loop_first = 3, foreach = 4, fused = 8 };
enum Arguments : unsigned { none = 0, momentum = 1, nesterov = 2, amsgrad = 4, centered = 8, weight_decay = 16 };

constexpr OptimizerType type(std::string_view class_name, std::string_view name, std::string_view keeps, unsigned ways,
                             unsigned arguments) {
    return {.class_name = class_name,
            .name = name,
            .keeps = keeps,
            .has_foreach = (ways & foreach) != 0,
            .has_fused = (ways & fused) != 0,
            .foreach_by_default = (ways & for_loop_first) != for_loop_first,
            .momentum = (arguments & momentum) != 0,
            .nesterov = (arguments & nesterov) != 0,
            .amsgrad = (arguments & amsgrad) != 0,
            .centered = (arguments & centered) != 0,
            .weight_decay = (arguments & weight_decay) != 0};
}

constexpr OptimizerType kOptimizers[] = {
#define OPTIMIZER(Class, ...) type(#Class, __VA_ARGS__),
#include "step/optimizers.def"
#undef OPTIMIZER
};

const Implementation& implementation_of(const OptimizerType& type) { return kImplementations[&type - kOptimizers]; }

}  // namespace

std::span<const OptimizerType> optimizers() { return kOptimizers; }

const OptimizerType* find_optimizer(std::string_view name) {
    const auto* found = std::find_if(std::begin(kOptimizers), std::end(kOptimizers),
                                     [&](const OptimizerType& type) { return type.name == name; });
    return found == std::end(kOptimizers) ? nullptr : found;
}

void OptimizedParameter::keep(std::string_view name) {
    const aten::Within kind(parameter.device().kind, aten::BlockKind::optimizer_state);
    state.push_back({name, aten::empty_like(parameter)});
}

void OptimizedParameter::keep(std::string_view name, aten::Sizes sizes) {
    const aten::Within kind(parameter.device().kind, aten::BlockKind::optimizer_state);
    state.push_back({name, aten::empty(parameter.device(), std::move(sizes), parameter.dtype())});
}

void OptimizedParameter::keep_number(std::string_view name) {
    const aten::Within kind(parameter.device().kind, aten::BlockKind::optimizer_state);
    state.push_back({name, number_on(parameter.device())});
}

const Tensor& OptimizedParameter::kept(std::string_view name) const {
    return std::find_if(state.begin(), state.end(), [&](const OptimizerState& one) { return one.name == name; })
        ->tensor;
}

OptimizerRun::OptimizerRun(const Optimizer& settings, const Tensors& parameters)
    : settings_(settings), type_(find_optimizer(settings.name)) {
    settings_.fused = settings_.fused && type_->has_fused;
    parameters_.reserve(parameters.size());
    for (const Tensor& parameter : parameters) {
        OptimizedParameter& one = parameters_.emplace_back();
        one.parameter = parameter;
        if (!implementation_of(*type_).at_construction) continue;
        implementation_of(*type_).init(one, settings_);
        one.has_state = true;
    }
}

void OptimizerRun::step() {
    Parameters with_grad;
    for (OptimizedParameter& one : parameters_)
        if (one.parameter.impl()->grad.defined()) with_grad.push_back(&one);
    if (with_grad.empty()) return;
    aten::Device& device = with_grad[0]->parameter.device();
    const aten::Within no_grad(device.grad_enabled, false);
    const aten::Within kernel(device.kernel, type_->name);
    const Implementation& implementation = implementation_of(*type_);
    for (OptimizedParameter* one : with_grad) {
        ++one->steps;
        if (!std::exchange(one->has_state, true)) implementation.init(*one, settings_);
    }
    const Step step{settings_, with_grad};
    if (settings_.fused) {
        implementation.fused(step);
    } else if (settings_.foreach.value_or(type_->foreach_by_default)) {
        implementation.multi_tensor(step);
    } else {
        implementation.single_tensor(step);
    }
}

namespace {

/// torch._foreach_norm: a partial sum of each chunk, then a number for each tensor.
void foreach_norm(const Tensors& tensors, List& norms) {
    constexpr std::int64_t kChunk = 65536;
    aten::Device& device = tensors[0].device();
    std::int64_t chunks = 0;
    for (const Tensor& tensor : tensors) chunks += (tensor.numel() + kChunk - 1) / kChunk;
    const Tensor first_chunks = aten::empty(device, {static_cast<std::int64_t>(tensors.size()) + 1}, DType::int64);
    const bool wide = tensors[0].dtype() == DType::float64;
    const Tensor partial = aten::empty(device, {chunks}, wide ? DType::float64 : DType::float32);
    for (const Tensor& tensor : tensors) norms.add(number_on(device, tensor.dtype()));
}

Tensor total_norm(const Tensors& grads) {
    List norms;
    for (const Tensors& group : grouped<Tensor>(grads, [](const Tensor& grad) { return grad.dtype(); }))
        foreach_norm(group, norms);
    return norm(aten::stack(norms.tensors(), 0));
}

}  // namespace

void clip_grad_norm(const Tensors& parameters) {
    Tensors grads;
    for (const Tensor& parameter : parameters)
        if (parameter.impl()->grad.defined()) grads.push_back(parameter.impl()->grad);
    if (grads.empty()) return;
    aten::Device& device = grads[0].device();
    const aten::Within no_grad(device.grad_enabled, false);
    const aten::Within kernel(device.kernel, std::string_view("clip_grad_norm_"));
    const Tensor total = total_norm(grads);
    const auto clip_coef_of = [](const Tensor& norm) {  // max_norm / (norm + 1e-6): the reciprocal × the number
        const Tensor sum = like(norm);
        return like(like(sum));
    };
    Tensor clip_coef_clamped;
    const Tensor clip_coef = clip_coef_of(total);
    clip_coef_clamped = like(clip_coef);
}

std::size_t count_types(const Tensors& tensors) {
    return grouped<Tensor>(tensors, [](const Tensor& tensor) { return tensor.dtype(); }).size();
}

}  // namespace footprint
