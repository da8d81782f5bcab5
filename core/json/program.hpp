// A recorded step (footprint/program, as presets/from_torch.py --record-step writes it) as a program at one batch.
#pragma once

#include <optional>
#include <string_view>

#include "base/diagnostic.hpp"
#include "step/program.hpp"

namespace footprint::json {

/// `batch`: none: the first that it was recorded at. Nothing where the document is wrong, or holds for other batches
/// (said).
[[nodiscard]] std::optional<StepProgram> read_program(std::string_view text, std::optional<std::int64_t> batch,
                                                      const aten::Properties& card, Diagnostics& diagnostics);

}  // namespace footprint::json
