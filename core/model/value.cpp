#include "model/value.hpp"

#include "base/number.hpp"

namespace footprint {

namespace {

/// "0.5" of "0.500000"; one decimal stays, which tells 8.0 from a whole number.
std::string without_zeros(std::string decimals) {
    const std::size_t last = decimals.find_last_not_of('0');
    if (last != std::string::npos && decimals.find('.') != std::string::npos)
        decimals.erase(decimals[last] == '.' ? last + 2 : last + 1);
    return decimals;
}

}  // namespace

const Value* Value::find(std::string_view key) const {
    if (const Object* members = object())
        for (const auto& [name, value] : *members)
            if (name == key) return &value;
    return nullptr;
}

std::string Value::in_words() const {
    constexpr std::size_t kMost = 40;
    if (const bool* value = boolean()) return *value ? "true" : "false";
    if (const std::int64_t* value = integer()) return plain(*value);
    if (const double* value = real()) return without_zeros(fixed(*value, 6));
    if (const std::string* value = text())
        return '"' + (value->size() > kMost ? value->substr(0, kMost) + "…" : *value) + '"';
    if (const List* items = list()) {
        std::string words = "[";
        for (std::size_t i = 0; i < items->size(); ++i) {
            if (words.size() > kMost) return words + ", …]";
            words += (i > 0 ? ", " : "") + (*items)[i].in_words();
        }
        return words + "]";
    }
    return object() != nullptr ? "an object" : "null";
}

std::string_view Value::type_in_words() const {
    constexpr std::string_view kTypes[] = {"null",   "true or false", "a whole number", "a number",
                                           "a text", "a list",        "an object"};
    return kTypes[held_.index()];
}

}  // namespace footprint
