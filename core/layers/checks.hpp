// Checks: what layers ask of what comes in. Each returns true when it holds, and otherwise says on the row what to
// change. Conditions are PyTorch's own (the errors its modules and kernels raise); a size that overflowed passes, since
// whoever infers the row reports the overflow.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "layers/arithmetic.hpp"
#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// Input `input` has one of these numbers of dimensions.
bool check_rank(Call& call, std::initializer_list<int> ranks, std::size_t input = 0);
/// Input `input` has at least that many dimensions.
bool check_least_rank(Call& call, int least, std::size_t input = 0);
/// Input `input` holds floating-point numbers.
bool check_floating(Call& call, std::size_t input = 0);
/// Input `input` has the type of the module's parameters (or of the tensor that stands for its weight): PyTorch's
/// matrix products and convolutions convert nothing.
bool check_parameter_dtype(Call& call, std::size_t input = 0);
/// Input `input` holds indices: int32 or int64, or int64 alone.
enum class IndexTypes : std::uint8_t { int32_or_int64, int64 };
bool check_indices(Call& call, IndexTypes types, std::size_t input = 0);

/// `size` is a multiple of the attribute `field`, whose value is `divisor`; the fix is their greatest common divisor.
bool check_divisible(Call& call, std::string_view field, std::string_view size_name, Integer size,
                     std::int64_t divisor);
/// The window of each dimension finds room: `positions`, one for each dimension, are at least 1.
bool check_windows(Call& call, const Sliding& sliding, std::span<const Integer> positions);
/// Every size is at least `least`; `field` is the attribute to blame.
bool check_sizes(Call& call, std::string_view field, const Shape& shape, std::int64_t least);
/// The attribute names a dimension of a tensor of that rank; a negative one is counted from the end and made positive.
bool check_dimension(Call& call, std::string_view field, std::int64_t& dimension, std::size_t rank);
/// The attribute is a probability.
bool check_probability(Call& call, std::string_view field, double value);
/// The tensor has exactly that shape. `what` names it in the sentence, `field` is what to blame ("inputs",
/// "attn_mask").
bool check_shape(Call& call, std::string_view field, std::string_view what, const Tensor& tensor,
                 const Shape& expected);

/// The shape of two tensors broadcast against each other, or nothing (said).
std::optional<Shape> broadcast(Call& call, const Shape& a, const Shape& b);

/// JSON of a tuple, for a fix: 3 where all members are equal, else [1, 3].
[[nodiscard]] std::string json_of(const Tuple& tuple);

/// True only of a size that did not overflow.
constexpr bool below(Integer size, Integer limit) { return !size.overflowed() && !limit.overflowed() && size < limit; }

}  // namespace footprint
