// What cuDNN's engines take for a convolution, each amount worked out by hand from its sizes.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "json/read.hpp"
#include "step/program.hpp"
#include "step/replay.hpp"
#include "support.hpp"

namespace footprint::testing {
namespace {

/// Sizes of the workspaces in a step of one convolution of 64 to 64 channels over 2 × 64 × 32 × 32 values.
std::set<std::int64_t> taken(Json convolution, aten::Workspaces workspaces, std::int32_t capability = 80,
                             const char* precision = "fp32") {
    convolution.update({{"op", "Conv2d"}, {"out_channels", 64}, {"bias", false}});
    const Json request = {{"model", model_of(Json::array({convolution}), {64, 32, 32})},
                          {"run", {{"batch", 2}, {"precision", precision}, {"loss", "sum"}}}};
    Diagnostics diagnostics;
    const Request read = json::read_request_text(request.dump(), diagnostics);
    aten::Properties card;
    card.compute_capability = capability;
    const auto program = write_step(read.model, read.run, card, workspaces, diagnostics);
    REQUIRE(program.has_value());
    std::set<std::int64_t> sizes;
    for (const aten::Allocation& block : program->allocations)
        if (block.kind == aten::BlockKind::workspace && block.made_by.find("onv") != std::string_view::npos)
            sizes.insert(block.bytes);
    return sizes;
}

using Sizes = std::set<std::int64_t>;
constexpr std::int64_t kImage = 2 * 64 * 32 * 32 * 4;  // bytes in float32; with padding 1 the output's too
constexpr std::int64_t kWeight3 = 64 * 64 * 3 * 3 * 4, kWeight1 = 64 * 64 * 4;

}  // namespace

TEST_CASE("workspaces: nothing, where PyTorch's bookkeeping is recorded") {
    CHECK(taken({{"kernel_size", 3}, {"padding", 1}}, aten::Workspaces::none).empty());
}

TEST_CASE("workspaces: 3×3 of stride 1 in float32 takes Winograd's tiles") {
    // 6 × 6 values for every 4 × 4 of input and output, 6 × 6 for every 3 × 3 of the weight.
    const Sizes winograd = {2 * kImage * 36 / 16 + kWeight3 * 36 / 9};
    for (const std::int32_t capability : {70, 80})
        CHECK(taken({{"kernel_size", 3}, {"padding", 1}}, aten::Workspaces::likely, capability) == winograd);
}

TEST_CASE("workspaces: elsewhere tensor cores get copies that are channels last") {
    const Sizes copies1 = {2 * kImage + kWeight1};
    CHECK(taken({{"kernel_size", 1}}, aten::Workspaces::likely, 80) == copies1);
    CHECK(taken({{"kernel_size", 1}}, aten::Workspaces::likely, 70).empty());  // no TF32 there
    const Sizes half = {(2 * kImage + kWeight3) / 2};
    for (const std::int32_t capability : {70, 80})
        CHECK(taken({{"kernel_size", 3}, {"padding", 1}}, aten::Workspaces::likely, capability, "fp16") == half);
    // Stride 2: 16 × 16 positions.
    CHECK(taken({{"kernel_size", 3}, {"padding", 1}, {"stride", 2}}, aten::Workspaces::likely, 80) ==
          Sizes{kImage + kImage / 4 + kWeight3});
}

TEST_CASE("workspaces: at most the input as a matrix, each value once for every place of the kernel") {
    CHECK(taken({{"kernel_size", 3}, {"padding", 1}}, aten::Workspaces::high) == Sizes{9 * kImage});
    CHECK(taken({{"kernel_size", 5}, {"padding", 2}}, aten::Workspaces::high) == Sizes{25 * kImage});
    CHECK(taken({{"kernel_size", 5}, {"padding", 2}, {"groups", 2}}, aten::Workspaces::high) ==
          Sizes{25 * kImage / 2});  // one group at a time
    // 1×1: the input is that matrix, so copies are the most.
    CHECK(taken({{"kernel_size", 1}}, aten::Workspaces::high, 70) == Sizes{2 * kImage + kWeight1});
}

TEST_CASE("workspaces: a convolution that finds no room does without, and every phase is still read") {
    const Json request = {{"model", read_json("presets/davenet-image.json")}, {"run", {{"batch", 128}}}};
    Diagnostics diagnostics;
    const Request read = json::read_request_text(request.dump(), diagnostics);
    const auto programs = write_steps(read.model, read.run, aten::Properties(), diagnostics);
    REQUIRE(programs.has_value());
    REQUIRE(programs->high.has_value());
    // 18,000 MiB hold the step, which reserves 15,350 (tests/golden/step); the largest workspace alone asks for 14,112:
    // 128 × 64 × 224 × 224 × 9 × 4 bytes.
    const AllocatorSettings settings = allocator_settings({}, std::int64_t{18'000} << 20);
    const Replay without = replay(programs->none, settings), with = replay(*programs->high, settings);
    CHECK(without.runs());
    CHECK(with.runs());
    CHECK(with.retries > 0);
    CHECK(with.phases.size() == programs->high->phases.size());
    CHECK(with.phases.size() == without.phases.size());
    // One run writes all three programs; the step without workspaces is the one written without them.
    const auto alone = write_step(read.model, read.run, aten::Properties(), aten::Workspaces::none, diagnostics);
    REQUIRE(alone.has_value());
    REQUIRE(alone->events.size() == programs->none.events.size());
    for (std::size_t i = 0; i < alone->events.size(); ++i) {
        const aten::Event one = alone->events[i], other = programs->none.events[i];
        REQUIRE(one.frees == other.frees);
        REQUIRE(alone->allocations[static_cast<std::size_t>(one.allocation)].bytes ==
                programs->none.allocations[static_cast<std::size_t>(other.allocation)].bytes);
    }
}

}  // namespace footprint::testing
