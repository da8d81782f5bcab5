#include "explain/render.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/number.hpp"

namespace footprint {
namespace {

using Kind = Term::Kind;
using notation::Mark;

/// How tightly the outermost operation of a written piece binds; a looser piece inside a tighter one needs parentheses.
enum class Binding : std::uint8_t { sum, product, atom };

struct Piece {
    std::string code;
    Binding binding;
};

struct Addend {
    const Term* term;
    bool subtracted;
    bool listed;  // an item of a list: Σ over rows
};

class Renderer {
 public:
    Renderer(Format format, Reading reading, const RenderOptions& options)
        : format_(format), reading_(reading), shown_(std::max<std::size_t>(options.shown, 2)), room_(options.nesting) {}

    Piece write(const Term& named) {
        const Term& term = opened(named);
        if (reads_as_number(term)) return number(term.value());
        if (term.kind() == Kind::symbol) {
            symbols_.push_back(&term.symbol());
            return {notation::symbol(format_, term.symbol().name), Binding::atom};
        }
        if (room_ == 0) return number(term.value());
        --room_;
        Piece piece = operation(term);
        ++room_;
        return piece;
    }

    [[nodiscard]] const std::vector<const Symbol*>& symbols() const { return symbols_; }

 private:
    /// What stands for a term in this reading: numbers see through names to their definitions.
    const Term& opened(const Term& term) const {
        const Term* at = &term;
        while (reading_ == Reading::numbers && at->kind() == Kind::symbol && !at->parts().empty()) at = &at->parts()[0];
        return *at;
    }

    bool reads_as_number(const Term& term) const {
        return term.kind() == Kind::literal || (reading_ == Reading::numbers && term.kind() == Kind::symbol);
    }

    Piece number(Integer value) const {
        // words and a leading minus are as loose as a sum: 3 × (−5)
        const bool loose = value < Integer(0);
        return {notation::number(format_, value), loose ? Binding::sum : Binding::atom};
    }

    Piece operation(const Term& term) {
        switch (term.kind()) {
            case Kind::product:
                return product(term);
            case Kind::floor_quotient:
                return quotient(notation::Rounding::floor, term);
            case Kind::ceil_quotient:
                return quotient(notation::Rounding::ceil, term);
            case Kind::smaller:
                return function("min", term);
            case Kind::larger:
                return function("max", term);
            default:
                return sum(term);
        }
    }

    std::string within(Binding least, Piece piece) const {
        return piece.binding < least ? notation::parentheses(format_, piece.code) : std::move(piece.code);
    }

    Piece quotient(notation::Rounding rounding, const Term& term) {
        // a fraction bar groups by itself
        const bool bar = format_ != Format::text;
        std::string a = within(bar ? Binding::sum : Binding::product, write(term.parts()[0]));
        const std::string b = within(bar ? Binding::sum : Binding::atom, write(term.parts()[1]));
        return {notation::rounded_quotient(format_, rounding, a, b), Binding::atom};
    }

    Piece function(std::string_view name, const Term& term) {
        const std::string a = write(term.parts()[0]).code;
        return {notation::function(format_, name, a, write(term.parts()[1]).code), Binding::atom};
    }

    // Sums and products are gathered in a loop, not by recursion: they may be chains of any length.

