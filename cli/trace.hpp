// A step's program as files that other tools open: a trace for Perfetto, a snapshot for PyTorch's memory visualizer.
#pragma once

#include <iosfwd>

#include "step/report.hpp"

namespace footprint::cli {

/// Counters of what is allocated and cached, a slice for each phase, an instant for each allocation. Time is the number
/// of the event: nothing here takes time.
void write_perfetto(const StepReport& step, const AllocatorSettings& settings, std::ostream& out);
/// As torch.cuda.memory._dump_snapshot writes it: a pickle (protocol 2) with device_traces and segments.
void write_snapshot(const StepReport& step, const AllocatorSettings& settings, std::ostream& out);

}  // namespace footprint::cli
