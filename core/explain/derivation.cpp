#include "explain/derivation.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/number.hpp"
#include "explain/notation.hpp"

namespace footprint {
namespace {

using notation::Mark;

constexpr Format kFormats[] = {Format::text, Format::latex, Format::mathml};
constexpr std::size_t kWidestIndent = 32;

/// The right-hand side of a line, in one format.
struct Side {
    Line::Kind kind;
    std::string code;
};

/// The answer, which the page prints bold.
std::string result(Format format, const std::string& code) {
    return format == Format::mathml ? notation::joined({"<mrow class=\"res\">", code, "</mrow>"}) : code;
}

std::string counted(Integer value, std::string unit) {
    const bool one = value == Integer(1) || value == Integer(-1);
    if (one && !unit.empty() && unit.back() == 's') unit.pop_back();
    return grouped(value.value()) + " " + unit;
}

Line::Kind kind_of(std::string_view unit) {
    if (unit == "bytes") return Line::Kind::bytes;
    if (unit == "elements") return Line::Kind::elements;
    if (unit == "items") return Line::Kind::items;
    return Line::Kind::value;
}

void add_bytes(std::vector<Side>& sides, Format format, Integer bytes) {
    const std::string amount = notation::quantity(format, bytes_with_unit(bytes));
    const std::string mb = notation::quantity(format, megabytes_with_unit(bytes));
    const std::string divided = notation::joined(
        {amount, notation::mark(format, Mark::divided_by), notation::mark(format, Mark::square_of_1024)});
    std::string code;
    if (bytes >= Integer(kGibibyte) || bytes <= Integer(-kGibibyte)) {
        code = mb;
        code += notation::mark(format, Mark::equals);
        code += result(format, notation::quantity(format, gigabytes_with_unit(bytes)));
    } else {
        code = result(format, mb);
    }
    // Two lines, so that the answer stands in a narrow panel without scrolling.
    sides.push_back({Line::Kind::bytes, divided});
    sides.push_back({Line::Kind::megabytes, code});
}

/// Which lines there are: it depends on the formula and its unit, never on the format.
struct Plan {
    bool numbers = true;  // not for a formula without symbols, nor for a single number: the result says that one
    bool result = true;   // not where the formula itself is the number
};

Plan plan_of(const Term& right, const std::string& unit, const RenderOptions& options) {
    // MathML tells a symbol that someone called 5 from the number 5
    const std::string symbols = render(right, Format::mathml, Reading::symbols, options);
    const std::string numbers = render(right, Format::mathml, Reading::numbers, options);
    const std::string value = notation::number(Format::mathml, right.value());
    return {.numbers = numbers != symbols && numbers != value, .result = !unit.empty() || symbols != value};
}

std::vector<Side> sides_of(const Term& right, const std::string& unit, const Plan& plan, Format format,
                           const RenderOptions& options) {
    const Integer value = right.value();
    const Line::Kind kind = kind_of(unit);
    std::vector<Side> sides;
    sides.push_back({Line::Kind::symbols, render(right, format, Reading::symbols, options)});
    if (plan.numbers) sides.push_back({Line::Kind::numbers, render(right, format, Reading::numbers, options)});
    if (value.overflowed())
        sides.push_back({kind, notation::words(format, "too large for 64 bits")});
    else if (kind == Line::Kind::bytes)
        add_bytes(sides, format, value);
    else if (!unit.empty())
        sides.push_back({kind, result(format, notation::quantity(format, counted(value, unit)))});
    else if (plan.result)
        sides.push_back({kind, result(format, notation::number(format, value))});
    return sides;
}

/// How many characters wide a text is, taking each code point for one.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & '\xC0') != '\x80'; }));
}

std::string math(std::string_view content) { return notation::joined({"<math>", content, "</math>"}); }

/// "M = …" for the first line, "= …" for the others.
std::string line(Format format, std::string_view left, std::string_view right) {
    std::string_view equals = notation::mark(format, Mark::equals);
    if (left.empty() && equals.front() == ' ') equals.remove_prefix(1);
    return notation::joined({left, equals, right});
}

}  // namespace

std::string_view name_of(Line::Kind kind) {
    static constexpr std::string_view kNames[] = {"symbols",  "numbers", "bytes", "megabytes",
                                                  "elements", "items",   "value"};
    return kNames[static_cast<std::size_t>(kind)];
}

Derivation derive(std::string path, std::string title, std::string_view left, const Term& right, std::string unit,
                  std::vector<Note> notes, const RenderOptions& options) {
    Derivation derivation;
    derivation.path = std::move(path);
    derivation.title = std::move(title);
    derivation.value = right.value();
    derivation.unit = std::move(unit);
    derivation.notes = std::move(notes);

    const Plan plan = plan_of(right, derivation.unit, options);
    std::vector<Side> sides[3];
    std::string lefts[3];
    for (const Format format : kFormats) {
        const auto at = static_cast<std::size_t>(format);
        sides[at] = sides_of(right, derivation.unit, plan, format, options);
        lefts[at] = notation::symbol(format, left);
    }
    const std::string indent(std::min(width(lefts[0]), kWidestIndent) + 1, ' ');
    derivation.latex = "\\begin{equation*}\n\\begin{aligned}\n";
    derivation.mathml = "<math display=\"block\"><mtable>";
    for (std::size_t i = 0; i < sides[0].size(); ++i) {
        const auto& [text, latex, mathml] = std::tie(sides[0][i].code, sides[1][i].code, sides[2][i].code);
        derivation.lines.push_back({sides[0][i].kind, line(Format::text, lefts[0], text),
                                    line(Format::latex, lefts[1], latex),
                                    math(line(Format::mathml, lefts[2], mathml))});
        if (i > 0) {
            derivation.text += "\n" + indent;
            derivation.latex += " \\\\\n";
        }
        derivation.text += derivation.lines.back().text;
        derivation.latex += notation::joined({lefts[1], i == 0 ? " &= " : "&= ", latex});
        derivation.mathml +=
            notation::joined({"<mtr><mtd>", lefts[2], "</mtd><mtd><mo>=</mo></mtd><mtd>", mathml, "</mtd></mtr>"});
        for (std::string& spent : lefts) spent.clear();
    }
    derivation.latex += "\n\\end{aligned}\n\\end{equation*}";
    derivation.mathml += "</mtable></math>";

    for (const Symbol* symbol : shown_symbols(right, options))
        derivation.terms.push_back({notation::symbol(Format::text, symbol->name),
                                    math(notation::symbol(Format::mathml, symbol->name)), symbol->value, symbol->unit,
                                    symbol->sentence, symbol->source, symbol->path});
    return derivation;
}

}  // namespace footprint