    Piece sum(const Term& root) {
        std::vector<Addend> addends;
        std::vector<Addend> pending{{&root, false, listed_}};
        while (!pending.empty()) {
            const Addend next{&opened(*pending.back().term), pending.back().subtracted, pending.back().listed};
            pending.pop_back();
            const Kind kind = next.term->kind();
            const std::vector<Term>& parts = next.term->parts();
            if (!next.subtracted && kind == Kind::sum)
                for (std::size_t i = parts.size(); i-- > 0;)
                    pending.push_back({&parts[i], false, next.listed || parts.size() > 2});
            else if (!next.subtracted && kind == Kind::difference)
                pending.insert(pending.end(), {{&parts[1], true, next.listed}, {&parts[0], false, next.listed}});
            else if (!next.subtracted && kind == Kind::negative)
                pending.push_back({&parts[0], true, next.listed});
            else if (!next.listed || !is_dropped_item(*next.term))
                addends.push_back(next);
        }
        if (addends.empty()) return number(0);
        if (addends.size() == 1 && !addends[0].subtracted) return write(*addends[0].term);

        const bool listed = listed_;
        Piece piece{{}, Binding::sum};
        for (std::size_t i = 0; i < addends.size(); ++i) {
            if (const std::size_t hidden = skip(i, addends.size()); hidden > 0) {
                piece.code += notation::mark(format_, Mark::plus);
                piece.code += notation::left_out(format_, hidden);
                i += hidden;
            }
            const Term& term = *addends[i].term;
            // + (−5) is written − 5
            const bool turned = !addends[i].subtracted && i > 0 && reads_as_number(term) &&
                                !term.value().overflowed() && term.value() < Integer(0);
            const bool minus = addends[i].subtracted || turned;
            if (i > 0)
                piece.code += notation::mark(format_, minus ? Mark::minus : Mark::plus);
            else if (minus)
                piece.code += notation::sign(format_);
            const bool loose = i == 0 && !minus;
            listed_ = addends[i].listed;
            piece.code += turned ? notation::number(format_, -term.value())
                                 : within(loose ? Binding::sum : Binding::product, write(term));
        }
        listed_ = listed;
        return piece;
    }

    Piece product(const Term& root) {
        std::vector<const Term*> factors;
        std::vector<const Term*> pending{&root};
        while (!pending.empty()) {
            const Term& next = opened(*pending.back());
            pending.pop_back();
            if (next.kind() == Kind::product)
                for (std::size_t i = next.parts().size(); i-- > 0;) pending.push_back(&next.parts()[i]);
            else if (!is_dropped_factor(next))
                factors.push_back(&next);
        }
        if (factors.empty()) return number(1);
        if (factors.size() == 1) return write(*factors[0]);

        Piece piece{{}, Binding::product};
        for (std::size_t i = 0; i < factors.size(); ++i) {
            if (i > 0) piece.code += notation::mark(format_, Mark::times);
            if (const std::size_t hidden = skip(i, factors.size()); hidden > 0) {
                piece.code += notation::left_out(format_, hidden);
                piece.code += notation::mark(format_, Mark::times);
                i += hidden;
            }
            piece.code += within(Binding::atom, write(*factors[i]));
        }
        return piece;
    }

    /// How many of `count` places are left out from place i on.
    std::size_t skip(std::size_t i, std::size_t count) const {
        return count > shown_ && i == shown_ - 1 ? count - shown_ : 0;
    }

    // Numbers stand one for one where the symbols stood, zeros and ones too. Only a list, Σ over rows, is written as
    // the notebook does: without what adds 0 or multiplies by 1.

    bool is_dropped_factor(const Term& factor) const {
        return listed_ && reading_ == Reading::numbers && reads_as_number(factor) && factor.value() == Integer(1);
    }

    /// 0, or a product with 0 in it. A difference or a quotient that happens to be 0 stays: it says why.
    bool is_dropped_item(const Term& item) const {
        return reading_ == Reading::numbers && item.value() == Integer(0) &&
               (reads_as_number(item) || item.kind() == Kind::product);
    }

    Format format_;
    Reading reading_;
    std::size_t shown_;
    std::size_t room_;
    bool listed_ = false;  // an item of a list is being written
    std::vector<const Symbol*> symbols_;
};

}  // namespace

std::string render(const Term& term, Format format, Reading reading, const RenderOptions& options) {
    return Renderer(format, reading, options).write(term).code;
}

std::vector<const Symbol*> shown_symbols(const Term& term, const RenderOptions& options) {
    Renderer renderer(Format::text, Reading::symbols, options);
    (void)renderer.write(term);
    std::vector<const Symbol*> distinct;
    std::set<std::string> seen;
    for (const Symbol* symbol : renderer.symbols()) {
        std::string key = symbol->name + '\0' + plain(symbol->value.value()) + '\0' + symbol->path;
        if (seen.insert(std::move(key)).second) distinct.push_back(symbol);
    }
    return distinct;
}

}  // namespace footprint
