// What tests share that read tests/golden/step.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "cuda/allocator.hpp"
#include "support.hpp"

namespace footprint::testing {

inline const std::string kStep = "tests/golden/step/";

/// The allocator's settings and the device's memory, as measure.py was given them in a configuration.
[[nodiscard]] AllocatorSettings settings_of(const Json& configuration);

/// A configuration predicted, beside what was recorded.
struct Outcome {
    std::string id;
    std::int64_t allocated = 0, reserved = 0, expected_allocated = 0, expected_reserved = 0;
    std::int64_t allocations = 0, expected_allocations = 0;
    bool amp = false, recurrent = false;
    std::string difference;  // of the event streams
    std::string phase;       // where the peak is said to be elsewhere than recorded

    [[nodiscard]] bool exact() const { return allocated == expected_allocated && reserved == expected_reserved; }
    [[nodiscard]] double off() const { return relative(allocated, expected_allocated); }
    [[nodiscard]] double reserved_off() const { return relative(reserved, expected_reserved); }

 private:
    static double relative(std::int64_t ours, std::int64_t theirs) {
        return std::fabs(static_cast<double>(ours - theirs)) / static_cast<double>(theirs);
    }
};

/// The patterns of tests/golden/step/patterns.json: a step of each, its events and its peak beside those recorded.
[[nodiscard]] std::vector<Outcome> patterns();

/// The whole networks of tests/golden/step/networks.json, which no family has; with `word` in their id.
[[nodiscard]] std::vector<Outcome> networks(const std::string& word = "");

/// Those of a family that have a network's document and did not run out of memory; with `word` in their id. `traces`: a
/// folder of further traces, as tests/oracle/measure.py writes them; empty: the golden ones.
[[nodiscard]] std::vector<Outcome> outcomes_of(const std::string& family, const std::string& word = "",
                                               const std::string& traces = "");

}  // namespace footprint::testing
