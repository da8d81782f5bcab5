// RowRun: one row of the model as it runs on the device: what it is given, its attributes, where its outputs go.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "estimate/infer.hpp"
#include "kernels/kernels.hpp"
#include "model/model.hpp"

namespace footprint {

class RowRun {
 public:
    RowRun(const Row& of, const InferredRow& as_inferred, aten::Device& on, Integer batch)
        : row(of), inferred(as_inferred), device(on), batch_(batch) {}

    const Row& row;  // its attributes: of a shared module, those of the first call
    const InferredRow& inferred;
    aten::Device& device;
    bool training = true;
    std::optional<DType> made_dtype;             // of a constant, where not the document's
    std::optional<aten::AttentionBackend> sdpa;  // forced by the run

    std::vector<aten::Tensor> inputs;
    std::vector<std::pair<std::string_view, aten::Tensor>> named;  // by keyword, and the module's own parameters
    std::vector<std::string_view> copied;  // which of them lie on the host, and are copied for this row
    std::vector<aten::Tensor> outputs;
    bool assumed = false;  // what was made and kept is not written out as PyTorch's own

    [[nodiscard]] const aten::Tensor& input(std::size_t i = 0) const { return inputs[i]; }
    /// A tensor by its PyTorch name (weight, bias, attn_mask); undefined where there is none.
    [[nodiscard]] aten::Tensor tensor(std::string_view name) const;
    /// The same, or the positional input in its place.
    [[nodiscard]] aten::Tensor tensor(std::string_view name, std::size_t position) const;

    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    [[nodiscard]] double number(std::string_view name, double otherwise) const;
    [[nodiscard]] bool boolean(std::string_view name, bool otherwise) const;
    [[nodiscard]] std::string_view word(std::string_view name, std::string_view otherwise) const;
    /// A list, or one number as a list of one; nothing where it is left out or null.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view name) const;
    /// A dimension by its attribute, counted from the front.
    [[nodiscard]] std::size_t dimension(std::string_view name, std::int64_t otherwise, std::size_t rank) const;
    /// Which dimensions of the first input a reduction goes over; none given: all.
    [[nodiscard]] std::vector<bool> reduced(std::string_view name = "dim") const;

    /// A number of the document, also one that grows with the batch.
    [[nodiscard]] std::int64_t value_of(const Value& value, std::int64_t otherwise) const;

    [[nodiscard]] aten::Sizes out_sizes(std::size_t k = 0) const;
    [[nodiscard]] aten::Sizes out_strides(std::size_t k = 0) const;
    [[nodiscard]] DType out_dtype(std::size_t k = 0) const { return inferred.outputs[k].dtype; }
    /// Output k is over the memory of the first input.
    [[nodiscard]] bool is_view(std::size_t k = 0) const;

 private:
    Integer batch_;
};

using Lower = void (*)(RowRun&);

/// What PyTorch runs for an operation; null where nothing is known of it.
[[nodiscard]] Lower lowering_of(std::string_view op);

/// Operations with their lowering, as one family lists them.
struct Lowered {
    std::string_view op;
    Lower lower;
};

}  // namespace footprint
