#include "prints/attributes.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "json/write.hpp"

namespace footprint::prints {
namespace {

/// Visits an operation's attributes in PyTorch's order and takes for each what the print gives.
class Taker final : public Fields {
 public:
    explicit Taker(const Arguments& arguments) : arguments_(arguments), taken_(arguments.size()) {}

    void boolean(std::string_view name, bool& value, const About& about) override {
        const Value* found = take(name);
        keep(name, found, about, found != nullptr && found->boolean() != nullptr && *found->boolean() == value);
    }
    void integer(std::string_view name, std::int64_t& value, const About& about) override {
        const Value* found = take(name);
        keep(name, found, about, found != nullptr && is(*found, value));
    }
    void integer(std::string_view name, std::optional<std::int64_t>& value, const About& about) override {
        optional(name, value, about);
    }
    void number(std::string_view name, double& value, const About& about) override {
        const Value* found = take(name);
        keep(name, found, about, found != nullptr && is(*found, value));
    }
    void number(std::string_view name, std::optional<double>& value, const About& about) override {
        optional(name, value, about);
    }
    void word(std::string_view name, std::string& value, Words /*words*/, const About& about) override {
        const Value* found = take(name);
        keep(name, found, about, found != nullptr && found->text() != nullptr && *found->text() == value);
    }
    void tuple(std::string_view name, Tuple& value, const About& about) override { sized(name, value, about, {}); }
    void tuple_or_word(std::string_view name, Tuple& value, std::string& word, Words /*words*/,
                       const About& about) override {
        sized(name, value, about, word);
    }
    void integers(std::string_view name, std::optional<std::vector<std::int64_t>>& value, const About& about) override {
        list(name, value, about);
    }
    void numbers(std::string_view name, std::optional<std::vector<double>>& value, const About& about) override {
        list(name, value, about);
    }
    void sizes(std::string_view name, std::optional<std::vector<Size>>& /*value*/, const About& about) override {
        keep(name, take(name), about, false);
    }
    void dtype(std::string_view name, std::optional<DType>& /*value*/, const About& about) override {
        const Value* found = take(name);
        if (found == nullptr || found->text() == nullptr) return keep(name, found, about, false);
        const std::string& text = *found->text();
        const Value word(text.starts_with("torch.") ? text.substr(6) : text);
        keep(name, &word, about, false);
    }
    void index(std::string_view name, std::vector<IndexItem>& /*value*/, const About& about) override {
        keep(name, take(name), about, false);
    }
    void value(std::string_view name, const Value*& /*value*/, const About& about) override {
        keep(name, take(name), about, false);
    }

    /// What no attribute took. An in-place flag is a key of the row.
    void rest() {
        std::size_t unnamed = 0;
        for (std::size_t i = 0; i < arguments_.size(); ++i) {
            const Argument& argument = arguments_[i];
            if (taken_[i]) continue;
            if (argument.name == "inplace" && argument.value.boolean() != nullptr) {
                result.inplace = *argument.value.boolean();
                continue;
            }
            const std::string name =
                argument.name.empty() ? "argument_" + plain(static_cast<std::int64_t>(++unnamed)) : argument.name;
            result.unknown.push_back(name);
            result.given.emplace_back(name, argument.value);
        }
    }

    Attributes result;

 private:
    const Value* take(std::string_view name) {
        for (std::size_t i = 0; i < arguments_.size(); ++i)
            if (!taken_[i] && arguments_[i].name == name) return &at(i);
        // By position: the first attributes are printed without their names, so that none is passed over.
        if (positions_end_) return nullptr;
        for (std::size_t i = 0; i < arguments_.size(); ++i)
            if (!taken_[i] && arguments_[i].name.empty()) return &at(i);
        positions_end_ = true;
        return nullptr;
    }
    const Value& at(std::size_t i) {
        taken_[i] = true;
        return arguments_[i].value;
    }

    static bool is(const Value& value, double number) {
        if (const std::int64_t* whole = value.integer()) return static_cast<double>(*whole) == number;
        return value.real() != nullptr && *value.real() == number;
    }
    static bool is(const Value& value, std::int64_t number) {
        return value.integer() != nullptr && *value.integer() == number;
    }

    void keep(std::string_view name, const Value* found, const About& about, bool is_default) {
        if (found == nullptr) {
            if (about.required && !about.inferred) result.missing.emplace_back(name);
            return;
        }
        if (is_default && !about.required) return;
        if (about.inferred) result.inferred.emplace_back(name);
        result.given.emplace_back(std::string(name), *found);
    }

    template <class T>
    void optional(std::string_view name, const std::optional<T>& value, const About& about) {
        const Value* found = take(name);
        keep(name, found, about, found != nullptr && (value ? is(*found, *value) : found->is_null()));
    }

    template <class T>
    void list(std::string_view name, const std::optional<std::vector<T>>& value, const About& about) {
        const Value* found = take(name);
        if (found == nullptr || found->list() == nullptr || found->list()->size() != 1)
            return keep(name, found, about, found != nullptr && found->is_null() && !value);
        keep(name, &found->list()->front(), about, false);
    }

    /// One number for all dimensions where they agree.
    void sized(std::string_view name, const Tuple& value, const About& about, std::string_view word) {
        const Value* found = take(name);
        if (found == nullptr) return keep(name, found, about, false);
        if (found->text() != nullptr) return keep(name, found, about, *found->text() == word);
        Value written = *found;
        if (const Value::List* items = found->list(); items != nullptr && !items->empty()) {
            const auto same = [&](const Value& item) {
                return item.integer() != nullptr && items->front().integer() != nullptr &&
                       *item.integer() == *items->front().integer();
            };
            if (static_cast<int>(items->size()) == value.rank && std::all_of(items->begin(), items->end(), same))
                written = items->front();
        }
        bool is_default = word.empty() && about.otherwise.empty() && is(written, value[0]);
        for (int i = 1; i < value.rank; ++i) is_default = is_default && value[i] == value[0];
        // The stride of a pool that is its kernel.
        if (!about.otherwise.empty())
            for (const auto& member : result.given)
                if (member.first == about.otherwise) is_default = in_python(member.second) == in_python(written);
        keep(name, &written, about, is_default);
    }

    const Arguments& arguments_;
    std::vector<bool> taken_;
    bool positions_end_ = false;
};

}  // namespace

Attributes attributes_of(const LayerType& type, const Arguments& arguments) {
    Taker taker(arguments);
    type.describe(taker);
    taker.rest();
    return std::move(taker.result);
}

std::string in_python(const Value& value) {
    if (value.is_null()) return "None";
    if (const bool* yes = value.boolean()) return *yes ? "True" : "False";
    if (const std::string* text = value.text()) return "'" + *text + "'";
    if (const Value::List* items = value.list()) {
        std::string words;
        for (const Value& item : *items) words += (words.empty() ? "" : ", ") + in_python(item);
        return "[" + words + "]";
    }
    return json::write_value(value);
}

std::string in_python(const Value::Object& attributes) {
    std::string words;
    for (const auto& member : attributes)
        words += (words.empty() ? "" : ", ") + member.first + "=" + in_python(member.second);
    return words;
}

}  // namespace footprint::prints
