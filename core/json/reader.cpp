#include "json/reader.hpp"

#include <algorithm>
#include <cmath>

#include "base/nearest.hpp"
#include "base/number.hpp"

namespace footprint::json {
namespace {

constexpr std::size_t kLongestText = 1024;

}  // namespace

ObjectReader::ObjectReader(const Value& object, Place place, Diagnostics& diagnostics)
    : members_(object.object()), place_(std::move(place)), diagnostics_(diagnostics) {
    if (members_ != nullptr)
        taken_.resize(members_->size());
    else
        error("wrong-type", "",
              "here stands " + object.in_words() + " (" + std::string(object.type_in_words()) +
                  "), but an object is wanted");
}

const Value* ObjectReader::take(std::string_view key) {
    known_.push_back(key);
    for (std::size_t i = 0; members_ != nullptr && i < members_->size(); ++i)
        if ((*members_)[i].first == key) {
            taken_[i] = true;
            return &(*members_)[i].second;
        }
    return nullptr;
}

std::string ObjectReader::text(std::string_view key) { return text_if_given(key).value_or(""); }

std::optional<std::string> ObjectReader::text_if_given(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return std::nullopt;
    const std::string* given = found->text();
    if (given == nullptr) {
        wrong_type(key, *found, "a text");
        return std::nullopt;
    }
    if (given->size() > kLongestText) {
        error("too-large", key,
              std::string(key) + " has " + plain(static_cast<std::int64_t>(given->size())) + " bytes; at most " +
                  plain(kLongestText) + " are allowed");
        return std::nullopt;
    }
    return *given;
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view key, Range range) {
    const Value* found = take(key);
    if (found == nullptr) return std::nullopt;
    const std::int64_t* given = found->integer();
    if (given == nullptr) {
        if (found->real() != nullptr && std::fabs(*found->real()) >= 0x1p63)
            error("too-large", key, std::string(key) + " does not fit 64 bits");
        else
            wrong_type(key, *found, "a whole number");
        return std::nullopt;
    }
    if (*given >= range.least && *given <= range.most) return *given;
    const bool small = *given < range.least;
    const std::int64_t limit = small ? range.least : range.most;
    Diagnostic& diagnostic = error(
        "out-of-range", key,
        std::string(key) + " is " + plain(*given) + ", but must be at " + (small ? "least " : "most ") + plain(limit));
    diagnostic.values = {{std::string(key), *given}, {small ? "least" : "most", limit}};
    diagnostic.fixes = {{std::string(key), plain(limit)}};
    return std::nullopt;
}

std::optional<bool> ObjectReader::boolean(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return std::nullopt;
    if (const bool* given = found->boolean()) return *given;
    wrong_type(key, *found, "true or false");
    return std::nullopt;
}

std::string ObjectReader::word(std::string_view key, std::initializer_list<std::string_view> words) {
    return word(key, std::span(words.begin(), words.size()));
}

std::string ObjectReader::word(std::string_view key, std::span<const std::string_view> known) {
    const std::string given = text(key);
    if (given.empty() || std::find(known.begin(), known.end(), given) != known.end()) return given;
    Diagnostic& diagnostic =
        error("unknown-word", key,
              std::string(key) + " is " + Value(given).in_words() + ", but must be one of " + listed(known));
    for (const std::string_view close : nearest(given, known))
        diagnostic.fixes.push_back({std::string(key), '"' + std::string(close) + '"'});
    return {};
}

std::optional<DType> ObjectReader::dtype(std::string_view key) {
    const std::string given = text(key);
    if (given.empty()) return std::nullopt;
    const std::optional<DType> found = dtype_named(given);
    if (!found)
        error("unknown-word", key,
              std::string(key) + " is " + Value(given).in_words() + ", but must be one of " + listed(dtype_names()));
    return found;
}

const Value::List* ObjectReader::list(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return nullptr;
    if (found->list() == nullptr) wrong_type(key, *found, "a list");
    return found->list();
}

std::vector<const std::pair<std::string, Value>*> ObjectReader::rest() const {
    std::vector<const std::pair<std::string, Value>*> left;
    for (std::size_t i = 0; members_ != nullptr && i < members_->size(); ++i)
        if (!taken_[i]) left.push_back(&(*members_)[i]);
    return left;
}

void ObjectReader::nothing_else() {
    for (const auto* member : rest()) {
        std::string message = "there is no key " + Value(member->first).in_words() + " here";
        const std::vector<std::string_view> close = nearest(member->first, known_);
        if (!close.empty()) message += "; the closest is " + std::string(close[0]);
        error("unknown-key", member->first, message).fixes = {{member->first, ""}};
    }
}

Diagnostic& ObjectReader::error(std::string_view code, std::string_view key, const std::string& message) {
    Diagnostic& diagnostic = diagnostics_.error(code, place_.prefix + message);
    diagnostic.row = place_.row;
    diagnostic.name = place_.name;
    diagnostic.field = key;
    return diagnostic;
}

void ObjectReader::missing(std::string_view key, std::string_view what) {
    error("missing", key, std::string(key) + " is missing: " + std::string(what));
}

void ObjectReader::missing_list(std::string_view key, std::string_view what) {
    if (take(key) == nullptr) missing(key, what);
}

void ObjectReader::wrong_type(std::string_view key, const Value& found, std::string_view wanted) {
    error("wrong-type", key,
          std::string(key) + " is " + found.in_words() + " (" + std::string(found.type_in_words()) + "), but must be " +
              std::string(wanted))
        .values = {{std::string(key), found.in_words()}};
}

}  // namespace footprint::json
