// Replay: a step's program through the caching allocator of one card.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
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

/// Walks a program through an allocator, event by event. A convolution whose workspace finds no room does without: both
/// its events then play nothing.
class Playback {
 public:
    Playback(const StepProgram& program, const AllocatorSettings& settings)
        : allocator(settings), program_(program), handles_(program.allocations.size()) {}

    /// Plays one event more; false: none is left, or the next could not be met.
    bool next();
    [[nodiscard]] bool out_of_memory() const { return out_of_memory_; }

    // Of the event played last, or of the one that could not be.
    [[nodiscard]] std::size_t event() const { return event_; }
    [[nodiscard]] bool frees() const { return program_.events[event_].frees; }
    [[nodiscard]] std::size_t number() const { return static_cast<std::size_t>(program_.events[event_].allocation); }
    [[nodiscard]] const aten::Allocation& allocation() const { return program_.allocations[number()]; }
    [[nodiscard]] Allocator::Place place() const { return place_; }  // where its block lies, or lay; 0 bytes: nowhere

    Allocator allocator;

 private:
    const StepProgram& program_;
    std::vector<std::optional<Allocator::Handle>> handles_;
    Allocator::Place place_{};
    std::size_t event_ = 0, next_ = 0;
    bool out_of_memory_ = false;
};

[[nodiscard]] Replay replay(const StepProgram& program, const AllocatorSettings& settings);
/// Whether it runs with so much memory: the same replay, without its readings.
[[nodiscard]] bool runs_with(const StepProgram& program, const AllocatorSettings& settings);

/// Bytes handed out at the worst moment, less the workspaces that convolutions can do without: with less memory than
/// that it cannot run, however it lies.
[[nodiscard]] std::int64_t least_bytes(const StepProgram& program);

/// Device memory without end, in bytes.
inline constexpr std::int64_t kUnlimited = std::int64_t{1} << 60;

/// The allocator's settings of a run, on a device of so many bytes.
[[nodiscard]] AllocatorSettings allocator_settings(const AllocatorOptions& options, std::int64_t device_memory);

/// Programs on devices of several sizes, each asked about as often as one likes and replayed once. It keeps no program:
/// those it was asked about must stay where they are.
class Replays {
 public:
    explicit Replays(const AllocatorOptions& options) : options_(options) {}

    const Replay& with(const StepProgram& program, std::int64_t memory);
    const Replay& without_end(const StepProgram& program) { return with(program, kUnlimited); }
    /// Bytes that it reserves on a device of so much memory. Where it does not run there: the least memory with which
    /// it would, in whole segments of 2 MiB, found by halving.
    std::int64_t reserved(const StepProgram& program, std::int64_t memory);

 private:
    std::int64_t least_memory(const StepProgram& program, std::int64_t too_little);

    const AllocatorOptions& options_;
    std::map<std::pair<const StepProgram*, std::int64_t>, Replay> made_;
    std::map<std::pair<const StepProgram*, std::int64_t>, std::int64_t> least_;
};

}  // namespace footprint
