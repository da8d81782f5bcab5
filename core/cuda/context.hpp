// What a process takes on a card outside PyTorch's allocator: CUDA's context, the kernels loaded so far, the libraries'
// handles. No program states it, so it is an interval.
#pragma once

#include <cstdint>

#include "cuda/gpu.hpp"

namespace footprint {

/// Bytes: the least that is plausible, the likely, the most.
struct Interval {
    std::int64_t low = 0, likely = 0, high = 0;
};

/// Of a training process under PyTorch 2.1 or later, which loads kernels when they are first called. By the card's kind
/// where contexts were measured on it, else by its number of multiprocessors (docs/decisions/010).
[[nodiscard]] Interval context_of(ComputeCapability capability, std::int32_t multiprocessors);

}  // namespace footprint
