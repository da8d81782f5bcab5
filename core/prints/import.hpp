// A pasted print to a model document, what it does not say, and how its numbers agree. docs/interface.md has the
// format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "model/value.hpp"

namespace footprint::prints {

/// One of the answers that a question offers.
struct Option {
    std::string answer;   // as the answer is written
    std::string message;  // what it means, or who says so
};

/// What the print does not say.
struct Question {
    std::string id;                 // "input/input", "forward/ResNet", "attribute/Conv2d/kernel_size"
    std::vector<std::size_t> rows;  // from 1, of the document
    std::string input;              // the input's name, where it is about one
    std::string class_name;         // the module's class, where it is about one
    std::string field;              // the attribute, where it is about one
    std::string message;            // one sentence
    std::vector<Option> options;
    std::string example;  // how an answer is written, where there are no options
};

/// A number of the print beside Footprint's.
struct Comparison {
    std::size_t line = 0;  // in the print, from 1
    std::string text;      // the layer as the print names it, or the total
    std::size_t row = 0;   // of the document, from 1; 0: none
    std::string what;      // "parameters", "output", "total_parameters", …
    std::string printed, ours;
    std::optional<double> difference;  // ours − printed, where both are numbers
    bool equal = false;
    std::string reason;  // why it differs, or why it is not known; empty where equal
};

struct Answers {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> inputs;  // sizes without the batch; "": the only one
    std::vector<std::pair<std::string, std::string>> answers;               // by question
};

struct Import {
    std::string kind;  // "repr", "torchsummary", "torchinfo", "model"; empty: not recognised
    Value model;       // null where nothing could be read
    std::vector<std::pair<std::string, std::string>> answered;  // the answers that were taken
    std::vector<Question> questions;
    std::vector<Comparison> lines;
    Diagnostics diagnostics;
};

[[nodiscard]] Import import_print(std::string_view text, const Answers& answers);
/// The answers of a JSON document; what is wrong with it is said.
[[nodiscard]] Answers read_answers(std::string_view text, Diagnostics& diagnostics);
[[nodiscard]] std::string write_import(const Import& import);

}  // namespace footprint::prints
