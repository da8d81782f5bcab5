#include "step/program.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/number.hpp"
#include "estimate/lifetimes.hpp"
#include "kernels/checkpoint.hpp"
#include "kernels/kernels.hpp"
#include "lowering/row_run.hpp"
#include "step/average.hpp"
#include "step/blocks.hpp"
#include "step/grad_scaler.hpp"
#include "step/loss.hpp"
#include "step/optimizer.hpp"
#include "step/patterns.hpp"
#include "step/placement.hpp"
#include "step/regions.hpp"

namespace footprint {
namespace {

using aten::BlockKind;
using aten::Tensor;
using aten::Tensors;
using aten::Within;

std::optional<aten::AttentionBackend> backend_named(std::string_view name) {
    if (name == "flash") return aten::AttentionBackend::flash;
    if (name == "efficient") return aten::AttentionBackend::efficient;
    if (name == "cudnn") return aten::AttentionBackend::cudnn;
    if (name == "math") return aten::AttentionBackend::math;
    return std::nullopt;
}

class Writer {
 public:
    Writer(const Model& model, const Run& run, const aten::Properties& card, aten::Workspaces workspaces,
           std::size_t most_events, Diagnostics& diagnostics)
        : model_(model),
          run_(run),
          training_(run.training),
          workspaces_(workspaces),
          device_(card),
          diagnostics_(diagnostics) {
        device_.most_events = most_events;
        grads_ = training_.mode == "train" || training_.mode == "forward";
        trains_ = training_.mode == "train";
    }

    std::optional<StepProgram> write() {
        std::optional<StepProgram> program = run_steps();
        if (program) tidy(*program);
        return program;
    }

    /// One run with the largest workspaces; where they are smaller or none, nothing else is different.
    std::optional<StepPrograms> write_all() {
        std::optional<StepProgram> high = run_steps();
        if (!high) return std::nullopt;
        if (device_.likely_workspaces.empty()) {
            tidy(*high);
            return StepPrograms{std::move(*high), std::nullopt, std::nullopt};
        }
        WorkspaceSizes workspaces = device_.likely_workspaces;
        StepProgram likely = with_workspaces(*high, workspaces);
        for (auto& [allocation, bytes] : workspaces) bytes = 0;
        StepProgram none = with_workspaces(*high, workspaces);
        for (StepProgram* program : {&*high, &likely, &none}) tidy(*program);
        return StepPrograms{std::move(none), std::move(likely), std::move(high)};
    }

 private:
    static void tidy(StepProgram& program) {
        order_frees(program);
        classify_blocks(program);
    }

    std::optional<StepProgram> run_steps() {
        if (!prepare()) return std::nullopt;
        model_to_device();
        if (!freezes_what_is_there()) return std::nullopt;
        if (training_.ema) {
            average_.emplace(device_, placed_->in_order());
            end_phase("ema_created");
        }
        make_optimizer();
        inputs_to_device();
        for (step_ = 0; step_ < training_.steps && !device_.given_up() && !has_no_loss_; ++step_) one_step();
        return finish();
    }

    // ── before anything runs
    bool prepare() {
        InferenceOptions options;
        options.batch = run_.items();
        options.training = grads_;
        options.dtype = model_dtype(training_);
        Diagnostics found;
        inference_ = infer(model_, run_, options, found);
        diagnostics_.append(found);
        if (found.has_errors()) return false;
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

        program_.has_recurrent = std::any_of(model_.layers.begin(), model_.layers.end(),
                                             [](const Row& row) { return is_recurrent(row.op); });
        const auto regions = checkpoint_regions(model_, inference_, training_.checkpoint, diagnostics_);
        if (!regions) return false;
        regions_ = *regions;
        drops_.resize(model_.layers.size());
        assumed_.resize(model_.layers.size());
        find_outputs();
        std::vector<std::vector<std::pair<std::size_t, std::size_t>>> over(inference_.storages.size());
        for (std::size_t i = 0; i < inference_.rows.size(); ++i)
            for (std::size_t k = 0; k < inference_.rows[i].outputs.size(); ++k) {
                const std::int32_t storage = inference_.rows[i].outputs[k].storage;
                if (storage >= 0) over[static_cast<std::size_t>(storage)].emplace_back(i, k);
            }
        for (const Lifetime& lifetime : lifetimes(model_, inference_)) {
            if (lifetime.returned) continue;
            for (const auto& place : over[static_cast<std::size_t>(lifetime.storage)])
                drops_[lifetime.until].push_back(place);
        }
        return true;
    }

