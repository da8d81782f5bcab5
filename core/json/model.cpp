// A model document as text. The layout is that of presets/from_torch/document.py: a change of one row is a change of
// one line.
#include <algorithm>
#include <array>

#include "json/write.hpp"
#include "json/writer.hpp"

namespace footprint::json {
namespace {

constexpr std::array<std::string_view, 10> kKeys = {"format", "version",    "name",    "source",  "inputs",
                                                    "layers", "parameters", "outputs", "returns", "loss"};
constexpr std::array<std::string_view, 5> kRowFirst = {"op", "class", "name", "shares", "inputs"};
constexpr std::array<std::string_view, 11> kRowLast = {"scope",       "training",   "only",   "grad",
                                                       "autocast",    "checkpoint", "frozen", "returns",
                                                       "called_with", "prints",     "held"};

template <std::size_t Count>
bool holds(const std::array<std::string_view, Count>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string scalar(const Value& value) {
    Writer json;
    json.any(value);
    return json.take();
}

std::string key(std::string_view name) {
    Writer json;
    json.value(name);
    return json.take() + ": ";
}

/// The keys of a row in the one order: what it is, its operation's own attributes, how it is run.
Value ordered(const Value& row) {
    if (row.object() == nullptr) return row;
    Value::Object members;
    const auto add = [&](std::string_view name) {
        if (const Value* found = row.find(name)) members.emplace_back(std::string(name), *found);
    };
    for (const std::string_view name : kRowFirst) add(name);
    for (const auto& member : *row.object())
        if (!holds(kRowFirst, member.first) && !holds(kRowLast, member.first)) members.push_back(member);
    for (const std::string_view name : kRowLast) add(name);
    return Value(std::move(members));
}

/// Whether each of a list's items has a line of its own.
bool has_lines(std::string_view name, const Value& value) {
    const Value::List* items = value.list();
    if (items == nullptr) return false;
    const bool objects =
        std::any_of(items->begin(), items->end(), [](const Value& item) { return item.object() != nullptr; });
    const bool many = (name == "inputs" || name == "outputs") && items->size() > 1;
    return objects && (name == "layers" || name == "parameters" || many);
}

}  // namespace

std::string write_value(const Value& value) {
    std::string text;
    if (const Value::List* items = value.list()) {
        for (const Value& item : *items) text += (text.empty() ? "" : ", ") + write_value(item);
        return "[" + text + "]";
    }
    if (const Value::Object* members = value.object()) {
        for (const auto& member : *members)
            text += (text.empty() ? "" : ", ") + key(member.first) + write_value(member.second);
        return "{" + text + "}";
    }
    return scalar(value);
}

std::string write_model(const Value& document) {
    if (document.object() == nullptr) return write_value(document) + "\n";
    std::string text = "{";
    std::string_view above;
    const auto add = [&](std::string_view name, const Value& value) {
        // "format" and "version" share a line.
        const bool beside = above == "format" && name == "version";
        text += above.empty() ? "\n  " : beside ? ", " : ",\n  ";
        above = name;
        text += key(name);
        if (!has_lines(name, value)) {
            text += write_value(value);
            return;
        }
        bool first = true;
        for (const Value& item : *value.list()) {
            text += first ? "[\n    " : ",\n    ";
            text += write_value(name == "layers" ? ordered(item) : item);
            first = false;
        }
        text += "\n  ]";
    };
    for (const std::string_view name : kKeys)
        if (const Value* found = document.find(name)) add(name, *found);
    for (const auto& member : *document.object())
        if (!holds(kKeys, member.first)) add(member.first, member.second);
    return text + "\n}\n";
}

}  // namespace footprint::json
