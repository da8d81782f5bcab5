#include "base/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace footprint {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Levenshtein distance.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

std::vector<std::string_view> nearest(std::string_view wrong, std::span<const std::string_view> known) {
    constexpr std::size_t kLongest = 64, kMost = 3;
    std::vector<std::string_view> close;
    if (wrong.empty() || wrong.size() > kLongest) return close;
    const std::size_t limit = std::max<std::size_t>(2, wrong.size() / 3);
    std::vector<std::pair<std::size_t, std::string_view>> found;
    for (const std::string_view name : known) {
        if (name.size() > wrong.size() + limit || wrong.size() > name.size() + limit) continue;
        if (const std::size_t distance = edits(wrong, name); distance <= limit) found.emplace_back(distance, name);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < found.size() && i < kMost; ++i) close.push_back(found[i].second);
    return close;
}

std::string listed(std::span<const std::string_view> known) {
    std::string text;
    for (const std::string_view word : known) text += (text.empty() ? "\"" : ", \"") + std::string(word) + '"';
    return text;
}

}  // namespace footprint
