// How the model is run: what the reader sets beside the document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace footprint {

inline constexpr std::int64_t kMostBatch = std::int64_t{1} << 48;
inline constexpr std::int64_t kMostBytesPerValue = 16;

struct Run {
    std::optional<std::int64_t> batch;  // items; left out: 1 (torchsummary's print then says -1, as its own default)
    std::int64_t bytes_per_value = 4;   // of the notebook's method alone
    std::vector<std::pair<std::string, std::vector<std::int64_t>>>
        inputs;                  // other sizes than the model's, by input name
    std::string mode = "train";  // with the settings below it, of the step method: never changes the notebook's

    [[nodiscard]] std::int64_t items() const { return batch.value_or(1); }
};

}  // namespace footprint
