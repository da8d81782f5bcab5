#include "cuda/allocator.hpp"

#include <algorithm>
#include <bit>

#include "base/integer.hpp"

namespace footprint {
namespace {

constexpr std::int64_t kMinBlock = 512;
constexpr std::int64_t kSmallSize = kMebibyte;           // the largest block of the small pool
constexpr std::int64_t kSmallBuffer = 2 * kMebibyte;     // a segment of the small pool
constexpr std::int64_t kLargeBuffer = 20 * kMebibyte;    // a segment for blocks below kMinLargeAlloc
constexpr std::int64_t kMinLargeAlloc = 10 * kMebibyte;  // from here on a segment is as large as its block
constexpr std::int64_t kRoundLarge = 2 * kMebibyte;
constexpr std::int64_t kMaxNonSplitRounding = 20 * kMebibyte;

/// A fraction, from 0 to 1, of an amount.
std::int64_t part_of(std::int64_t bytes, double fraction) {
    return fraction < 1 ? static_cast<std::int64_t>(fraction * static_cast<double>(bytes)) : bytes;
}

std::int64_t round_up(std::int64_t bytes, std::int64_t unit) { return (bytes + unit - 1) / unit * unit; }

/// The bytes of a new segment that holds such a block.
std::int64_t segment_bytes(std::int64_t bytes) {
    if (bytes <= kSmallSize) return kSmallBuffer;
    return bytes < kMinLargeAlloc ? kLargeBuffer : round_up(bytes, kRoundLarge);
}

}  // namespace

Allocator::Allocator(const AllocatorSettings& settings) : settings_(settings) {}

std::int64_t Allocator::rounded(std::int64_t bytes) const {
    if (bytes < kMinBlock) return kMinBlock;
    const std::int64_t divisions = settings_.roundup_power2_divisions;
    if (divisions <= 1 || bytes <= kMinBlock * divisions) return round_up(bytes, kMinBlock);
    // The next of `divisions` equal steps between two powers of two.
    const auto floor = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(bytes)));
    return floor == bytes
               ? bytes
               : round_up(bytes,
                          floor / static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(divisions))));
}

Allocator::Place Allocator::place(Handle handle) const {
    const Block& block = at(handle);
    return {block.bytes, block.segment, block.address - segments_[static_cast<std::size_t>(block.segment)]};
}

void Allocator::reset_peaks() {
    peak_allocated_ = allocated_;
    peak_reserved_ = reserved_;
}

std::optional<Allocator::Handle> Allocator::allocate(std::int64_t requested) {
    // What is larger than the device finds no room, however much larger it is: so it can be rounded up without a wrap.
    const std::int64_t bytes = rounded(std::min(requested, std::max<std::int64_t>(settings_.device_memory, 0) + 1));
    const PoolKind kind = bytes <= kSmallSize ? PoolKind::small : PoolKind::large;
    Handle found = take_free(kind, bytes);
    if (found == kNone) {
        if (collects()) collect_garbage();
        found = new_segment(kind, bytes);
        if (found == kNone && release_oversize(kind, bytes)) found = new_segment(kind, bytes);
        if (found == kNone) {
            release_cached_blocks();
            ++retries_;
            found = new_segment(kind, bytes);
        }
        if (found == kNone) return std::nullopt;
    }
    return hand_out(found, bytes);
}

void Allocator::free(Handle handle) {
    at(handle).in_use = false;
    allocated_ -= at(handle).bytes;
    merge(handle, at(handle).previous);
    merge(handle, at(handle).next);
    make_free(handle);
}

// ── blocks

Allocator::Handle Allocator::make(const Block& block) {
    if (unused_.empty()) {
        blocks_.push_back(block);
        return static_cast<Handle>(blocks_.size()) - 1;
    }
    const Handle handle = unused_.back();
    unused_.pop_back();
    at(handle) = block;
    return handle;
}

void Allocator::make_free(Handle handle) {
    Block& block = at(handle);
    Pool& pool = pool_of(block);
    block.freed_at = pool.searches;
    pool.free.emplace(block.bytes, block.address, handle);
}

void Allocator::unlink_free(Handle handle) {
    const Block& block = at(handle);
    pool_of(block).free.erase({block.bytes, block.address, handle});
}

/// Cuts what is beyond `bytes` off a block and returns it, linked behind; neither is in a pool then.
Allocator::Handle Allocator::cut(Handle handle, std::int64_t bytes) {
    Block rest = at(handle);
    rest.address += bytes;
    rest.bytes -= bytes;
    rest.previous = handle;
    const Handle behind = make(rest);
    at(handle).bytes = bytes;
    at(handle).next = behind;
    if (rest.next != kNone) at(rest.next).previous = behind;
    return behind;
}