    /// What the model returns, in its own order, and which of it is the loss. inference_.returned has only what rows
    /// make; here an input or a parameter keeps its place. A row that does not run in this mode returns nothing.
    void find_outputs() {
        if (model_.outputs.empty()) returned_ = inference_.returned;
        std::unordered_map<std::string_view, const footprint::Tensor*> made_elsewhere;
        std::unordered_map<std::string_view, const InferredRow*> rows;
        for (std::size_t i = 0; i < model_.inputs.size(); ++i)
            made_elsewhere.emplace(model_.inputs[i].name, &inference_.inputs[i]);
        for (std::size_t i = 0; i < model_.parameters.size(); ++i)
            made_elsewhere.emplace(model_.parameters[i].path, &inference_.parameters[i]);
        for (std::size_t i = 0; i < model_.layers.size(); ++i) rows.emplace(model_.layers[i].name, &inference_.rows[i]);
        for (const ModelOutput& output : model_.outputs) {
            std::string_view name = output.row;
            std::size_t number = 0;  // of "lstm:1"; a name may hold a colon itself
            if (const std::size_t colon = name.rfind(':');
                colon != std::string_view::npos && !made_elsewhere.contains(name) && !rows.contains(name)) {
                std::from_chars(name.data() + colon + 1, name.data() + name.size(), number);
                name = name.substr(0, colon);
            }
            const footprint::Tensor* tensor = nullptr;
            if (const auto other = made_elsewhere.find(name); other != made_elsewhere.end())
                tensor = other->second;
            else if (const auto row = rows.find(name);
                     row != rows.end() && row->second->runs && number < row->second->outputs.size())
                tensor = &row->second->outputs[number];
            if (output.loss && !loss_at_) loss_at_ = tensor == nullptr ? kNowhere : returned_.size();
            if (tensor != nullptr) returned_.push_back(tensor);
        }
    }

    void end_phase(std::string_view name) { program_.phases.push_back({step_, name, device_.events.size()}); }

    // ── set-up
    void model_to_device() {
        placed_.emplace(model_, inference_, training_, grads_, device_);
        for (std::size_t i = 0; i < model_.parameters.size(); ++i)
            parameters_.emplace(&inference_.parameters[i], placed_->find(model_.parameters[i].path));
        for (const ImpliedParameter& implied : inference_.implied)
            parameters_.emplace(&implied.tensor, placed_->find(implied.path));
        end_phase("model_to_device");
    }

    bool freezes_what_is_there() {
        std::vector<std::string_view> paths;
        for (const Placed* placed : placed_->in_order()) paths.push_back(placed->path);
        for (const std::string& pattern : training_.freeze) {
            if (names_any(pattern, paths)) continue;
            diagnostics_
                .error("unknown-name",
                       "the pattern " + Value(pattern).in_words() + " of freeze matches no parameter of the model")
                .field = "freeze";
            return false;
        }
        return true;
    }

    void make_optimizer() {
        for (const Placed* placed : placed_->in_order())
            if (!placed->buffer) trained_.push_back(placed->tensor);
        if (!trains_ || find_optimizer(training_.optimizer.name) == nullptr) return;  // "none"
        optimizer_.emplace(training_.optimizer, trained_);
        end_phase("optimizer_created");
    }

    void inputs_to_device() {
        const Within kind(device_.kind, BlockKind::input);
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
        if ((loss_ != "ce" && loss_ != "mse") || returned_.empty()) return {};
        const footprint::Tensor& output = *returned_[0];
        aten::Sizes sizes = sizes_of(output.shape);
        if (loss_ == "mse") return aten::empty(device_, sizes, model_dtype(training_));
        if (sizes.size() > 1) sizes.erase(sizes.begin() + 1);
        return aten::empty(device_, sizes, DType::int64);
    }

