// What tests share that read tests/golden/step.
#pragma once

#include "cuda/allocator.hpp"
#include "support.hpp"

namespace footprint::testing {

/// The allocator's settings and the device's memory, as measure.py was given them in a configuration.
[[nodiscard]] AllocatorSettings settings_of(const Json& configuration);

}  // namespace footprint::testing
