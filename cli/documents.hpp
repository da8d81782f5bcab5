// From the arguments of a command to a request: the model's text, the run, the cards.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "estimate/estimate.hpp"
#include "prints/import.hpp"

namespace footprint::cli {

/// What the options of a command say, before anything is read.
struct Options {
    std::string model;                  // a file, "-", or a preset's name
    std::string run;                    // a file, or the JSON itself
    std::optional<std::int64_t> batch;  // torchsummary's −1 counts as not given
    std::optional<std::int64_t> bytes_per_value;
    std::vector<std::string> inputs;  // NAME=3,224,224, or the sizes alone where the model has one input
    std::vector<std::string> gpus;
    std::optional<std::int64_t> usable_mib;  // a card of one's own
    std::optional<std::int64_t> in_use_mib;
    // of step: settings of the run, over those of --run
    std::string optimizer, precision, mode, loss, torch;
    std::optional<double> momentum, weight_decay;
    std::vector<std::string> checkpoint, freeze;
    std::optional<std::int64_t> accumulate, cudnn_workspace, context;
    std::string program;          // a recorded step, in the place of a model
    std::string trace, snapshot;  // files to write
    bool windows = false;
    bool json = false;
    bool check = false;
    std::string path;                  // of explain
    std::string format = "text";       // of explain
    std::string op;                    // of ops
    std::vector<std::string> answers;  // of import: QUESTION=ANSWER
};

/// A request, or a sentence on what is wrong with the usage (status 2).
struct Asked {
    Request request;
    Diagnostics diagnostics;  // what is wrong with the documents (status 1)
    std::string usage_error;
};

[[nodiscard]] Asked ask(const Options& options, std::istream& in);

/// The cards and the batch alone, and the text of the recorded step.
struct Recorded {
    Request request;
    std::string text, usage_error;
};

[[nodiscard]] Recorded recorded(const Options& options);

/// A pasted text and the answers of the options; a preset's name is none here.
struct Pasted {
    std::string text;
    prints::Answers answers;
    std::string usage_error;
};

[[nodiscard]] Pasted pasted(const Options& options, std::istream& in);

}  // namespace footprint::cli
