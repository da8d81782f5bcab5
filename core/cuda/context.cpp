#include "cuda/context.hpp"

#include <algorithm>
#include <limits>

#include "base/integer.hpp"

namespace footprint {
namespace {

constexpr std::int32_t kAny = std::numeric_limits<std::int32_t>::max();

struct MeasuredContexts {
    ComputeCapability first, last;
    std::int32_t multiprocessors;    // at most so many
    std::int32_t low, likely, high;  // MiB
};

// From readings of "process has … in use, of which … by PyTorch" in public logs of single-card training and inference;
// each row spans what was read on its cards, and is wider where few were read.
constexpr MeasuredContexts kMeasured[] = {
    {{3, 0}, {3, 7}, kAny, 250, 450, 700},     // K80: 450
    {{6, 0}, {6, 2}, kAny, 150, 300, 450},     // P100: 317
    {{7, 0}, {7, 0}, kAny, 320, 390, 500},     // V100: 379 to 399
    {{7, 5}, {7, 5}, 40, 120, 150, 300},       // T4: 128 to 147
    {{7, 5}, {7, 5}, kAny, 180, 250, 400},     // RTX 2080 Ti: 186 to 266
    {{8, 0}, {8, 0}, kAny, 420, 500, 810},     // A100: 418 to 503
    {{8, 6}, {8, 6}, 50, 150, 210, 400},       // RTX A4000: 210
    {{8, 6}, {8, 6}, kAny, 220, 350, 500},     // A10: 224, RTX 3090: 315 to 420
    {{8, 9}, {8, 9}, 60, 110, 200, 400},       // RTX 4060 laptop: 115
    {{8, 9}, {8, 9}, kAny, 380, 450, 600},     // RTX 4090: 384 to 504, L40S: 419
    {{9, 0}, {9, 0}, kAny, 450, 550, 750},     // H200: 525, H100 NVL: 676
    {{10, 0}, {10, 3}, kAny, 600, 710, 1000},  // B200: 711
    {{12, 0}, {12, 1}, 84, 250, 330, 550},     // by the rule below
    {{12, 0}, {12, 1}, kAny, 480, 580, 800},   // RTX 5090: 489 to 654
};

}  // namespace

Interval context_of(ComputeCapability capability, std::int32_t multiprocessors) {
    for (const MeasuredContexts& row : kMeasured)
        if (capability >= row.first && capability <= row.last && multiprocessors <= row.multiprocessors)
            return {row.low * kMebibyte, row.likely * kMebibyte, row.high * kMebibyte};
    // 17 cards of 24 to 170 multiprocessors: 3.9 MiB for each, single readings 2.7 to 5.1.
    const std::int64_t likely = std::max<std::int64_t>(std::int64_t{multiprocessors} * 39 / 10, 110) * kMebibyte;
    return {likely * 7 / 10, likely, likely * 13 / 10};
}

}  // namespace footprint
