// Lifetimes: which storages a forward pass makes, who reads each, and when Python lets go of it. The rule is that of
// docs/formats.md; what autograd keeps longer is not looked at here.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/integer.hpp"
#include "estimate/infer.hpp"
#include "model/dtype.hpp"
#include "model/model.hpp"

namespace footprint {

struct Lifetime {
    std::size_t row = 0;        // that makes it; rows from 0
    std::int32_t storage = -1;  // into Inference::storages
    DType dtype = DType::float32;
    Integer bytes;
    std::vector<std::size_t> readers;  // rows, ascending, views read through; a Block reads nothing
    std::size_t until = 0;             // the row after which it is let go
    bool returned = false;             // the model returns it: it lives until the next forward has ended
};

/// The container in which a row is called: "layer1.0"; empty for the root.
[[nodiscard]] std::string_view scope_of(const Model& model, const Inference& inference, std::size_t row);

/// One entry for each storage that a row makes, in the order in which they are made.
[[nodiscard]] std::vector<Lifetime> lifetimes(const Model& model, const Inference& inference);

}  // namespace footprint
