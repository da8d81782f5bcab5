// Term: a number that remembers how it was computed.
//
// A rule of arithmetic is a function template over its number type N. With Integer it computes; with Term it gives the
// same value and, beside it, the expression. So a formula on a screen cannot disagree with the number next to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/integer.hpp"

namespace footprint {

/// A named quantity of a formula.
struct Symbol {
    std::string name;      // "C_out", "k_H", "M_conv1": base and subscript, split at the first underscore
    Integer value;         // what it is here
    std::string unit;      // "", "bytes", "items" or "elements"
    std::string sentence;  // where it comes from, in words: "out_channels of this row"
    std::string source;    // who says so: "torch.nn.Conv2d, Shape"; may be empty
    std::string path;      // a path that explain() opens for it, or empty
};

/// An expression and its value. Immutable and shared: a copy costs a pointer. A Term that was moved from is spent.
class Term {
 public:
    enum class Kind : std::uint8_t {
        literal,         // a number of the rule itself: the 2 of "2 × padding"
        symbol,          // a named quantity; its part, if any, is its definition
        sum,             // of its parts, two or many
        difference,      // first part − second part
        product,         // of its parts
        negative,        // −part
        floor_quotient,  // ⌊first / second⌋
        ceil_quotient,   // ⌈first / second⌉
        smaller,         // min(first, second)
        larger           // max(first, second)
    };

    Term(std::int64_t literal);  // implicit, so that a rule can write `2 * padding`
    explicit Term(Integer literal);

    static Term symbol(Symbol symbol);
    /// A name for an expression: read with symbols it is the name, read with numbers it opens into the definition. The
    /// symbol's value is taken from the definition.
    static Term symbol(Symbol symbol, Term definition);
    /// Σ over any number of addends (none: 0).
    static Term sum(std::vector<Term> addends);

    [[nodiscard]] Integer value() const;
    [[nodiscard]] Kind kind() const;
    [[nodiscard]] const std::vector<Term>& parts() const;
    [[nodiscard]] const Symbol& symbol() const;  // only of Kind::symbol

    friend Term operator+(const Term& a, const Term& b);
    friend Term operator-(const Term& a, const Term& b);
    friend Term operator*(const Term& a, const Term& b);
    friend Term operator-(const Term& a);
    friend Term floor_divide(const Term& a, const Term& b);
    friend Term ceil_divide(const Term& a, const Term& b);
    friend Term smaller(const Term& a, const Term& b);
    friend Term larger(const Term& a, const Term& b);
    Term& operator+=(const Term& other) { return *this = *this + other; }
    Term& operator-=(const Term& other) { return *this = *this - other; }
    Term& operator*=(const Term& other) { return *this = *this * other; }

 private:
    struct Node;
    explicit Term(std::shared_ptr<Node> node) : node_(std::move(node)) {}
    static Term make(Kind kind, Integer value, std::vector<Term> parts);

    std::shared_ptr<Node> node_;
};

/// What a rule compares when it has to decide: `if (value_of(padding) > 0)`. The decision itself is not recorded.
[[nodiscard]] constexpr Integer value_of(Integer number) { return number; }
[[nodiscard]] inline Integer value_of(const Term& number) { return number.value(); }

/// Names for the numbers of a rule. `Symbols<N>` is an argument of the rule; computing, a name costs nothing.
///
///     template <class N> N parameters(const Symbols<N>& name, const Conv2d& conv) {
///         const N out = name("C_out", conv.out_channels, "out_channels of this row", "torch.nn.Conv2d");
///
/// `define` names an intermediate result instead, which opens into its numbers.
template <class N>
struct Symbols;

template <>
struct Symbols<Integer> {
    constexpr Integer operator()(std::string_view /*name*/, Integer value, std::string_view /*sentence*/,
                                 std::string_view /*source*/ = {}, std::string_view /*unit*/ = {},
                                 std::string_view /*path*/ = {}) const {
        return value;
    }
    constexpr Integer define(std::string_view /*name*/, Integer value, std::string_view /*sentence*/,
                             std::string_view /*source*/ = {}, std::string_view /*unit*/ = {},
                             std::string_view /*path*/ = {}) const {
        return value;
    }
};

template <>
struct Symbols<Term> {
    Term operator()(std::string_view name, Integer value, std::string_view sentence, std::string_view source = {},
                    std::string_view unit = {}, std::string_view path = {}) const;
    Term define(std::string_view name, const Term& definition, std::string_view sentence, std::string_view source = {},
                std::string_view unit = {}, std::string_view path = {}) const;
};

}  // namespace footprint
