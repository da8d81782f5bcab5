#include "step/placement.hpp"

#include <numeric>

#include "base/number.hpp"
#include "step/patterns.hpp"

namespace footprint {

using aten::BlockKind;
using aten::Within;

aten::Sizes sizes_of(const Shape& shape) {
    aten::Sizes sizes;
    for (const Integer size : shape) sizes.push_back(size.value());
    return sizes;
}

DType model_dtype(const Training& training) {
    if (training.precision == "bf16") return DType::bfloat16;
    return training.precision == "fp16" ? DType::float16 : DType::float32;
}

bool is_recurrent(std::string_view op) { return op == "RNN" || op == "LSTM" || op == "GRU"; }

std::string module_path(const Model& model, const Inference& inference, std::size_t row) {
    const std::size_t first = inference.rows[row].first;
    const std::string& name = model.layers[first].name;
    return name.empty() ? "row " + plain(static_cast<std::int64_t>(first) + 1) : name;
}

Placement::Placement(const Model& model, const Inference& inference, const Training& training, bool grads,
                     aten::Device& device)
    : training_(training), grads_(grads), device_(device) {
    for (std::size_t i = 0; i < model.layers.size(); ++i)
        if (inference.rows[i].first == i && is_recurrent(model.layers[i].op))
            recurrent_[module_path(model, inference, i)].owns = inference.rows[i].parameters.size();
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const Parameter& parameter = model.parameters[i];
        if (const auto tied = at_.find(parameter.tied_to); tied != at_.end()) {
            const std::size_t other = placed_[tied->second].tied_to;
            const std::size_t root = other < placed_.size() ? other : tied->second;
            at_.emplace(parameter.path, placed_.size());
            placed_.push_back({.path = parameter.path, .buffer = parameter.buffer, .tied_to = root});
        } else {
            place(parameter.path, sizes_of(parameter.shape), inference.parameters[i].dtype, parameter.buffer,
                  !parameter.frozen);
        }
    }
    // What the list leaves out.
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const InferredRow& row = inference.rows[i];
        if (row.first != i || row.type == nullptr || model.layers[i].is_block()) continue;
        for (const InferredParameter& owned : row.parameters) {
            const Value* named = model.layers[i].attribute(owned.name);
            if (named != nullptr && named->text() != nullptr) continue;  // a tensor stands in its place
            std::string path = module_path(model, inference, i) + "." + owned.name;
            if (!at_.contains(path))
                place(std::move(path), sizes_of(owned.shape), owned.dtype, owned.buffer, owned.trainable);
        }
    }
    cast();
}

const Placed* Placement::find(std::string_view path) const {
    const auto found = at_.find(std::string(path));
    return found == at_.end() ? nullptr : &placed_[found->second];
}

void Placement::place(std::string path, const aten::Sizes& sizes, DType dtype, bool buffer, bool trainable) {
    const Within kind(device_.kind, buffer ? BlockKind::buffer : BlockKind::parameter);
    Placed placed;
    // A model in half precision is moved first and then cast.
    placed.tensor = aten::empty(device_, sizes, dtype == model_dtype(training_) ? DType::float32 : dtype);
    placed.dtype = dtype;
    placed.buffer = buffer;
    placed.trainable = !buffer && trainable && grads_ && !covered(training_.freeze, path);
    at_.emplace(path, placed_.size());
    placed.path = std::move(path);
    placed_.push_back(std::move(placed));
    const auto found = recurrent_.find(std::string(parent_of(placed_.back().path)));
    if (found == recurrent_.end()) return;
    RecurrentModule& module = found->second;
    module.placed.push_back(placed_.size() - 1);
    if (module.placed.size() == module.owns) flatten(module.placed);
}

/// RNN, LSTM and GRU lay their parameters into one buffer as soon as all are moved (flatten_parameters).
void Placement::flatten(const std::vector<std::size_t>& weights) {
    Integer elements = 0;
    for (const std::size_t i : weights) elements += placed_[i].tensor.numel();
    const Within kind(device_.kind, BlockKind::parameter);
    const aten::Tensor flat =
        aten::empty(device_, {aten::saturated(elements)}, placed_[weights.front()].tensor.dtype());
    for (const std::size_t i : weights) {
        aten::Tensor& weight = placed_[i].tensor;
        weight = aten::alias(flat, weight.sizes(), weight.strides());
        aten::untracked(weight);
    }
}

/// All in place, it is cast, and laid out channels last, tensor by tensor.
void Placement::cast() {
    for (Placed& placed : placed_) {
        if (!placed.tensor.defined() || placed.tensor.dtype() == placed.dtype) continue;
        const Within kind(device_.kind, placed.buffer ? BlockKind::buffer : BlockKind::parameter);
        placed.tensor = aten::empty(device_, placed.tensor.sizes(), placed.dtype);
    }
    for (Placed& placed : placed_) {
        if (!training_.channels_last || !placed.tensor.defined() || placed.tensor.dim() != 4) continue;
        const Within kind(device_.kind, placed.buffer ? BlockKind::buffer : BlockKind::parameter);
        placed.tensor = aten::empty_strided(device_, placed.tensor.sizes(), aten::channels_last(placed.tensor.sizes()),
                                            placed.dtype);
    }
    for (Placed& placed : placed_) {
        if (placed.tied_to < placed_.size()) placed.tensor = placed_[placed.tied_to].tensor;
        if (placed.trainable) aten::set_requires_grad(placed.tensor);
    }
}

std::vector<const Placed*> Placement::in_order() const {
    std::vector<std::size_t> all(placed_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<const Placed*> order;
    order_below(0, all, order);
    // Of tied ones the first.
    std::vector<bool> seen(placed_.size(), false);
    std::vector<const Placed*> once;
    for (const Placed* placed : order) {
        const std::size_t root =
            placed->tied_to < placed_.size() ? placed->tied_to : static_cast<std::size_t>(placed - placed_.data());
        if (!seen[root]) once.push_back(placed);
        seen[root] = true;
    }
    return once;
}

/// Of those that share the path's first `prefix` characters: those that end there, then each child with all below it.
void Placement::order_below(std::size_t prefix, const std::vector<std::size_t>& members,
                            std::vector<const Placed*>& order) const {
    std::vector<std::pair<std::string_view, std::vector<std::size_t>>> children;
    std::unordered_map<std::string_view, std::size_t> index;
    for (const std::size_t i : members) {
        const std::string_view path = placed_[i].path;
        const std::size_t dot = path.find('.', prefix);
        if (dot == std::string_view::npos) {
            order.push_back(&placed_[i]);
            continue;
        }
        const std::string_view child = path.substr(0, dot + 1);
        const auto [found, is_new] = index.emplace(child, children.size());
        if (is_new) children.emplace_back(child, std::vector<std::size_t>());
        children[found->second].second.push_back(i);
    }
    for (const auto& [child, below] : children) order_below(child.size(), below, order);
}

}  // namespace footprint
