// Refusals: a diagnostic whose sentence is put together from words and numbers. A list of them, not a concatenation of
// strings at each place, so that a hundred sentences stay small in WebAssembly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/integer.hpp"
#include "layers/call.hpp"

namespace footprint {

/// A part of a sentence: a text or a number.
class Word {
 public:
    Word(const char* text) : text_(text) {}  // implicit, as the others: a sentence is written as a list of its parts
    Word(std::string_view text) : text_(text) {}
    Word(const std::string& text) : text_(text) {}
    Word(Integer number) : number_(number), is_number_(true) {}
    Word(std::int64_t number) : Word(Integer(number)) {}
    Word(std::size_t number) : Word(Integer(static_cast<std::int64_t>(number))) {}
    Word(int number) : Word(Integer(number)) {}

    [[nodiscard]] bool is_number() const { return is_number_; }
    [[nodiscard]] Integer number() const { return number_; }
    [[nodiscard]] std::string_view text() const { return text_; }

 private:
    std::string_view text_;
    Integer number_;
    bool is_number_ = false;
};

/// What clashes, by name, for programs.
struct Clash {
    std::string_view name;
    Word value;
};

/// An error on the row; `field` is the attribute to blame, or "inputs".
Diagnostic& refuse(Call& call, std::string_view code, std::string_view field, std::initializer_list<Word> sentence,
                   std::initializer_list<Clash> clashes = {});

}  // namespace footprint
