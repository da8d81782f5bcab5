// Reads a row's attributes into a layer's members: types, least values, words, unknown names.
#include <algorithm>
#include <bitset>
#include <cmath>

#include "base/nearest.hpp"
#include "base/number.hpp"
#include "base/small_vector.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::size_t kMostAttributes = 64;
constexpr std::int64_t kMostSize = std::int64_t{1}
                                   << 48;  // of one size: far above any tensor, far below overflow by adding

class Reader final : public Fields {
 public:
    explicit Reader(Call& call) : call_(call), row_(call.row()) {}

    void boolean(std::string_view name, bool& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || (found->is_null() && about.nullable)) return;
        if (const bool* given = found->boolean())
            value = *given;
        else
            wrong_type(name, *found, "true or false");
    }

    void integer(std::string_view name, std::int64_t& value, const About& about) override {
        if (const Value* found = take(name, about)) read_integer(name, *found, value, about);
    }

    void integer(std::string_view name, std::optional<std::int64_t>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr) return;
        value.reset();
        if (found->is_null() && about.nullable) return;
        std::int64_t given = 0;
        if (read_integer(name, *found, given, about)) value = given;
    }

    void number(std::string_view name, double& value, const About& about) override {
        if (const Value* found = take(name, about)) read_number(name, *found, value, about);
    }

    void number(std::string_view name, std::optional<double>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || (found->is_null() && about.nullable)) return;
        double given = 0;
        if (read_number(name, *found, given, about)) value = given;
    }

    void word(std::string_view name, std::string& value, Words words, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || (found->is_null() && about.nullable)) return;
        if (const std::string* given = found->text())
            read_word(name, *given, value, words);
        else
            wrong_type(name, *found, "one of " + listed(words));
    }

    void tuple(std::string_view name, Tuple& value, const About& about) override {
        if (const Value* found = take(name, about)) read_tuple(name, *found, value, about, {});
    }

    void tuple_or_word(std::string_view name, Tuple& value, std::string& word, Words words,
                       const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr) return;
        if (const std::string* given = found->text())
            read_word(name, *given, word, words);
        else
            read_tuple(name, *found, value, about, words);
    }

    void integers(std::string_view name, std::optional<std::vector<std::int64_t>>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || found->is_null()) return none(name, found, about);
        std::vector<std::int64_t> given;
        const bool good = each(name, *found, "a whole number or a list of them", [&](const Value& item) {
            return read_integer(name, item, given.emplace_back(), about);
        });
        if (good) value = std::move(given);
    }

    void numbers(std::string_view name, std::optional<std::vector<double>>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || found->is_null()) return none(name, found, about);
        std::vector<double> given;
        const bool good = each(name, *found, "a number or a list of them",
                               [&](const Value& item) { return read_number(name, item, given.emplace_back(), about); });
        if (good) value = std::move(given);
    }

    void sizes(std::string_view name, std::optional<std::vector<Size>>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || found->is_null()) return none(name, found, about);
        std::vector<Size> given;
        const bool good = each(name, *found, "a size or a list of them", [&](const Value& item) {
            if (item.is_null() && about.nullable) {
                given.push_back({0, -1});
                return true;
            }
            return read_size(name, item, given.emplace_back(), about);
        });
        if (good) value = std::move(given);
    }

    void dtype(std::string_view name, std::optional<DType>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr || (found->is_null() && about.nullable)) return;
        const std::string* given = found->text();
        if (given == nullptr) return wrong_type(name, *found, "an element type such as \"float32\"");
        value = dtype_named(*given);
        if (!value) unknown_word(name, *given, dtype_names());
    }

    void index(std::string_view name, std::vector<IndexItem>& value, const About& about) override {
        const Value* found = take(name, about);
        if (found == nullptr) return;
        const Value::List* items = found->list();
        if (items == nullptr) return wrong_type(name, *found, "a list, one element for each dimension indexed");
        for (const Value& item : *items) read_index_item(name, item, value.emplace_back());
    }

    void value(std::string_view name, const Value*& value, const About& about) override { value = take(name, about); }

    /// After all fields: what the row has that the layer does not know.
    void unknown_attributes() {
        for (std::size_t i = 0; i < row_.attributes.size(); ++i) {
            const std::string& name = row_.attributes[i].first;
            if (i < kMostAttributes && used_[i]) continue;
            if (call_.keyword(name) != nullptr) continue;
            std::string message = row_.op + " has no attribute " + name;
            const std::vector<std::string_view> close = nearest(name, known_);
            if (!close.empty()) message += "; the closest it has is " + std::string(close[0]);
            Diagnostic& diagnostic = call_.fail("unknown-attribute", name, message);
            diagnostic.fixes = {{name, ""}};
        }
    }

 private:
    const Value* take(std::string_view name, const About& about) {
        known_.push_back(name);
        for (std::size_t i = 0; i < row_.attributes.size() && i < kMostAttributes; ++i) {
            if (row_.attributes[i].first != name) continue;
            used_[i] = true;
            // A tensor's name in its place; an index tensor may be called as the attribute is that it stands in.
            if (call_.keyword(name) != nullptr && row_.attributes[i].second.text() != nullptr) return nullptr;
            return &row_.attributes[i].second;
        }
        if (about.required)
            call_.fail("missing", name, row_.op + " needs " + std::string(name) + ": " + std::string(about.help));
        return nullptr;
    }

    void none(std::string_view name, const Value* found, const About& about) {
        if (found != nullptr && !about.nullable) wrong_type(name, *found, "a value");
    }

    template <class Read>
    bool each(std::string_view name, const Value& found, std::string_view wanted, Read read) {
        const Value::List* items = found.list();
        if (items == nullptr) return read(found);
        if (items->size() > 4096) {
            call_.fail("too-large", name,
                       std::string(name) + " has more members than any tensor has dimensions or parts");
            return false;
        }
        for (const Value& item : *items) {
            if (item.list() != nullptr) {
                wrong_type(name, found, wanted);
                return false;
            }
            if (!read(item)) return false;
        }
        return true;
    }

    void wrong_type(std::string_view name, const Value& found, std::string_view wanted) {
        Diagnostic& diagnostic =
            call_.fail("wrong-type", name,
                       std::string(name) + " is " + found.in_words() + " (" + std::string(found.type_in_words()) +
                           "), but must be " + std::string(wanted));
        diagnostic.values = {{std::string(name), found.in_words()}};
    }

    static std::string listed(Words words) { return footprint::listed(std::span(words.begin(), words.size())); }

    void unknown_word(std::string_view name, const std::string& given, std::span<const std::string_view> words) {
        Diagnostic& diagnostic = call_.fail(
            "unknown-word", name,
            std::string(name) + " is " + Value(given).in_words() + ", but must be one of " + footprint::listed(words));
        diagnostic.values = {{std::string(name), given.substr(0, 128)}};
        for (const std::string_view close : nearest(given, words))
            diagnostic.fixes.push_back({std::string(name), '"' + std::string(close) + '"'});
    }

    void read_word(std::string_view name, const std::string& given, std::string& word, Words words) {
        if (std::find(words.begin(), words.end(), given) != words.end())
            word = given;
        else
            unknown_word(name, given, std::span(words.begin(), words.size()));
    }

    bool within(std::string_view name, std::int64_t given, const About& about) {
        const std::int64_t least = std::max(about.least, -kMostSize);
        const bool small = given < least;
        if (!small && given <= kMostSize) return true;
        const std::int64_t limit = small ? least : kMostSize;
        Diagnostic& diagnostic = call_.fail("out-of-range", name,
                                            std::string(name) + " is " + plain(given) + ", but must be at " +
                                                (small ? "least " : "most ") + plain(limit));
        diagnostic.values = {{std::string(name), given}, {small ? "least" : "most", limit}};
        if (small) diagnostic.fixes = {{std::string(name), plain(limit)}};
        return false;
    }

    bool read_integer(std::string_view name, const Value& found, std::int64_t& value, const About& about) {
        if (const std::int64_t* given = found.integer()) {
            if (!within(name, *given, about)) return false;
            value = *given;
            return true;
        }
        if (found.real() != nullptr && std::fabs(*found.real()) >= 0x1p63)
            call_.fail("too-large", name, std::string(name) + " does not fit 64 bits");
        else
            wrong_type(name, found, "a whole number");
        return false;
    }

    bool read_number(std::string_view name, const Value& found, double& value, const About& about) {
        if (const std::int64_t* given = found.integer())
            value = static_cast<double>(*given);
        else if (const double* real = found.real())
            value = *real;
        else {
            wrong_type(name, found, "a number");
            return false;
        }
        const bool any = about.least == About().least;  // numbers go further than whole ones: a mask's -1e30
        if (any || value >= static_cast<double>(about.least)) return true;
        Diagnostic& diagnostic =
            call_.fail("out-of-range", name,
                       std::string(name) + " is " + found.in_words() + ", but must be at least " + plain(about.least));
        diagnostic.values = {{std::string(name), found.in_words()}};
        return false;
    }

    bool read_size(std::string_view name, const Value& found, Size& size, const About& about) {
        if (found.object() == nullptr) return read_integer(name, found, size.plus, about);
        for (const auto& [key, part] : *found.object()) {
            if (key != "batch" && key != "plus") {
                call_.fail("unknown-key", key,
                           "a size that follows the batch is {\"batch\": k, \"plus\": c}; there is no key " +
                               Value(key).in_words());
                return false;
            }
            if (!read_integer(name, part, key == "batch" ? size.per_item : size.plus, {})) return false;
        }
        return true;
    }

    bool read_tuple(std::string_view name, const Value& found, Tuple& value, const About& about, Words words) {
        const auto or_else = [&] { return words.size() == 0 ? std::string() : ", or one of " + listed(words); };
        const auto member = [&](const Value& item, std::int64_t& into) {
            if (item.is_null() && about.nullable) {
                into = Tuple::kNone;
                return true;
            }
            return read_integer(name, item, into, about);
        };
        const Value::List* items = found.list();
        const auto rank = static_cast<std::size_t>(value.rank);
        if (items == nullptr) {
            if (found.integer() == nullptr && !(found.is_null() && about.nullable)) {
                wrong_type(
                    name, found,
                    (rank == 1 ? "a whole number" : "a whole number or a list of " + plain(value.rank)) + or_else());
                return false;
            }
            if (found.is_null()) return true;  // None as a whole is the default
            std::int64_t given = 0;
            if (!member(found, given)) return false;
            value.values.fill(given);
        } else {
            if (items->size() != rank) {
                Diagnostic& diagnostic =
                    call_.fail("wrong-type", name,
                               std::string(name) + " is " + found.in_words() +
                                   ", but must be a whole number or a list of " + plain(value.rank) + or_else());
                diagnostic.values = {{"members", static_cast<std::int64_t>(items->size())}, {"dimensions", value.rank}};
                return false;
            }
            for (std::size_t i = 0; i < rank; ++i)
                if (!member((*items)[i], value.values[i])) return false;
        }
        value.given = true;
        return true;
    }

    void read_index_item(std::string_view name, const Value& found, IndexItem& item) {
        using Kind = IndexItem::Kind;
        if (found.is_null()) {
            item.kind = Kind::none;
        } else if (const std::int64_t* at = found.integer()) {
            item.integer = *at;
        } else if (const std::string* word = found.text(); word != nullptr && (*word == "..." || *word == ":")) {
            item.kind = *word == ":" ? Kind::slice : Kind::ellipsis;
        } else if (const Value* slice = found.find("slice");
                   slice != nullptr && slice->list() != nullptr && slice->list()->size() == 3) {
            const Value::List& parts = *slice->list();
            item.kind = Kind::slice;
            Size bound;
            if (!parts[0].is_null() && read_size(name, parts[0], bound, {})) item.start = bound;
            bound = {};
            if (!parts[1].is_null() && read_size(name, parts[1], bound, {})) item.stop = bound;
            if (!parts[2].is_null()) read_integer(name, parts[2], item.step, {.least = 1});
        } else if (const Value* tensor = found.find("tensor"); tensor != nullptr && tensor->text() != nullptr) {
            item.kind = Kind::tensor;
            item.tensor = *tensor->text();
        } else {
            wrong_type(name, found,
                       R"(an integer, null, "...", ":", {"slice": [start, stop, step]} or {"tensor": name})");
        }
    }

    Call& call_;
    const Row& row_;
    std::bitset<kMostAttributes> used_;
    SmallVector<std::string_view, 16> known_;
};

}  // namespace

bool read_attributes(Call& call, void (*visit)(void* layer, Fields&), void* layer) {
    Reader reader(call);
    visit(layer, reader);
    reader.unknown_attributes();
    return !call.failed();
}

}  // namespace footprint
