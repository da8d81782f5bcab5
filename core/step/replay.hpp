// Replay: a step's program through the caching allocator of one card.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cuda/allocator.hpp"
#include "step/program.hpp"

namespace footprint {

struct PhaseReading {  // bytes, as torch.cuda reads them
    std::int32_t step = -1;
    std::string_view name;
    std::int64_t allocated = 0, reserved = 0, peak_allocated = 0, peak_reserved = 0;
};

struct Replay {
    std::int64_t peak_allocated = 0, peak_reserved = 0, retries = 0;
    std::size_t peak_event = 0;                           // the event that first reaches peak_allocated
    std::vector<PhaseReading> phases;                     // up to where it ran out of memory
    std::optional<std::size_t> out_of_memory;             // the event whose request could not be met
    std::array<std::int64_t, aten::kBlockKinds> alive{};  // bytes of blocks at the peak, by kind

    [[nodiscard]] bool runs() const { return !out_of_memory; }
};

[[nodiscard]] Replay replay(const StepProgram& program, const AllocatorSettings& settings);
/// Whether it runs with so much memory: the same replay, without its readings.
[[nodiscard]] bool runs_with(const StepProgram& program, const AllocatorSettings& settings);

/// The allocator's settings of a run, on a device of so many bytes.
[[nodiscard]] AllocatorSettings allocator_settings(const AllocatorOptions& options, std::int64_t device_memory);

}  // namespace footprint
