// The requests that the bench measures: a chain of Conv2d, BatchNorm2d and ReLU, as in the body of a VGG.
#pragma once

#include <array>
#include <string>

namespace footprint {

inline constexpr std::array kBenchRows = {30, 300, 1000, 10000};

/// As a person's document reads: names and the attributes that PyTorch requires. `more` goes on in the request; without
/// "gpus" in it every card is judged.
inline std::string bench_request(int rows, const std::string& more = "") {
    std::string text = R"({"model": {"format": "footprint/model", "version": 1, "name": "chain",)"
                       R"( "inputs": [{"name": "image", "shape": [64, 56, 56]}], "layers": [)";
    for (int row = 0; row < rows; ++row) {
        const std::string number = std::to_string(row / 3 + 1);
        if (row > 0) text += ", ";
        if (row % 3 == 0)
            text += R"({"op": "Conv2d", "name": "conv)" + number +
                    R"(", "in_channels": 64, "out_channels": 64, "kernel_size": [3, 3], "padding": 1, "bias": false})";
        else if (row % 3 == 1)
            text += R"({"op": "BatchNorm2d", "name": "norm)" + number + R"(", "num_features": 64})";
        else
            text += R"({"op": "ReLU", "name": "relu)" + number + R"(", "inplace": true})";
    }
    return text + R"(]}, "run": {"batch": 128})" + more + "}";
}

}  // namespace footprint
