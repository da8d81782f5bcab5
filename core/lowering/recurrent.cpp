// Recurrent layers. cuDNN keeps a reserve for backward whose size only the library knows: see the step's assumptions.
// Source: aten/src/ATen/native/cudnn/RNN.cpp. Cells are PyTorch's own: aten/src/ATen/native/RNN.cpp and cuda/RNN.cu.
#include "kernels/autocast.hpp"
#include "lowering/families.hpp"

namespace footprint {
namespace {

using aten::Tensor;

/// A sequence with the time first, as cuDNN reads it: a copy of one that does not lie so.
Tensor by_time(const Tensor& sequence, bool batch_first) {
    const Tensor plain = aten::detached(sequence);
    return aten::contiguous_copy(batch_first ? aten::transpose(plain, 0, 1) : plain);
}

/// A sequence made with the time first and transposed in place, so no view.
Tensor made_by_time(aten::Device& device, aten::Sizes sizes, DType dtype, bool batch_first) {
    if (!batch_first) return aten::empty(device, sizes, dtype);
    std::swap(sizes[0], sizes[1]);
    Tensor made = aten::transpose(aten::empty(device, sizes, dtype), 0, 1);
    aten::untracked(made);
    return made;
}

std::int64_t elements_of(const std::vector<Tensor>& tensors) {
    Integer elements = 0;
    for (const Tensor& tensor : tensors) elements += tensor.numel();
    return aten::saturated(elements);
}

/// Under autocast the weights are copied into one buffer of the lower precision (_cudnn_rnn_cast_reflatten).
Tensor cast_into_buffer(std::vector<Tensor>& weights, DType dtype) {
    const Tensor flat = aten::empty(weights[0].device(), {elements_of(weights)}, dtype);
    for (Tensor& weight : weights) {
        Tensor cast = aten::alias(flat, weight.sizes(), weight.strides());
        aten::untracked(cast);
        const Tensor seen = aten::view(weight, weight.sizes());
        if (aten::History history{"CopyBackwards", {&seen}})
            history.of(cast, [from = weight.dtype()](aten::Incoming in) {
                return aten::Tensors{aten::empty_like(in.grad(), from)};
            });
        weight = cast;
    }
    return flat;
}

void recurrent(RowRun& run) {
    const bool lstm = run.row.op == "LSTM", batch_first = run.boolean("batch_first", false) && run.input().dim() == 3;
    std::vector<Tensor> weights;
    for (const auto& [name, tensor] : run.named)
        if (name.starts_with("weight") || name.starts_with("bias")) weights.push_back(tensor);
    Tensor input = run.input();
    const std::size_t states = lstm ? 2 : 1;
    std::vector<Tensor> initial(run.inputs.begin() + 1, run.inputs.end());
    const bool given = !initial.empty();
    while (initial.size() < states)
        initial.push_back(aten::empty(run.device, run.out_sizes(1 + initial.size()), input.dtype()));
    if (run.training && run.number("dropout", 0) > 0) run.device.keep_dropout_state();
    const std::vector<Tensor> held = initial;  // by the module, until it returns
    Tensor buffer;
    if (aten::autocasts(input) && !weights.empty()) {
        buffer = cast_into_buffer(weights, *run.device.autocast);
        for (std::size_t k = states; k-- > 0;) initial[k] = aten::in_lower_precision(initial[k]);
        input = aten::in_lower_precision(input);
    }
    const DType dtype = input.dtype();
    std::vector<const Tensor*> history_of = {&input};
    for (const Tensor& weight : weights) history_of.push_back(&weight);
    for (const Tensor& state : initial) history_of.push_back(&state);
    std::vector<Tensor> outputs;
    {
        const Tensor read = by_time(input, batch_first);
        outputs.push_back(made_by_time(run.device, run.out_sizes(), dtype, batch_first));
        for (std::size_t k = 1; k <= states; ++k) outputs.push_back(aten::empty(run.device, run.out_sizes(k), dtype));
    }
    if (aten::History history{"CudnnRnnBackward0", history_of.data(), history_of.size()}) {
        std::vector<aten::Saved> kept = {history.save(input), history.save(outputs[0])};
        for (const Tensor& state : initial) kept.push_back(history.save(state));
        kept.push_back(history.save(buffer));
        std::vector<std::pair<aten::Sizes, aten::Sizes>> layouts;
        layouts.reserve(weights.size());
        for (const Tensor& weight : weights) layouts.emplace_back(weight.sizes(), weight.strides());
        history.of(outputs[0], [kept, layouts, elements = elements_of(weights), states, given, batch_first,
                                state_sizes = run.out_sizes(1)](aten::Incoming in) {
            aten::Tensors saved;
            for (const aten::Saved& one : kept) saved.push_back(one.unpack());
            const Tensor &input = saved[0], &output = saved[1];
            aten::Device& on = input.device();
            const DType dtype = input.dtype();
            // Zeros for each output that nothing came back for.
            const auto arrived = [&](std::size_t k, const aten::Sizes& sizes) {
                return in.grad(k).defined() ? in.grad(k) : aten::empty(on, sizes, dtype);
            };
            const Tensor grad_output = arrived(0, output.sizes());
            std::vector<Tensor> grad_states, grads_initial;
            for (std::size_t k = 1; k <= states; ++k) grad_states.push_back(arrived(k, state_sizes));
            Tensor grad_input;
            {
                const Tensor read = by_time(input, batch_first), grad = by_time(grad_output, batch_first);
                grad_input = made_by_time(on, input.sizes(), dtype, batch_first);
                for (Tensor& state : grad_states) state = aten::contiguous_copy(state);
                for (std::size_t k = 0; k < states; ++k) grads_initial.push_back(aten::empty(on, state_sizes, dtype));
            }
            const Tensor read = by_time(input, batch_first);
            // All gradients of weights lie in one buffer.
            const Tensor flat = aten::empty(on, {elements}, dtype);
            aten::Tensors grads = {in.needs(0) ? grad_input : Tensor()};
            for (const auto& [sizes, strides] : layouts) {
                grads.push_back(aten::alias(flat, sizes, strides));
                aten::untracked(grads.back());  // set to the buffer's memory, no view of it
            }
            for (std::size_t k = 0; k < states; ++k)
                grads.push_back(given && in.needs(grads.size()) ? grads_initial[k] : Tensor());
            return grads;
        });
        for (std::size_t k = 1; k < outputs.size(); ++k) history.also(outputs[k]);
    }
    run.outputs = outputs;
}

/// What a cell is called with: its parameters, and its states, made where none are given (an LSTM's two are one).
struct CellOperands {
    Tensor input, hidden, memory;  // memory: of an LSTM
    Tensor weight_ih, weight_hh, bias_ih, bias_hh;
};

CellOperands cell_operands(RowRun& run) {
    const std::size_t given = run.inputs.size();
    CellOperands cell{run.input(),
                      given > 1 ? run.input(1) : aten::empty(run.device, run.out_sizes(), run.input().dtype()),
                      given > 2 ? run.input(2) : Tensor(),
                      run.tensor("weight_ih"),
                      run.tensor("weight_hh"),
                      run.tensor("bias_ih"),
                      run.tensor("bias_hh")};
    if (!cell.memory.defined()) cell.memory = cell.hidden;
    if (cell.input.dim() == 1)
        for (Tensor* one : {&cell.input, &cell.hidden, &cell.memory}) *one = aten::unsqueeze(*one, 0);
    if (aten::autocasts(cell.input)) {
        for (Tensor* one : {&cell.bias_hh, &cell.bias_ih, &cell.weight_hh, &cell.weight_ih})
            if (one->defined()) *one = aten::in_lower_precision(*one);
        for (Tensor* one : {&cell.memory, &cell.hidden, &cell.input}) *one = aten::in_lower_precision(*one);
    }
    return cell;
}

void give_states(RowRun& run, const aten::Tensors& states) {
    run.outputs.clear();
    for (std::size_t k = 0; k < states.size(); ++k)
        run.outputs.push_back(run.input().dim() == 1 ? aten::view(states[k], run.out_sizes(k)) : states[k]);
}

/// The gates of an LSTM or a GRU in one kernel, which keeps its operands and a workspace of them.
aten::Tensors fused_cell(bool lstm, const CellOperands& cell) {
    const Tensor gates = aten::matmul(cell.input, aten::t(cell.weight_ih));
    const Tensor of_hidden = aten::matmul(cell.hidden, aten::t(cell.weight_hh));
    const Tensor& state = lstm ? cell.memory : cell.hidden;
    aten::Device& on = gates.device();
    const Tensor workspace =
        lstm ? aten::empty_like(gates) : aten::empty(on, {state.size(0), aten::times(state.size(1), 5)}, state.dtype());
    aten::Tensors out = {aten::empty_like(state)};
    if (lstm) out.push_back(aten::empty_like(state));
    const bool biased = cell.bias_ih.defined();
    std::vector<const Tensor*> operands = {&gates, &of_hidden, &state};
    if (biased) operands.insert(operands.end(), {&cell.bias_ih, &cell.bias_hh});
    aten::History history{lstm ? "ThnnFusedLstmCellBackward0" : "ThnnFusedGruCellBackward0", operands.data(),
                          operands.size()};
    if (!history) return out;
    std::vector<aten::Saved> kept;
    kept.reserve(operands.size() + 2);
    for (const Tensor* operand : operands) kept.push_back(history.save(*operand));
    if (lstm) kept.push_back(history.save(out[1]));
    kept.push_back(history.save(workspace));
    history.of(out[0], [kept, lstm, biased](aten::Incoming in) {
        aten::Tensors saved;
        for (const aten::Saved& one : kept) saved.push_back(one.unpack());
        const auto sum_of = [](const Tensor& grad) { return aten::sum(grad, {true, false}, false); };
        const Tensor grad_gates = aten::empty_like(saved[0]);
        const Tensor grad_of_hidden = lstm ? grad_gates : aten::empty_like(saved[1]);
        const Tensor grad_state = aten::empty_like(saved[2]);
        aten::Tensors grads = {grad_gates, grad_of_hidden, in.needs(2) ? grad_state : Tensor()};
        if (biased) {
            const Tensor grad_bias = sum_of(grad_gates);
            grads.push_back(grad_bias);
            grads.push_back(lstm ? grad_bias : sum_of(grad_of_hidden));
        }
        return grads;
    });
    if (lstm) history.also(out[1]);
    return out;
}

void gated_cell(RowRun& run) {
    const CellOperands cell = cell_operands(run);
    const aten::AutocastOff off(run.device);
    give_states(run, fused_cell(run.row.op == "LSTMCell", cell));
}

void simple_cell(RowRun& run) {
    const CellOperands cell = cell_operands(run);
    const aten::AutocastOff off(run.device);
    const Tensor of_hidden = aten::linear(cell.hidden, cell.weight_hh, cell.bias_hh);
    const Tensor of_input = aten::linear(cell.input, cell.weight_ih, cell.bias_ih);  // lives until the end
    const Tensor sum = aten::add_(of_hidden, of_input);
    const bool relu = run.word("nonlinearity", "tanh") == "relu";
    give_states(run, {aten::pointwise(relu ? "ReluBackward0" : "TanhBackward0", sum, aten::Keeps::result)});
}

}  // namespace

std::vector<Lowered> recurrent_lowerings() {
    return {{"RNN", recurrent},       {"LSTM", recurrent},      {"GRU", recurrent},
            {"RNNCell", simple_cell}, {"LSTMCell", gated_cell}, {"GRUCell", gated_cell}};
}

}  // namespace footprint
