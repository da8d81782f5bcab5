// RNN, LSTM and GRU, and their cells. Sources: torch.nn.LSTM, "Outputs" and "Variables"; refusals from
// torch/nn/modules/rnn.py.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::string_view kWeightsAndBiases[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
constexpr std::int64_t kMostLayers = 1000;  // each owns up to ten parameters, and a document must not fill memory

enum class Gates : std::int64_t { rnn = 1, gru = 3, lstm = 4 };

/// What a layer and a cell have in common: the gates of one step.
struct Step {
    explicit Step(Gates gates_) : gates(gates_) {}

    Gates gates;
    std::optional<std::int64_t> input_size;
    std::int64_t hidden_size = 0;
    bool bias = true;

    [[nodiscard]] bool is_lstm() const { return gates == Gates::lstm; }

 protected:
    void size_fields(Fields& fields, std::int64_t least) {
        fields.integer("input_size", input_size, {.help = "last size of the input", .least = least, .inferred = true});
        fields.integer("hidden_size", hidden_size,
                       {.help = "size of the hidden state", .least = least, .required = true});
    }
    void bias_field(Fields& fields) { fields.boolean("bias", bias, {.help = "learns two biases per gate"}); }

    /// The input and the states it is given.
    static bool check_types(Call& call) {
        for (std::size_t i = 0; i < call.input_count(); ++i)
            if (!check_parameter_dtype(call, i)) return false;
        return true;
    }

    /// The weights of one direction of one layer, which reads `in` numbers and gives `out`.
    template <class N>
    void own_step(Owner<N>& owner, const std::string& suffix, const N& in, const N& out,
                  const Symbols<N>& symbol) const {
        const auto count = static_cast<std::int64_t>(gates);
        N rows = symbol("H", hidden_size, "hidden_size of this row");
        if (count > 1) rows = symbol("g", count, is_lstm() ? "gates of an LSTM" : "gates of a GRU") * rows;
        owner.parameter("weight_ih" + suffix, {rows, in});
        owner.parameter("weight_hh" + suffix, {rows, out});
        if (!bias) return;
        owner.parameter("bias_ih" + suffix, {rows});
        owner.parameter("bias_hh" + suffix, {rows});
    }
};

struct Recurrent : Step {
    using Step::Step;

    std::int64_t num_layers = 1;
    std::string nonlinearity = "tanh";  // of an RNN
    bool batch_first = false;
    double dropout = 0.0;
    bool bidirectional = false;
    std::int64_t proj_size = 0;  // of an LSTM

    void attributes(Fields& fields) {
        size_fields(fields, 1);
        fields.integer("num_layers", num_layers, {.help = "layers stacked on one another", .least = 1});
        if (gates == Gates::rnn) fields.word("nonlinearity", nonlinearity, {"tanh", "relu"}, {.help = "of each step"});
        bias_field(fields);
        fields.boolean("batch_first", batch_first, {.help = "input and output are (N, L, F), not (L, N, F)"});
        fields.number("dropout", dropout, {.help = "dropout between the layers"});
        fields.boolean("bidirectional", bidirectional, {.help = "reads the sequence backwards too"});
        if (is_lstm())
            fields.integer("proj_size", proj_size,
                           {.help = "size the hidden state is projected to; 0: not", .least = 0});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        in.back() = features(symbol);
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        for (std::int64_t layer = 0; layer < num_layers; ++layer)
            for (std::int64_t direction = 0; direction < directions(); ++direction) {
                const std::string suffix = "_l" + plain(layer) + (direction == 0 ? "" : "_reverse");
                own_step(owner, suffix,
                         layer == 0 ? symbol("I", *input_size, "features of the input") : features(symbol),
                         state(symbol), symbol);
                if (proj_size > 0)
                    owner.parameter("weight_hr" + suffix,
                                    {state(symbol), symbol("H", hidden_size, "hidden_size of this row")});
            }
    }

    void infer(Call& call) {
        if (!check_attributes(call) || !check_rank(call, {2, 3}) || !check_types(call)) return;
        if (!call.settle("input_size", input_size, call.shape().back(), "the last size of the input")) return;
        Shape hidden = call.shape();  // (layers × directions, N, H), without N where the input has none
        const bool batched = hidden.size() == 3;
        if (batched && !batch_first) hidden.erase(hidden.begin());
        if (batched && batch_first) hidden.erase(hidden.begin() + 1);
        hidden.front() = batched ? hidden.front() : Integer(num_layers * directions());
        if (batched) hidden.insert(hidden.begin(), num_layers * directions());
        Shape cell = hidden;
        hidden.back() = proj_size > 0 ? proj_size : hidden_size;
        cell.back() = hidden_size;
        if (!check_states(call, hidden, cell)) return;

        own_parameters(*this, call);
        call.output(sizes(call.shape(), Symbols<Integer>{}));
        if (batched && batch_first) {
            // cuDNN works on (L, N, F); what comes out is that, transposed (ATen/native/cudnn/RNN.cpp).
            const Shape& shape = call.outputs_.back().shape;
            call.outputs_.back().strides = {shape[2], shape[0] * shape[2], 1};
        }
        call.output(std::move(hidden));
        if (is_lstm()) call.output(std::move(cell));
        call.returns(is_lstm() ? Returned::nested : Returned::tuple);
    }

