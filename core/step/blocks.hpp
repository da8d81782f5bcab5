// What is made of a program once it is written: the order of frees, what each block was for, other workspaces.
#pragma once

#include <utility>
#include <vector>

#include "step/program.hpp"

namespace footprint {

/// Frees between two allocations of a phase have no order of their own: that in which a standard library empties its
/// containers is no fact about PyTorch, and must not differ between builds.
void order_frees(StepProgram& program);

/// What a block is for follows from its life: made in forward and alive when backward begins, an activation; made in
/// backward and alive when the next node makes something, a gradient on its way.
void classify_blocks(StepProgram& program);

/// The same program with workspaces of other sizes; one of none is not asked for.
using WorkspaceSizes = std::vector<std::pair<std::int32_t, std::int64_t>>;  // allocation, bytes
[[nodiscard]] StepProgram with_workspaces(StepProgram program, const WorkspaceSizes& workspaces);

}  // namespace footprint
