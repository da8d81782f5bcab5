// Recurrent layers. cuDNN keeps a reserve for backward whose size only the library knows: see the step's assumptions.
// Source: aten/src/ATen/native/cudnn/RNN.cpp.
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Tensor;

void recurrent(RowRun& run) {
    const bool lstm = run.row.op == "LSTM", batch_first = run.boolean("batch_first", false) && run.input().dim() == 3;
    std::vector<const Tensor*> history_of = {&run.input()};
    std::vector<Tensor> weights;
    for (const auto& [name, tensor] : run.named)
        if (name.starts_with("weight") || name.starts_with("bias")) weights.push_back(tensor);
    for (const Tensor& weight : weights) history_of.push_back(&weight);
    const std::int64_t states = lstm ? 2 : 1;
    // The initial states, where none are given.
    std::vector<Tensor> initial;
    for (std::int64_t k = 0; k < states && run.inputs.size() < 2; ++k)
        initial.push_back(aten::empty(run.device, run.out_sizes(static_cast<std::size_t>(1 + k)), run.out_dtype()));
    if (run.training && run.number("dropout", 0) > 0) run.device.keep_dropout_state();
    std::vector<Tensor> outputs;
    {
        const Tensor by_time = batch_first ? aten::clone(aten::detached(run.input()), true)
                                           : aten::contiguous_copy(aten::detached(run.input()));
        aten::Sizes sizes = run.out_sizes();
        if (batch_first) {
            std::swap(sizes[0], sizes[1]);
            outputs.push_back(aten::transpose(aten::empty(run.device, sizes, run.out_dtype()), 0, 1));
        } else {
            outputs.push_back(aten::empty(run.device, sizes, run.out_dtype()));
        }
        for (std::int64_t k = 0; k < states; ++k)
            outputs.push_back(aten::empty(run.device, run.out_sizes(static_cast<std::size_t>(1 + k)), run.out_dtype()));
    }
    if (aten::History history{"CudnnRnnBackward0", history_of.data(), history_of.size()}) {
        std::vector<aten::Saved> kept = {history.save(run.input()), history.save(outputs[0])};
        for (const Tensor& state : initial) kept.push_back(history.save(state));
        Integer elements = 0;
        std::vector<std::pair<aten::Sizes, aten::Sizes>> layouts;
        for (const Tensor& weight : weights) {
            elements += weight.numel();
            layouts.emplace_back(weight.sizes(), weight.strides());
        }
        history.of(outputs[0], [kept, layouts, elements = aten::saturated(elements), states, batch_first,
                                state_sizes = run.out_sizes(1)](aten::Incoming in) {
            aten::Tensors saved;
            for (const aten::Saved& one : kept) saved.push_back(one.unpack());
            aten::Device& on = saved[0].device();
            const DType dtype = saved[0].dtype();
            std::vector<Tensor> zero_grads, grad_states;
            for (std::int64_t k = 0; k < states; ++k) zero_grads.push_back(aten::empty(on, state_sizes, dtype));
            Tensor grad_input;
            {
                const Tensor by_time = batch_first ? aten::clone(saved[0], true) : Tensor();
                grad_input = aten::empty_like(saved[0]);
                for (std::int64_t k = 0; k < states; ++k) grad_states.push_back(aten::empty(on, state_sizes, dtype));
            }
            const Tensor again = batch_first ? aten::clone(saved[0], true) : Tensor();
            // All gradients of weights lie in one buffer.
            const Tensor flat = aten::empty(on, {elements}, dtype);
            aten::Tensors grads = {in.needs(0) ? grad_input : Tensor()};
            for (const auto& [sizes, strides] : layouts) grads.push_back(aten::alias(flat, sizes, strides));
            return grads;
        });
        for (std::size_t k = 1; k < outputs.size(); ++k) history.also(outputs[k]);
    }
    run.outputs = outputs;
}

}  // namespace

std::vector<Lowered> recurrent_lowerings() {
    // A cell is two linear maps and a fused kernel that keeps a workspace of all gates: not written down.
    return {{"RNN", recurrent},   {"LSTM", recurrent},   {"GRU", recurrent},
            {"RNNCell", general}, {"LSTMCell", general}, {"GRUCell", general}};
}

}  // namespace footprint
