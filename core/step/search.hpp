// The largest batch that runs, found with as few simulated steps as will do: a step of a large network takes a while
// to write. What a batch cannot do without grows in so straight a line that two small batches tell where it fills the
// memory; above that nothing runs, and close below it the answer lies.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace footprint {

/// What a simulated step says of a batch.
struct Trial {
    bool runs = false;
    std::int64_t least = 0;  // bytes that it cannot do without
};
/// Nothing where that takes too long to be told.
using TrialOfBatch = std::function<std::optional<Trial>(std::int64_t)>;

/// The largest batch found to run in `memory` bytes; the next does not. It is looked for downwards, one by one where
/// that is short: fragmentation lets a batch fail while a larger one runs. 0: not even one item runs. None where more
/// than `most` may run, or a trial takes too long.
[[nodiscard]] std::optional<std::int64_t> largest_that_runs(std::int64_t memory, std::int64_t most,
                                                            const TrialOfBatch& trial);

}  // namespace footprint
