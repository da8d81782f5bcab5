#include "step/card.hpp"

#include <algorithm>

namespace footprint {
namespace {

/// Threads that a multiprocessor holds: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
std::int32_t threads_of(std::int32_t capability) {
    if (capability == 75) return 1024;
    const bool consumer = (capability >= 86 && capability < 90) || capability >= 120;
    return consumer ? 1536 : 2048;
}

std::string with_point(std::int32_t capability) {
    return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

}  // namespace

aten::Properties properties_of(const CardRequest& asked, const Run& run) {
    aten::Properties card;
    if (const Gpu* gpu = find_gpu(asked.id); gpu != nullptr && gpu->compute_capability.major > 0) {
        card.compute_capability = gpu->compute_capability.major * 10 + gpu->compute_capability.minor;
        card.multi_processor_count = std::max(gpu->multiprocessors.count, 1);
    }
    if (asked.compute_capability > 0) card.compute_capability = asked.compute_capability;
    if (asked.sm_count > 0) card.multi_processor_count = asked.sm_count;
    card.max_threads_per_multi_processor = threads_of(card.compute_capability);
    card.persistent_workspaces = run.training.torch == "2.6";
    return card;
}

Interval context_of(const aten::Properties& card, const Run& run) {
    if (run.training.context) return {*run.training.context, *run.training.context, *run.training.context};
    const auto part = [](std::int32_t number) { return static_cast<std::uint8_t>(std::clamp(number, 0, 255)); };
    return context_of({part(card.compute_capability / 10), part(card.compute_capability % 10)},
                      card.multi_processor_count);
}

void check_card(const CardRequest& asked, const Run& run, Diagnostics& diagnostics) {
    const Gpu* gpu = find_gpu(asked.id);
    if (gpu != nullptr && gpu->group == Group::amd) {
        diagnostics.warning("other-card", std::string(gpu->short_name) +
                                              " runs PyTorch on ROCm: its allocator works alike, but the step follows "
                                              "CUDA's kernels, workspaces and context");
        return;
    }
    const std::int32_t capability = properties_of(asked, run).compute_capability;
    const std::string has = (gpu != nullptr ? std::string(gpu->short_name) : std::string("the card")) +
                            " has compute capability " + with_point(capability);
    const std::string& precision = run.training.precision;
    const auto warn = [&](std::string message) {
        diagnostics.warning("other-card", std::move(message)).field = "precision";
    };
    if ((precision == "bf16" || precision == "amp-bf16") && capability < 80)
        warn("bfloat16 needs compute capability 8.0 and " + has + ": PyTorch emulates it there, or refuses");
    if ((precision == "fp16" || precision == "amp-fp16") && capability < 53)
        warn("float16 needs compute capability 5.3 and " + has);
    if (run.training.torch != "2.6" && capability < 75)
        diagnostics.warning("other-card", "PyTorch " + run.training.torch +
                                              " built with CUDA 13 needs compute capability 7.5, and " + has +
                                              ": it takes a build with CUDA 12, or an older PyTorch");
}

}  // namespace footprint
