#include "explain/term.hpp"

#include <utility>

namespace footprint {

struct Term::Node {
    Kind kind;
    Integer value;
    std::vector<Term> parts;
    std::unique_ptr<const Symbol> symbol;

    Node(Kind kind_, Integer value_, std::vector<Term> parts_, std::unique_ptr<const Symbol> symbol_)
        : kind(kind_), value(value_), parts(std::move(parts_)), symbol(std::move(symbol_)) {}
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // `total += term` over 20,000 rows is a chain as deep, and WebAssembly's stack is small: the chain is taken apart
    // in a loop, each node losing its parts before it goes.
    ~Node() {
        std::vector<Term> pending = std::move(parts);
        while (!pending.empty()) {
            const Term last = std::move(pending.back());
            pending.pop_back();
            if (last.node_.use_count() != 1) continue;
            for (Term& part : last.node_->parts) pending.push_back(std::move(part));
            last.node_->parts.clear();
        }
    }
};

Term::Term(std::int64_t literal) : Term(Integer(literal)) {}
Term::Term(Integer literal) : node_(std::make_shared<Node>(Kind::literal, literal, std::vector<Term>(), nullptr)) {}

Term Term::make(Kind kind, Integer value, std::vector<Term> parts) {
    return Term(std::make_shared<Node>(kind, value, std::move(parts), nullptr));
}

Term Term::symbol(Symbol symbol) {
    const Integer value = symbol.value;
    return Term(std::make_shared<Node>(Kind::symbol, value, std::vector<Term>(),
                                       std::make_unique<const Symbol>(std::move(symbol))));
}

Term Term::symbol(Symbol symbol, Term definition) {
    const Integer value = symbol.value = definition.value();
    std::vector<Term> parts;
    parts.push_back(std::move(definition));
    return Term(std::make_shared<Node>(Kind::symbol, value, std::move(parts),
                                       std::make_unique<const Symbol>(std::move(symbol))));
}

Term Term::sum(std::vector<Term> addends) {
    Integer total = 0;
    for (const Term& addend : addends) total += addend.value();
    return make(Kind::sum, total, std::move(addends));
}

Integer Term::value() const { return node_->value; }
Term::Kind Term::kind() const { return node_->kind; }
const std::vector<Term>& Term::parts() const { return node_->parts; }
const Symbol& Term::symbol() const { return *node_->symbol; }

Term operator+(const Term& a, const Term& b) { return Term::make(Term::Kind::sum, a.value() + b.value(), {a, b}); }
Term operator-(const Term& a, const Term& b) {
    return Term::make(Term::Kind::difference, a.value() - b.value(), {a, b});
}
Term operator*(const Term& a, const Term& b) { return Term::make(Term::Kind::product, a.value() * b.value(), {a, b}); }
Term operator-(const Term& a) { return Term::make(Term::Kind::negative, -a.value(), {a}); }
Term floor_divide(const Term& a, const Term& b) {
    return Term::make(Term::Kind::floor_quotient, floor_divide(a.value(), b.value()), {a, b});
}
Term ceil_divide(const Term& a, const Term& b) {
    return Term::make(Term::Kind::ceil_quotient, ceil_divide(a.value(), b.value()), {a, b});
}
Term smaller(const Term& a, const Term& b) {
    return Term::make(Term::Kind::smaller, smaller(a.value(), b.value()), {a, b});
}
Term larger(const Term& a, const Term& b) {
    return Term::make(Term::Kind::larger, larger(a.value(), b.value()), {a, b});
}

Term Symbols<Term>::operator()(std::string_view name, Integer value, std::string_view sentence, std::string_view source,
                               std::string_view unit, std::string_view path) const {
    return Term::symbol(
        {std::string(name), value, std::string(unit), std::string(sentence), std::string(source), std::string(path)});
}

Term Symbols<Term>::define(std::string_view name, const Term& definition, std::string_view sentence,
                           std::string_view source, std::string_view unit, std::string_view path) const {
    return Term::symbol({std::string(name), definition.value(), std::string(unit), std::string(sentence),
                         std::string(source), std::string(path)},
                        definition);
}

}  // namespace footprint
