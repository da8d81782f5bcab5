// The bridge: how the notebook's total becomes what the device is likely to show, as differences that sum exactly.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "estimate/estimate.hpp"
#include "step/program.hpp"
#include "step/replay.hpp"

namespace footprint {

/// What an entry is summed from: the blocks that one kernel made for one row, an amount of the notebook's, or a reading
/// of the allocator.
struct BridgePart {
    std::int32_t row = -1;  // of the model, from 0; -1: none
    std::string_view name;  // the kernel, or "forward", "peak_reserved", …
    std::int64_t bytes = 0;
};

struct BridgeEntry {
    std::string_view code;
    std::int64_t bytes = 0;  // the sum of its parts
    std::vector<BridgePart> parts;
};

/// What is likely on a real card, in bytes.
struct LikelyReadings {
    std::int64_t with_room = 0;  // reserved, workspaces and all, with room for everything
    std::int64_t reserved = 0;   // on this card
    std::int64_t context = 0;
};

/// `program` is the step whose replay is given. Every block alive at its peak is part of one entry, every amount of the
/// notebook of one; so nothing is left over, and there is no entry for it.
[[nodiscard]] std::vector<BridgeEntry> bridge(const Request& request, const Notebook& counted,
                                              const StepProgram& program, const Replay& replayed,
                                              LikelyReadings likely);

/// One sentence for the code of an entry.
[[nodiscard]] std::string_view in_words(std::string_view bridge_code);

/// The allocations that are not given back by the end of an event.
[[nodiscard]] std::vector<std::size_t> alive_at(const StepProgram& program, std::size_t event);

}  // namespace footprint
