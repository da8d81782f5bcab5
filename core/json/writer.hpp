// Writer: a JSON document from left to right, so that a report of 20,000 rows is never held as a tree beside its text.
// The punctuation is here; what is hard about JSON, strings of any bytes and shortest numbers, nlohmann_json does.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/diagnostic.hpp"
#include "base/integer.hpp"
#include "base/number.hpp"
#include "model/tensor.hpp"
#include "model/value.hpp"

namespace footprint::json {

class Writer {
 public:
    void begin_object() { open('{'); }
    void end_object() { text_ += '}'; }
    void begin_array() { open('['); }
    void end_array() { text_ += ']'; }
    void key(std::string_view name);

    /// Bytes that are not UTF-8 become U+FFFD, so that any request has an answer.
    void value(std::string_view words);
    void value(const char* words) { value(std::string_view(words)); }
    void value(bool yes) { literal(yes ? "true" : "false"); }
    void value(std::nullptr_t) { literal("null"); }
    void value(double number);
    void value(Integer number);  // null where it did not fit
    template <std::integral T>
    void value(T number) {
        literal(plain(static_cast<std::int64_t>(number)));
    }
    void value(const Shape& sizes);
    void any(const Value& of);
    /// Text that is JSON already.
    void literal(std::string_view json);

    template <class T>
    void member(std::string_view name, const T& of) {
        key(name);
        value(of);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

 private:
    void separate();
    void open(char bracket);

    std::string text_;
};

/// An array of what was said.
void write(Writer& json, const Diagnostics& said);

}  // namespace footprint::json
