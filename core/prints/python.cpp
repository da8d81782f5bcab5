#include "prints/python.hpp"

#include <algorithm>

#include "json/parse.hpp"
#include "prints/text.hpp"

namespace footprint::prints {
namespace {

constexpr int kDeepestTuple = 32;

bool opens(char c) { return c == '(' || c == '[' || c == '{'; }
bool closes(char c) { return c == ')' || c == ']' || c == '}'; }
bool is_quote(char c) { return c == '\'' || c == '"'; }
bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Past the quoted text that begins at `at`.
std::size_t past_quotes(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == quote)
            return i + 1;
    }
    return at + 1;  // an apostrophe
}

Value value_of(std::string_view text, int depth) {
    text = trimmed(text);
    if (text == "True") return Value(true);
    if (text == "False") return Value(false);
    if (text == "None") return {};
    if (text.size() >= 2 && is_quote(text.front()) && past_quotes(text, 0) == text.size())
        return Value(std::string(text.substr(1, text.size() - 2)));
    if (text.size() >= 2 && (text.front() == '(' || text.front() == '[') && closing(text, 0) == text.size() - 1 &&
        depth < kDeepestTuple) {
        Value::List items;
        for (const std::string_view item : split_at(text.substr(1, text.size() - 2), ','))
            if (!trimmed(item).empty()) items.push_back(value_of(item, depth + 1));
        return Value(std::move(items));
    }
    if (!text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'))) {
        Diagnostics unused;
        if (std::optional<Value> number = json::parse(text, unused)) return std::move(*number);
    }
    return Value(std::string(text));
}

}  // namespace

std::size_t closing(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    for (std::size_t i = at; i < text.size();) {
        if (is_quote(text[i])) {
            i = past_quotes(text, i);
            continue;
        }
        if (opens(text[i])) ++depth;
        if (closes(text[i])) {
            if (depth <= 1) return i;
            --depth;
        }
        ++i;
    }
    return std::string_view::npos;
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0, depth = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (is_quote(text[i])) {
            i = past_quotes(text, i);
            continue;
        }
        if (opens(text[i])) ++depth;
        if (closes(text[i]) && depth > 0) --depth;
        if (text[i] == separator && depth == 0) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
        ++i;
    }
    parts.push_back(text.substr(begin));
    return parts;
}

Arguments arguments_of(std::string_view text) {
    Arguments arguments;
    for (std::string_view part : split_at(text, ',')) {
        part = trimmed(part);
        if (part.empty()) continue;
        Argument argument;
        const std::size_t equals = part.find('=');
        const std::string_view name = trimmed(part.substr(0, equals));
        if (equals != std::string_view::npos && !name.empty() &&
            std::all_of(name.begin(), name.end(), is_word_character)) {
            argument.name = name;
            part.remove_prefix(equals + 1);
        }
        argument.value = value_of(part, 0);
        arguments.push_back(std::move(argument));
    }
    return arguments;
}

}  // namespace footprint::prints
