// Shape inference: walks the rows once, and for each finds its tensors, its parameters and what is wrong with it. A row
// that cannot be judged leaves its outputs unknown; rows that do not depend on it are still judged.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "layers/call.hpp"
#include "layers/layer.hpp"
#include "model/model.hpp"
#include "model/run.hpp"
#include "model/tensor.hpp"

namespace footprint {

/// A parameter or buffer of one module, and whether it needs a gradient.
struct InferredParameter {
    std::string name;
    Shape shape;
    Integer count;
    bool trainable = true;
    bool buffer = false;
    DType dtype = DType::float32;
};

/// Where an operand comes from.
struct Origin {
    enum class Kind : std::uint8_t { input, row, parameter } kind = Kind::input;
    std::size_t index = 0;   // of the model's input or of the row, from 0; unused of a parameter
    std::size_t output = 0;  // of a row
};

struct InferredRow {
    const LayerType* type = nullptr;  // null: an unknown operation
    std::size_t first = 0;            // the row whose module it calls: itself, or the one it shares
    bool known = false;               // false: it, or a row it reads, is wrong
    bool runs = true;                 // false: `only` another mode; its outputs are then its first input
    Returned returned = Returned::tensor;
    SmallVector<const Tensor*, 2> inputs;  // into `outputs` of other rows, the model's inputs and parameters
    std::vector<std::pair<std::string_view, const Tensor*>> keywords;  // tensors passed by name
    std::vector<Tensor> outputs;
    std::vector<InferredParameter> parameters;  // of a shared module: at each call
    std::vector<std::pair<std::string_view, std::int64_t>> resolved;
    SmallVector<Origin, 2> origins;  // of `inputs`
};

/// A parameter that no list has, but a row owns and another names by its path.
struct ImpliedParameter {
    std::string path;
    Tensor tensor;
};

struct Inference {
    std::vector<InferredRow> rows;
    std::vector<Tensor> inputs;
    std::vector<Tensor> parameters;  // those of the model's list
    std::deque<ImpliedParameter> implied;
    std::vector<Storage> storages;
    std::vector<const Tensor*> returned;  // the model's outputs
};

struct InferenceOptions {
    std::int64_t batch = 2;        // torchsummary runs every model at 2
    bool training = true;          // torchsummary leaves a fresh model in training mode
    bool float_inputs = false;     // torchsummary feeds float32 whatever the model takes
    DType dtype = DType::float32;  // of parameters and inputs that state none
};

/// Infers every row. What is wrong is added to `diagnostics`.
[[nodiscard]] Inference infer(const Model& model, const Run& run, const InferenceOptions& options,
                              Diagnostics& diagnostics);

/// The path of the container around a path: "layer1.0" of "layer1.0.conv1"; empty for one without a dot.
[[nodiscard]] std::string_view parent_of(std::string_view path);

/// The shape of an input without its batch, after `run.inputs`.
[[nodiscard]] Shape item_shape(const ModelInput& input, const Run& run, std::int64_t batch);

/// A row that shares a module as it runs: the row `first` with what its input settled, and this one's inputs, scope,
/// mode.
[[nodiscard]] Row effective_row(const Row& written, const Row& first,
                                const std::vector<std::pair<std::string_view, std::int64_t>>& resolved);

}  // namespace footprint
