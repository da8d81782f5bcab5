// The largest batch that runs, found with as few simulated steps as will prove it: a step of a large network takes
// a while to write, and its need is so nearly a straight line that a guess lands close by.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace footprint {

/// Bytes that a batch needs with room for everything; nothing where its step cannot be written.
using NeedOfBatch = std::function<std::optional<std::int64_t>(std::int64_t)>;
using RunsAtBatch = std::function<std::optional<bool>(std::int64_t)>;  // nothing: it cannot be told

/// Where the straight line through the needs of one item and of `batch` items meets `memory`; at least 1.
[[nodiscard]] std::int64_t guess_batch(std::int64_t batch, std::int64_t memory, const NeedOfBatch& needs);

/// A batch that runs while the next does not, looked for from a guess in strides that double, then halved; 0: not even
/// one item runs. None where more than `most` would have to be tried, or one that cannot be told.
[[nodiscard]] std::optional<std::int64_t> last_that_runs(std::int64_t guess, std::int64_t most,
                                                         const RunsAtBatch& runs);

}  // namespace footprint
