// The notebook's method: input + 2 × forward + parameters, on the rows that torchsummary sees, with honest sums.
//
// torchsummary runs a model at batch 2 and writes the batch over dimension 0 of every output; so does this. Unlike it,
// several inputs are added and not multiplied, the items of a tuple are added, and nothing wraps or fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/integer.hpp"
#include "estimate/infer.hpp"
#include "model/model.hpp"
#include "model/run.hpp"

namespace footprint {

/// An amount that grows with the batch: per_item × B + fixed.
struct Affine {
    Integer per_item, fixed;

    [[nodiscard]] Integer at(Integer batch) const { return per_item * batch + fixed; }
    Affine& operator+=(const Affine& other) {
        per_item += other.per_item;
        fixed += other.fixed;
        return *this;
    }
};

/// One row as the method counts it. All zero for a function, which torchsummary cannot see.
struct NotebookRow {
    std::vector<std::string> labels;  // "Conv2d-2": one for each time torchsummary prints the call
    Affine elements;                  // of its outputs, for each print
    Integer parameters;               // elements torchsummary counts: weight and bias, for each print
    Integer unseen;                   // elements the row owns that torchsummary does not count
    bool flagged = false;             // it has a weight, so torchsummary knows whether it is trainable
    bool trainable = false;

    [[nodiscard]] std::int64_t prints() const { return static_cast<std::int64_t>(labels.size()); }
};

struct Notebook {
    std::vector<NotebookRow> rows;
    Affine input, forward;  // bytes; backward is as much as forward
    Integer parameters;     // bytes, whatever the batch
    Integer parameter_count;
    std::int64_t bytes_per_value = 4;

    [[nodiscard]] Affine total() const {
        return {input.per_item + forward.per_item * 2, input.fixed + forward.fixed * 2 + parameters};
    }
};

/// `inference` at batch 2 and free of errors.
[[nodiscard]] Notebook notebook(const Model& model, const Run& run, const Inference& inference);

/// What the method counts of one output: dimension 0 is the batch, whatever it was.
[[nodiscard]] Affine counted_elements(const Tensor& output);

}  // namespace footprint
