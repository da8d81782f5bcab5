// Values to documents: the report, the catalogue and the derivation, keys in the order docs/interface.md gives.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "estimate/estimate.hpp"
#include "explain/derivation.hpp"
#include "model/value.hpp"
#include "step/report.hpp"

namespace footprint::json {

[[nodiscard]] std::string write_report(const Request& request, const Report& report);
/// The answer of `step`: what was said, and the step where it could run.
[[nodiscard]] std::string write_step(const Request& request, const Report& report, const StepReport* step,
                                     const Diagnostics& said);
[[nodiscard]] std::string write_derivation(const Derivation& derivation);
/// The answer to a path that names no number.
[[nodiscard]] std::string write_no_derivation(std::string_view path, const Diagnostics& diagnostics);
[[nodiscard]] std::string write_catalogue(std::string_view release);

/// Any value as JSON, a blank after each comma and colon.
[[nodiscard]] std::string write_value(const Value& value);
/// A model document in its one layout: top-level keys one a line, rows and parameters one a line.
[[nodiscard]] std::string write_model(const Value& document);

}  // namespace footprint::json