    // ── a step
    void one_step() {
        if (training_.fresh_batch && step_ > 0) inputs_to_device();
        if (trains_) zero_grad();
        for (std::int64_t k = 0; k < training_.accumulate; ++k) {
            forward();
            if (grads_ && loss_ != "none") compute_loss();
            if (has_no_loss_) return;
            end_autocast();
            if (trains_) run_backward();
        }
        if (training_.clip_norm) clip();
        if (optimizer_) {
            if (scales_)
                scaler_.step(*optimizer_);
            else
                optimizer_->step();
            end_phase("optimizer_step");
        }
        if (average_) {
            if (step_ > 0) average_->update(trained_);
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
        for (const footprint::Tensor* returned : returned_) out.push_back(value_of(returned));
        for (Tensors& outputs : values_) outputs.clear();
        std::swap(out_, out);
        out.clear();
        for (const Tensor& tensor : out_)
            if (tensor.defined()) claim_output(tensor);
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
        const aten::Ref<aten::Recomputation> region(new aten::Recomputation(
            device_, [this, begin, end, held = arguments_of(begin, end)] { run_again(begin, end, held); }));
        const Within recomputation(device_.recomputation, region.get());
        for (std::size_t i = begin; i < end && !device_.given_up(); ++i) run_and_drop(i);
        return end;
    }

    /// An output of a row before a region, which the region reads: it is held for the second run.
    struct Argument {
        std::size_t row, output;
        Tensor value;
    };

    std::vector<Argument> arguments_of(std::size_t begin, std::size_t end) {
        std::vector<std::pair<std::size_t, std::size_t>> read;
        const auto add = [&](const footprint::Tensor* tensor) {
            if (const auto at = places().find(tensor); at != places().end() && at->second.first < begin)
                read.push_back(at->second);
        };
        for (std::size_t i = begin; i < end; ++i) {
            for (const footprint::Tensor* input : inference_.rows[i].inputs) add(input);
            for (const auto& [name, tensor] : inference_.rows[i].keywords) add(tensor);
        }
        std::sort(read.begin(), read.end());
        read.erase(std::unique(read.begin(), read.end()), read.end());
        std::vector<Argument> held;
        for (const auto& [row, output] : read)
            if (output < values_[row].size()) held.push_back({row, output, values_[row][output]});
        return held;
    }

    /// In backward: values_ holds nothing then.
    void run_again(std::size_t begin, std::size_t end, const std::vector<Argument>& held) {
        for (const Argument& one : held) {
            Tensors& outputs = values_[one.row];
            outputs.resize(std::max(outputs.size(), one.output + 1));
            outputs[one.output] = one.value;
        }
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
        for (const Argument& one : held) values_[one.row].clear();
        for (std::size_t i = begin; i < end; ++i) values_[i].clear();
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
        if (const auto parameter = parameters_.find(wanted);
            parameter != parameters_.end() && parameter->second != nullptr)
            return parameter->second->tensor;
        return {};
    }

    /// The same as an operand: what nothing on the device stands for is made, so that every row finds its inputs.
    Tensor given(const footprint::Tensor* wanted) {
        Tensor value = value_of(wanted);
        return value.defined() ? value : aten::empty(device_, sizes_of(wanted->shape), wanted->dtype);
    }

    const std::unordered_map<const footprint::Tensor*, std::pair<std::size_t, std::size_t>>& places() {
        if (places_.empty())
            for (std::size_t i = 0; i < inference_.rows.size(); ++i)
                for (std::size_t k = 0; k < inference_.rows[i].outputs.size(); ++k)
                    places_.emplace(&inference_.rows[i].outputs[k], std::pair(i, k));
        return places_;
    }

    using Owned = std::vector<std::pair<std::string, const Placed*>>;

    /// The parameters that a row's module owns, looked up once.
    const Owned& owned_by(std::size_t i) {
        if (owned_.empty()) owned_.resize(model_.layers.size());
        if (owned_[i]) return *owned_[i];
        Owned& owned = owned_[i].emplace();
        const InferredRow& inferred = inference_.rows[i];
        if (!model_.layers[inferred.first].is_module()) return owned;
        const std::string module = module_path(model_, inference_, i) + ".";
        for (const InferredParameter& parameter : inferred.parameters)
            if (const Placed* placed = placed_->find(module + parameter.name))
                owned.emplace_back(parameter.name, placed);
        return owned;
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
        // A Block reads nothing: what it returns may be gone already.
        for (const footprint::Tensor* input : inferred.inputs)
            run.inputs.push_back(written.is_block() ? value_of(input) : given(input));
        if (written.is_block()) {
            values_[i] = block_outputs(written, run.inputs);
            return;
        }
        for (const auto& [name, tensor] : inferred.keywords) {
            if (!value_of(tensor).defined()) run.copied.push_back(name);
            run.named.emplace_back(name, given(tensor));
        }
        for (const auto& [name, placed] : owned_by(i))
            if (!run.tensor(name).defined()) run.named.emplace_back(name, placed->tensor);
        if (first.op == "constant" && device_.autocast && first.attribute("dtype") == nullptr)
            run.made_dtype = dtype_beside(i);
        const Within mode(device_.grad_enabled, device_.grad_enabled && written.grad);
        const Within cast(device_.autocast, written.autocast ? device_.autocast : std::optional<DType>());
        const Lower lower = lowering_of(first.op);
        if (lower != nullptr) lower(run);
        if (run.assumed) assumed_[i] = true;
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

    /// What is made for an output or the loss is one; an input or a parameter that is returned stays what it is.
    void claim_output(const Tensor& tensor) {
        const std::int32_t allocation = tensor.impl()->storage->allocation;
        if (allocation < 0) return;
        BlockKind& kind = device_.allocations[static_cast<std::size_t>(allocation)].kind;
        if (kind == BlockKind::temporary) kind = BlockKind::output;
    }

    void compute_loss() {
        const Within mode(device_.grad_enabled, true);
        const Within kernel(device_.kernel, std::string_view("loss"));
        const Outputs kind = model_.returns == "named tuple" ? Outputs::named_tuple
                             : model_.returns == "dict"      ? Outputs::dictionary
                             : model_.returns == "tuple"     ? Outputs::tuple
                                                             : Outputs::tensor;
        const std::string trouble = trouble_with_loss(loss_, out_);
        has_no_loss_ = !trouble.empty();
        if (has_no_loss_) {
            diagnostics_.error("wrong-loss", trouble).field = "loss";
            return;
        }
        loss_tensor_ = loss_of(loss_, out_, kind, target_, loss_ == "model" ? model_loss() : Tensor());
        if (training_.accumulate > 1 && loss_tensor_.defined()) loss_tensor_ = aten::mul_scalar(loss_tensor_);
        if (loss_tensor_.defined()) claim_output(loss_tensor_);
        end_phase("loss");
    }

    /// The output that is marked as the loss; none is: the first.
    Tensor model_loss() {
        const std::size_t at = loss_at_.value_or(0);
        return at < out_.size() ? out_[at] : Tensor();
    }

    void end_autocast() {
        device_.autocast_cache.clear();
        device_.autocast.reset();
    }

    void run_backward() {
        device_.row = -1;
        device_.kernel = "backward";
        const Tensor root = loss_ != "none" ? loss_tensor_ : out_.empty() ? Tensor() : out_[0];
        if (root.defined() && root.requires_grad()) {
            const Tensor scaled = scales_ ? scaler_.scale(root) : root;
            const Tensor ones = aten::empty_like(scaled);
            aten::backward(scaled, ones);
        }
        if (step_ == 0) warn_of_idle_parameters();
        end_phase("backward");
    }

    /// Parameters that the loss does not reach keep no gradient and no state: often another loss was meant.
    void warn_of_idle_parameters() {
        std::int64_t wanted = 0, idle = 0;
        const std::string* first = nullptr;
        for (const Placed* placed : placed_->in_order()) {
            if (!placed->trainable) continue;
            ++wanted;
            if (placed->tensor.impl()->grad.defined()) continue;
            if (++idle == 1) first = &placed->path;
        }
        if (first == nullptr || device_.given_up()) return;
        diagnostics_
            .warning("no-gradient", plain(idle) + " of " + plain(wanted) +
                                        " trainable parameters get no gradient, the first is " +
                                        Value(*first).in_words() + ": the loss does not depend on them")
            .field = "loss";
    }

    void clip() {
        if (scales_ && optimizer_) scaler_.unscale();
        clip_grad_norm(trained_);
        end_phase("clip_norm");
    }

    std::optional<StepProgram> finish() {
        if (has_no_loss_) return std::nullopt;
        if (device_.overflowed) {
            diagnostics_
                .error("overflow", "the training step at batch " + plain(run_.items()) +
                                       " asks for more bytes than 64 bits can count: lower the batch")
                .field = "batch";
            return std::nullopt;
        }
        if (device_.too_many) {
            diagnostics_.error("too-large", "the training step makes more than " +
                                                plain(static_cast<std::int64_t>(device_.most_events)) +
                                                " allocations and frees: lower the batch or the number of steps");
            return std::nullopt;
        }
        program_.names.resize(device_.allocations.size());
        for (const Placed* placed : placed_->in_order())
            if (const std::int32_t made = placed->tensor.impl()->storage->allocation; made >= 0)
                program_.names[static_cast<std::size_t>(made)] = placed->path;
        for (std::size_t i = 0; i < assumed_.size(); ++i)
            if (assumed_[i]) program_.assumed.push_back(i);
        program_.allocations = device_.allocations;
        program_.events = device_.events;
        return std::move(program_);
    }

    const Model& model_;
    const Run& run_;
    const Training& training_;
    aten::Workspaces workspaces_;
    aten::Device device_;  // outlives every tensor below
    Diagnostics& diagnostics_;
    Inference inference_;
    std::string loss_;
    bool grads_ = true, trains_ = true, scales_ = false;
    std::optional<DType> autocast_;
    std::int32_t step_ = -1;
    StepProgram program_;
    std::optional<Placement> placed_;
    std::unordered_map<const footprint::Tensor*, const Placed*> parameters_;  // those that rows name
    std::unordered_map<const footprint::Tensor*, std::pair<std::size_t, std::size_t>> places_;
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> drops_;  // after each row: (row, output)
    std::vector<std::optional<Owned>> owned_;                              // by row
    std::vector<std::size_t> regions_;
    std::vector<const footprint::Tensor*> returned_;  // as out_
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    std::optional<std::size_t> loss_at_;  // of out_, where an output is marked
    std::vector<bool> assumed_;           // by row
    bool has_no_loss_ = false;            // it cannot be made of what the model returns (said)
    Tensors trained_, inputs_, out_;
    Tensor target_, loss_tensor_;
    std::vector<Tensors> values_;
    std::optional<AveragedModel> average_;
    std::optional<OptimizerRun> optimizer_;
    GradScaler scaler_{device_};
};

}  // namespace

const PhaseMark& StepProgram::phase_of(std::size_t event) const {
    const auto found = std::partition_point(phases.begin(), phases.end(),
                                            [event](const PhaseMark& mark) { return mark.end <= event; });
    if (found != phases.end()) return *found;
    static const PhaseMark kNone;
    return phases.empty() ? kNone : phases.back();
}

std::optional<StepProgram> write_step(const Model& model, const Run& run, const aten::Properties& card,
                                      aten::Workspaces workspaces, Diagnostics& diagnostics, std::size_t most_events) {
    return Writer(model, run, card, workspaces, most_events, diagnostics).write();
}

std::optional<StepPrograms> write_steps(const Model& model, const Run& run, const aten::Properties& card,
                                        Diagnostics& diagnostics, std::size_t most_events) {
    return Writer(model, run, card, aten::Workspaces::high, most_events, diagnostics).write_all();
}

}  // namespace footprint
