// Trials: what a document or a single call gives when it is inferred.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "estimate/infer.hpp"
#include "prints/builder.hpp"

namespace footprint::prints {

/// A document with what inference knows of it.
struct Inferred {
    Value document;
    Model model;
    Diagnostics diagnostics;
    Inference inference;
    bool is_inferred = false;  // false: an input has no sizes yet

    [[nodiscard]] bool knows(std::size_t row) const {
        return is_inferred && row < inference.rows.size() && inference.rows[row].known;
    }
};

[[nodiscard]] Inferred infer_rows(const Built& built, std::string_view name = {}, std::string_view source = {});

/// What one call gives: sizes without the batch, elements it owns.
struct Trial {
    std::vector<Sizes> outputs;
    std::int64_t parameters = 0;       // of all its parameters
    std::int64_t weight_and_bias = 0;  // as torchsummary counts them
};

/// A module called on what functions make of a tensor of these sizes; nothing where that is wrong.
[[nodiscard]] std::optional<Trial> try_call(const Module& module, std::string_view functions, const Sizes& in);

/// The sizes that functions make of these; nothing where that is wrong or makes several tensors.
[[nodiscard]] std::optional<Sizes> made_by(std::string_view functions, const Sizes& in);

/// The elements of a row's parameters: all, and those that torchsummary counts.
[[nodiscard]] Trial owned_by(const InferredRow& row);

/// What a program may hide between two modules, in the order in which it is likely for a module of that operation.
[[nodiscard]] std::vector<std::string_view> hidden_functions(std::string_view op);

}  // namespace footprint::prints
