// A repr, what print(model) prints, to the tree of its modules.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "prints/tree.hpp"

namespace footprint::prints {

/// Whether a line could begin a repr: "Class(" or "Class(…)".
[[nodiscard]] bool begins_repr(std::string_view line);
/// The tree, or one sentence that names the line.
[[nodiscard]] Result<Module> read_repr(std::string_view text);

}  // namespace footprint::prints
