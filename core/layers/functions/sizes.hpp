// Sizes and dimensions that a row writes, checked and made plain: what view, expand, permute, sum and their siblings
// share.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "layers/call.hpp"
#include "model/model.hpp"

namespace footprint {

inline constexpr std::int64_t kMostParts = 4096;  // outputs of one row

/// `dims` as numbers from 0, each once; empty if one is no dimension of a tensor of that rank or stands twice (said).
std::optional<std::vector<std::size_t>> checked_dimensions(Call& call, std::string_view field,
                                                           const std::vector<std::int64_t>& dims, std::size_t rank);

/// The sizes at this batch; empty if one is negative (said). With `least` −1 a size may be −1: whatever is left over.
std::optional<Shape> checked_sizes(Call& call, std::string_view field, const std::vector<Size>& sizes,
                                   std::int64_t least);

/// No more than kMostParts outputs (said if not).
bool check_parts(Call& call, std::string_view field, Integer parts);

/// Whether the attribute is written as a list.
[[nodiscard]] bool is_list(const Call& call, std::string_view field);

/// A dimension as an index.
[[nodiscard]] constexpr std::size_t at(std::int64_t dimension) { return static_cast<std::size_t>(dimension); }
/// A count for a sentence or a diagnostic's values.
[[nodiscard]] constexpr std::int64_t count_of(std::size_t size) { return static_cast<std::int64_t>(size); }

}  // namespace footprint
