// What the numbers of a table tell of its modules: attributes where only one value gives the numbers, questions where
// several do. A value is tried by inferring the call: it must give the sizes and the parameters that are printed.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "prints/import.hpp"
#include "prints/tree.hpp"

namespace footprint::prints {

/// A question, and the modules it is about.
struct Asked {
    Question question;
    std::vector<const Module*> modules;
};

struct Solved {
    std::vector<Asked> questions;
    std::set<std::string> used;  // ids of answers taken
    Diagnostics wrong;           // answers that cannot be taken
};

/// What to do where several values are possible.
enum class Open : std::uint8_t { ask, first_option };

/// Fills the arguments of the modules under `root`, the tree of a table, from their numbers.
[[nodiscard]] Solved solve(Module& root, const Answers& answers, Open open = Open::ask);

}  // namespace footprint::prints
