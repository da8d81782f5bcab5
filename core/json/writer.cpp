#include "json/writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/number.hpp"

namespace footprint::json {
namespace {

/// Whether JSON writes the character as it is, and it is a whole one.
bool is_plain(char c) { return static_cast<unsigned char>(c) - 0x20U < 0x60U && c != '"' && c != '\\'; }

std::string quoted(std::string_view words) {
    return nlohmann::json(words).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write(Writer& json, const Diagnostic& diagnostic) {
    json.begin_object();
    json.member("severity", diagnostic.severity == Severity::error ? "error" : "warning");
    json.member("code", diagnostic.code);
    if (diagnostic.row > 0) json.member("row", diagnostic.row);
    if (!diagnostic.name.empty()) json.member("name", diagnostic.name);
    if (!diagnostic.field.empty()) json.member("field", diagnostic.field);
    json.member("message", diagnostic.message);
    if (!diagnostic.values.empty()) {
        json.key("values");
        json.begin_object();
        for (const NamedValue& value : diagnostic.values) {
            if (const std::int64_t* number = std::get_if<std::int64_t>(&value.value))
                json.member(value.name, *number);
            else
                json.member(value.name, std::get<std::string>(value.value));
        }
        json.end_object();
    }
    if (!diagnostic.fixes.empty()) {
        json.key("fixes");
        json.begin_array();
        for (const Fix& fix : diagnostic.fixes) {
            json.begin_object();
            json.member("field", fix.field);
            // A fix that leaves the attribute out has no value.
            if (!fix.value.empty()) {
                json.key("value");
                json.literal(fix.value);
            }
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace

/// A comma, unless the value is the first of its array or follows its key. Text ends in a quote, so the last character
/// tells.
void Writer::separate() {
    if (text_.empty()) return;
    const char last = text_.back();
    if (last != '{' && last != '[' && last != ':') text_ += ',';
}

void Writer::open(char bracket) {
    separate();
    text_ += bracket;
}

void Writer::literal(std::string_view json) {
    separate();
    text_ += json;
}

void Writer::key(std::string_view name) {
    value(name);
    text_ += ':';
}

void Writer::value(std::string_view words) {
    separate();
    if (std::all_of(words.begin(), words.end(), is_plain)) {
        text_ += '"';
        text_ += words;
        text_ += '"';
    } else {
        text_ += quoted(words);
    }
}

void Writer::value(double number) { literal(nlohmann::json(number).dump()); }

void Writer::value(Integer number) {
    if (number.overflowed())
        literal("null");
    else
        literal(plain(number.value()));
}

void Writer::value(const Shape& sizes) {
    begin_array();
    for (const Integer size : sizes) value(size);
    end_array();
}

void Writer::any(const Value& of) {
    if (of.is_null()) return value(nullptr);
    if (const bool* yes = of.boolean()) return value(*yes);
    if (const std::int64_t* whole = of.integer()) return value(*whole);
    if (const double* real = of.real()) return value(*real);
    if (const std::string* words = of.text()) return value(*words);
    if (const Value::List* items = of.list()) {
        begin_array();
        for (const Value& item : *items) any(item);
        return end_array();
    }
    begin_object();
    for (const auto& [name, held] : *of.object()) {
        key(name);
        any(held);
    }
    end_object();
}

void write(Writer& json, const Diagnostics& said) {
    json.begin_array();
    for (const Diagnostic& diagnostic : said.list()) write(json, diagnostic);
    if (said.dropped() > 0) {
        json.begin_object();
        json.member("severity", "warning");
        json.member("code", "too-large");
        json.member("message", plain(static_cast<std::int64_t>(said.dropped())) + " further diagnostics are left out");
        json.end_object();
    }
    json.end_array();
}

}  // namespace footprint::json
