// What a card's memory is: the number on the box, the one nvidia-smi prints, and the one PyTorch can have.
//
// They differ by up to two gigabytes, so each is kept apart, with where it was seen and how sure it is. The table is
// gpus.def; the rules for what nobody measured are in gpu.cpp, and whatever they give says that it is by rule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/integer.hpp"

namespace footprint {

/// How a number came to be known.
enum class Evidence : std::uint8_t {
    exact,    // a program printed the integer (MiB or bytes) on that card
    rounded,  // a message gave GiB with two decimals: within 5 MiB
    derived,  // the difference of two exact numbers, or a published count
    by_rule   // computed by a rule of gpu.cpp; the source says which, and how far it was off where it could be checked
};

/// Windows is also WSL2: neither subtracts what the driver reserves.
enum class System : std::uint8_t { linux_, windows };

enum class Group : std::uint8_t { desktop, laptop, workstation, data_centre, amd };

/// GDDR cards that correct errors in the memory itself lose 1/16 of it when that is switched on.
enum class Ecc : std::uint8_t {
    ecc_none,  // costs nothing (HBM), is not there, or was not stated
    ecc_off,   // the card's totals were seen with it off
    ecc_on     // the card's totals were seen with it on
};

/// NVIDIA's number for what a card can execute. {0, 0}: not a CUDA card.
struct ComputeCapability {
    std::uint8_t major = 0, minor = 0;
    friend constexpr auto operator<=>(ComputeCapability, ComputeCapability) = default;
};

/// Streaming multiprocessors (AMD: compute units). Evidence::derived: from the published number of cores.
struct Multiprocessors {
    std::int32_t count = 0;
    Evidence evidence = Evidence::exact;
};

/// An amount of memory as it stands in the table.
struct Total {
    Integer bytes = 0;  // 0: unknown
    Evidence evidence = Evidence::exact;
    std::string_view source;

    [[nodiscard]] constexpr bool known() const { return bytes > Integer(0); }
};

struct Gpu {
    std::string_view id;          // "rtx-3060-12gb": what links and requests say
    std::string_view name;        // as the driver prints it
    std::string_view short_name;  // enough beside the gigabytes: "16 GB V100"
    std::int32_t gigabytes = 0;   // on the box
    bool named = false;           // the one card that stands for its capacity where only capacities are offered
    Group group = Group::desktop;
    std::string_view architecture;  // empty: unknown
    std::int32_t year = 0;          // of its launch; 0: unknown
    ComputeCapability compute_capability;
    Multiprocessors multiprocessors;
    Ecc ecc = Ecc::ecc_none;
    Total nvidia_smi;  // frame buffer after ECC, on any system
    Total cuda_linux;  // torch.cuda.get_device_properties(0).total_memory, Linux
    Total windows;     // the same on Windows or WSL2
};

/// What PyTorch can have of a card on a system, before other programs take any. AMD: the total its OpenCL reports.
struct Capacity {
    Integer bytes = 0;  // 0: unknown
    Evidence evidence = Evidence::exact;
    std::string source;

    [[nodiscard]] bool known() const { return bytes > Integer(0); }
};

/// Every card, in the table's order.
[[nodiscard]] std::span<const Gpu> gpus();

/// The card of this id, or null.
[[nodiscard]] const Gpu* find_gpu(std::string_view id);

/// At most four ids that somebody who wrote `wrong` may have meant, the nearest first; none if nothing is near.
[[nodiscard]] std::vector<std::string_view> near_gpu_ids(std::string_view wrong);

/// The measured total of that system if there is one, else by rule. Unknown where no rule holds.
[[nodiscard]] Capacity usable(const Gpu& card, System system);

/// What the driver keeps for itself on Linux, by rule: CUDA total = nvidia-smi total − reserve. Whole MiB, in bytes.
/// No value for cards before Pascal and for AMD, which have no such rule.
[[nodiscard]] std::optional<Integer> driver_reserve(const Gpu& card, Integer nvidia_smi_total);

// The words of the catalogue.
[[nodiscard]] std::string_view text(Evidence evidence);        // "exact", "rounded", "derived", "by rule"
[[nodiscard]] std::string_view text(System system);            // "linux", "windows"
[[nodiscard]] std::string_view text(Group group);              // "GeForce desktop", "laptop", …
[[nodiscard]] std::string text(ComputeCapability capability);  // "7.5"; empty if not a CUDA card

}  // namespace footprint
