// A card as the step sees it: what kernels ask of it, what CUDA takes on it, and what it cannot run.
#pragma once

#include "base/diagnostic.hpp"
#include "cuda/context.hpp"
#include "estimate/estimate.hpp"
#include "kernels/device.hpp"
#include "model/run.hpp"

namespace footprint {

/// The card of a step that names none.
inline constexpr std::string_view kDefaultCard = "a100-80gb";

[[nodiscard]] aten::Properties properties_of(const CardRequest& asked, const Run& run);
/// Bytes outside the allocator: `run.context` where it is given.
[[nodiscard]] Interval context_of(const aten::Properties& card, const Run& run);
/// Warns of what the card or the PyTorch for it cannot do.
void check_card(const CardRequest& asked, const Run& run, Diagnostics& diagnostics);

}  // namespace footprint
