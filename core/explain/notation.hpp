// The marks of a formula in each of its three formats. Everything that differs between text, LaTeX and MathML is here;
// everything a user can type (a row's name) is escaped here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/integer.hpp"

namespace footprint {

enum class Format : std::uint8_t {
    text,    // Unicode, one line: M_conv1 = B × C_out
    latex,   // math mode, needs amsmath: M_{\mathrm{conv1}} = B \times C_{\mathrm{out}}
    mathml,  // the content of a <math> element, well-formed XML
};

namespace notation {

enum class Mark : std::uint8_t { plus, minus, times, divided_by, equals, square_of_1024 };

/// The parts one after the other; in WebAssembly a tenth of the code of a chain of `+`.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);

/// A mark with the space around it.
[[nodiscard]] std::string_view mark(Format format, Mark mark);
/// A minus that belongs to what follows it.
[[nodiscard]] std::string_view sign(Format format);

/// Any UTF-8 made harmless in the format; control characters become spaces, so a formula stays on its line.
[[nodiscard]] std::string escaped(Format format, std::string_view words);
/// Words among mathematics.
[[nodiscard]] std::string words(Format format, std::string_view words);
/// "C_out" as C with the subscript out: split at the first underscore, if something stands on both sides of it.
[[nodiscard]] std::string symbol(Format format, std::string_view name);
/// Digits as they are written ("67,108,864", "64.00"), with a minus in front if they have one.
[[nodiscard]] std::string digits(Format format, std::string_view digits);
/// "64.00 MB": digits, a space and a unit.
[[nodiscard]] std::string quantity(Format format, std::string_view quantity);

/// A number inside a formula: thousands are separated from five digits on, so that sizes read as PyTorch prints them
/// (1024) and amounts can be read at all. What does not fit 64 bits reads "too large".
[[nodiscard]] std::string number(Format format, Integer value);

[[nodiscard]] std::string parentheses(Format format, std::string_view inside);
enum class Rounding : std::uint8_t { floor, ceil };
/// ⌊a / b⌋ or ⌈a / b⌉. Text is one line, so there the caller has put a and b in parentheses where they need them.
[[nodiscard]] std::string rounded_quotient(Format format, Rounding rounding, std::string_view a, std::string_view b);
/// "min(a, b)"; `name` is min or max.
[[nodiscard]] std::string function(Format format, std::string_view name, std::string_view a, std::string_view b);
/// The place of `count` addends or factors that are not shown.
[[nodiscard]] std::string left_out(Format format, std::size_t count);

}  // namespace notation
}  // namespace footprint
