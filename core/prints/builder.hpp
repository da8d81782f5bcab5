// Builder: the tree of a print to the rows of a document, containers in the order of the print or as an answer says,
// and the questions that this leaves.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "prints/attributes.hpp"
#include "prints/import.hpp"
#include "prints/program.hpp"
#include "prints/tree.hpp"

namespace footprint::prints {

/// Where a tensor comes from.
struct Ref {
    bool is_input = true;
    std::size_t index = 0;  // of the input or of the row
    bool operator==(const Ref&) const = default;
};
using Refs = std::vector<Ref>;

/// A row before it is written.
struct Draft {
    std::string op, class_name, shares, scope;
    std::string name;  // a module's path; of a function empty until something refers to it
    std::string path;  // of the module called, or of the container that calls the function
    Refs inputs;
    Attributes attributes;
    std::string called_with, returns;
    std::optional<std::int64_t> prints;
    const Module* module = nullptr;  // as printed; null: a function
    bool is_known = true;            // false: a class that nobody knows
    bool is_container = false;       // the Block of a container that is not a Sequential
    bool is_same_test = false;       // stands only where its two inputs have equal sizes
};

struct Built {
    std::vector<Draft> rows;
    std::vector<std::string> inputs;                       // names
    std::vector<std::optional<Sizes>> shapes;              // of the inputs, where known
    std::map<std::string, std::vector<std::size_t>> open;  // classes whose forward is not answered: rows, from 0
    std::map<std::string, const Module*> examples;         // a module of each of these classes
    Diagnostics wrong;                                     // answers that cannot be taken
    std::set<std::string> used;                            // ids of answers taken
    bool too_long = false;

    /// The document.
    [[nodiscard]] Value document(std::string_view name, std::string_view source) const;
};

/// Paths of containers in which "same?" is false.
using NotSame = std::set<std::string>;

[[nodiscard]] Built build(const Module& root, const Answers& answers, const NotSame& not_same);

/// The child names of a module, in the print's order.
[[nodiscard]] std::vector<std::string> names_of(const Module& module);
/// "conv1, bn1, relu".
[[nodiscard]] std::string in_order(const Module& module);
/// The operation that a printed class is, or null.
[[nodiscard]] const LayerType* module_type(std::string_view class_name);
/// The answer by id, or null.
[[nodiscard]] const std::string* answer_to(const Answers& answers, std::string_view id);
/// Whether a module's children are called in their order, without a row of its own.
[[nodiscard]] bool is_transparent(const Module& module);

inline constexpr std::string_view kAsPrinted = "as printed";

}  // namespace footprint::prints
