#include "json/tree.hpp"

#include <variant>

namespace footprint::json {
namespace {

Tree one(const Diagnostic& diagnostic) {
    Tree tree = Tree::object();
    tree["severity"] = diagnostic.severity == Severity::error ? "error" : "warning";
    tree["code"] = diagnostic.code;
    if (diagnostic.row > 0) tree["row"] = diagnostic.row;
    if (!diagnostic.name.empty()) tree["name"] = diagnostic.name;
    if (!diagnostic.field.empty()) tree["field"] = diagnostic.field;
    tree["message"] = diagnostic.message;
    if (!diagnostic.values.empty()) {
        Tree& values = tree["values"] = Tree::object();
        for (const NamedValue& value : diagnostic.values) {
            if (const std::int64_t* number = std::get_if<std::int64_t>(&value.value))
                values[value.name] = *number;
            else
                values[value.name] = std::get<std::string>(value.value);
        }
    }
    if (!diagnostic.fixes.empty()) {
        Tree& fixes = tree["fixes"] = Tree::array();
        for (const Fix& fix : diagnostic.fixes) {
            Tree entry = {{"field", fix.field}};
            // A fix's value is JSON already; one that leaves the attribute out has none.
            if (!fix.value.empty()) entry["value"] = Tree::parse(fix.value, nullptr, false);
            fixes.push_back(std::move(entry));
        }
    }
    return tree;
}

}  // namespace

std::string dump(const Tree& tree) { return tree.dump(-1, ' ', false, Tree::error_handler_t::replace); }

Tree number(Integer value) { return value.overflowed() ? Tree() : Tree(value.value()); }

Tree sizes(const Shape& shape) {
    Tree list = Tree::array();
    for (const Integer size : shape) list.push_back(number(size));
    return list;
}

Tree diagnostics(const Diagnostics& said) {
    Tree list = Tree::array();
    for (const Diagnostic& diagnostic : said.list()) list.push_back(one(diagnostic));
    if (said.dropped() > 0)
        list.push_back({{"severity", "warning"},
                        {"code", "too-large"},
                        {"message", std::to_string(said.dropped()) + " further diagnostics are left out"}});
    return list;
}

}  // namespace footprint::json
