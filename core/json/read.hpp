// Documents to values: the model and the request of docs/formats.md. Unknown keys, wrong types and impossible values
// are diagnostics; what can be read is read, so that one bad cell does not hide the others.
#pragma once

#include <string_view>

#include "base/diagnostic.hpp"
#include "estimate/estimate.hpp"
#include "model/model.hpp"
#include "model/value.hpp"

namespace footprint::json {

[[nodiscard]] Model read_model(const Value& document, Diagnostics& diagnostics);
[[nodiscard]] Request read_request(const Value& document, Diagnostics& diagnostics);
/// Both steps: text → request.
[[nodiscard]] Request read_request_text(std::string_view text, Diagnostics& diagnostics);

}  // namespace footprint::json
