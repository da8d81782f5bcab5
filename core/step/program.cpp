#include "step/program.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/number.hpp"
#include "estimate/lifetimes.hpp"
#include "kernels/checkpoint.hpp"
#include "kernels/kernels.hpp"
#include "lowering/row_run.hpp"
#include "step/loss.hpp"
#include "step/optimizer.hpp"
#include "step/patterns.hpp"

namespace footprint {
namespace {

using aten::BlockKind;
using aten::Tensor;
using aten::Tensors;
using aten::Within;

aten::Sizes sizes_of(const Shape& shape) {
    aten::Sizes sizes;
    for (const Integer size : shape) sizes.push_back(size.value());
    return sizes;
}

std::optional<aten::AttentionBackend> backend_named(std::string_view name) {
    if (name == "flash") return aten::AttentionBackend::flash;
    if (name == "efficient") return aten::AttentionBackend::efficient;
    if (name == "cudnn") return aten::AttentionBackend::cudnn;
    if (name == "math") return aten::AttentionBackend::math;
    return std::nullopt;
}

/// A parameter or buffer of the model, by its path.
struct Owned {
    std::string path;
    Tensor tensor = {};
    DType dtype = DType::float32;
    bool buffer = false, trainable = false;
    std::size_t tied_to = static_cast<std::size_t>(-1);
};

class Writer {
 public:
    Writer(const Model& model, const Run& run, const aten::Properties& card, aten::Workspaces workspaces,
           Diagnostics& diagnostics)
        : model_(model),
          run_(run),
          training_(run.training),
          workspaces_(workspaces),
          device_(card),
          diagnostics_(diagnostics) {
        grads_ = training_.mode == "train" || training_.mode == "forward";
        trains_ = training_.mode == "train";
    }

    std::optional<StepProgram> write() {
        if (!prepare()) return std::nullopt;
        model_to_device();
        if (training_.ema) make_average();
        make_optimizer();
        inputs_to_device();
        for (step_ = 0; step_ < training_.steps && !device_.given_up(); ++step_) one_step();
        return finish();
    }

 private:
    // ── before anything runs
    bool prepare() {
        InferenceOptions options;
        options.batch = run_.items();
        options.training = grads_;
        if (training_.precision == "bf16") options.dtype = DType::bfloat16;
        if (training_.precision == "fp16") options.dtype = DType::float16;
        Diagnostics found;
        inference_ = infer(model_, run_, options, found);
        for (const Diagnostic& one : found.list())
            if (one.severity == Severity::error) {
                diagnostics_.error(one.code, one.message) = one;
                return false;
            }
        device_.workspaces = workspaces_;
        if (training_.cudnn_workspace) {
            device_.workspaces = aten::Workspaces::given;
            device_.cudnn_workspace = *training_.cudnn_workspace;
        }
        if (training_.precision == "amp-fp16") device_.autocast = DType::float16;
        if (training_.precision == "amp-bf16") device_.autocast = DType::bfloat16;
        loss_ = training_.loss.empty() ? (model_.loss.empty() ? "none" : model_.loss) : training_.loss;
        scales_ = trains_ && training_.precision == "amp-fp16" && loss_ != "none";
        autocast_ = device_.autocast;
        device_.autocast.reset();

        has_recurrent_ = std::any_of(model_.layers.begin(), model_.layers.end(), [](const Row& row) {
            return row.op == "RNN" || row.op == "LSTM" || row.op == "GRU";
        });
        if (!find_regions()) return false;
        drops_.resize(model_.layers.size());
        std::vector<std::vector<std::pair<std::size_t, std::size_t>>> over(inference_.storages.size());
        for (std::size_t i = 0; i < inference_.rows.size(); ++i)
            for (std::size_t k = 0; k < inference_.rows[i].outputs.size(); ++k) {
                const aten_index storage = inference_.rows[i].outputs[k].storage;
                if (storage >= 0) over[static_cast<std::size_t>(storage)].emplace_back(i, k);
            }
        for (const Lifetime& lifetime : lifetimes(model_, inference_)) {
            if (lifetime.returned) continue;
            for (const auto& place : over[static_cast<std::size_t>(lifetime.storage)])
                drops_[lifetime.until].push_back(place);
        }
        return true;
    }
    using aten_index = std::int32_t;

