// Text to Value, by nlohmann_json's parser without its tree: one pass, bounded in depth and size, never an exception.
#pragma once

#include <optional>
#include <string_view>

#include "base/diagnostic.hpp"
#include "model/value.hpp"

namespace footprint::json {

/// The value, or nothing and a diagnostic (malformed-json with the position, or too-large).
[[nodiscard]] std::optional<Value> parse(std::string_view text, Diagnostics& diagnostics);

}  // namespace footprint::json
