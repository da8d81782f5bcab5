// The model document as values: what a person or the exporter wrote, checked for form, not yet for sense.
// The format is described in docs/formats.md; every key here has the name it has there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/integer.hpp"
#include "model/dtype.hpp"
#include "model/tensor.hpp"
#include "model/value.hpp"

namespace footprint {

inline constexpr std::size_t kMostRows = 20'000;    // of a document
inline constexpr std::size_t kMostDimensions = 64;  // of a tensor, as PyTorch

/// A size that may grow with the batch: per_item × B + plus. A plain integer has per_item 0.
struct Size {
    std::int64_t per_item = 0;
    std::int64_t plus = 0;

    [[nodiscard]] Integer at(Integer batch) const { return Integer(per_item) * batch + plus; }
};

struct ModelInput {
    std::string name;
    std::vector<Size> shape;                    // without the batch
    std::optional<DType> dtype;                 // left out: the model's
    std::optional<std::int64_t> batch_dim = 0;  // none: the batch does not stand in it
};

/// Which parameters of a row need no gradient.
struct Frozen {
    bool all = false;
    std::vector<std::string> names;

    [[nodiscard]] bool covers(std::string_view parameter) const;
};

struct Row {
    std::string op;
    bool op_is_missing = false;  // or no text: said in reading
    std::string class_name;      // "class": the name torchsummary prints, if not op's
    std::string name;
    std::optional<std::string> scope;  // none: a function's is the root, a module's what its path says
    std::string shares;
    std::optional<std::vector<std::optional<std::string>>> inputs;  // none: the row above; a null element: no tensor
    std::vector<std::pair<std::string, Value>> attributes;          // the operation's own, and tensors by keyword
    bool inplace = false;
    bool grad = true;
    bool autocast = true;
    std::optional<bool> training;  // none: as the run's mode
    std::string only;              // "", "train" or "eval"
    std::string checkpoint;
    std::string held;
    std::string returns;                 // of a Block; "": tensor
    std::string called_with;             // of a module; "": tensor
    std::optional<std::int64_t> prints;  // none: once
    Frozen frozen;

    /// Upper case is an nn.Module, which torchsummary sees; lower case is a function.
    [[nodiscard]] bool is_module() const { return !op.empty() && op[0] >= 'A' && op[0] <= 'Z'; }
    [[nodiscard]] bool is_block() const { return op == "Block"; }
    [[nodiscard]] const Value* attribute(std::string_view attribute_name) const;
};

struct Parameter {
    std::string path;
    Shape shape;
    std::optional<DType> dtype;
    bool frozen = false;
    bool buffer = false;
    std::string tied_to;
};

struct ModelOutput {
    std::string row;
    std::string name;
    bool loss = false;
};

struct Model {
    std::string name, source;
    std::vector<ModelInput> inputs;
    std::vector<Row> layers;
    std::vector<Parameter> parameters;
    std::vector<ModelOutput> outputs;
    std::string returns;  // "": tensor
    std::string loss;     // "": none
};

/// "row 5 (conv2)": a row as diagnostics and derivations name it.
[[nodiscard]] std::string called(const Row& row, std::size_t number);

}  // namespace footprint
