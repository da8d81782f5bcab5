#include "step/search.hpp"

#include <algorithm>
#include <map>

namespace footprint {
namespace {

constexpr std::int64_t kOther = 16;    // with one item the pair that tells how the need grows
constexpr std::int64_t kOneByOne = 8;  // batches tried below where the memory is full

class Search {
 public:
    Search(std::int64_t memory, std::int64_t most, const TrialOfBatch& trial)
        : memory_(memory), most_(most), trial_(trial) {}

    std::optional<std::int64_t> run() {
        if (!runs(1)) return told(0);
        const std::int64_t top = full_at();
        std::int64_t good = 1, bad = top;
        if (runs(top)) {  // the line, of small batches, was too steep
            good = top;
            for (std::int64_t stride = 1; good < most_ && !too_long_; stride *= 2) {
                bad = std::min(most_, good + stride);
                if (!runs(bad)) break;
                good = bad;
            }
            if (good == most_) return std::nullopt;
        } else {
            for (std::int64_t below = 1; below <= kOneByOne && top - below >= 1; ++below)
                if (runs(top - below)) return told(top - below);
            bad = std::max<std::int64_t>(top - kOneByOne, 2);
            for (std::int64_t stride = 1; !too_long_ && bad - stride > 1; stride *= 2) {
                if (runs(bad - stride)) {
                    good = bad - stride;
                    break;
                }
                bad -= stride;
            }
        }
        while (!too_long_ && bad - good > 1) {
            const std::int64_t middle = good + (bad - good) / 2;
            (runs(middle) ? good : bad) = middle;
        }
        return told(good);
    }

 private:
    /// The last batch whose need the memory holds, by the line through two needs, corrected by the need there.
    std::int64_t full_at() {
        const std::int64_t one = least(1);
        const double per_item = static_cast<double>(least(kOther) - one) / static_cast<double>(kOther - 1);
        if (too_long_ || per_item <= 0) return most_;
        // Of doubles, since a product of bytes and batches may pass 2^63.
        const auto further = [&](std::int64_t from, std::int64_t need) {
            const double items = static_cast<double>(memory_ - need) / per_item;
            const double at = static_cast<double>(from) + items;
            return static_cast<std::int64_t>(std::clamp(at, 1.0, static_cast<double>(most_)));
        };
        const std::int64_t first = further(1, one);
        return too_long_ ? first : further(first, least(first));
    }

    const Trial& at(std::int64_t batch) {
        const auto known = trials_.find(batch);
        if (known != trials_.end()) return known->second;
        std::optional<Trial> trial;
        if (!too_long_) trial = trial_(batch);
        too_long_ = too_long_ || !trial;
        return trials_[batch] = trial.value_or(Trial());
    }
    bool runs(std::int64_t batch) { return at(batch).runs; }
    std::int64_t least(std::int64_t batch) { return at(batch).least; }

    [[nodiscard]] std::optional<std::int64_t> told(std::int64_t batch) const {
        return too_long_ ? std::nullopt : std::optional(batch);
    }

    const std::int64_t memory_, most_;
    const TrialOfBatch& trial_;
    std::map<std::int64_t, Trial> trials_;
    bool too_long_ = false;
};

}  // namespace

std::optional<std::int64_t> largest_that_runs(std::int64_t memory, std::int64_t most, const TrialOfBatch& trial) {
    return Search(memory, most, trial).run();
}

}  // namespace footprint
