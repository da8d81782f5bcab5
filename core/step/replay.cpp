#include "step/replay.hpp"

#include <algorithm>

namespace footprint {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;

}  // namespace

AllocatorSettings allocator_settings(const AllocatorOptions& options, std::int64_t device_memory) {
    AllocatorSettings settings;
    settings.device_memory = device_memory;
    settings.memory_fraction = options.memory_fraction;
    settings.garbage_collection_threshold = options.garbage_collection_threshold;
    if (options.max_split_size_mb) settings.max_split_size = *options.max_split_size_mb * kMebibyte;
    settings.roundup_power2_divisions = options.roundup_power2_divisions;
    settings.expandable_segments = options.expandable_segments;
    return settings;
}

Replay replay(const StepProgram& program, const AllocatorSettings& settings) {
    Replay result;
    Allocator allocator(settings);
    std::vector<Allocator::Handle> handles(program.allocations.size());
    std::size_t phase = 0;
    const auto close = [&](std::size_t event) {
        while (phase < program.phases.size() && program.phases[phase].end == event) {
            const PhaseMark& mark = program.phases[phase++];
            result.phases.push_back({mark.step, mark.name, allocator.allocated(), allocator.reserved(),
                                     allocator.peak_allocated(), allocator.peak_reserved()});
            allocator.reset_peaks();
        }
    };
    for (std::size_t i = 0; i < program.events.size(); ++i) {
        close(i);
        const aten::Event event = program.events[i];
        const auto at = static_cast<std::size_t>(event.allocation);
        if (event.frees) {
            allocator.free(handles[at]);
            continue;
        }
        const std::optional<Allocator::Handle> handle = allocator.allocate(program.allocations[at].bytes);
        if (!handle) {
            result.out_of_memory = i;
            break;
        }
        handles[at] = *handle;
        result.peak_reserved = std::max(result.peak_reserved, allocator.reserved());
        if (allocator.allocated() > result.peak_allocated) {
            result.peak_allocated = allocator.allocated();
            result.peak_event = i;
        }
    }
    if (result.runs()) close(program.events.size());
    result.retries = allocator.retries();

    // What is alive at the peak: the same requests up to there.
    Allocator again(settings);
    std::vector<bool> alive(program.allocations.size());
    for (std::size_t i = 0; i <= result.peak_event && i < program.events.size(); ++i) {
        const aten::Event event = program.events[i];
        const auto at = static_cast<std::size_t>(event.allocation);
        if (event.frees) {
            again.free(handles[at]);
            alive[at] = false;
        } else if (const auto handle = again.allocate(program.allocations[at].bytes)) {
            handles[at] = *handle;
            alive[at] = true;
        }
    }
    for (std::size_t i = 0; i < alive.size(); ++i)
        if (alive[i])
            result.alive[static_cast<std::size_t>(program.allocations[i].kind)] += again.place(handles[i]).bytes;
    return result;
}

bool runs_with(const StepProgram& program, const AllocatorSettings& settings) {
    Allocator allocator(settings);
    std::vector<Allocator::Handle> handles(program.allocations.size());
    for (const aten::Event event : program.events) {
        const auto at = static_cast<std::size_t>(event.allocation);
        if (event.frees) {
            allocator.free(handles[at]);
            continue;
        }
        const std::optional<Allocator::Handle> handle = allocator.allocate(program.allocations[at].bytes);
        if (!handle) return false;
        handles[at] = *handle;
    }
    return true;
}

}  // namespace footprint
