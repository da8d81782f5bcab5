// Allocator: PyTorch's CUDA caching allocator, to the byte. A request is rounded, takes the smallest free block that
// holds it or a new segment of the device, and a freed block stays cached. Source: c10/cuda/CUDACachingAllocator.cpp
// (2.6 to 2.15), of one stream; addresses only break ties between equal blocks, and a later segment lies higher.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace footprint {

/// PYTORCH_ALLOC_CONF and set_per_process_memory_fraction. Amounts are bytes.
struct AllocatorSettings {
    std::int64_t device_memory = std::numeric_limits<std::int64_t>::max() / 2;  // that the device can hand out
    std::optional<double> memory_fraction;    // of device_memory, 0 to 1; set, it also switches garbage collection on
    double garbage_collection_threshold = 0;  // of what it may take, 0 to 1
    std::int64_t max_split_size = std::numeric_limits<std::int64_t>::max();  // larger blocks are never split
    std::int64_t roundup_power2_divisions = 0;
    bool expandable_segments = false;

    /// Bytes that it may take of the device.
    [[nodiscard]] std::int64_t allowed() const;
};

class Allocator {
 public:
    using Handle = std::int32_t;

    explicit Allocator(const AllocatorSettings& settings = {});

    /// A block for so many bytes, or none: out of memory, after everything cached was given back. Zero bytes take no
    /// block in PyTorch; do not ask.
    [[nodiscard]] std::optional<Handle> allocate(std::int64_t bytes);
    void free(Handle handle);

    [[nodiscard]] std::int64_t allocated() const { return allocated_; }  // memory_allocated(): whole blocks
    [[nodiscard]] std::int64_t reserved() const { return reserved_; }    // memory_reserved()
    [[nodiscard]] std::int64_t peak_allocated() const { return peak_allocated_; }
    [[nodiscard]] std::int64_t peak_reserved() const { return peak_reserved_; }
    [[nodiscard]] std::int64_t retries() const { return retries_; }  // num_alloc_retries
    /// reset_peak_memory_stats(): peaks start again from what is now.
    void reset_peaks();

    /// Where a block lies: bytes of the block, its segment by order of creation, and the offset in it.
    struct Place {
        std::int64_t bytes;
        std::int32_t segment;
        std::int64_t offset;
    };
    [[nodiscard]] Place place(Handle handle) const;

    [[nodiscard]] std::int64_t rounded(std::int64_t bytes) const;

 private:
    static constexpr Handle kNone = -1;

    enum class PoolKind : std::uint8_t { small, large };

    struct Block {
        std::int64_t address = 0, bytes = 0;
        Handle previous = kNone, next = kNone;  // neighbours in the segment
        std::int32_t segment = 0;
        PoolKind pool = PoolKind::small;
        bool in_use = false;
        bool mapped = true;         // false: address space of an expandable segment without memory behind it
        std::int64_t freed_at = 0;  // the pool's count of searches when it became free
    };

    struct Pool {
        std::set<std::tuple<std::int64_t, std::int64_t, Handle>> free;  // bytes, address
        std::set<std::pair<std::int64_t, Handle>> unmapped;             // address
        std::int64_t searches = 0;                                      // for garbage collection
    };

    Pool& pool_of(const Block& block) { return pools_[static_cast<std::size_t>(block.pool)]; }
    Block& at(Handle handle) { return blocks_[static_cast<std::size_t>(handle)]; }
    [[nodiscard]] const Block& at(Handle handle) const { return blocks_[static_cast<std::size_t>(handle)]; }

    Handle make(const Block& block);
    void make_free(Handle handle);
    void unlink_free(Handle handle);
    Handle hand_out(Handle handle, std::int64_t bytes);
    Handle cut(Handle handle, std::int64_t bytes);
    void merge(Handle into, Handle neighbour);

    Handle take_free(PoolKind kind, std::int64_t bytes);
    Handle new_segment(PoolKind kind, std::int64_t bytes);
    Handle grow(PoolKind kind, std::int64_t bytes);
    Handle find_space(PoolKind kind, std::int64_t bytes);
    Handle map(Handle handle, std::int64_t bytes);
    void unmap(Handle handle);
    bool reserve(std::int64_t bytes);
    /// Addresses are never used twice, so that a long program on an endless device can run out of them.
    [[nodiscard]] bool has_addresses(std::int64_t bytes) const {
        return bytes <= std::numeric_limits<std::int64_t>::max() - top_;
    }
    void release(Handle handle);
    bool release_oversize(PoolKind kind, std::int64_t bytes);
    void release_cached_blocks();
    void collect_garbage();
    [[nodiscard]] bool collects() const {
        return settings_.memory_fraction && settings_.garbage_collection_threshold > 0;
    }

    AllocatorSettings settings_;
    std::vector<Block> blocks_;
    std::vector<Handle> unused_;          // handles to use again
    std::vector<std::int64_t> segments_;  // where each begins
    Pool pools_[2];
    std::int64_t top_ = 0;  // the next segment's address
    std::int64_t allocated_ = 0, reserved_ = 0, peak_allocated_ = 0, peak_reserved_ = 0, retries_ = 0;
};

}  // namespace footprint
