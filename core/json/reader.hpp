// ObjectReader: takes the members of one JSON object by name and type, says what is wrong with each, and in the end
// names the keys that nobody took.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/small_vector.hpp"
#include "model/dtype.hpp"
#include "model/value.hpp"

namespace footprint::json {

/// Where in the document a reader stands, for its diagnostics.
struct Place {
    std::int64_t row = 0;  // from 1; 0: not in a row
    std::string name;      // the row's
    std::string prefix;    // "inputs[0]: ": begins the sentence
};

struct Range {
    std::int64_t least, most;
};

class ObjectReader {
 public:
    /// `object` must be one; otherwise it is said, and every take finds nothing.
    ObjectReader(const Value& object, Place place, Diagnostics& diagnostics);

    [[nodiscard]] const Value* take(std::string_view key);
    [[nodiscard]] std::string text(std::string_view key);
    /// None where the key is missing, or its text cannot be taken; an empty text is one.
    [[nodiscard]] std::optional<std::string> text_if_given(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, Range range);
    [[nodiscard]] std::optional<bool> boolean(std::string_view key);
    [[nodiscard]] std::string word(std::string_view key, std::initializer_list<std::string_view> words);
    [[nodiscard]] std::string word(std::string_view key, std::span<const std::string_view> words);
    [[nodiscard]] std::optional<DType> dtype(std::string_view key);
    [[nodiscard]] const Value::List* list(std::string_view key);
    /// Members nobody took, in the document's order.
    [[nodiscard]] std::vector<const std::pair<std::string, Value>*> rest() const;
    /// Says that each of the rest is unknown.
    void nothing_else();

    Diagnostic& error(std::string_view code, std::string_view key, const std::string& message);
    void missing(std::string_view key, std::string_view what);
    /// The same for a list, unless something else stands there, which was said.
    void missing_list(std::string_view key, std::string_view what);
    void wrong_type(std::string_view key, const Value& found, std::string_view wanted);

 private:
    const Value::Object* members_;
    std::vector<bool> taken_;
    SmallVector<std::string_view, 24> known_;
    Place place_;
    Diagnostics& diagnostics_;
};

}  // namespace footprint::json
