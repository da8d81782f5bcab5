// What the writers share: the tree, text of any bytes made safe, and diagnostics.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/diagnostic.hpp"
#include "base/integer.hpp"
#include "model/tensor.hpp"

namespace footprint::json {

using Tree = nlohmann::ordered_json;

/// As text; bytes that are not UTF-8 become U+FFFD, so that any request has an answer.
[[nodiscard]] std::string dump(const Tree& tree);
[[nodiscard]] Tree number(Integer value);  // null where it did not fit
[[nodiscard]] Tree sizes(const Shape& shape);
[[nodiscard]] Tree diagnostics(const Diagnostics& said);

}  // namespace footprint::json
