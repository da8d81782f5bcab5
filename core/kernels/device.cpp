#include "kernels/device.hpp"

#include "kernels/tensor.hpp"

namespace footprint::aten {
namespace {

constexpr std::string_view kNames[kBlockKinds] = {
    "parameter",   "buffer",   "input",  "gradient",   "optimizer_state",
    "grad_scaler", "ema",      "output", "activation", "activation_gradient",
    "workspace",   "temporary"};

}  // namespace

std::string_view name_of(BlockKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

Device::Device(const Properties& of) : properties(of) {}
Device::~Device() = default;

std::int32_t Device::allocate(Integer bytes) {
    if (halted) return -1;
    const Integer sum = alive_ + bytes;
    if (sum.overflowed()) overflowed = true;
    if (events.size() >= most_events) too_many = true;
    if (given_up()) return -1;
    if (bytes == 0) return -1;
    alive_ = sum;
    const auto number = static_cast<std::int32_t>(allocations.size());
    allocations.push_back({bytes.value(), row, kernel, kind});
    events.push_back({number, false});
    return number;
}

void Device::free(std::int32_t allocation) {
    if (allocation < 0) return;
    alive_ -= allocations[static_cast<std::size_t>(allocation)].bytes;
    events.push_back({allocation, true});
}

void Device::keep_workspace(std::int64_t bytes) {
    bool& has = has_workspace_[in_backward ? 1 : 0];
    if (!has) allocate(bytes);
    has = true;
}

void Device::keep_dropout_state() {
    if (has_dropout_state_) return;
    has_dropout_state_ = true;
    free(allocate(8));  // its seed
    allocate(1 << 20);
}

}  // namespace footprint::aten
