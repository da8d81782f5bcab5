#include "step/replay.hpp"

#include <algorithm>

#include "base/integer.hpp"

namespace footprint {

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

bool Playback::next() {
    if (next_ == program_.events.size() || out_of_memory_) return false;
    event_ = next_++;
    std::optional<Allocator::Handle>& handle = handles_[number()];
    place_ = {};
    if (frees()) {
        if (!handle) return true;  // of a workspace that a convolution did without
        place_ = allocator.place(*handle);
        allocator.free(*handle);
        return true;
    }
    handle = allocator.allocate(allocation().bytes);
    if (handle) place_ = allocator.place(*handle);
    out_of_memory_ = !handle && allocation().made_by != aten::kCudnnConvolution;
    return !out_of_memory_;
}

Replay replay(const StepProgram& program, const AllocatorSettings& settings) {
    Replay result;
    Playback playback(program, settings);
    Allocator& allocator = playback.allocator;
    std::size_t phase = 0;
    const auto close = [&](std::size_t event) {
        while (phase < program.phases.size() && program.phases[phase].end == event) {
            const PhaseMark& mark = program.phases[phase++];
            result.phases.push_back({mark.step, mark.name, allocator.allocated(), allocator.reserved(),
                                     allocator.peak_allocated(), allocator.peak_reserved()});
            allocator.reset_peaks();
        }
    };
    std::array<std::int64_t, aten::kBlockKinds> by_kind{};
    close(0);
    while (playback.next()) {
        by_kind[static_cast<std::size_t>(playback.allocation().kind)] +=
            playback.frees() ? -playback.place().bytes : playback.place().bytes;
        result.peak_reserved = std::max(result.peak_reserved, allocator.reserved());
        if (allocator.allocated() > result.peak_allocated) {
            result.peak_allocated = allocator.allocated();
            result.peak_event = playback.event();
            result.alive = by_kind;
        }
        close(playback.event() + 1);
    }
    if (playback.out_of_memory()) result.out_of_memory = playback.event();
    result.retries = allocator.retries();
    return result;
}

bool runs_with(const StepProgram& program, const AllocatorSettings& settings) {
    Playback playback(program, settings);
    while (playback.next()) {
    }
    return !playback.out_of_memory();
}

std::int64_t least_bytes(const StepProgram& program) {
    constexpr std::int64_t kBlock = 512;  // the allocator's smallest
    Integer now = 0, most = 0;
    for (const aten::Event& event : program.events) {
        const aten::Allocation& block = program.allocations[static_cast<std::size_t>(event.allocation)];
        if (block.made_by == aten::kCudnnConvolution) continue;
        const Integer bytes = ceil_divide(block.bytes, kBlock) * kBlock;
        now += event.frees ? -bytes : bytes;
        most = larger(most, now);
    }
    return most.overflowed() ? kUnlimited : most.value();
}

const Replay& Replays::with(const StepProgram& program, std::int64_t memory) {
    const auto [found, is_new] = made_.try_emplace({&program, memory});
    if (!is_new) return found->second;
    const AllocatorSettings settings = allocator_settings(options_, memory);
    // With room for all that it reserves without end it runs as it does there, unless cached memory is given back
    // early.
    const bool may_be_the_same = memory < kUnlimited && settings.garbage_collection_threshold <= 0;
    const Replay* free = may_be_the_same ? &without_end(program) : nullptr;
    found->second = free != nullptr && free->runs() && free->peak_reserved <= settings.allowed()
                        ? *free
                        : replay(program, settings);
    return found->second;
}

std::int64_t Replays::reserved(const StepProgram& program, std::int64_t memory) {
    const Replay& on_device = with(program, memory);
    if (on_device.runs()) return on_device.peak_reserved;
    const auto [found, is_new] = least_.try_emplace({&program, memory});
    if (is_new) found->second = least_memory(program, memory);
    return found->second;
}

std::int64_t Replays::least_memory(const StepProgram& program, std::int64_t too_little) {
    constexpr std::int64_t kSegment = 2 * kMebibyte, kMost = kUnlimited / kSegment;
    std::int64_t bad = std::max<std::int64_t>(too_little, 0) / kSegment;
    std::int64_t good = without_end(program).peak_reserved / kSegment + 1;
    if (options_.memory_fraction)  // of a fraction near 0 no memory is enough
        good = static_cast<std::int64_t>(
            std::min(static_cast<double>(good) / *options_.memory_fraction, static_cast<double>(kMost)));
    while (good - bad > 1) {
        const std::int64_t middle = bad + (good - bad) / 2;
        (runs_with(program, allocator_settings(options_, middle * kSegment)) ? good : bad) = middle;
    }
    return good * kSegment;
}

}  // namespace footprint
