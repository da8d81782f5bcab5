// Text as a print has it: lines, numbers with separators, sizes in brackets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace footprint::prints {

struct Line {
    std::size_t number = 0;  // from 1
    std::string_view text;   // without its end and the blanks after it
};

/// The lines of a text, whatever their ends.
[[nodiscard]] std::vector<Line> lines_of(std::string_view text);
/// Without blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// "4,097,000" or "-12"; nothing else may stand there.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
/// "233.08", as both tools print megabytes.
[[nodiscard]] std::optional<double> decimal_of(std::string_view text);
/// "line 12".
[[nodiscard]] std::string line_words(std::size_t number);
/// The first bytes of a text, for a sentence.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace footprint::prints
