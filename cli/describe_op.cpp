// `footprint ops NAME`: one operation with its attributes, as the catalogue has them.
#include <cmath>
#include <ostream>

#include "base/number.hpp"
#include "commands.hpp"
#include "layers/layer.hpp"
#include "table.hpp"

namespace footprint::cli {
namespace {

std::string shortest(double value) {
    for (int decimals = 0; decimals < 6; ++decimals)
        if (std::string text = fixed(value, decimals); std::stod(text) == value) return text;
    return value == 0 ? "0" : "1e" + std::to_string(static_cast<int>(std::floor(std::log10(value))));
}

/// Visits a layer's fields and adds a line for each.
class Lines final : public Fields {
 public:
    explicit Lines(Table& table) : table_(table) {}

    void boolean(std::string_view name, bool& value, const About& about) override {
        add(name, "true or false", value ? "true" : "false", about);
    }
    void integer(std::string_view name, std::int64_t& value, const About& about) override {
        add(name, "integer", plain(value), about);
    }
    void integer(std::string_view name, std::optional<std::int64_t>& value, const About& about) override {
        add(name, "integer", value ? plain(*value) : "", about);
    }
    void number(std::string_view name, double& value, const About& about) override {
        add(name, "number", shortest(value), about);
    }
    void number(std::string_view name, std::optional<double>& value, const About& about) override {
        add(name, "number", value ? shortest(*value) : "", about);
    }
    void word(std::string_view name, std::string& value, Words words, const About& about) override {
        add(name, listed(words), value, about);
    }
    void tuple(std::string_view name, Tuple& value, const About& about) override {
        add(name, integers(value.rank), member(value), about);
    }
    void tuple_or_word(std::string_view name, Tuple& value, std::string& word, Words words,
                       const About& about) override {
        add(name, integers(value.rank) + ", " + listed(words), word.empty() ? member(value) : word, about);
    }
    void integers(std::string_view name, std::optional<std::vector<std::int64_t>>& value, const About& about) override {
        add(name, "integer or list", value && value->size() == 1 ? plain((*value)[0]) : "", about);
    }
    void numbers(std::string_view name, std::optional<std::vector<double>>& value, const About& about) override {
        add(name, "number or list", value && value->size() == 1 ? shortest((*value)[0]) : "", about);
    }
    void sizes(std::string_view name, std::optional<std::vector<Size>>& /*value*/, const About& about) override {
        add(name, "sizes", "", about);
    }
    void dtype(std::string_view name, std::optional<DType>& value, const About& about) override {
        add(name, "element type", value ? std::string(name_of(*value)) : "", about);
    }
    void index(std::string_view name, std::vector<IndexItem>& /*value*/, const About& about) override {
        add(name, "index", "", about);
    }
    void value(std::string_view name, const Value*& /*value*/, const About& about) override {
        add(name, "list", "", about);
    }

 private:
    static std::string integers(int rank) {
        return rank == 1 ? "integer" : "integer or list of " + std::to_string(rank);
    }
    static std::string member(const Tuple& value) { return value[0] == Tuple::kNone ? "" : plain(value[0]); }
    static std::string listed(Words words) {
        std::string text;
        for (const std::string_view word : words) text += (text.empty() ? "" : " | ") + std::string(word);
        return text;
    }

    void add(std::string_view name, const std::string& type, const std::string& value, const About& about) {
        std::string otherwise = value.empty() && about.nullable ? "none" : value;
        if (!about.otherwise.empty()) otherwise = about.otherwise;
        if (about.inferred) otherwise = "from the input";
        if (about.required) otherwise = "must be given";
        table_.add({std::string(name), type, otherwise, std::string(about.help)});
    }

    Table& table_;
};

std::string inputs_of(const LayerType& type) {
    const std::string least = plain(type.least_inputs);
    if (type.most_inputs == kAnyNumber) return least + " or more";
    return type.most_inputs == type.least_inputs ? least : least + " to " + plain(type.most_inputs);
}

}  // namespace

int describe_op(const std::string& op, std::ostream& out, std::ostream& err) {
    const LayerType* type = find_layer(op);
    if (type == nullptr) {
        err << "footprint: there is no operation called " << op;
        if (const auto close = near_ops(op); !close.empty()) err << "; the closest is " << close[0];
        err << '\n';
        return kWrongUsage;
    }
    out << type->op << ": " << type->summary << (type->inplace ? "; has an in-place form" : "") << '\n';
    out << "inputs: " << inputs_of(*type) << '\n';
    if (!type->keywords.empty()) {
        out << "tensors by name:";
        for (const std::string_view keyword : type->keywords) out << ' ' << keyword;
        out << '\n';
    }
    Table table({{"attribute"}, {"type"}, {"default"}, {"what it is"}});
    Lines lines(table);
    type->describe(lines);
    if (table.empty()) {
        out << "attributes: none of its own\n";
    } else {
        out << '\n';
        table.print(out);
    }
    return kDone;
}

}  // namespace footprint::cli
