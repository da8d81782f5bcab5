// The derivation of a number of the step: a peak as the blocks that are alive, a difference as its parts.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "explain/derivation.hpp"
#include "step/report.hpp"

namespace footprint {

/// Whether a path is one of these: "step/peak_allocated", "step/peak_reserved", "step/device_total", "bridge/CODE".
[[nodiscard]] bool is_of_step(std::string_view path);

/// Of the step of a request, which is simulated for it. Fails with unknown-path, or with the first error where the
/// model or the step is wrong.
[[nodiscard]] Result<Derivation> derive_step(const Request& request, const Report& report, std::string_view path);

}  // namespace footprint
