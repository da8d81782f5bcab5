// Cosine similarity: the module and the function share it. Source: torch.nn.CosineSimilarity.
#pragma once

#include <cstdint>

#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

struct CosineSimilarity {
    std::int64_t dim = 1;
    double eps = 1e-8;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that is summed over"});
        fields.number("eps", eps, {.help = "least length, so that nothing is divided by 0"});
    }
    void infer(Call& call);
};

}  // namespace footprint