/// Takes a neighbour that is free, or unmapped as the block itself is, into the block.
void Allocator::merge(Handle into, Handle neighbour) {
    if (neighbour == kNone || at(neighbour).in_use || at(neighbour).mapped != at(into).mapped) return;
    Block& block = at(into);
    const Block gone = at(neighbour);
    if (gone.mapped)
        unlink_free(neighbour);
    else
        pool_of(gone).unmapped.erase({gone.address, neighbour});
    block.bytes += gone.bytes;
    if (block.previous == neighbour) {
        block.address = gone.address;
        block.previous = gone.previous;
        if (block.previous != kNone) at(block.previous).next = into;
    } else {
        block.next = gone.next;
        if (block.next != kNone) at(block.next).previous = into;
    }
    unused_.push_back(neighbour);
}

Allocator::Handle Allocator::hand_out(Handle handle, std::int64_t bytes) {
    const std::int64_t remaining = at(handle).bytes - bytes;
    const bool splits = at(handle).pool == PoolKind::small || settings_.expandable_segments
                            ? remaining >= kMinBlock
                            : bytes < settings_.max_split_size && remaining > kSmallSize;
    if (splits) make_free(cut(handle, bytes));
    at(handle).in_use = true;
    allocated_ += at(handle).bytes;
    peak_allocated_ = std::max(peak_allocated_, allocated_);
    return handle;
}

/// The smallest free block that holds it, out of its pool; the lowest of equal ones.
Allocator::Handle Allocator::take_free(PoolKind kind, std::int64_t bytes) {
    Pool& pool = pools_[static_cast<std::size_t>(kind)];
    if (collects()) ++pool.searches;
    auto found = pool.free.lower_bound({bytes, 0, 0});
    if (found == pool.free.end()) return kNone;
    if (settings_.expandable_segments) {
        // A block that can grow counts as what it can grow to.
        const auto potential = [&](Handle handle) {
            const Handle next = at(handle).next;
            return at(handle).bytes + (next != kNone && !at(next).mapped ? at(next).bytes : 0);
        };
        for (auto next = std::next(found);
             next != pool.free.end() && potential(std::get<2>(*next)) < potential(std::get<2>(*found)); ++next)
            found = next;
    }
    const Handle handle = std::get<2>(*found);
    const std::int64_t held = at(handle).bytes;
    if (bytes < settings_.max_split_size && held >= settings_.max_split_size) return kNone;
    if (bytes >= settings_.max_split_size && held >= bytes + kMaxNonSplitRounding) return kNone;
    pool.free.erase(found);
    return handle;
}

// ── segments

std::int64_t AllocatorSettings::allowed() const { return part_of(device_memory, memory_fraction.value_or(1)); }

bool Allocator::reserve(std::int64_t bytes) {
    if (reserved_ + bytes > std::min(settings_.allowed(), settings_.device_memory)) return false;
    reserved_ += bytes;
    peak_reserved_ = std::max(peak_reserved_, reserved_);
    return true;
}

Allocator::Handle Allocator::new_segment(PoolKind kind, std::int64_t bytes) {
    const std::int64_t whole = segment_bytes(bytes);
    if (settings_.expandable_segments) {
        if (settings_.memory_fraction && reserved_ + whole > settings_.allowed()) return kNone;
        return grow(kind, bytes);
    }
    if (!has_addresses(whole) || !reserve(whole)) return kNone;
    segments_.push_back(top_);
    const Handle handle = make(
        {.address = top_, .bytes = whole, .segment = static_cast<std::int32_t>(segments_.size()) - 1, .pool = kind});
    top_ += whole;
    return handle;
}

/// Gives a segment back to the device: a free block without neighbours.
void Allocator::release(Handle handle) {
    unlink_free(handle);
    reserved_ -= at(handle).bytes;
    unused_.push_back(handle);
}

/// With max_split_size set: gives back the oversize block that would do, or the largest ones until they would.
bool Allocator::release_oversize(PoolKind kind, std::int64_t bytes) {
    if (settings_.max_split_size == AllocatorSettings().max_split_size) return false;
    Pool& pool = pools_[static_cast<std::size_t>(kind)];
    const std::int64_t wanted = std::max(bytes, settings_.max_split_size);
    const auto enough = pool.free.lower_bound({wanted, 0, 0});
    if (enough != pool.free.end()) {
        release(std::get<2>(*enough));
        return true;
    }
    std::int64_t released = 0;
    while (released < wanted && !pool.free.empty() && std::get<0>(*pool.free.rbegin()) >= settings_.max_split_size) {
        released += std::get<0>(*pool.free.rbegin());
        release(std::get<2>(*pool.free.rbegin()));
    }
    return released >= wanted;
}

void Allocator::release_cached_blocks() {
    for (const PoolKind kind : {PoolKind::large, PoolKind::small}) {
        std::vector<Handle> candidates;
        for (const auto& entry : pools_[static_cast<std::size_t>(kind)].free) candidates.push_back(std::get<2>(entry));
        for (const Handle handle : candidates) {
            if (settings_.expandable_segments)
                unmap(handle);
            else if (at(handle).previous == kNone && at(handle).next == kNone)
                release(handle);
        }
    }
}

