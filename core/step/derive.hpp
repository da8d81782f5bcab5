// The derivation of a number of the step: a peak as the blocks that are alive, a difference as its parts.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "explain/derivation.hpp"
#include "step/report.hpp"

namespace footprint {

/// Whether a path is one of these: "step/peak_allocated", "step/peak_reserved", "step/device_total", "bridge/CODE".
[[nodiscard]] bool is_of_step(std::string_view path);

/// `step` is the request's own, with its bridge. Fails with unknown-path.
[[nodiscard]] Result<Derivation> derive(const Request& request, const StepReport& step, std::string_view path);

}  // namespace footprint
