// Operands: what elementwise functions have in common: tensors and numbers that broadcast, the type that they give, and
// a result that is new or written over the first of them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "layers/call.hpp"

namespace footprint {

class Operands {
 public:
    explicit Operands(Call& call) : call_(call) {}

    /// All inputs of the row.
    Operands& inputs();
    Operands& tensor(const Tensor& tensor);
    /// A number under an attribute; 2 is an integer, 2.0 is not.
    Operands& number(std::string_view field);

    /// The type that PyTorch gives a result of them (ATen/native/TypeProperties.cpp): tensors with dimensions decide, a
    /// tensor without or a number only raises bool to int to float.
    [[nodiscard]] DType promoted() const;
    /// The same, but float32 in place of an integer: what division, exp or sqrt give.
    [[nodiscard]] DType floating() const;

    /// Makes the result; where the row works in place, its first input.
    void result(DType dtype) const;
    /// The same for a result whose shape is not the operands'.
    void result(DType dtype, Shape shape) const;

 private:
    Call& call_;
    Tensor number_;  // a number broadcasts as a tensor without dimensions
    std::vector<const Tensor*> tensors_;
    bool numbers_ = false;
    std::optional<DType> with_dimensions_, without_, of_numbers_;
};

/// Adds the second operand: the second input, or the number under `field`. False if it is missing or there twice
/// (said).
bool add_second(Call& call, Operands& operands, std::string_view field, const std::optional<double>& number);

/// The row's first input after the row has written into it.
void written(Call& call);
/// The result of a row that works in place, or a new tensor: false if the first input cannot hold it (said).
bool fits_in_place(Call& call, const Shape& shape, DType dtype);
/// A new contiguous tensor, or the first input where the row works in place and it fits.
void new_or_written(Call& call, Shape shape, DType dtype);

/// A tensor that may stand under a keyword or among the inputs: `weight` of linear(x, weight). Null if in neither.
[[nodiscard]] const Tensor* tensor_under(const Call& call, std::string_view keyword, std::size_t input);
/// The same where it must be given (said if not).
const Tensor* required_tensor(Call& call, std::string_view keyword, std::size_t input, std::string_view what);
/// It is of the same type as the first input.
bool check_same_dtype(Call& call, std::string_view field, const Tensor& tensor);

/// The attributes of a layer that has none.
struct NoAttributes {
    template <class F>
    void attributes(F&) {}
};

}  // namespace footprint
