// The step's report: what PyTorch's counters read, what the device shows, on which cards it runs, and how one gets
// there from the notebook's total.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "cuda/context.hpp"
#include "estimate/estimate.hpp"
#include "step/bridge.hpp"
#include "step/program.hpp"
#include "step/replay.hpp"

namespace footprint {

struct StepFit {
    Card card;
    Verdict verdict = Verdict::fits;
    std::int64_t usable = 0, free = 0;          // bytes; what the device shows is taken from what PyTorch can have
    std::int64_t reserved = 0;                  // at the most on this card, to where it ran out of memory if it did
    std::int64_t retries = 0;                   // times that cached memory had to be given back
    std::optional<std::int64_t> largest_batch;  // where it was asked for
    std::string_view because;                   // of "tight": "little-free", "interval", "retries"
};

struct TimelinePoint {
    std::size_t event = 0;
    std::int64_t allocated = 0, reserved = 0;
    std::array<std::int64_t, aten::kBlockKinds> by_kind{};
};

struct RowShare {
    std::size_t row = 0;  // from 0
    std::int64_t bytes = 0;
};

/// The event that asks for a block: when, for what, by whom.
struct StepMoment {
    std::size_t event = 0;
    PhaseMark phase;
    std::int32_t row = -1;  // of the model, from 0
    std::string_view kernel;
    aten::BlockKind kind = aten::BlockKind::temporary;
    std::int64_t bytes = 0;
};

struct StepReport {
    StepProgram program;  // with workspaces 0 unless the run gives them
    Replay replay;        // of it, with room for everything
    StepMoment peak;      // where that first reaches its most
    // Of the likely step on the first card:
    std::int64_t retries = 0;                 // times that cached memory had to be given back
    std::optional<StepMoment> out_of_memory;  // whose request could not be met
    Interval context, reserved, device_total;
    std::vector<RowShare> by_row;  // alive at the peak
    std::vector<BridgeEntry> bridge;
    std::vector<StepFit> fits;
    std::vector<TimelinePoint> timeline;
};

/// How much of the report is wanted beside the peaks.
struct StepWant {
    bool bridge = true, fit = true, largest_batch = true, timeline = true;
    std::size_t most_events = aten::kMostEvents;  // a longer step is refused
};

/// The step of a request on its first card (a100-80gb where none is named), judged on each card it names. Nothing where
/// the model is wrong, which `report` says already, or where the step cannot run (said).
[[nodiscard]] std::optional<StepReport> report_step(const Request& request, const Report& report, const StepWant& want,
                                                    Diagnostics& diagnostics);

/// The same of a program that was recorded: no model, so no bridge and no largest batch.
[[nodiscard]] StepReport report_program(StepProgram program, const Request& request, Diagnostics& diagnostics);

/// What a card is to a program: its capability and multiprocessors; of none named, an A100.
[[nodiscard]] aten::Properties first_properties(const Request& request);

}  // namespace footprint
