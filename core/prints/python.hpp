// Values as Python prints them: the arguments of a module in its repr, and of a call in a reader's answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/value.hpp"

namespace footprint::prints {

struct Argument {
    std::string name;  // empty: by position
    Value value;       // a word that is no literal is a text
};
using Arguments = std::vector<Argument>;

/// "3, 64, kernel_size=(7, 7), bias=False". Total: what is no literal is taken as a text.
[[nodiscard]] Arguments arguments_of(std::string_view text);
/// Parts of a text between separators that stand in no bracket and no quotes.
[[nodiscard]] std::vector<std::string_view> split_at(std::string_view text, char separator);
/// Where the bracket that opens at `at` closes, or npos.
[[nodiscard]] std::size_t closing(std::string_view text, std::size_t at);

}  // namespace footprint::prints
