// Compare: a step as Footprint writes it beside one that was recorded of the live network. Says at which row the
// lowering differs from what PyTorch did, and by how much.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "step/program.hpp"

namespace footprint {

enum class StepDifferenceKind : std::uint8_t { only_predicted, only_recorded, lives_longer, lives_shorter };

/// One allocation that the two do not share, or do not let go of at the same place.
struct StepDifference {
    StepDifferenceKind kind = StepDifferenceKind::only_predicted;
    PhaseMark phase;             // where it is made
    std::int32_t row = -1;       // of the model, from 0: that makes it, or that the last shared allocation was made by
    std::int64_t bytes = 0;      // asked for
    std::string_view predicted;  // the kernel or autograd node; empty where it is recorded alone
    std::string_view recorded;   // the operation; empty where it is predicted alone
};

struct StepComparison {
    std::size_t shared = 0;     // allocations that both make, in one order and of one size
    std::size_t reordered = 0;  // that both make in one phase, in another order
    std::vector<StepDifference> differences;
};

/// Both are walked from the beginning, phase by phase; after a difference, from the nearest place at which they agree
/// again.
[[nodiscard]] StepComparison compare(const StepProgram& predicted, const StepProgram& recorded);

}  // namespace footprint
