#include "step/bridge.hpp"

#include <algorithm>
#include <array>

namespace footprint {
namespace {

using aten::BlockKind;

struct CodeText {
    std::string_view code, text;
};
// In the order in which they are shown.
constexpr CodeText kBridge[] = {
    {"notebook-total", "the notebook's total: input, outputs twice, parameters"},
    {"gradients-not-all-at-once", "it counts a gradient for every output; at the peak only these are alive"},
    {"inputs", "inputs and targets as they lie on the device"},
    {"containers", "blocks that it counts once more for what their last row made"},
    {"in-place", "rows that write into their input and make nothing"},
    {"not-kept", "outputs that are gone when the peak comes"},
    {"kept-beside-outputs", "what rows keep beside their outputs: indices, masks, statistics, casts"},
    {"functions", "outputs of functions, which torchsummary does not see"},
    {"loss", "what the loss keeps, and the outputs of the step before"},
    {"parameters", "parameters counted once, in their own type"},
    {"buffers", "buffers: running statistics and the like"},
    {"parameter-gradients", "a gradient for every parameter that has one by then"},
    {"optimizer-state", "what the optimizer keeps"},
    {"other-state", "the gradient scaler and the moving average"},
    {"transients", "what operations take while they run"},
    {"rounding", "blocks are larger than what was asked for"},
    {"fragmentation", "reserved, but not handed out at the peak"},
    {"cudnn-workspaces", "what convolutions are likely to take while they run, less what is used again of it"},
    {"given-back", "cached memory that is given back, and workspaces done without, where this card is full"},
    {"context", "CUDA's context and modules, outside the allocator"},
};

/// Where the blocks of a kind belong; activations belong to their row, or to the loss.
std::string_view code_of(BlockKind kind) {
    switch (kind) {
        case BlockKind::parameter:
            return "parameters";
        case BlockKind::buffer:
            return "buffers";
        case BlockKind::input:
            return "inputs";
        case BlockKind::gradient:
            return "parameter-gradients";
        case BlockKind::optimizer_state:
            return "optimizer-state";
        case BlockKind::grad_scaler:
        case BlockKind::ema:
            return "other-state";
        case BlockKind::activation_gradient:
            return "gradients-not-all-at-once";
        case BlockKind::workspace:
        case BlockKind::temporary:
            return "transients";
        case BlockKind::activation:
        case BlockKind::output:
            break;
    }
    return "loss";
}

/// Why a row keeps another amount than the notebook counts for it.
std::string_view code_of(const Row& row, std::int64_t kept, std::int64_t difference) {
    if (row.is_block()) return "containers";
    if (!row.is_module()) return "functions";
    if (row.inplace && kept == 0) return "in-place";
    return difference < 0 ? "not-kept" : "kept-beside-outputs";
}

class Builder {
 public:
    Builder() {
        for (const CodeText& known : kBridge) entries_.push_back({known.code, 0, {}});
    }

    void add(std::string_view code, BridgePart part) {
        BridgeEntry& entry =
            *std::find_if(entries_.begin(), entries_.end(), [&](const BridgeEntry& one) { return one.code == code; });
        entry.bytes += part.bytes;
        // Blocks of a row lie side by side, and those of one kernel are one part.
        if (!entry.parts.empty() && entry.parts.back().row == part.row && entry.parts.back().name == part.name)
            entry.parts.back().bytes += part.bytes;
        else
            entry.parts.push_back(part);
    }

    std::vector<BridgeEntry> take() {
        std::erase_if(entries_, [](const BridgeEntry& one) { return one.bytes == 0 && one.code != kBridge[0].code; });
        return std::move(entries_);
    }

 private:
    std::vector<BridgeEntry> entries_;
};

}  // namespace

std::vector<std::size_t> alive_at(const StepProgram& program, std::size_t event) {
    std::vector<bool> is(program.allocations.size(), false);
    for (std::size_t i = 0; i <= event && i < program.events.size(); ++i)
        is[static_cast<std::size_t>(program.events[i].allocation)] = !program.events[i].frees;
    std::vector<std::size_t> alive;
    for (std::size_t i = 0; i < is.size(); ++i)
        if (is[i]) alive.push_back(i);
    return alive;
}

std::vector<BridgeEntry> bridge(const Request& request, const Notebook& counted, const StepProgram& program,
                                const Replay& replayed, LikelyReadings likely) {
    const std::int64_t batch = request.run.items();
    const std::int64_t input = counted.input.at(batch).value(), forward = counted.forward.at(batch).value(),
                       parameters = counted.parameters.value();
    Builder built;
    const auto read = [&](std::string_view code, std::string_view name, std::int64_t bytes) {
        built.add(code, {-1, name, bytes});
    };
    read("notebook-total", "input", input);
    read("notebook-total", "forward", forward);
    read("notebook-total", "backward", forward);
    read("notebook-total", "parameters", parameters);
    read("gradients-not-all-at-once", "backward", -forward);
    read("inputs", "input", -input);
    read("parameters", "parameters", -parameters);

    std::vector<std::int64_t> kept(request.model.layers.size(), 0);
    std::int64_t requested = 0;
    for (const std::size_t i : alive_at(program, replayed.peak_event)) {
        const aten::Allocation& block = program.allocations[i];
        requested += block.bytes;
        const bool activation = block.kind == BlockKind::activation || block.kind == BlockKind::output;
        if (activation && block.row >= 0)
            kept[static_cast<std::size_t>(block.row)] += block.bytes;
        else
            built.add(code_of(block.kind), {block.row, block.made_by, block.bytes});
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const NotebookRow& said = counted.rows[i];
        const std::int64_t expected = (said.elements.at(batch) * said.prints() * counted.bytes_per_value).value();
        if (kept[i] == expected) continue;
        const std::string_view code = code_of(request.model.layers[i], kept[i], kept[i] - expected);
        const auto row = static_cast<std::int32_t>(i);
        if (kept[i] != 0) built.add(code, {row, "kept", kept[i]});
        if (expected != 0) built.add(code, {row, "counted", -expected});
    }
    read("rounding", "peak_allocated", replayed.peak_allocated);
    read("rounding", "requested", -requested);
    read("fragmentation", "peak_reserved", replayed.peak_reserved);
    read("fragmentation", "peak_allocated", -replayed.peak_allocated);
    read("cudnn-workspaces", "with_room", likely.with_room);
    read("cudnn-workspaces", "peak_reserved", -replayed.peak_reserved);
    read("given-back", "reserved", likely.reserved);
    read("given-back", "with_room", -likely.with_room);
    read("context", "context", likely.context);
    return built.take();
}

std::string_view in_words(std::string_view bridge_code) {
    for (const CodeText& known : kBridge)
        if (known.code == bridge_code) return known.text;
    return {};
}

}  // namespace footprint
