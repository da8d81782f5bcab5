// Sizes: a tensor's sizes or strides.
#pragma once

#include <cstdint>

#include "base/small_vector.hpp"

namespace footprint::aten {

using Sizes = SmallVector<std::int64_t, 6>;

}  // namespace footprint::aten
