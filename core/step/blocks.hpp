// What is said of a program once it is written: the order of frees, and what each block was for.
#pragma once

#include "step/program.hpp"

namespace footprint {

/// Frees between two allocations of a phase have no order of their own: that in which a standard library empties its
/// containers is no fact about PyTorch, and must not differ between builds.
void order_frees(StepProgram& program);

/// What a block is for follows from its life: made in forward and alive when backward begins, an activation; made in
/// backward and alive when the next node makes something, a gradient on its way.
void classify_blocks(StepProgram& program);

}  // namespace footprint