    void end_phase(std::string_view name) { program_.phases.push_back({step_, name, device_.events.size()}); }

    // ── set-up
    void model_to_device() {
        std::unordered_map<std::string, std::size_t> at;
        const auto add = [&](std::string path, const aten::Sizes& sizes, DType dtype, bool buffer, bool trainable) {
            const Within kind(device_.kind, buffer ? BlockKind::buffer : BlockKind::parameter);
            Owned owned;
            // A model in half precision is moved first and then cast.
            owned.tensor = aten::empty(device_, sizes, dtype == model_dtype() ? DType::float32 : dtype);
            owned.dtype = dtype;
            owned.buffer = buffer;
            owned.trainable = !buffer && trainable && grads_ && !covered(training_.freeze, path);
            at.emplace(path, owned_.size());
            owned.path = std::move(path);
            owned_.push_back(std::move(owned));
            if (has_recurrent_) flatten_recurrent(owned_.back().path);
        };
        for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
            const Parameter& parameter = model_.parameters[i];
            if (const auto tied = at.find(parameter.tied_to); tied != at.end()) {
                at.emplace(parameter.path, owned_.size());
                owned_.push_back({.path = parameter.path, .buffer = parameter.buffer, .tied_to = tied->second});
                continue;
            }
            add(parameter.path, sizes_of(parameter.shape), inference_.parameters[i].dtype, parameter.buffer,
                !parameter.frozen);
        }
        for (std::size_t i = 0; i < model_.layers.size(); ++i) {
            const InferredRow& row = inference_.rows[i];
            if (row.first != i || row.type == nullptr || model_.layers[i].is_block()) continue;
            for (const InferredParameter& owned : row.parameters) {
                if (model_.layers[i].attribute(owned.name) != nullptr &&
                    model_.layers[i].attribute(owned.name)->text() != nullptr)
                    continue;  // a tensor named in its place
                std::string path = path_of(i) + "." + owned.name;
                if (!at.contains(path))
                    add(std::move(path), sizes_of(owned.shape), owned.dtype, owned.buffer, owned.trainable);
            }
        }
        paths_ = std::move(at);
        cast_model();
        end_phase("model_to_device");
    }

    /// RNN, LSTM and GRU lay their parameters into one buffer as soon as they are moved (flatten_parameters).
    void flatten_recurrent(std::string_view last_path) {
        const std::string_view module = parent_of(last_path);
        for (std::size_t i = 0; i < model_.layers.size(); ++i) {
            const std::string& op = model_.layers[i].op;
            if (inference_.rows[i].first != i || (op != "RNN" && op != "LSTM" && op != "GRU") || path_of(i) != module)
                continue;
            std::vector<Owned*> weights;
            std::int64_t elements = 0;
            for (Owned& owned : owned_) {
                if (parent_of(owned.path) != module || !owned.tensor.defined()) continue;
                weights.push_back(&owned);
                elements += owned.tensor.numel();
            }
            if (weights.size() != inference_.rows[i].parameters.size()) continue;
            const Within kind(device_.kind, BlockKind::parameter);
            const Tensor flat = aten::empty(device_, {elements}, weights[0]->tensor.dtype());
            for (Owned* weight : weights) {
                weight->tensor = aten::alias(flat, weight->tensor.sizes(), weight->tensor.strides());
                aten::untracked(weight->tensor);
            }
        }
    }

    /// Then it is cast, and laid out channels last, tensor by tensor.
    void cast_model() {
        for (Owned& owned : owned_) {
            if (!owned.tensor.defined() || owned.tensor.dtype() == owned.dtype) continue;
            const Within kind(device_.kind, owned.buffer ? BlockKind::buffer : BlockKind::parameter);
            owned.tensor = aten::empty(device_, owned.tensor.sizes(), owned.dtype);
        }
        for (Owned& owned : owned_) {
            if (!training_.channels_last || !owned.tensor.defined() || owned.tensor.dim() != 4) continue;
            const Within kind(device_.kind, owned.buffer ? BlockKind::buffer : BlockKind::parameter);
            owned.tensor = aten::empty_strided(device_, owned.tensor.sizes(), aten::channels_last(owned.tensor.sizes()),
                                               owned.dtype);
        }
        for (Owned& owned : owned_) {
            if (owned.tied_to < owned_.size()) owned.tensor = owned_[owned.tied_to].tensor;
            if (owned.trainable) aten::set_requires_grad(owned.tensor);
        }
    }

