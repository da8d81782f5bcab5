// Derivation: everything explain() says about one number of the report. The layout is the one of docs/interface.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/integer.hpp"
#include "explain/render.hpp"
#include "explain/term.hpp"

namespace footprint {

/// One line of a derivation. The first holds the left-hand side, the others begin with "=".
struct Line {
    enum class Kind : std::uint8_t {
        symbols,    // M_conv1 = B × C_out × H_out × W_out × s
        numbers,    // = 128 × 128 × 1024 × 4; left out if it repeats a neighbour
        bytes,      // = 67,108,864 B ÷ 1024²
        megabytes,  // = 64.00 MB, and GB from 1 GB on
        elements,   // = 5,248 elements
        items,      // = 72 items
        value       // = 1024; left out if it repeats the line before it
    };
    Kind kind = Kind::symbols;
    std::string text, latex, mathml;  // LaTeX for math mode; MathML as one <math> element
};
[[nodiscard]] std::string_view name_of(Line::Kind kind);  // "symbols", as the document has it

/// What a method makes of the number, and who says so.
struct Note {
    std::string method, sentence, source;
};

/// A symbol of the formula, once.
struct TermEntry {
    std::string symbol;  // "C_out"
    std::string mathml;  // the same as a <math> element
    Integer value;
    std::string unit, sentence, source, path;
};

struct Derivation {
    std::string path, title;
    Integer value;
    std::string unit;  // "", "bytes", "items" or "elements"
    std::vector<Line> lines;
    std::string text;    // all lines, the signs of equality below each other
    std::string latex;   // an aligned environment in an equation*: compiles where it is pasted, given amsmath
    std::string mathml;  // one <math display="block"> with a table
    std::vector<TermEntry> terms;
    std::vector<Note> notes;
};

/// The derivation of `right`, the value that stands under `path` of the report, as the quantity named `left`.
[[nodiscard]] Derivation derive(std::string path, std::string title, std::string_view left, const Term& right,
                                std::string unit, std::vector<Note> notes, const RenderOptions& options = {});

}  // namespace footprint
