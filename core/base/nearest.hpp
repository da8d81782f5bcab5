// "Did you mean": the known names closest to a wrong one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace footprint {

/// At most three of `known`, nearest first: those within a third of the letters (at least 2) of edits, ignoring case.
[[nodiscard]] std::vector<std::string_view> nearest(std::string_view wrong, std::span<const std::string_view> known);

/// The same names for a sentence: "a", "b", each in quotation marks.
[[nodiscard]] std::string listed(std::span<const std::string_view> known);

}  // namespace footprint
