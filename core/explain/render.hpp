// Writes a Term as a formula: one walk over the tree, three formats, two readings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "explain/notation.hpp"
#include "explain/term.hpp"

namespace footprint {

enum class Reading : std::uint8_t {
    symbols,  // names, as a textbook has the formula
    numbers,  // this model's numbers, as one would type them: definitions opened, factors of 1 and addends of 0 left
              // out
};

struct RenderOptions {
    /// Addends of one sum, or factors of one product, that are written out; of more, the first ones, how many are left
    /// out, and the last. At least 2.
    std::size_t shown = 40;
    /// Brackets within brackets before a part is written as its value. Rules stay far below; it bounds the stack.
    std::size_t nesting = 16;
};

/// The formula, without a left-hand side. Time is linear in the tree, length is bounded by the options.
[[nodiscard]] std::string render(const Term& term, Format format, Reading reading, const RenderOptions& options = {});

/// Every distinct symbol that the reading with symbols shows, in order of appearance. They live as long as `term`.
[[nodiscard]] std::vector<const Symbol*> shown_symbols(const Term& term, const RenderOptions& options = {});

}  // namespace footprint
