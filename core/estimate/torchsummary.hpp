// torchsummary 1.5.1's print, character for character, its bugs included: products across tuples and inputs, 64-bit
// wrapping, and the places where it raises. The rules are in docs/torchsummary.md; the truth is
// tests/golden/torchsummary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "estimate/infer.hpp"
#include "estimate/notebook.hpp"
#include "model/model.hpp"
#include "model/run.hpp"

namespace footprint {

/// Where and why torchsummary raises.
struct Stopped {
    std::string_view rule;  // "dict-output", "inputs-of-different-rank", …
    std::size_t row = 0;    // from 1; 0: no single row
    std::string message;    // one sentence
};

struct Torchsummary {
    std::string text;  // what it prints, until it stops if it does
    std::optional<Stopped> stopped;
    std::optional<double> total_mb;  // none when it stops
    bool tuple_multiplied = false;   // some row's tuple was multiplied together
    bool inputs_multiplied = false;  // more than one input
    bool wrapped = false;            // some product or sum did not fit 64 bits
};

/// `batch` is torchsummary's batch_size, −1 when none is given.
[[nodiscard]] Torchsummary torchsummary(const Model& model, const Run& run, const Inference& inference,
                                        const Notebook& counted, std::int64_t batch);

}  // namespace footprint
