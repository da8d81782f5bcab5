// The search for the largest batch, on needs written out here: lines, steps and a hole.
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>

#include "step/search.hpp"

using footprint::guess_batch;
using footprint::last_that_runs;

namespace {

constexpr std::int64_t kMost = 1'000'000;

/// What `last_that_runs` finds from a guess where batches up to `largest` run, and how often it had to try.
struct Search {
    std::optional<std::int64_t> found;
    int tries = 0;
};

Search search(std::int64_t guess, std::int64_t largest) {
    Search search;
    search.found = last_that_runs(guess, kMost, [&](std::int64_t batch) {
        CHECK(batch >= 1);
        CHECK(batch <= kMost);
        search.tries += 1;
        return batch <= largest;
    });
    return search;
}

}  // namespace

TEST_CASE("search: from any guess the last batch that runs is found") {
    for (const std::int64_t largest : {0, 1, 2, 3, 7, 100, 999'999})
        for (const std::int64_t guess : {-5, 1, 2, 3, 8, 99, 101, 5'000, 2'000'000}) {
            CAPTURE(largest);
            CAPTURE(guess);
            CHECK(search(guess, largest).found == largest);
        }
    CHECK(search(1, kMost).found == std::nullopt);
    CHECK(search(kMost, kMost + 1).found == std::nullopt);
}

TEST_CASE("search: a good guess is proven with two tries, one that is off by one with four at the most") {
    CHECK(search(100, 100).tries == 2);
    CHECK(search(99, 100).tries <= 4);
    CHECK(search(101, 100).tries == 2);
    CHECK(search(64, 100).tries < 14);
}

TEST_CASE("search: a batch that cannot be told ends it without an answer") {
    const auto runs = [](std::int64_t batch) { return batch < 50 ? std::optional(batch <= 40) : std::nullopt; };
    CHECK(last_that_runs(45, kMost, runs) == 40);
    CHECK(last_that_runs(38, kMost, runs) == 40);
    CHECK(last_that_runs(50, kMost, runs) == std::nullopt);
}

TEST_CASE("search: where a larger batch fits and a smaller one does not, what is found runs and the next does not") {
    const auto runs = [](std::int64_t batch) { return batch <= 40 || (batch >= 60 && batch <= 70); };
    for (std::int64_t guess = 1; guess < 100; ++guess) {
        const auto found = last_that_runs(guess, kMost, runs);
        REQUIRE(found);
        CHECK(runs(*found));
        CHECK_FALSE(runs(*found + 1));
    }
}

TEST_CASE("search: the guess lies where the line through two needs meets the memory") {
    const auto line = [](std::int64_t batch) -> std::optional<std::int64_t> { return 1000 + 30 * batch; };
    CHECK(guess_batch(128, 4000, line) == 100);
    CHECK(guess_batch(1, 4000, line) == 100);
    CHECK(guess_batch(128, 4029, line) == 100);
    CHECK(guess_batch(128, 500, line) == 1);  // the fixed part alone is too much
    CHECK(guess_batch(128, 4000, [](std::int64_t) { return std::optional<std::int64_t>(7); }) == 1);  // nothing grows
    CHECK(guess_batch(128, 4000, [](std::int64_t) { return std::optional<std::int64_t>(); }) == 1);
    // Where the memory is without end the guess is large, not wrapped.
    CHECK(guess_batch(2, std::int64_t{1} << 62, line) > kMost);
}
