#include "step/search.hpp"

#include <algorithm>
#include <limits>

namespace footprint {

std::int64_t guess_batch(std::int64_t batch, std::int64_t memory, const NeedOfBatch& needs) {
    const std::int64_t other = batch > 1 ? batch : 16;
    const std::optional<std::int64_t> one = needs(1), more = needs(other);
    if (!one || !more || *more <= *one || memory <= *one) return 1;
    // Of doubles, since a product of bytes and batches may pass 2^63; a guess may be a little off.
    const double items =
        static_cast<double>(memory - *one) * static_cast<double>(other - 1) / static_cast<double>(*more - *one);
    constexpr double kMost = static_cast<double>(std::numeric_limits<std::int32_t>::max());
    return 1 + static_cast<std::int64_t>(std::min(items, kMost));
}

std::optional<std::int64_t> last_that_runs(std::int64_t guess, std::int64_t most, const RunsAtBatch& runs) {
    std::int64_t good = 0, bad = 0;  // 0 of `bad`: none known yet
    const auto tried = [&](std::int64_t batch) {
        const std::optional<bool> answer = runs(batch);
        if (answer) (*answer ? good : bad) = batch;
        return answer.has_value();
    };
    for (std::int64_t at = std::clamp<std::int64_t>(guess, 1, most), stride = 1;; stride *= 2) {
        if (!tried(at)) return std::nullopt;
        if (good == most) return std::nullopt;
        if (bad == 1 || (good != 0 && bad != 0)) break;
        at = good != 0 ? std::min(most, good + stride) : std::max<std::int64_t>(1, bad - stride);
    }
    while (bad - good > 1)
        if (!tried(good + (bad - good) / 2)) return std::nullopt;
    return good;
}

}  // namespace footprint
