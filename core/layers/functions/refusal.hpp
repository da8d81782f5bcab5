// Refusals: diagnostics whose sentence is one text with places for what clashes, so that a hundred of them read as
// sentences and stay small in WebAssembly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/integer.hpp"
#include "layers/call.hpp"

namespace footprint {

/// A number or a text that a sentence has a place for.
class Word {
 public:
    Word(Integer number) : number_(number) {}  // implicit, as the others: they are written as a list
    Word(std::int64_t number) : number_(number) {}
    Word(std::size_t number) : number_(static_cast<std::int64_t>(number)) {}
    Word(int number) : number_(number) {}
    Word(std::string_view text) : text_(text.data()), number_(static_cast<std::int64_t>(text.size())) {}
    Word(const std::string& text) : Word(std::string_view(text)) {}
    Word(const char* text) : Word(std::string_view(text)) {}

    [[nodiscard]] bool is_number() const { return text_ == nullptr; }
    [[nodiscard]] std::int64_t number() const { return number_.value(); }
    [[nodiscard]] std::string_view text() const { return {text_, static_cast<std::size_t>(number_.value())}; }

 private:
    const char* text_ = nullptr;
    Integer number_;  // of a text, its length
};

/// An error on the row; `field` is the attribute to blame, or "inputs". In the sentence each {} is the next word. {size} is
/// too, and programs find it as the value "size"; {@} as the value of the field's name; {!size} is the value alone.
///
///     refuse(call, "out-of-range", "index", "index is {@}, but dimension {} has size {size}", {index, dim, size});
Diagnostic& refuse(Call& call, std::string_view code, std::string_view field, std::string_view sentence,
                   std::initializer_list<Word> words = {});

}  // namespace footprint
