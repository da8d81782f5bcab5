// The table of cards, and what to say where nobody has measured.
#include "cuda/gpu.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/number.hpp"

namespace footprint {
namespace {

constexpr std::int64_t kMib = 1024 * 1024;

// The table is written in these words.
using enum Group;
using enum Ecc;
using enum Evidence;
constexpr bool named = true, listed = false;
constexpr Total unknown;
constexpr Total mib(std::int64_t count, Evidence evidence, std::string_view source) {
    return {count * kMib, evidence, source};
}
constexpr Total bytes(std::int64_t count, Evidence evidence, std::string_view source) {
    return {count, evidence, source};
}
constexpr Multiprocessors printed(std::int32_t count) { return {count, exact}; }
constexpr Multiprocessors from_cores(std::int32_t count) { return {count, derived}; }

constexpr Gpu kGpus[] = {
#define GPU(...) Gpu{__VA_ARGS__},
#include "cuda/gpus.def"
#undef GPU
};

// ---- The driver's reserve on Linux ---------------------------------------------------------------------------------
// Fitted to 35 pairs of nvidia-smi and CUDA totals seen with drivers from about 565 on, Turing to Blackwell, 6 to
// 278 GiB: half of them within 26 MiB, 27 within 50. The worst: RTX 6000 Ada (125 MiB promised too much), L40S (95),
// RTX 3060 Laptop (91 too little), H100 (84). On an older driver it promises 20 to 230 MiB too little.
constexpr std::int64_t kReserveMib = 420;
constexpr std::int64_t kReserveTenthsPerGib = 18;  // tenths of a MiB
constexpr std::string_view kReserveError =
    ", 420 MiB + 1.8 per GiB; half of 35 cards within 26 MiB, worst 125 too much";
constexpr ComputeCapability kFirstWithReserve = {7, 5};

/// Families that the fit does not describe; their reserve was read off and is one number.
struct ReserveException {
    ComputeCapability from, to;
    std::int32_t gigabytes;  // 0: any
    std::int64_t mib;
};
constexpr ReserveException kReserveExceptions[] = {
    {{6, 0}, {6, 2}, 0, 100},   // Pascal: 74 to 110
    {{7, 0}, {7, 2}, 0, 250},   // Volta: 224 to 277
    {{8, 0}, {8, 0}, 40, 620},  // A100 40 GB: 621
    {{8, 0}, {8, 0}, 80, 870},  // A100 80 GB: 869 to 882
};

const ReserveException* reserve_exception(const Gpu& card) {
    for (const ReserveException& it : kReserveExceptions)
        if (card.compute_capability >= it.from && card.compute_capability <= it.to &&
            (it.gigabytes == 0 || it.gigabytes == card.gigabytes))
            return &it;
    return nullptr;
}

Capacity measured(const Total& total) { return {total.bytes, total.evidence, std::string(total.source)}; }

std::string in_mib(Integer amount) { return grouped(amount.value() / kMib) + " MiB"; }

/// nvidia-smi's total, or the best stand-in, with words for what it is.
Capacity frame_buffer(const Gpu& card) {
    if (card.nvidia_smi.known()) return {card.nvidia_smi.bytes, by_rule, "nvidia-smi " + in_mib(card.nvidia_smi.bytes)};
    if (card.windows.known())  // the same to within 1 MiB
        return {card.windows.bytes, by_rule, "Windows total " + in_mib(card.windows.bytes)};
    // The box. GeForce and workstation cards show it whole or 12 to 100 MiB less; Hopper and Blackwell data centre
    // cards up to 19 GiB less, so nothing can be said of those.
    const bool no_rule =
        card.group == amd || (card.group == data_centre && card.compute_capability >= ComputeCapability{9, 0});
    if (no_rule) return {};
    const bool corrected = card.ecc == ecc_on;
    const Integer box = Integer(card.gigabytes) * Integer(1024 * kMib);
    return {corrected ? floor_divide(box * Integer(15), 16) : box, by_rule,
            plain(card.gigabytes) + " GB of the box" + (corrected ? " × 15/16 for ECC" : "") +
                ", no nvidia-smi total seen, most cards have 12 to 100 MiB less"};
}

Capacity linux_by_rule(const Gpu& card) {
    const Capacity total = frame_buffer(card);
    const std::optional<Integer> reserve = driver_reserve(card, total.bytes);
    if (!total.known() || !reserve) return {};
    std::string source = total.source + " less " + in_mib(*reserve) + " for the driver";
    source += reserve_exception(card) == nullptr ? kReserveError : ", as measured on its family";
    return {total.bytes - *reserve, by_rule, std::move(source)};
}

Capacity windows_by_rule(const Gpu& card) {
    Capacity total = frame_buffer(card);
    if (!total.known()) return {};
    total.source += "; nothing less for the driver on Windows";
    // The one data centre card seen there, an L40S, had 316 MiB less than its nvidia-smi total.
    if (card.group == data_centre) total.source += " (GeForce: within 1 MiB; an L40S had 316 MiB less)";
    return total;
}

// ---- Near ids ------------------------------------------------------------------------------------------------------

constexpr std::size_t kLongestKey = 40;

/// Small letters and digits only, so that "RTX 3090" and "rtx-3090" are the same.
std::string key(std::string_view words) {
    std::string letters;
    for (const char c : words) {
        if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters += c;
    }
    return letters;
}

/// Letters to add, drop or change to make one of the other (Levenshtein).
std::size_t edits(std::string_view a, std::string_view b) {
    std::array<std::size_t, kLongestKey + 1> row{};
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

/// The id as people write it: whole, without "gb", without the capacity, or the short name alone.
std::size_t edits_to(const Gpu& card, std::string_view written) {
    const std::string_view id = card.id;
    const std::size_t capacity = std::min(id.rfind("-" + plain(card.gigabytes) + "gb"), id.size());
    const std::string_view unit_left_out = id.ends_with("gb") ? id.substr(0, id.size() - 2) : id;
    std::size_t least = edits(key(id), written);
    for (const std::string_view form : {unit_left_out, id.substr(0, capacity), card.short_name})
        least = std::min(least, edits(key(form), written));
    return least;
}

}  // namespace

std::span<const Gpu> gpus() { return kGpus; }

const Gpu* find_gpu(std::string_view id) {
    for (const Gpu& card : kGpus)
        if (card.id == id) return &card;
    return nullptr;
}

std::vector<std::string_view> near_gpu_ids(std::string_view wrong) {
    constexpr std::size_t kMost = 4;
    std::vector<std::string_view> near;
    if (wrong.size() > kLongestKey) return near;
    const std::string written = key(wrong);
    const std::size_t allowed = written.size() < 5 ? 1 : 2;
    if (written.size() < 2) return near;
    for (std::size_t distance = 0; distance <= allowed && near.size() < kMost; ++distance) {
        for (const Gpu& card : kGpus)
            if (near.size() < kMost && edits_to(card, written) == distance) near.push_back(card.id);
        if (distance == 0 && !near.empty()) break;  // only the capacity was left out: nothing else was meant
    }
    return near;
}

std::optional<Integer> driver_reserve(const Gpu& card, Integer nvidia_smi_total) {
    if (const ReserveException* it = reserve_exception(card)) return Integer(it->mib * kMib);
    if (card.compute_capability < kFirstWithReserve) return std::nullopt;
    // 1.8 MiB per GiB is 18 bytes in 10,240; rounded up, so that no byte is promised too many.
    const Integer share = nvidia_smi_total * Integer(kReserveTenthsPerGib);
    return (Integer(kReserveMib) + ceil_divide(share, Integer(10 * 1024 * kMib))) * Integer(kMib);
}

Capacity usable(const Gpu& card, System system) {
    if (system == System::windows) return card.windows.known() ? measured(card.windows) : windows_by_rule(card);
    return card.cuda_linux.known() ? measured(card.cuda_linux) : linux_by_rule(card);
}

std::string_view text(Evidence evidence) {
    switch (evidence) {
        case Evidence::exact:
            return "exact";
        case Evidence::rounded:
            return "rounded";
        case Evidence::derived:
            return "derived";
        case Evidence::by_rule:
            return "by rule";
    }
    return "";
}

std::string_view text(System system) { return system == System::windows ? "windows" : "linux"; }

std::string_view text(Group group) {
    switch (group) {
        case Group::desktop:
            return "GeForce desktop";
        case Group::laptop:
            return "laptop";
        case Group::workstation:
            return "workstation";
        case Group::data_centre:
            return "data centre";
        case Group::amd:
            return "AMD";
    }
    return "";
}

std::string text(ComputeCapability capability) {
    if (capability == ComputeCapability{}) return "";
    return plain(capability.major) + "." + plain(capability.minor);
}

}  // namespace footprint
