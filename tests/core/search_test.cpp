// The search for the largest batch, on needs written out here: lines, holes, and steps that are too long.
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>

#include "step/search.hpp"

using footprint::largest_that_runs;
using footprint::Trial;

namespace {

constexpr std::int64_t kMost = 1'000'000, kFixed = 1000, kPerItem = 30;

struct Found {
    std::optional<std::int64_t> batch;
    int trials = 0;
};

/// Of a need of 1,000 bytes and 30 an item, of which `lost` bytes more are cut up.
Found search(std::int64_t memory, std::int64_t lost = 0) {
    Found found;
    found.batch = largest_that_runs(memory, kMost, [&](std::int64_t batch) {
        CHECK(batch >= 1);
        CHECK(batch <= kMost);
        ++found.trials;
        const std::int64_t least = kFixed + kPerItem * batch;
        return std::optional(Trial{least + lost <= memory, least});
    });
    return found;
}

}  // namespace

TEST_CASE("search: the last batch whose need the memory holds") {
    for (const std::int64_t items : {1, 2, 3, 15, 16, 17, 100, 999'998})
        for (const std::int64_t over : {0, 29}) CHECK(search(kFixed + kPerItem * items + over).batch == items);
    CHECK(search(kFixed + kPerItem - 1).batch == 0);
    CHECK(search(0).batch == 0);
    CHECK(search(-5).batch == 0);
    CHECK(search(std::int64_t{1} << 60).batch == std::nullopt);  // more than anybody asks about
    CHECK(search(kFixed + kPerItem * 100).trials <= 4);
}

TEST_CASE("search: where much is cut up, the batch still runs and the next does not") {
    for (const std::int64_t lost : {1, 30, 200, 900, 5'000, 29'000}) {
        CAPTURE(lost);
        const std::int64_t expected = (30'000 - lost) / kPerItem;
        CHECK(search(kFixed + 30'000, lost).batch == expected);
        CHECK(search(kFixed + 30'000, lost).trials < 30);
    }
}

TEST_CASE("search: close to where the memory is full, a larger batch is found behind one that fails") {
    const auto found = largest_that_runs(kFixed + kPerItem * 200, kMost, [](std::int64_t batch) {
        return std::optional(Trial{batch <= 190 || batch == 197, kFixed + kPerItem * batch});
    });
    CHECK(found == 197);
}

TEST_CASE("search: small batches whose blocks are rounded up make the line too steep, which costs few trials") {
    int trials = 0;
    const auto found = largest_that_runs(1'000'000, kMost, [&](std::int64_t batch) {
        ++trials;
        const std::int64_t least = batch <= 16 ? 500 * batch : 8'000 + 20 * (batch - 16);
        return std::optional(Trial{least <= 1'000'000, least});
    });
    CHECK(found == 16 + (1'000'000 - 8'000) / 20);
    CHECK(trials < 50);
}

TEST_CASE("search: what does not grow has no largest batch, what takes too long none that is known") {
    CHECK(largest_that_runs(5000, kMost, [](std::int64_t) {
              return std::optional(Trial{true, 4000});
          }) == std::nullopt);
    const auto long_from = [](std::int64_t limit) {
        return largest_that_runs(kFixed + kPerItem * 200, kMost, [limit](std::int64_t batch) -> std::optional<Trial> {
            if (batch >= limit) return std::nullopt;
            return Trial{batch <= 200, kFixed + kPerItem * batch};
        });
    };
    CHECK(long_from(202) == 200);
    CHECK(long_from(201) == std::nullopt);
    CHECK(long_from(10) == std::nullopt);
    CHECK(long_from(1) == std::nullopt);
}
