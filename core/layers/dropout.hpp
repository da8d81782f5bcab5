// Dropout. In training it makes a new tensor (or works in place); otherwise, and with p = 0, it hands its input on, as
// PyTorch does (ATen/native/Dropout.cpp). Modules and functions share these.
#pragma once

#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

struct Dropout {
    double p = 0.5;

    void attributes(Fields& fields) { fields.number("p", p, {.help = "probability that an element becomes 0"}); }
    void infer(Call& call);

 protected:
    [[nodiscard]] bool drops(Call& call) const { return call.training() && p != 0; }
};

/// Drops whole channels: Dropout2d, Dropout3d and FeatureAlphaDropout.
struct FeatureDropout : Dropout {
    void infer(Call& call);
};

/// Dropout1d, which unlike its siblings takes (C, L) and (N, C, L) alone.
struct Dropout1d : Dropout {
    void infer(Call& call);
};

}  // namespace footprint
