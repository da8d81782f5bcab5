// Sizes: a tensor's sizes or strides.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "base/integer.hpp"
#include "base/small_vector.hpp"

namespace footprint::aten {

using Sizes = SmallVector<std::int64_t, 6>;

/// The count, or the largest number where 64 bits do not hold it: whatever it is a size of, the device refuses that.
[[nodiscard]] constexpr std::int64_t saturated(Integer count) {
    return count.overflowed() ? std::numeric_limits<std::int64_t>::max() : count.value();
}

/// Sizes of a tensor fit 64 bits together (inference checks that), but not beside a size of 0, nor always those of what
/// an operation makes on its way, nor a size and a stride that somebody writes down.
[[nodiscard]] constexpr std::int64_t times(std::int64_t a, std::int64_t b) { return saturated(Integer(a) * b); }

/// The largest power of two that is not above n; 1 below.
[[nodiscard]] constexpr std::int64_t last_power_of_two(std::int64_t n) {
    return n < 1 ? 1 : static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(n)));
}

}  // namespace footprint::aten
