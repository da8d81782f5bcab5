#include "step/blocks.hpp"

#include <algorithm>

namespace footprint {

using aten::BlockKind;

void order_frees(StepProgram& program) {
    std::vector<aten::Event>& events = program.events;
    std::size_t phase = 0;
    for (std::size_t i = 0; i < events.size();) {
        while (phase < program.phases.size() && program.phases[phase].end <= i) ++phase;
        const std::size_t most = phase < program.phases.size() ? program.phases[phase].end : events.size();
        std::size_t end = i;
        while (end < most && events[end].frees) ++end;
        std::sort(events.begin() + static_cast<std::ptrdiff_t>(i), events.begin() + static_cast<std::ptrdiff_t>(end),
                  [](const aten::Event& a, const aten::Event& b) { return a.allocation < b.allocation; });
        i = std::max(end, i + 1);
    }
}

void classify_blocks(StepProgram& program) {
    constexpr std::size_t kAlive = static_cast<std::size_t>(-1);
    std::vector<std::size_t> freed(program.allocations.size(), kAlive);
    for (std::size_t i = 0; i < program.events.size(); ++i)
        if (program.events[i].frees) freed[static_cast<std::size_t>(program.events[i].allocation)] = i;
    std::size_t phase = 0;
    for (std::size_t i = 0; i < program.events.size(); ++i) {
        while (phase < program.phases.size() && i >= program.phases[phase].end) ++phase;
        if (program.events[i].frees || phase >= program.phases.size()) continue;
        const auto at = static_cast<std::size_t>(program.events[i].allocation);
        aten::Allocation& allocation = program.allocations[at];
        if (allocation.kind != BlockKind::temporary) continue;
        const std::string_view name = program.phases[phase].name;
        if (name == "forward" || name == "loss") {
            std::size_t end = program.phases[phase].end;  // of the forward and its loss
            for (std::size_t k = phase + 1; k < program.phases.size() && program.phases[k].name == "loss"; ++k)
                end = program.phases[k].end;
            if (freed[at] >= end) allocation.kind = BlockKind::activation;
        } else if (name == "backward") {
            for (std::size_t k = i + 1; k < freed[at] && k < program.phases[phase].end; ++k) {
                if (program.events[k].frees) continue;
                const aten::Allocation& later =
                    program.allocations[static_cast<std::size_t>(program.events[k].allocation)];
                if (later.made_by == allocation.made_by && later.row == allocation.row) continue;
                allocation.kind = BlockKind::activation_gradient;
                break;
            }
        }
    }
}

StepProgram with_workspaces(StepProgram program, const WorkspaceSizes& workspaces) {
    std::vector<bool> left_out(program.allocations.size(), false);
    for (const auto& [allocation, bytes] : workspaces) {
        program.allocations[static_cast<std::size_t>(allocation)].bytes = bytes;
        left_out[static_cast<std::size_t>(allocation)] = bytes == 0;
    }
    std::size_t kept = 0, phase = 0;
    for (std::size_t i = 0; i < program.events.size(); ++i) {
        while (phase < program.phases.size() && program.phases[phase].end == i) program.phases[phase++].end = kept;
        if (!left_out[static_cast<std::size_t>(program.events[i].allocation)])
            program.events[kept++] = program.events[i];
    }
    while (phase < program.phases.size()) program.phases[phase++].end = kept;
    program.events.resize(kept);
    return program;
}

}  // namespace footprint
