// Module: one module as a print shows it, with those inside it. A repr gives arguments, a table gives numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "prints/python.hpp"

namespace footprint::prints {

using Sizes = std::vector<std::int64_t>;

struct Module {
    std::string name;        // in its parent
    std::string class_name;  // as printed
    std::string variant;     // of a table: tells apart modules of one class that hold others; empty: the class
    Arguments arguments;
    std::vector<Module> children;
    std::size_t line = 0;    // where it is printed, from 1
    bool is_closed = false;  // a table: what is inside it was not printed

    // of a table's row
    std::string label;                       // "Conv2d-1", "Conv2d: 1-1"
    std::optional<Sizes> input;              // the batch included
    std::vector<Sizes> outputs;              // likewise; several: a tuple
    std::optional<std::int64_t> parameters;  // of it alone; with what is inside where it is_closed
    Sizes kernel;                            // of torchinfo's column; empty: not printed
    bool is_repeated = false;                // torchinfo says "(recursive)": a module that was called before
    std::string reads;                       // an answer: the label of the row that it reads; empty: the one above
    std::string before;                      // an answer: functions between that row and this
    std::string shares;                      // an answer: the label of the row whose module it calls again
    std::optional<Sizes> taken;              // what it was found to take, without the batch
    bool is_block = false;                   // of a flat table: a container that hands on the row above
    bool is_stand_in = false;                // for a comparison: what is not known makes what is printed

    /// By what a question about its forward is known.
    [[nodiscard]] const std::string& kind() const { return variant.empty() ? class_name : variant; }
    [[nodiscard]] const Module* child(std::string_view child_name) const {
        for (const Module& one : children)
            if (one.name == child_name) return &one;
        return nullptr;
    }
};

}  // namespace footprint::prints
