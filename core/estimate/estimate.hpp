// estimate: the one pure function, (model, run, cards) → report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "cuda/gpu.hpp"
#include "estimate/fit.hpp"
#include "estimate/infer.hpp"
#include "estimate/lifetimes.hpp"
#include "estimate/notebook.hpp"
#include "estimate/torchsummary.hpp"
#include "model/model.hpp"
#include "model/run.hpp"

namespace footprint {

/// A card as a request names it.
struct CardRequest {
    std::string id;  // of the table, or empty for one of the reader's own
    System system = System::linux_;
    std::optional<std::int64_t> in_use_mib;  // by other programs
    std::string name;                        // of one's own
    std::int64_t usable_mib = 0;             // of one's own
    std::int32_t compute_capability = 0;     // of one's own, major × 10 + minor, for the step; 0: not said
    std::int32_t sm_count = 0;
};

/// Which parts of the report are asked for; the last three are the step's.
struct Want {
    bool layers = true, notebook = true, fit = true, print = false, series = false, storages = false;
    bool largest_batch = true, bridge = true, timeline = true;
};

struct Request {
    Model model;
    Run run;
    std::optional<std::vector<CardRequest>> cards;  // none: every card, on Linux, with nothing in use
    Want want;
};

struct CardFit {
    Card card;
    Fit fit;
};

struct Report {
    Diagnostics diagnostics;
    Inference at_two;                   // as torchsummary runs it
    std::optional<Inference> at_batch;  // at the run's batch, where that is not 2: for the shapes shown
    std::optional<Notebook> notebook;   // none when there are errors
    std::optional<Torchsummary> torchsummary;
    std::vector<CardFit> fits;
    std::vector<std::pair<std::int64_t, Integer>> series;  // batch, total
    std::vector<Lifetime> storages;                        // at the run's batch

    [[nodiscard]] const Inference& shown() const { return at_batch ? *at_batch : at_two; }
};

/// `diagnostics` holds what was wrong in reading the request; with an error in it, what can be judged still is.
[[nodiscard]] Report estimate(const Request& request, Diagnostics diagnostics);

/// The cards of a request with their usable memory; unknown ones are diagnostics and left out.
[[nodiscard]] std::vector<Card> cards_of(const Request& request, Diagnostics& diagnostics);

/// Why torchsummary's total is not the notebook's: "inputs-multiplied", "tuple-multiplied", "wrapped", "stops". Empty
/// where they agree.
[[nodiscard]] std::vector<std::string_view> differences(const Report& report, std::int64_t batch);

}  // namespace footprint
