// Patterns over dotted paths: * any characters but dots, ** any, a match covers all below it, not: all but these.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace footprint {

/// Whether the pattern matches the whole path.
[[nodiscard]] bool matches_whole(std::string_view pattern, std::string_view path);
/// Whether what the pattern names, or leaves out with "not:", is there at all.
[[nodiscard]] bool names_any(std::string_view pattern, const std::vector<std::string_view>& paths);
/// Whether any of the patterns covers the path: matches it or a path above it.
[[nodiscard]] bool covered(const std::vector<std::string>& patterns, std::string_view path);

}  // namespace footprint
