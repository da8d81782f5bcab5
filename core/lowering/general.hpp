// What is taken where PyTorch's own way is not written down: outputs of their own, every input kept that a gradient
// passes, one gradient each.
#pragma once

#include "lowering/row_run.hpp"

namespace footprint {

void general(RowRun& run);

}  // namespace footprint