 private:
    [[nodiscard]] std::int64_t directions() const { return bidirectional ? 2 : 1; }

    /// Numbers of one direction's hidden state.
    template <class N>
    N state(const Symbols<N>& symbol) const {
        return proj_size > 0 ? symbol("P", proj_size, "proj_size of this row")
                             : symbol("H", hidden_size, "hidden_size of this row");
    }
    template <class N>
    N features(const Symbols<N>& symbol) const {
        return bidirectional ? 2 * state(symbol) : state(symbol);
    }

    bool check_attributes(Call& call) const {
        if (!check_probability(call, "dropout", dropout)) return false;
        if (proj_size > 0 && proj_size >= hidden_size) {
            call.fail("out-of-range", "proj_size",
                      "proj_size is " + plain(proj_size) + ", but must be below hidden_size, which is " +
                          plain(hidden_size))
                .values = {{"proj_size", proj_size}, {"hidden_size", hidden_size}};
            return false;
        }
        if (num_layers <= kMostLayers) return true;
        call.fail("too-large", "num_layers",
                  "num_layers is " + plain(num_layers) + ", but a row may have at most " + plain(kMostLayers))
            .values = {{"num_layers", num_layers}, {"most", kMostLayers}};
        return false;
    }

    /// The initial states, if they are given: an LSTM takes both or none.
    bool check_states(Call& call, const Shape& hidden, const Shape& cell) const {
        if (is_lstm() && call.input_count() == 2) {
            call.fail("wrong-input-count", "inputs",
                      "an LSTM takes two initial states, h_0 and c_0, or none: give both");
            return false;
        }
        return (call.input_count() < 2 || check_shape(call, "inputs", "h_0", call.input(1), hidden)) &&
               (call.input_count() < 3 || check_shape(call, "inputs", "c_0", call.input(2), cell));
    }
};

struct Cell : Step {
    using Step::Step;

    std::string nonlinearity = "tanh";  // of an RNN

    void attributes(Fields& fields) {
        size_fields(fields, 0);
        bias_field(fields);
        if (gates == Gates::rnn) fields.word("nonlinearity", nonlinearity, {"tanh", "relu"}, {.help = "of the step"});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        in.back() = symbol("H", hidden_size, "hidden_size of this row");
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        own_step(owner, "", symbol("I", *input_size, "features of the input"),
                 symbol("H", hidden_size, "hidden_size of this row"), symbol);
    }

    void infer(Call& call) {
        if (!check_rank(call, {1, 2}) || !check_types(call)) return;
        if (!call.settle("input_size", input_size, call.shape().back(), "the last size of the input")) return;
        const Shape state = sizes(call.shape(), Symbols<Integer>{});
        if (is_lstm() && call.input_count() == 2) {
            call.fail("wrong-input-count", "inputs", "an LSTMCell takes two states, h_0 and c_0, or none: give both");
            return;
        }
        for (std::size_t i = 1; i < call.input_count(); ++i)
            if (!check_shape(call, "inputs", i == 1 ? "h_0" : "c_0", call.input(i), state)) return;
        own_parameters(*this, call);
        call.output(state);
        if (!is_lstm()) return;
        call.output(state);
        call.returns(Returned::tuple);
    }
};

template <class T, Gates gates>
struct With : T {
    With() : T(gates) {}
};

template <class T>
LayerType recurrent(std::string_view op, std::uint8_t most_inputs, std::string_view summary) {
    return with(layer_type<T>(op, "recurrent", summary), {1, most_inputs});
}

template <class T>
LayerType cell(std::string_view op, std::uint8_t most_inputs, std::string_view summary) {
    return with_keywords(recurrent<T>(op, most_inputs, summary), kWeightsAndBiases);
}

}  // namespace

LayerType RNN_type() {
    return recurrent<With<Recurrent, Gates::rnn>>("RNN", 2, "a recurrent network over (L, N, F); inputs x, h_0");
}
LayerType LSTM_type() {
    return recurrent<With<Recurrent, Gates::lstm>>("LSTM", 3,
                                                   "long short-term memory over (L, N, F); inputs x, h_0, c_0");
}
LayerType GRU_type() {
    return recurrent<With<Recurrent, Gates::gru>>("GRU", 2, "gated recurrent units over (L, N, F); inputs x, h_0");
}
LayerType RNNCell_type() {
    return cell<With<Cell, Gates::rnn>>("RNNCell", 2, "one step of an RNN over (N, F); inputs x, h_0");
}
LayerType LSTMCell_type() {
    return cell<With<Cell, Gates::lstm>>("LSTMCell", 3, "one step of an LSTM over (N, F); inputs x, h_0, c_0");
}
LayerType GRUCell_type() {
    return cell<With<Cell, Gates::gru>>("GRUCell", 2, "one step of a GRU over (N, F); inputs x, h_0");
}

}  // namespace footprint
