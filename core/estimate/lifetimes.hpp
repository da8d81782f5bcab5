// Lifetimes: which storages a forward pass makes, who reads each, and when Python lets go of it. The rule is that of
// docs/formats.md; what autograd keeps longer is not looked at here.
#pragma once

#include <cstddef>
#include <vector>

#include "base/integer.hpp"
#include "estimate/infer.hpp"
#include "model/dtype.hpp"
#include "model/model.hpp"

namespace footprint {

struct Lifetime {
    std::size_t row = 0;  // that makes it; rows from 0
    DType dtype = DType::float32;
    Integer bytes;
    std::vector<std::size_t> readers;  // rows, ascending, views read through; a Block reads nothing
    std::size_t until = 0;             // the row after which it is let go
    bool returned = false;             // the model returns it: it lives until the next forward has ended
};

/// One entry for each storage that a row makes, in the order in which they are made.
[[nodiscard]] std::vector<Lifetime> lifetimes(const Model& model, const Inference& inference);

}  // namespace footprint
