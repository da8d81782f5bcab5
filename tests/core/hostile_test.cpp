// Documents that nobody writes on purpose: sizes of 0 and near 2^63, holes, names in places that have none. Each has an
// answer or a diagnostic, and what is equal to something sane is compared with that.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "cuda/allocator.hpp"
#include "footprint.hpp"
#include "json/program.hpp"
#include "step/report.hpp"
#include "support.hpp"

namespace footprint::testing {
namespace {

Json step(const Json& model, const Json& run = Json::object()) {
    return Json::parse(footprint::step(Json{{"model", model}, {"run", run}, {"gpus", {"a100-80gb"}}}.dump()));
}

/// A model over inputs that have no batch: names and whole shapes.
Json model_over(const Json& shapes, const Json& layers) {
    Json inputs = Json::array();
    for (const auto& [name, shape] : shapes.items())
        inputs.push_back({{"name", name}, {"shape", shape}, {"batch_dim", nullptr}});
    return {{"format", "footprint/model"}, {"version", 1}, {"inputs", inputs}, {"layers", layers}};
}

bool says(const Json& answer, const std::string& code, std::int64_t row = 0) {
    for (const Json& one : answer.at("diagnostics"))
        if (one.at("code") == code && one.value("row", std::int64_t{0}) == row) return true;
    return false;
}

std::int64_t peak(const Json& answer) { return answer.at("step").at("peak_allocated"); }

std::optional<StepProgram> recorded(const Json& phases, const Json& events) {
    Diagnostics said;
    return json::read_program(Json{{"format", "footprint/program"},
                                   {"version", 1},
                                   {"batches", {1}},
                                   {"names", {"kernel"}},
                                   {"phases", phases},
                                   {"events", events}}
                                  .dump(),
                              std::nullopt, aten::Properties(), said);
}

Json all_of_forward(std::size_t events) { return {{{"step", 0}, {"phase", "forward"}, {"end", events}}}; }

TEST_CASE("hostile: a step in which every tensor is empty asks for nothing") {
    const Json answer = step(model_of({{{"op", "relu"}}}, {0}));
    REQUIRE(answer.contains("step"));
    CHECK(peak(answer) == 0);
    CHECK(answer.at("step").at("peak").at("bytes") == 0);
    CHECK_FALSE(answer.contains("timeline"));
    const Json why = Json::parse(
        footprint::explain_step(Json{{"model", model_of({{{"op", "relu"}}}, {0})}}.dump(), "step/peak_allocated"));
    CHECK(why.at("value") == 0);
}

TEST_CASE("hostile: a recorded program without events, with and without phases") {
    for (const Json& phases : {Json::array(), all_of_forward(0)}) {
        std::optional<StepProgram> program = recorded(phases, Json::array());
        REQUIRE(program.has_value());
        Diagnostics said;
        const StepReport report = report_program(std::move(*program), Request(), said);
        CHECK(report.replay.peak_allocated == 0);
        CHECK(report.peak.bytes == 0);
        CHECK(report.timeline.empty());
    }
}

TEST_CASE("hostile: reductions of sizes and strides near 2^62 wrap nowhere") {
    const std::int64_t huge = std::int64_t{1} << 62;
    const Json one = {0, huge, 0, huge, 1}, kept = {0, huge, 0, 1, 0};
    for (const Json& dimensions : {Json{one, one, one}, Json{one, kept}, Json{kept, one, kept}}) {
        const std::optional<StepProgram> program =
            recorded(all_of_forward(1), Json::array({{"reduce", 4, 4, dimensions}}));
        for (const aten::Allocation& block : program ? program->allocations : std::vector<aten::Allocation>())
            CHECK(block.bytes > 0);
    }
    Json many = Json::array();
    for (int i = 0; i < 65; ++i) many.push_back({0, 1, 0, 1, 1});  // PyTorch's tensors have at most 64 dimensions
    CHECK_FALSE(recorded(all_of_forward(1), Json::array({{"reduce", 4, 4, many}})).has_value());
}

TEST_CASE("hostile: the timeline has at most 600 points") {
    // 1,199 events: blocks of 512 bytes, each freed before the next but the last.
    Json events = Json::array();
    for (int i = 0; i < 600; ++i) {
        events.push_back({0, 512, 0});
        if (i < 599) events.push_back(-i - 1);
    }
    std::optional<StepProgram> program = recorded(all_of_forward(events.size()), events);
    REQUIRE(program.has_value());
    Diagnostics said;
    const StepReport report = report_program(std::move(*program), Request(), said);
    CHECK(report.timeline.size() == 600);  // stretches of two events, the last of one
    CHECK(report.replay.peak_allocated == 512);
}

TEST_CASE("hostile: an allocator refuses what no device has, and ends where its addresses do") {
    AllocatorSettings settings;
    settings.device_memory = std::int64_t{1} << 60;
    for (const std::int64_t divisions : {0, 8}) {
        settings.roundup_power2_divisions = divisions;
        Allocator allocator(settings);
        CHECK_FALSE(allocator.allocate(INT64_MAX).has_value());
        CHECK(allocator.retries() == 1);
        CHECK(allocator.allocate(512).has_value());
    }
    settings.roundup_power2_divisions = 0;
    Allocator allocator(settings);
    // Each is larger than the one before, so a new segment of 2^59 bytes and more: 2^63 bytes hold at most 15 of them.
    std::int64_t made = 0;
    for (std::int64_t i = 0; i < 20; ++i) {
        const auto block = allocator.allocate((std::int64_t{1} << 59) + i * (std::int64_t{1} << 40));
        if (!block) break;
        allocator.free(*block);
        ++made;
    }
    CHECK(made == 15);
}

TEST_CASE("hostile: fractions of the memory are from 0 to 1") {
    const Json model = model_of({{{"op", "Linear"}, {"out_features", 4}}}, {3});
    for (const char* key : {"memory_fraction", "garbage_collection_threshold"}) {
        CAPTURE(key);
        CHECK(says(step(model, {{"allocator", {{key, 1.5}}}}), "out-of-range"));
        CHECK(says(step(model, {{"allocator", {{key, 1e300}}}}), "out-of-range"));
        CHECK(step(model, {{"allocator", {{key, 1}}}}).contains("step"));
    }
}

TEST_CASE("hostile: an output that is no tensor adds nothing to the loss") {
    const Json linear = {{"op", "Linear"}, {"name", "l"}, {"out_features", 4}};
    Json holes =
        model_of({linear, {{"op", "Block"}, {"name", "b"}, {"inputs", {nullptr, "l"}}, {"returns", "tuple"}}}, {3});
    holes["outputs"] = {"l", "b:0"};
    holes["returns"] = "dict";
    Json plain = model_of(Json::array({linear}), {3});
    plain["returns"] = "dict";
    CHECK(peak(step(holes, {{"loss", "ce"}})) == peak(step(plain, {{"loss", "ce"}})));
}

TEST_CASE("hostile: the loss is the output that is marked, also behind an input that is returned") {
    const Json layers = {{{"op", "Linear"}, {"name", "l"}, {"out_features", 4}},
                         {{"op", "pow"}, {"exponent", 2}},
                         {{"op", "mean"}, {"name", "loss"}}};
    Json model = model_of(layers, {3});
    model["loss"] = "model";
    model["outputs"] = {"l", {{"row", "loss"}, {"loss", true}}};
    const Json expected = step(model);
    // The input is there in any case: returning it asks for nothing more.
    model["outputs"] = {model.at("inputs").at(0).at("name"), "l", {{"row", "loss"}, {"loss", true}}};
    const Json answer = step(model);
    REQUIRE(answer.contains("step"));
    CHECK(answer.at("step").at("by_kind") == expected.at("step").at("by_kind"));
    CHECK(answer.at("step").at("phases") == expected.at("step").at("phases"));
    CHECK_FALSE(says(answer, "no-gradient"));
}

TEST_CASE("hostile: a model that returns nothing has no backward") {
    const Json model = model_of({{{"op", "Linear"}, {"name", "l"}, {"out_features", 4}},
                                 {{"op", "Block"}, {"name", "b"}, {"inputs", {"l"}}, {"returns", "none"}}},
                                {3});
    const Json answer = step(model, {{"loss", "none"}});
    REQUIRE(answer.contains("step"));
    CHECK(says(answer, "no-gradient"));
}

TEST_CASE("hostile: a transposed convolution of no channels") {
    const Json model =
        model_over({{"x", {2, 0, 8}}}, {{{"op", "ConvTranspose1d"}, {"out_channels", 2}, {"kernel_size", 3}}});
    CHECK(step(model).contains("diagnostics"));
}

TEST_CASE("hostile: a module takes no tensor for a parameter that it does not own") {
    const Json shapes = {{"x", {2, 4, 5, 5}}, {"w", {4}}};
    const auto with = [&](const Json& row) { return report_of(model_over(shapes, Json::array({row}))); };
    // InstanceNorm2d has affine=False unless told otherwise: torch.nn.InstanceNorm2d(4).weight is None.
    const Json refused = first_error(with({{"op", "InstanceNorm2d"}, {"inputs", {"x"}}, {"weight", "w"}}));
    REQUIRE_FALSE(refused.is_null());
    CHECK(refused.at("code") == "unknown-attribute");
    CHECK(refused.at("field") == "weight");
    CHECK(refused.at("fixes").at(0).at("field") == "weight");
    CHECK(
        first_error(with({{"op", "InstanceNorm2d"}, {"inputs", {"x"}}, {"affine", true}, {"weight", "w"}})).is_null());
    CHECK(
        first_error(with({{"op", "Conv2d"}, {"inputs", {"x"}}, {"out_channels", 4}, {"kernel_size", 1}, {"bias", "w"}}))
            .is_null());
}

TEST_CASE("hostile: one item without a batch is normalized as a batch of one") {
    // InstanceNorm's _handle_no_batch_input: unsqueeze(0), squeeze(0), both views. So it asks for the same bytes.
    const auto run = [](const Json& shape) {
        return peak(
            step(model_over({{"x", shape}}, {{{"op", "InstanceNorm1d"}, {"affine", true}}}), {{"loss", "sum"}}));
    };
    CHECK(run({3, 1000}) == run({1, 3, 1000}));
}

TEST_CASE("hostile: what a lowering only assumes is said") {
    CHECK(says(step(model_of({{{"op", "cumprod"}, {"dim", 1}}}, {8})), "assumed", 1));
    // A letter twice in one operand: the diagonal, which is written down for no product.
    CHECK(says(step(model_over({{"x", {4, 4}}, {"y", {4}}},
                               {{{"op", "einsum"}, {"equation", "ii,i->i"}, {"inputs", {"x", "y"}}}})),
               "assumed", 1));
}

const char* const kRule = "================================================================\n";

/// A print of one row, whose number of parameters is the total, and a ReLU.
std::string torchsummary_of(const std::string& row, const std::string& shape, const std::string& parameters) {
    const std::string dashes(64, '-');
    return dashes + "\n        Layer (type)               Output Shape         Param #\n" + kRule + "   " + row +
           "-1   " + shape + "   " + parameters + "\n   ReLU-2   " + shape + "   0\n" + kRule +
           "Total params: " + parameters + "\nTrainable params: " + parameters + "\nNon-trainable params: 0\n" +
           dashes +
           "\nInput size (MB): 0.57\nForward/backward pass size (MB): 1.00\nParams size (MB): 1.00\n"
           "Estimated Total Size (MB): 1.00\n" +
           dashes + "\n";
}

Json imported(const std::string& print, const Json& shape) {
    return Json::parse(footprint::import(print, Json{{"inputs", {{"x", shape}}}}.dump()));
}

TEST_CASE("hostile: prints whose numbers divide by nothing, or would be counted up to for ever") {
    CHECK(imported(torchsummary_of("ConvTranspose2d", "[-1, 0, 4, 4]", "10"), {3, 4, 4}).at("lines").size() > 0);
    // 2^62 filters over 2^40 channels: more weights than 64 bits count.
    const std::string many = torchsummary_of("ConvTranspose2d", "[-1, 4611686018427387904, 4, 4]", "10");
    CHECK(imported(many, {std::int64_t{1} << 40, 4, 4}).is_object());
    const std::string wide =
        "==========================================================================================\n"
        "Layer (type:depth-idx)                   Kernel Shape    Output Shape              Param #\n"
        "==========================================================================================\n"
        "Net                                      --              [1, 1, 7]                 --\n"
        "├─Conv1d: 1-1                            [1000000000]    [1, 1, 7]                 1,000,000,001\n"
        "==========================================================================================\n"
        "Total params: 1,000,000,001\nTrainable params: 1,000,000,001\nNon-trainable params: 0\nTotal mult-adds (M): "
        "1.00\n"
        "==========================================================================================\n"
        "Input size (MB): 0.60\nForward/backward pass size (MB): 0.00\nParams size (MB): 0.00\n"
        "Estimated Total Size (MB): 0.60\n"
        "==========================================================================================\n";
    CHECK(imported(wide, {1, 1'000'000'000}).at("model").is_object());
}

TEST_CASE("hostile: a question names every attribute that it is about, also one whose name is part of another's") {
    // 4 → 9 by a window of 2: (4 − 1) · 2 + 2 + output_padding 1, or (4 − 1) · 3 − 2 · padding 1 + 2.
    // 3 · 5 · 2 · 2 weights and 5 biases.
    const std::string print = torchsummary_of("ConvTranspose2d", "[-1, 5, 9, 9]", "65");
    const Json result = imported(print, {3, 4, 4});
    bool asked = false;
    for (const Json& question : result.at("questions")) {
        const std::string message = question.at("message");
        if (question.at("id") != "attributes/ConvTranspose2d-1") continue;
        asked = true;
        CHECK(message.find("of stride, output_padding, padding ") != std::string::npos);
    }
    CHECK_MESSAGE(asked, result.dump());
}

}  // namespace
}  // namespace footprint::testing
