#include "step/patterns.hpp"

#include <algorithm>

namespace footprint {
namespace {

constexpr std::string_view kNot = "not:";

bool covers(std::string_view pattern, std::string_view path) {
    if (pattern.starts_with(kNot)) return !covers(pattern.substr(kNot.size()), path);
    for (std::string_view prefix = path; !prefix.empty();) {
        if (matches_whole(pattern, prefix)) return true;
        const std::size_t dot = prefix.rfind('.');
        prefix = dot == std::string_view::npos ? std::string_view() : prefix.substr(0, dot);
    }
    return false;
}

}  // namespace

bool matches_whole(std::string_view pattern, std::string_view path) {
    if (pattern.starts_with(kNot)) return !matches_whole(pattern.substr(kNot.size()), path);
    // Which prefixes of the path the pattern's beginning can match.
    std::vector<bool> reached(path.size() + 1, false);
    reached[0] = true;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool star = pattern[i] == '*';
        const bool dots = star && i + 1 < pattern.size() && pattern[i + 1] == '*';
        std::vector<bool> next(path.size() + 1, false);
        for (std::size_t k = 0; k <= path.size(); ++k) {
            if (star)
                next[k] = reached[k] || (k > 0 && next[k - 1] && (dots || path[k - 1] != '.'));
            else
                next[k] = k > 0 && reached[k - 1] && path[k - 1] == pattern[i];
        }
        reached = std::move(next);
        if (dots) ++i;
    }
    return reached[path.size()];
}

bool names_any(std::string_view pattern, const std::vector<std::string_view>& paths) {
    while (pattern.starts_with(kNot)) pattern.remove_prefix(kNot.size());
    return std::any_of(paths.begin(), paths.end(), [&](std::string_view path) { return covers(pattern, path); });
}

bool covered(const std::vector<std::string>& patterns, std::string_view path) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return covers(pattern, path); });
}

}  // namespace footprint
