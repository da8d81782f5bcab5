// Which rows run under one torch.utils.checkpoint.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "estimate/infer.hpp"
#include "model/model.hpp"

namespace footprint {

/// For each row the number of its region, 0 outside; empty where there is none. Rows say their region themselves, or a
/// pattern matches their module or a container of it, the topmost match. A pattern that matches nothing is an error.
[[nodiscard]] std::optional<std::vector<std::size_t>> checkpoint_regions(const Model& model, const Inference& inference,
                                                                         const std::vector<std::string>& patterns,
                                                                         Diagnostics& diagnostics);

}  // namespace footprint