    std::string path_of(std::size_t i) const {
        const std::string& name = model_.layers[inference_.rows[i].first].name;
        return name.empty() ? "row " + plain(static_cast<std::int64_t>(inference_.rows[i].first) + 1) : name;
    }

    [[nodiscard]] Tensors parameters() const {
        Tensors list;
        for (const std::size_t i : optimizer_order()) list.push_back(owned_[i].tensor);
        return list;
    }

    /// model.parameters(): a module's own before its children's; of tied ones the first.
    [[nodiscard]] std::vector<std::size_t> optimizer_order() const {
        std::vector<std::size_t> order, all(owned_.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        order_below("", all, order);
        std::vector<std::size_t> unique;
        for (const std::size_t i : order) {
            if (owned_[i].buffer) continue;
            const bool seen = std::any_of(unique.begin(), unique.end(),
                                          [&](std::size_t k) { return owned_[k].tensor.is(owned_[i].tensor); });
            if (!seen) unique.push_back(i);
        }
        return unique;
    }

    void order_below(std::string_view prefix, const std::vector<std::size_t>& members,
                     std::vector<std::size_t>& order) const {
        std::vector<std::pair<std::string_view, std::vector<std::size_t>>> children;
        std::unordered_map<std::string_view, std::size_t> index;
        for (const std::size_t i : members) {
            const std::string_view rest = std::string_view(owned_[i].path).substr(prefix.size());
            const std::size_t dot = rest.find('.');
            if (dot == std::string_view::npos) {
                order.push_back(i);
                continue;
            }
            const std::string_view child = std::string_view(owned_[i].path).substr(0, prefix.size() + dot + 1);
            const auto [found, is_new] = index.emplace(child, children.size());
            if (is_new) children.emplace_back(child, std::vector<std::size_t>());
            children[found->second].second.push_back(i);
        }
        for (const auto& [child, below] : children) order_below(child, below, order);
    }

    /// swa_utils.AveragedModel: a deep copy, each module's own before its children's. It counts on the CPU.
    void make_average() {
        const Within kernel(device_.kernel, std::string_view("AveragedModel"));
        std::vector<std::size_t> order, all(owned_.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        order_below("", all, order);
        Tensors copied;
        for (const std::size_t i : order) {
            const Tensor& tensor = owned_[i].tensor;
            if (std::any_of(copied.begin(), copied.end(), [&](const Tensor& other) { return other.is(tensor); }))
                continue;
            copied.push_back(tensor);
            {
                const Within kind(device_.kind, BlockKind::ema);
                average_.push_back(aten::empty_like(tensor));
            }
            // A buffer's storage is copied, and given to a tensor that had one of its own (Tensor.__deepcopy__).
            if (owned_[i].buffer) const Tensor emptied = number_on_device(tensor.dtype());
        }
        end_phase("ema_created");
    }

    /// update_parameters: the first copies; then its counter is handed to the device for each type of parameters.
    void update_average() {
        const Within kernel(device_.kernel, std::string_view("AveragedModel"));
        const std::size_t calls = step_ > 0 ? count_types(trained_) : 0;
        for (std::size_t k = 0; k < calls; ++k) const Tensor n_averaged = number_on_device(DType::int64);
    }

    Tensor number_on_device(DType dtype) { return aten::empty(device_, {}, dtype); }

    void make_optimizer() {
        trained_ = parameters();
        if (!trains_ || find_optimizer(training_.optimizer.name) == nullptr) return;  // "none"
        optimizer_.emplace(training_.optimizer, trained_);
        end_phase("optimizer_created");
    }

    void inputs_to_device() {
        const Within kind(device_.kind, BlockKind::input);
        for (const aten::Tensor& old : inputs_) (void)old;
        Tensors made;
        for (const footprint::Tensor& input : inference_.inputs) {
            made.push_back(aten::empty(device_, sizes_of(input.shape), input.dtype));
            if (training_.channels_last && made.back().dim() == 4)
                made.back() = aten::empty_strided(device_, made.back().sizes(),
                                                  aten::channels_last(made.back().sizes()), input.dtype);
            if (training_.input_grad && is_floating(input.dtype) && grads_) aten::set_requires_grad(made.back());
        }
        inputs_ = std::move(made);
        if (training_.mode != "inference") target_ = make_target();
        end_phase("input_to_device");
    }

    Tensor make_target() {
        if ((loss_ != "ce" && loss_ != "mse") || inference_.returned.empty()) return {};
        const footprint::Tensor& output = *inference_.returned[0];
        aten::Sizes sizes = sizes_of(output.shape);
        if (loss_ == "mse")
            return aten::empty(device_, sizes, inference_.inputs.empty() ? DType::float32 : model_dtype());
        if (sizes.size() > 1) sizes.erase(sizes.begin() + 1);
        return aten::empty(device_, sizes, DType::int64);
    }

    [[nodiscard]] DType model_dtype() const {
        if (training_.precision == "bf16") return DType::bfloat16;
        return training_.precision == "fp16" ? DType::float16 : DType::float32;
    }

    // ── a step
    void one_step() {
        if (training_.fresh_batch && step_ > 0) inputs_to_device();
        if (trains_) zero_grad();
        for (std::int64_t k = 0; k < training_.accumulate; ++k) {
            forward();
            if (grads_ && loss_ != "none") compute_loss();
            end_autocast();
            if (trains_) run_backward();
        }
        if (training_.clip_norm) clip();
        if (optimizer_) {
            optimize();
            end_phase("optimizer_step");
        }
        if (training_.ema) {
            update_average();
            end_phase("ema_update");
        }
    }

    void zero_grad() {
        if (training_.zero_grad_to_none)
            for (const Tensor& parameter : trained_) parameter.impl()->grad = Tensor();
        for (const Tensor& input : inputs_)
            if (training_.input_grad) input.impl()->grad = Tensor();
        if (optimizer_) end_phase("zero_grad");
    }

    void forward() {
        device_.autocast = autocast_;
        {
            const Within mode(device_.grad_enabled, grads_);
            values_.assign(model_.layers.size(), {});
            for (std::size_t i = 0; i < model_.layers.size() && !device_.given_up();) {
                if (grads_ && !regions_.empty() && regions_[i] > 0) {
                    i = run_checkpointed(i);
                } else {
                    run_and_drop(i);
                    ++i;
                }
            }
        }
        device_.row = -1;
        Tensors out;
        for (const footprint::Tensor* returned : inference_.returned) out.push_back(value_of(returned));
        values_.clear();
        std::swap(out_, out);
        out.clear();
        for (const Tensor& tensor : out_)
            if (tensor.defined()) claim(tensor, BlockKind::output);
        end_phase("forward");
    }

    void run_and_drop(std::size_t i) {
        run_row(i);
        for (const auto& [row, output] : drops_[i])
            if (row <= i && output < values_[row].size()) values_[row][output] = Tensor();
    }

    /// Runs one checkpointed region, from its first row; returns the row after it.
    std::size_t run_checkpointed(std::size_t begin) {
        std::size_t end = begin;
        while (end < regions_.size() && regions_[end] == regions_[begin]) ++end;
        // Its arguments are held for the second run.
        std::vector<Tensors> held(values_.size());
        for (std::size_t row = 0; row < begin; ++row)
            for (std::size_t i = begin; i < end; ++i)
                for (const footprint::Tensor* input : inference_.rows[i].inputs)
                    if (const auto at = places().find(input); at != places().end() && at->second.first == row) {
                        held[row].resize(values_[row].size());
                        held[row][at->second.second] = values_[row][at->second.second];
                    }
        const aten::Ref<aten::Recomputation> region(new aten::Recomputation(
            device_, [this, begin, end, held = std::move(held)] { run_again(begin, end, held); }));
        const Within recomputation(device_.recomputation, region.get());
        for (std::size_t i = begin; i < end && !device_.given_up(); ++i) run_and_drop(i);
        return end;
    }

    void run_again(std::size_t begin, std::size_t end, const std::vector<Tensors>& held) {
        std::vector<Tensors> values = held;
        std::swap(values, values_);
        {
            const Within mode(device_.grad_enabled, true);
            const Within in_backward(device_.in_backward, false);
            const Within cast(device_.autocast, autocast_);
            const Within halted(device_.halted, false);
            std::vector<std::pair<aten::TensorImpl*, aten::Ref<aten::TensorImpl>>> cache;
            std::swap(cache, device_.autocast_cache);
            const std::int32_t row = device_.row;
            for (std::size_t i = begin; i < end && !device_.halted && !device_.given_up(); ++i) run_and_drop(i);
            device_.row = row;
            std::swap(cache, device_.autocast_cache);
        }
        std::swap(values, values_);
    }

    /// Which rows run under one torch.utils.checkpoint: 0 none, else the region's number.
    bool find_regions() {
        std::vector<bool> matched(training_.checkpoint.size(), false);
        std::string before;
        std::size_t number = 0;
        regions_.assign(model_.layers.size(), 0);
        bool any = false;
        for (std::size_t i = 0; i < model_.layers.size(); ++i) {
            std::string key = model_.layers[i].checkpoint.empty() ? std::string() : "id " + model_.layers[i].checkpoint;
            std::string_view path = scope_of(model_, inference_, i);
            if (model_.layers[i].is_module()) path = model_.layers[inference_.rows[i].first].name;
            for (; !path.empty(); path = parent_of(path))
                for (std::size_t k = 0; k < training_.checkpoint.size(); ++k)
                    if (matches_whole(training_.checkpoint[k], path)) {
                        matched[k] = true;
                        key = path;  // the topmost that matches
                    }
            if (!key.empty() && key != before) ++number;
            if (!key.empty()) regions_[i] = number;
            any = any || !key.empty();
            before = std::move(key);
            // A block ends its call: what follows is another.
            if (model_.layers[i].is_block() && before == model_.layers[inference_.rows[i].first].name) before.clear();
        }
        if (!any) regions_.clear();
        for (std::size_t k = 0; k < matched.size(); ++k) {
            if (matched[k]) continue;
            diagnostics_
                .error("unknown-name", "the pattern " + Value(training_.checkpoint[k]).in_words() +
                                           " of checkpoint matches no module of the model")
                .field = "checkpoint";
            return false;
        }
        return true;
    }

    /// The tensor on the device that stands for one of the inference.
    Tensor value_of(const footprint::Tensor* wanted) {
        for (std::size_t i = 0; i < inference_.inputs.size(); ++i)
            if (&inference_.inputs[i] == wanted) return inputs_[i];
        const auto found = places().find(wanted);
        if (found != places().end()) {
            auto [row, output] = found->second;
            return output < values_[row].size() ? values_[row][output] : Tensor();
        }
        for (std::size_t i = 0; i < inference_.parameters.size(); ++i)
            if (&inference_.parameters[i] == wanted) return owned_[paths_.at(model_.parameters[i].path)].tensor;
        for (const auto& [tensor, path] : implied_)
            if (tensor == wanted) return owned_[paths_.at(path)].tensor;
        return {};
    }

    const std::unordered_map<const footprint::Tensor*, std::pair<std::size_t, std::size_t>>& places() {
        if (places_.empty())
            for (std::size_t i = 0; i < inference_.rows.size(); ++i)
                for (std::size_t k = 0; k < inference_.rows[i].outputs.size(); ++k)
                    places_.emplace(&inference_.rows[i].outputs[k], std::pair(i, k));
        return places_;
    }

    void run_row(std::size_t i) {
        const InferredRow& inferred = inference_.rows[i];
        const Row& written = model_.layers[i];
        const Row& first = model_.layers[inferred.first];
        device_.row = static_cast<std::int32_t>(i);
        device_.kernel = first.op;
        if (!inferred.runs) {
            if (!inferred.inputs.empty()) values_[i] = {value_of(inferred.inputs[0])};
            return;
        }
        RowRun run(first, inferred, device_, run_.items());
        run.training = written.training.value_or(grads_);
        run.sdpa = backend_named(training_.sdpa);
        for (const footprint::Tensor* input : inferred.inputs) run.inputs.push_back(value_of(input));
        if (written.is_block()) {
            values_[i] = block_outputs(written, run.inputs);
            return;
        }
        for (const auto& [name, tensor] : inferred.keywords) run.named.emplace_back(name, value_of(tensor));
        if (first.is_module())
            for (const InferredParameter& owned : inferred.parameters)
                if (!run.tensor(owned.name).defined())
                    if (const auto at = paths_.find(path_of(i) + "." + owned.name); at != paths_.end())
                        run.named.emplace_back(owned.name, owned_[at->second].tensor);
        if (first.op == "constant" && device_.autocast && first.attribute("dtype") == nullptr)
            run.made_dtype = dtype_beside(i);
        const Within mode(device_.grad_enabled, device_.grad_enabled && written.grad);
        const Within cast(device_.autocast, written.autocast ? device_.autocast : std::optional<DType>());
        const Lower lower = lowering_of(first.op);
        if (lower != nullptr) lower(run);
        run.inputs.clear();
        values_[i] = std::move(run.outputs);
        values_[i].resize(inferred.outputs.size());
    }

    /// Under autocast, what is made "of the model's type" is of the type of the tensor that it goes together with: that
    /// of the other operand of the first row that has one.
    std::optional<DType> dtype_beside(std::size_t made) {
        const footprint::Tensor* follows = &inference_.rows[made].outputs[0];
        for (std::size_t i = made + 1; i < inference_.rows.size(); ++i) {
            const InferredRow& row = inference_.rows[i];
            if (model_.layers[i].is_block() ||
                std::find(row.inputs.begin(), row.inputs.end(), follows) == row.inputs.end())
                continue;
            for (const footprint::Tensor* other : row.inputs)
                if (other != follows)
                    if (const Tensor value = value_of(other); value.defined() && is_floating(value.dtype()))
                        return value.dtype();
            if (row.outputs.empty()) break;
            follows = &row.outputs[0];
        }
        return std::nullopt;
    }

    static Tensors block_outputs(const Row& block, Tensors& inputs) {
        if (!block.inputs) return inputs;
        Tensors outputs;
        std::size_t next = 0;
        for (const auto& name : *block.inputs)
            outputs.push_back(name && next < inputs.size() ? inputs[next++] : Tensor());
        return outputs;
    }

    void claim(const Tensor& tensor, BlockKind kind) {
        const std::int32_t allocation = tensor.impl()->storage->allocation;
        if (allocation >= 0) device_.allocations[static_cast<std::size_t>(allocation)].kind = kind;
    }

    void compute_loss() {
        const Within mode(device_.grad_enabled, true);
        const Within kernel(device_.kernel, std::string_view("loss"));
        const Outputs kind = model_.returns == "named tuple" ? Outputs::named_tuple
                             : model_.returns == "dict"      ? Outputs::dictionary
                             : model_.returns == "tuple"     ? Outputs::tuple
                                                             : Outputs::tensor;
        loss_tensor_ = loss_of(loss_, out_, kind, target_, loss_ == "model" ? model_loss() : Tensor());
        if (training_.accumulate > 1 && loss_tensor_.defined()) loss_tensor_ = aten::mul_scalar(loss_tensor_);
        if (loss_tensor_.defined()) claim(loss_tensor_, BlockKind::output);
        end_phase("loss");
    }

    Tensor model_loss() {
        for (std::size_t k = 0; k < model_.outputs.size() && k < out_.size(); ++k)
            if (model_.outputs[k].loss) return out_[k];
        return out_.empty() ? Tensor() : out_[0];
    }

    void end_autocast() {
        device_.autocast_cache.clear();
        device_.autocast.reset();
    }

    void run_backward() {
        device_.row = -1;
        device_.kernel = "backward";
        const Tensor& root = loss_ == "none" ? out_[0] : loss_tensor_;
        if (root.defined() && root.requires_grad()) {
            Tensor scaled = root;
            if (scales_) {
                make_scaler();
                scaled = aten::mul(root, scale_);
            }
            const Tensor ones = aten::empty_like(scaled);
            aten::backward(scaled, ones);
        }
        end_phase("backward");
    }

    void make_scaler() {
        if (scale_.defined()) return;
        const Within kind(device_.kind, BlockKind::grad_scaler);
        scale_ = aten::empty(device_, {}, DType::float32);
        growth_ = aten::empty(device_, {}, DType::int32);
    }

    void clip() {
        if (scales_ && optimizer_) unscale();
        clip_grad_norm(trained_);
        end_phase("clip_norm");
    }

    void optimize() {
        if (!scales_) return optimizer_->step();
        if (optimizer_->scales_gradients())
            step_with_scale();
        else {
            if (!found_inf_.defined()) unscale();
            optimizer_->step();
        }
        found_inf_ = Tensor();  // GradScaler.update
    }

    /// GradScaler.unscale_: by 1 / scale, through float64.
    void unscale() {
        const Within kernel(device_.kernel, std::string_view("GradScaler"));
        Tensor found_inf, inv_scale;
        {
            Tensor scale = number_on_device(DType::float64);
            const Tensor reciprocal = number_on_device(DType::float64);
            scale = Tensor();
            inv_scale = number_on_device(DType::float32);
        }
        found_inf = number_on_device(DType::float32);
        unscale_grads();
    }

    /// GradScaler._unscale_grads_: both numbers are copied; what is found stays until update().
    void unscale_grads() {
        found_inf_ = number_on_device(DType::float32);
        const Tensor inv_scale = number_on_device(DType::float32);
    }

    /// GradScaler.step of a fused optimizer: it looks for infinities (_check_inf_per_device), the optimizer unscales.
    void step_with_scale() {
        Tensor found_inf, grad_scale;
        {
            const Within kernel(device_.kernel, std::string_view("GradScaler"));
            const bool unscaled = found_inf_.defined();
            if (!unscaled) {
                Tensor zero;
                const Tensor dummy_inv_scale = number_on_device(DType::float32);
                zero = number_on_device(DType::float32);
                unscale_grads();
            }
            found_inf = number_on_device(DType::float32);
            if (!unscaled) grad_scale = number_on_device(DType::float32);
        }
        optimizer_->step();
    }

    std::optional<StepProgram> finish() {
        if (device_.overflowed) {
            diagnostics_
                .error("overflow", "the training step at batch " + plain(run_.items()) +
                                       " asks for more bytes than 64 bits can count: lower the batch")
                .field = "batch";
            return std::nullopt;
        }
        if (device_.too_many) {
            diagnostics_.error("too-large", "the training step makes more than " +
                                                plain(static_cast<std::int64_t>(aten::kMostEvents)) +
                                                " allocations and frees: lower the batch or the number of steps");
            return std::nullopt;
        }
        program_.names.resize(device_.allocations.size());
        for (const Owned& owned : owned_)
            if (const std::int32_t made = owned.tensor.impl()->storage->allocation; made >= 0)
                program_.names[static_cast<std::size_t>(made)] = owned.path;
        for (std::size_t i = 0; i < model_.layers.size(); ++i) {
            const std::string& op = model_.layers[i].op;
            program_.has_convolutions = program_.has_convolutions || op.starts_with("Conv") || op.starts_with("conv");
            if (lowering_is_assumed(op)) program_.assumed.push_back(i);
        }
        program_.has_recurrent = has_recurrent_;
        order_frees();
        classify();
        program_.allocations = device_.allocations;
        program_.events = device_.events;
        return std::move(program_);
    }

    /// Frees between two allocations of a phase have no order of their own: that in which a standard library empties
    /// its containers is no fact about PyTorch, and must not differ between builds.
    void order_frees() {
        std::vector<aten::Event>& events = device_.events;
        std::size_t phase = 0;
        for (std::size_t i = 0; i < events.size();) {
            while (phase < program_.phases.size() && program_.phases[phase].end <= i) ++phase;
            const std::size_t most = phase < program_.phases.size() ? program_.phases[phase].end : events.size();
            std::size_t end = i;
            while (end < most && events[end].frees) ++end;
            std::sort(events.begin() + static_cast<std::ptrdiff_t>(i),
                      events.begin() + static_cast<std::ptrdiff_t>(end),
                      [](const aten::Event& a, const aten::Event& b) { return a.allocation < b.allocation; });
            i = std::max(end, i + 1);
        }
    }

    /// What a block is for follows from its life: made in forward and alive when backward begins, an activation; made
    /// in backward and alive when the next node makes something, a gradient on its way.
    void classify() {
        constexpr std::size_t kAlive = static_cast<std::size_t>(-1);
        std::vector<std::size_t> made(device_.allocations.size(), 0), freed(device_.allocations.size(), kAlive);
        for (std::size_t i = 0; i < device_.events.size(); ++i)
            (device_.events[i].frees ? freed : made)[static_cast<std::size_t>(device_.events[i].allocation)] = i;
        std::size_t phase = 0;
        for (std::size_t i = 0; i < device_.events.size(); ++i) {
            while (phase < program_.phases.size() && i >= program_.phases[phase].end) ++phase;
            if (device_.events[i].frees || phase >= program_.phases.size()) continue;
            const auto at = static_cast<std::size_t>(device_.events[i].allocation);
            aten::Allocation& allocation = device_.allocations[at];
            if (allocation.kind != BlockKind::temporary) continue;
            const std::string_view name = program_.phases[phase].name;
            if (name == "forward" || name == "loss") {
                std::size_t end = program_.phases[phase].end;  // of the forward and its loss
                for (std::size_t k = phase + 1; k < program_.phases.size() && program_.phases[k].name == "loss"; ++k)
                    end = program_.phases[k].end;
                if (freed[at] >= end) allocation.kind = BlockKind::activation;
            } else if (name == "backward") {
                for (std::size_t k = i + 1; k < freed[at] && k < program_.phases[phase].end; ++k) {
                    if (device_.events[k].frees) continue;
                    const aten::Allocation& later =
                        device_.allocations[static_cast<std::size_t>(device_.events[k].allocation)];
                    if (later.made_by == allocation.made_by && later.row == allocation.row) continue;
                    allocation.kind = BlockKind::activation_gradient;
                    break;
                }
            }
        }
    }

    const Model& model_;
    const Run& run_;
    const Training& training_;
    aten::Workspaces workspaces_;
    aten::Device device_;  // outlives every tensor below
    Diagnostics& diagnostics_;
    Inference inference_;
    std::string loss_;
    bool grads_ = true, trains_ = true, scales_ = false, has_recurrent_ = false;
    std::optional<DType> autocast_;
    std::int32_t step_ = -1;
    StepProgram program_;
    std::vector<Owned> owned_;
    std::unordered_map<std::string, std::size_t> paths_;
    std::vector<std::pair<const footprint::Tensor*, std::string>> implied_;
    std::unordered_map<const footprint::Tensor*, std::pair<std::size_t, std::size_t>> places_;
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> drops_;  // after each row: (row, output)
    std::vector<std::size_t> regions_;
    Tensors trained_, average_, inputs_, out_;
    Tensor target_, loss_tensor_, scale_, growth_, found_inf_;
    std::vector<Tensors> values_;
    std::optional<OptimizerRun> optimizer_;
};

}  // namespace

const PhaseMark& StepProgram::phase_of(std::size_t event) const {
    for (const PhaseMark& mark : phases)
        if (event < mark.end) return mark;
    return phases.back();
}

std::optional<StepProgram> write_step(const Model& model, const Run& run, const aten::Properties& card,
                                      aten::Workspaces workspaces, Diagnostics& diagnostics) {
    return Writer(model, run, card, workspaces, diagnostics).write();
}

}  // namespace footprint