/// Before a new segment, while more is reserved than the threshold: gives back the whole segments that have been free
/// at least as long as they have on average, smallest first.
void Allocator::collect_garbage() {
    const std::int64_t threshold = part_of(settings_.allowed(), settings_.garbage_collection_threshold);
    if (reserved_ <= threshold) return;
    Pool& pool = pools_[static_cast<std::size_t>(PoolKind::large)];
    const std::int64_t target = reserved_ - threshold;
    const auto is_whole = [&](Handle handle) { return at(handle).previous == kNone && at(handle).next == kNone; };
    const auto age = [&](Handle handle) { return static_cast<double>(pool.searches - at(handle).freed_at); };
    double total_age = 0;
    std::int64_t count = 0, reclaimed = 0;
    for (const auto& entry : pool.free)
        if (is_whole(std::get<2>(entry))) {
            total_age += age(std::get<2>(entry));
            ++count;
        }
    for (bool freed = true; freed && reclaimed < target && count > 0;) {
        freed = false;
        const double mean = total_age / static_cast<double>(count);
        for (auto entry = pool.free.begin(); entry != pool.free.end() && reclaimed < target;) {
            const Handle handle = std::get<2>(*entry);
            ++entry;
            if (!is_whole(handle) || age(handle) < mean) continue;
            freed = true;
            reclaimed += at(handle).bytes;
            total_age -= age(handle);
            --count;
            release(handle);
        }
    }
}

// ── expandable segments: address space first, memory behind it page by page

/// A free block of so many bytes at the lowest address where one can be made, out of its pool.
Allocator::Handle Allocator::grow(PoolKind kind, std::int64_t bytes) {
    Handle candidate = find_space(kind, bytes);
    if (candidate == kNone) return kNone;
    if (!at(candidate).mapped) {
        candidate = map(candidate, std::min(at(candidate).bytes, bytes));
        if (candidate == kNone) return kNone;
    }
    while (at(candidate).bytes < bytes) {
        const Handle next = at(candidate).next;
        candidate = map(next, std::min(bytes - at(candidate).bytes, at(next).bytes));
        if (candidate == kNone) return kNone;
    }
    unlink_free(candidate);
    return candidate;
}

/// The first block, unmapped or free before unmapped space, from which enough address space goes on; a new segment of
/// 1.125 times the device if there is none, as long as there are addresses.
Allocator::Handle Allocator::find_space(PoolKind kind, std::int64_t bytes) {
    Pool& pool = pools_[static_cast<std::size_t>(kind)];
    const auto usable = [&](Handle handle) { return handle != kNone && !at(handle).in_use; };
    for (const auto& [address, unmapped] : pool.unmapped) {
        const Handle begin = usable(at(unmapped).previous) ? at(unmapped).previous : unmapped;
        std::int64_t space = 0;
        for (Handle block = begin; space < bytes && usable(block); block = at(block).next) space += at(block).bytes;
        if (space >= bytes) return begin;
    }
    const std::int64_t page = kind == PoolKind::small ? kSmallBuffer : kLargeBuffer;
    const std::int64_t space = round_up(settings_.device_memory / 8 * 9, page);
    if (!has_addresses(space)) return kNone;
    segments_.push_back(top_);
    const Handle handle = make({.address = top_,
                                .bytes = space,
                                .segment = static_cast<std::int32_t>(segments_.size()) - 1,
                                .pool = kind,
                                .mapped = false});
    top_ += space;
    pool.unmapped.emplace(at(handle).address, handle);
    return handle;
}

/// Puts memory behind the front of an unmapped block, whole pages, and makes it a free block with its neighbours.
Allocator::Handle Allocator::map(Handle handle, std::int64_t bytes) {
    const std::int64_t page = at(handle).pool == PoolKind::small ? kSmallBuffer : kLargeBuffer;
    const std::int64_t mapped = std::min(round_up(bytes, page), at(handle).bytes);
    if (!reserve(mapped)) return kNone;
    Pool& pool = pool_of(at(handle));
    pool.unmapped.erase({at(handle).address, handle});
    if (mapped < at(handle).bytes) {
        const Handle rest = cut(handle, mapped);
        pool.unmapped.emplace(at(rest).address, rest);
    }
    at(handle).mapped = true;
    merge(handle, at(handle).previous);
    merge(handle, at(handle).next);
    make_free(handle);
    return handle;
}

/// Takes the memory of the whole pages inside a free block away.
void Allocator::unmap(Handle handle) {
    const std::int64_t page = at(handle).pool == PoolKind::small ? kSmallBuffer : kLargeBuffer;
    const std::int64_t origin = segments_[static_cast<std::size_t>(at(handle).segment)];
    const std::int64_t begin = round_up(at(handle).address - origin, page) + origin;
    const std::int64_t end = (at(handle).address + at(handle).bytes - origin) / page * page + origin;
    if (begin >= end) return;
    unlink_free(handle);
    if (end < at(handle).address + at(handle).bytes) make_free(cut(handle, end - at(handle).address));
    if (begin > at(handle).address) {
        const Handle front = handle;
        handle = cut(handle, begin - at(handle).address);
        make_free(front);
    }
    reserved_ -= end - begin;
    at(handle).mapped = false;
    merge(handle, at(handle).previous);
    merge(handle, at(handle).next);
    pool_of(at(handle)).unmapped.emplace(at(handle).address, handle);
}

}  // namespace footprint
