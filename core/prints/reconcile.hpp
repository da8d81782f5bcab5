// A table's numbers beside Footprint's, line by line.
#pragma once

#include "prints/import.hpp"
#include "prints/tables.hpp"
#include "prints/trial.hpp"

namespace footprint::prints {

/// `filled` is the table's tree as `built` was made from it, `inferred` what inference knows of that.
void reconcile(const Table& table, const Module& filled, const Built& built, const Inferred& inferred, Import& import);

}  // namespace footprint::prints
