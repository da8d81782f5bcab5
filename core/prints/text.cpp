#include "prints/text.hpp"

#include "base/number.hpp"

namespace footprint::prints {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
        lines.push_back({++number, line});
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
    constexpr std::size_t kMostDigits = 18;
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        // A separator stands between digits, three from the next.
        if (text[i] == ',' && i > 0 && (text.size() - i) % 4 == 0) continue;
        if (!is_digit(text[i]) || ++digits > kMostDigits) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    if (digits == 0) return std::nullopt;
    return negative ? -value : value;
}

std::optional<double> decimal_of(std::string_view text) {
    const std::size_t point = text.find('.');
    const std::optional<std::int64_t> whole = integer_of(text.substr(0, point));
    if (!whole) return std::nullopt;
    double value = static_cast<double>(*whole);
    if (point == std::string_view::npos) return value;
    const std::string_view after = text.substr(point + 1);
    const std::optional<std::int64_t> part = integer_of(after);
    if (!part || *part < 0 || after.find(',') != std::string_view::npos) return std::nullopt;
    double scale = 1;
    for (std::size_t i = 0; i < after.size(); ++i) scale *= 10;
    return value + static_cast<double>(*part) / scale;
}

std::string line_words(std::size_t number) { return "line " + plain(static_cast<std::int64_t>(number)); }

std::string quoted(std::string_view text) {
    constexpr std::size_t kMost = 60;
    std::string words = "\"";
    if (text.size() <= kMost) return words.append(text) + '"';
    std::size_t end = kMost;  // not inside a character of several bytes
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return words.append(text.substr(0, end)) + "…\"";
}

}  // namespace footprint::prints
