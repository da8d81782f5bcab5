#include "json/parse.hpp"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/number.hpp"

namespace footprint::json {
namespace {

constexpr std::size_t kMostDepth = 64;
constexpr std::size_t kMostValues = 5'000'000;
constexpr std::size_t kMostText = 64U << 20;  // bytes

/// Builds a Value while nlohmann_json reads. Each callback returns false to stop.
class Builder {
 public:
    explicit Builder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    bool null() { return add(Value()); }
    bool boolean(bool value) { return add(Value(value)); }
    bool number_integer(std::int64_t value) { return add(Value(value)); }
    bool number_unsigned(std::uint64_t value) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return add(Value(static_cast<double>(value)));
        return add(Value(static_cast<std::int64_t>(value)));
    }
    bool number_float(double value, const std::string& /*digits*/) { return add(Value(value)); }
    bool string(std::string& value) { return add(Value(std::move(value))); }
    bool binary(std::vector<std::uint8_t>& /*value*/) { return false; }

    bool start_object(std::size_t /*elements*/) { return open(Value(Value::Object())); }
    bool key(std::string& name) {
        Value::Object& members = *open_.back()->object();
        if (repeated(members, name)) {
            diagnostics_.error("malformed-json", "the key " + Value(name).in_words() + " stands twice in one object");
            return false;
        }
        members.emplace_back(std::move(name), Value());
        return true;
    }
    bool end_object() { return close(); }
    bool start_array(std::size_t /*elements*/) { return open(Value(Value::List())); }
    bool end_array() { return close(); }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string& /*token*/, const Exception& /*why*/) {
        diagnostics_
            .error("malformed-json",
                   "the text is not JSON: it cannot be read on from byte " + plain(static_cast<std::int64_t>(position)))
            .values = {{"byte", static_cast<std::int64_t>(position)}};
        return false;
    }

    Value root;

 private:
    bool add(Value value) {
        if (++count_ > kMostValues) return too_large("has more than " + plain(kMostValues) + " values");
        place(std::move(value));
        return true;
    }

    Value& place(Value value) {
        if (open_.empty()) return root = std::move(value);
        if (Value::List* items = open_.back()->list()) return items->emplace_back(std::move(value));
        return open_.back()->object()->back().second = std::move(value);
    }

    bool open(Value value) {
        if (open_.size() >= kMostDepth) return too_large("is nested more than " + plain(kMostDepth) + " levels deep");
        if (++count_ > kMostValues) return too_large("has more than " + plain(kMostValues) + " values");
        open_.push_back(&place(std::move(value)));
        keys_.emplace_back();
        return true;
    }

    bool close() {
        open_.pop_back();
        keys_.pop_back();
        return true;
    }

    /// Whether an object has the key. Small ones are looked through, large ones keep a set.
    bool repeated(const Value::Object& members, const std::string& name) {
        constexpr std::size_t kSmall = 24;
        if (members.size() < kSmall) {
            for (const auto& [key, value] : members)
                if (key == name) return true;
            return false;
        }
        std::unordered_set<std::string>& seen = keys_.back();
        if (seen.empty())
            for (const auto& [key, value] : members) seen.insert(key);
        return !seen.insert(name).second;
    }

    bool too_large(const std::string& how) {
        diagnostics_.error("too-large", "the document " + how);
        return false;
    }

    Diagnostics& diagnostics_;
    std::vector<Value*> open_;  // the containers being filled: a child is the last member of its parent until it closes
    std::vector<std::unordered_set<std::string>> keys_;
    std::size_t count_ = 0;
};

}  // namespace

std::optional<Value> parse(std::string_view text, Diagnostics& diagnostics) {
    if (text.size() > kMostText) {
        diagnostics.error("too-large", "the document has more than " + plain(kMostText) + " bytes");
        return std::nullopt;
    }
    Builder builder(diagnostics);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
        if (!diagnostics.has_errors()) diagnostics.error("malformed-json", "the text is not JSON");
        return std::nullopt;
    }
    return std::move(builder.root);
}

}  // namespace footprint::json
