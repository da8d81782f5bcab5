// Value: what a document says in one place, before anyone has judged what it means. Shaped like JSON, but knows no
// text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace footprint {

class Value {
 public:
    using List = std::vector<Value>;
    using Object = std::vector<std::pair<std::string, Value>>;  // in the document's order; keys are unique

    Value() = default;                   // null
    Value(bool value) : held_(value) {}  // implicit, as the others: a literal is a value
    Value(std::int64_t value) : held_(value) {}
    Value(double value) : held_(value) {}
    Value(std::string value) : held_(std::move(value)) {}
    Value(List value) : held_(std::move(value)) {}
    Value(Object value) : held_(std::move(value)) {}

    [[nodiscard]] bool is_null() const { return held_.index() == 0; }
    /// The value of that type, or null if it is of another.
    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&held_); }
    [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
    [[nodiscard]] const double* real() const { return std::get_if<double>(&held_); }
    [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&held_); }
    [[nodiscard]] const List* list() const { return std::get_if<List>(&held_); }
    [[nodiscard]] const Object* object() const { return std::get_if<Object>(&held_); }
    [[nodiscard]] List* list() { return std::get_if<List>(&held_); }
    [[nodiscard]] Object* object() { return std::get_if<Object>(&held_); }

    /// The member of an object, or null if there is none or this is no object.
    [[nodiscard]] const Value* find(std::string_view key) const;

    /// The value as a person would say it in a sentence: 3, "same", [1, 2], an object. Long ones are cut.
    [[nodiscard]] std::string in_words() const;
    /// Its type in words: "a whole number".
    [[nodiscard]] std::string_view type_in_words() const;

 private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Object> held_;
};

}  // namespace footprint
