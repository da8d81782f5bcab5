// Does it fit: the verdict of one card, what is free, the largest batch and what sets that limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/integer.hpp"
#include "cuda/gpu.hpp"
#include "estimate/notebook.hpp"

namespace footprint {

/// A card as the reader has it: one of the table, or one of their own.
struct Card {
    std::string id;    // of the table; "custom" for one's own
    std::string name;  // of one's own
    Integer usable;    // bytes that PyTorch can have, less what other programs use
};

enum class Verdict : std::uint8_t { fits, tight, does_not_fit };
[[nodiscard]] std::string_view name_of(Verdict verdict);  // "fits", "tight", "does not fit"

struct Fit {
    Verdict verdict = Verdict::fits;
    Integer usable, free;                       // bytes; free is negative when it does not fit
    std::optional<std::int64_t> largest_batch;  // none: the batch costs nothing; 0: not even one item fits
    std::string_view binds;                     // the part that sets the limit: "activations", "input" or "parameters"
};

/// Less than a tenth of the usable memory is free, both in bytes.
[[nodiscard]] constexpr bool is_tight(std::int64_t free, std::int64_t usable) {
    constexpr std::int64_t kShare = 10;
    return free < usable / kShare + (usable % kShare == 0 ? 0 : 1);  // free × 10 < usable, without its overflow
}

[[nodiscard]] Fit fit(const Notebook& counted, std::int64_t batch, Integer usable);

/// The largest batch whose total is at most `usable`; none when the total does not grow with the batch.
[[nodiscard]] std::optional<std::int64_t> largest_batch(const Affine& total, Integer usable);

}  // namespace footprint
