// The derivation of one number of a report: which quantities it is made of, by the rules that computed it.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "estimate/estimate.hpp"
#include "explain/derivation.hpp"

namespace footprint {

/// `path` as docs/interface.md lists them ("layers/conv1/forward", "notebook/total"). `report` is the request's own.
/// Fails with unknown-path where the path names no number, or the number is unknown because of an error.
[[nodiscard]] Result<Derivation> derive(const Request& request, const Report& report, std::string_view path);

}  // namespace footprint
