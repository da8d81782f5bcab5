// Understanding a tree: its rows, what they lack, and the answers that would fit.
#pragma once

#include "prints/import.hpp"
#include "prints/tables.hpp"
#include "prints/tree.hpp"

namespace footprint::prints {

struct Subject {
    const Module* root = nullptr;
    const Table* table = nullptr;  // null: a repr, which has no numbers
};

/// Fills the document, the questions and the comparison of an import.
void understand(const Subject& subject, const Answers& answers, Import& import);

}  // namespace footprint::prints
