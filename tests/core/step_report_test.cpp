// The step's report through the facade: documents in, a document out.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "footprint.hpp"
#include "support.hpp"

using footprint::testing::Json;
using footprint::testing::model_of;
using footprint::testing::read;
using footprint::testing::read_json;
using footprint::testing::sweep;

namespace {

Json step(const Json& model, const Json& run, const Json& gpus = Json::array({"a100-80gb"})) {
    return Json::parse(footprint::step(Json{{"model", model}, {"run", run}, {"gpus", gpus}}.dump()));
}

Json davenet_image() { return read_json("presets/davenet-image.json"); }

const Json kMomentum = {{"name", "sgd"}, {"momentum", 0.9}};

std::int64_t notebook_total(const Json& model, const Json& run) {
    const Json report = Json::parse(footprint::estimate(Json{{"model", model}, {"run", run}}.dump()));
    return report.at("notebook").at("total");
}

std::string first_code(const Json& answer) { return answer.at("diagnostics").at(0).at("code"); }

}  // namespace

TEST_CASE("step report: DAVEnet image at batch 128 as PyTorch's counters read it") {
    // max_memory_allocated() 9,536.02 MB and max_memory_reserved() 15,350 MB: tests/golden/step/davenet.json.
    const Json answer =
        step(davenet_image(), {{"batch", 128}, {"optimizer", kMomentum}, {"loss", "pow2"}}, Json::array({"a100-40gb"}));
    CHECK(answer.at("step").at("peak_allocated") == 9999246336);
    CHECK(answer.at("step").at("peak_reserved") == 16095641600);
    CHECK(answer.at("step").at("peak").at("phase") == "backward");
    CHECK(answer.at("bridge").at(0).at("bytes") == 29647056128);
    CHECK(answer.at("fit").at(0).at("verdict") == "fits");
    const Json& device = answer.at("step").at("device_total");
    CHECK(device.at("low") < device.at("likely"));
    CHECK(device.at("likely") < device.at("high"));
}

TEST_CASE("step report: DAVEnet with both branches runs in 16 GiB with one retry and fails in 12" * sweep) {
    // tests/golden/step/allocator.json, which measures with all of the memory for the allocator and workspaces 0.
    const Json run = {{"batch", 128},
                      {"loss", "misa"},
                      {"inputs", {{"spectrogram", {40, 2048}}}},
                      {"optimizer", {{"name", "sgd"}, {"momentum", 0.9}, {"weight_decay", 5e-7}}},
                      {"context", 0},
                      {"cudnn_workspace", 0}};
    const Json cards = Json::array({{{"name", "16"}, {"usable_mib", 16384}}, {{"name", "12"}, {"usable_mib", 12288}}});
    const Json fits = step(read_json("presets/davenet.json"), run, cards).at("fit");
    CHECK(fits.at(0).at("verdict") == "tight");
    CHECK(fits.at(0).at("because") == "retries");
    CHECK(fits.at(0).at("retries") == 1);
    CHECK(fits.at(1).at("verdict") == "does not fit");
}

TEST_CASE("step report: the bridge sums exactly to what is likely on the device, and has no remainder" * sweep) {
    const std::vector<Json> runs = {
        {{"batch", 3}},
        {{"batch", 16}, {"optimizer", {{"name", "adam"}}}, {"loss", "pow2"}},
        {{"batch", 7}, {"precision", "amp-fp16"}, {"optimizer", kMomentum}, {"loss", "sum"}},
        {{"batch", 5}, {"mode", "inference"}},
        {{"batch", 2}, {"precision", "bf16"}, {"optimizer", {{"name", "adafactor"}}}},
    };
    for (const char* name : {"davenet-audio", "davenet-image", "vgg16", "teaching-cnn", "gallery/resnet18",
                             "gallery/vit-b-16", "gallery/bert-base", "gallery/lstm-classifier", "gallery/unet"}) {
        const Json model = read_json(std::string("presets/") + name + ".json");
        for (const Json& run : runs) {
            CAPTURE(name);
            CAPTURE(run.dump());
            const Json answer = step(model, run);
            REQUIRE(answer.contains("step"));
            std::int64_t sum = 0;
            for (const Json& entry : answer.at("bridge")) {
                CHECK(entry.at("code") != "remainder");
                CHECK_FALSE(entry.at("message").get<std::string>().empty());
                sum += entry.at("bytes").get<std::int64_t>();
            }
            CHECK(answer.at("bridge").at(0).at("bytes") == notebook_total(model, {{"batch", run.at("batch")}}));
            CHECK(sum == answer.at("step").at("device_total").at("likely"));
            // What is alive at the peak is all that is allocated.
            std::int64_t alive = 0;
            for (const auto& kind : answer.at("step").at("by_kind").items()) alive += kind.value().get<std::int64_t>();
            CHECK(alive == answer.at("step").at("peak_allocated"));
            // The thinned timeline keeps the peak.
            std::int64_t highest = 0;
            for (const Json& point : answer.at("timeline"))
                highest = std::max(highest, point.at("allocated").get<std::int64_t>());
            CHECK(highest == alive);
        }
    }
}

TEST_CASE("step report: every entry of the bridge has a derivation, and so have the readings" * sweep) {
    for (const char* name : {"davenet-image", "vgg16", "gallery/resnet18", "gallery/bert-base"}) {
        CAPTURE(name);
        const Json model = read_json(std::string("presets/") + name + ".json");
        const Json request = {{"model", model},
                              {"run", {{"batch", 16}, {"optimizer", kMomentum}, {"loss", "pow2"}}},
                              {"gpus", {"a100-40gb"}}};
        const Json answer = Json::parse(footprint::step(request.dump()));
        const auto explained = [&](const std::string& path) {
            return Json::parse(footprint::explain_step(request.dump(), path));
        };
        for (const Json& entry : answer.at("bridge")) {
            const std::string path = "bridge/" + entry.at("code").get<std::string>();
            CAPTURE(path);
            const Json derivation = explained(path);
            CHECK(derivation.at("value") == entry.at("bytes"));
            CHECK(derivation.at("unit") == "bytes");
            CHECK_FALSE(derivation.at("terms").empty());
        }
        CHECK(explained("step/peak_allocated").at("value") == answer.at("step").at("peak_allocated"));
        CHECK(explained("step/peak_reserved").at("value") == answer.at("step").at("peak_reserved"));
        CHECK(explained("step/device_total").at("value") == answer.at("step").at("device_total").at("likely"));
        CHECK(first_code(explained("bridge/remainder")) == "unknown-path");
        CHECK(first_code(explained("step/")) == "unknown-path");
    }
}

TEST_CASE("step report: a card's context is what was read on its kind, else 3.9 MiB a multiprocessor") {
    constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
    const auto likely = [](const Json& card) {
        return step(read_json("presets/teaching-cnn.json"), {{"batch", 1}}, Json::array({card}))
                   .at("step")
                   .at("context")
                   .at("likely")
                   .get<std::int64_t>() /
               kMebibyte;
    };
    CHECK(likely("a100-40gb") == 500);  // read: 418 to 503
    CHECK(likely("v100-16gb") == 390);  // 379 to 399
    CHECK(likely("t4-16gb") == 150);    // 128 to 147
    CHECK(likely({{"name", "mine"}, {"usable_mib", 8000}, {"compute_capability", "5.2"}, {"sm_count", 24}}) == 110);
}

TEST_CASE("step report: what a card or its PyTorch cannot do is said") {
    const auto said = [](const char* card, const Json& run) {
        std::vector<std::string> messages;
        const Json answer = step(read_json("presets/teaching-cnn.json"), run, Json::array({card}));
        for (const Json& one : answer.at("diagnostics"))
            if (one.at("code") == "other-card") messages.push_back(one.at("message"));
        return messages;
    };
    CHECK(said("a100-40gb", Json::object({{"precision", "bf16"}})).empty());
    REQUIRE(said("t4-16gb", Json::object({{"precision", "amp-bf16"}})).size() == 1);
    CHECK(said("t4-16gb", Json::object({{"precision", "amp-bf16"}}))[0].starts_with(
        "bfloat16 needs compute capability 8.0 and T4 has"));
    CHECK(said("k80-12gb", {{"precision", "fp16"}, {"torch", "2.6"}}).size() == 1);
    CHECK(said("v100-16gb", Json::object({{"torch", "2.6"}})).empty());
    CHECK(said("v100-16gb", Json::object()).size() == 1);
    CHECK(said("mi300x-192gb", Json::object()).size() == 1);
}

TEST_CASE("step report: never below parameters, gradients and state") {
    // Adam's step holds parameters, gradients, two states and the roots of one: 5 × 138,357,544 × 4 bytes of VGG16.
    const Json answer =
        step(read_json("presets/vgg16.json"), {{"batch", 1}, {"optimizer", {{"name", "adam"}}}, {"loss", "ce"}});
    CHECK(answer.at("step").at("peak_allocated") >= 5 * 138357544LL * 4);
}

TEST_CASE("step report: the largest batch runs and the next does not") {
    const Json model = read_json("presets/teaching-cnn.json");
    const Json cards = Json::array({{{"name", "small"}, {"usable_mib", 600}}});
    const Json run = {{"batch", 1}, {"optimizer", kMomentum}, {"loss", "ce"}};
    const std::int64_t largest = step(model, run, cards).at("fit").at(0).at("largest_batch");
    CHECK(largest > 1);
    const auto verdict_at = [&](std::int64_t batch) {
        Json at = run;
        at["batch"] = batch;
        return step(model, at, cards).at("fit").at(0).at("verdict").get<std::string>();
    };
    CHECK(verdict_at(largest) != "does not fit");
    // One more does not run with what is likely; it may with what is least.
    CHECK(verdict_at(largest + 1) != "fits");
}

TEST_CASE("step report: the largest batch is the same whatever the batch on the screen") {
    const Json cards = Json::array({"v100-16gb"});
    const std::int64_t largest = step(davenet_image(), {{"batch", 128}}, cards).at("fit").at(0).at("largest_batch");
    for (const std::int64_t batch : {std::int64_t{1}, std::int64_t{64}, largest, largest + 1})
        CHECK(step(davenet_image(), {{"batch", batch}}, cards).at("fit").at(0).at("largest_batch") == largest);
}

TEST_CASE("step report: what is missing is what more memory mends, and tight never lacks any") {
    const auto fit = [](std::int64_t mebibytes) {
        const Json cards = Json::array({{{"name", "mine"}, {"usable_mib", mebibytes}, {"compute_capability", "8.0"}}});
        return step(davenet_image(), {{"batch", 128}, {"optimizer", kMomentum}}, cards);
    };
    constexpr std::int64_t kMiB = 1048576;
    for (std::int64_t usable = 4'000; usable <= 14'000; usable += 1'000) {
        CAPTURE(usable);
        const Json answer = fit(usable);
        const Json& one = answer.at("fit").at(0);
        const std::int64_t free = one.at("free");
        const bool runs = one.at("verdict") != "does not fit";
        CHECK(runs == (free >= 0));
        CHECK(answer.at("step").at("out_of_memory").is_null() == (runs && one.value("because", "") != "interval"));
        if (one.value("because", "") == "retries") CHECK(answer.at("step").at("retries") > 0);
        // With so much more it runs, in segments of 2 MiB.
        if (!runs) CHECK(fit(usable - free / kMiB + 2).at("fit").at(0).at("free") >= 0);
    }
}

TEST_CASE("step report: a fraction of the memory near none leaves an answer, without an overflow") {
    for (const double fraction : {1e-300, 1e-6, 0.5}) {
        const Json answer = step(davenet_image(), {{"batch", 128}, {"allocator", {{"memory_fraction", fraction}}}},
                                 Json::array({"rtx-3060-12gb"}));
        CHECK(answer.at("fit").at(0).at("verdict") == "does not fit");
        CHECK(answer.at("fit").at(0).at("free") < 0);
    }
}

TEST_CASE("step report: memory given back on a full card is an entry of its own") {
    const auto entry = [](const char* gpu, const char* code) -> std::int64_t {
        const Json answer = step(davenet_image(), {{"batch", 128}}, Json::array({gpu}));
        std::int64_t sum = 0, bytes = 0;
        for (const Json& one : answer.at("bridge")) {
            sum += one.at("bytes").get<std::int64_t>();
            if (one.at("code") == code) bytes = one.at("bytes");
        }
        CHECK(sum == answer.at("step").at("device_total").at("likely").get<std::int64_t>());
        return bytes;
    };
    CHECK(entry("v100-16gb", "given-back") < 0);
    CHECK(entry("a100-80gb", "given-back") == 0);
    CHECK(entry("v100-16gb", "cudnn-workspaces") > 0);
}

TEST_CASE("step report: a loss that cannot be made is an error, one that leaves parameters alone a warning") {
    const Json teaching = read_json("presets/teaching-cnn.json"), both = read_json("presets/davenet.json");
    const auto said = [](const Json& model, const char* loss) {
        return step(model, {{"batch", 4}, {"loss", loss}, {"steps", 1}}, Json::array());
    };
    const Json wrong = said(teaching, "misa");
    CHECK(first_code(wrong) == "wrong-loss");
    CHECK(wrong.at("diagnostics").at(0).at("field") == "loss");
    CHECK_FALSE(wrong.contains("step"));
    // Two outputs, but of the wrong ranks.
    Json pair = teaching;
    pair["outputs"] = Json::array({pair.at("layers").back().at("name"), pair.at("layers").back().at("name")});
    CHECK(first_code(said(pair, "misa")) == "wrong-loss");
    const Json half = said(both, "ce");
    CHECK(first_code(half) == "no-gradient");
    CHECK(half.contains("step"));
    const Json whole = said(both, "misa");
    for (const Json& one : whole.at("diagnostics")) CHECK(one.at("code") != "no-gradient");
}

TEST_CASE("step report: a mean over one value of one item is warned of, a pattern that freezes nothing refused") {
    const Json norm = model_of({{{"op", "BatchNorm1d"}}}, {8});
    CHECK(first_code(step(norm, {{"batch", 1}})) == "out-of-range");
    CHECK(step(norm, {{"batch", 1}}).contains("step"));
    CHECK(step(norm, {{"batch", 2}}).at("diagnostics").empty());
    const Json vgg = read_json("presets/vgg16.json");
    for (const char* pattern : {"nope", "not:nope"}) {
        const Json answer = step(vgg, {{"batch", 1}, {"freeze", {pattern}}});
        CHECK(first_code(answer) == "unknown-name");
        CHECK(answer.at("diagnostics").at(0).at("field") == "freeze");
    }
    CHECK(step(vgg, {{"batch", 1}, {"freeze", {"not:classifier"}}}).contains("step"));
}

TEST_CASE("step report: every card named has its largest batch, and more memory never takes fewer items here") {
    const Json model = read_json("presets/teaching-cnn.json");
    const Json cards =
        Json::array({{{"name", "small"}, {"usable_mib", 600}}, {{"name", "large"}, {"usable_mib", 1200}}});
    const Json run = {{"batch", 1}, {"optimizer", kMomentum}, {"loss", "ce"}};
    const Json fits = step(model, run, cards).at("fit");
    const std::int64_t small = fits.at(0).at("largest_batch"), large = fits.at(1).at("largest_batch");
    CHECK(small > 1);
    CHECK(large > small);
    // Alone, and asked from another batch, a card says the same.
    Json elsewhere = run;
    elsewhere["batch"] = large;
    CHECK(step(model, elsewhere, Json::array({cards.at(1)})).at("fit").at(0).at("largest_batch") == large);
}

TEST_CASE("step report: `want` leaves out what it does not name") {
    const auto asked = [](const Json& want) {
        const Json request = {{"model", davenet_image()}, {"gpus", {"t4-16gb"}}, {"want", want}};
        return Json::parse(footprint::step(request.dump()));
    };
    const Json peaks = asked(Json::array({"layers"})), story = asked(Json::array({"bridge", "timeline"})),
               fit = asked(Json::array({"fit"}));
    for (const char* part : {"bridge", "fit", "timeline"}) CHECK_FALSE(peaks.contains(part));
    CHECK(peaks.at("step").at("peak_allocated") == story.at("step").at("peak_allocated"));
    CHECK(story.contains("bridge"));
    CHECK(story.contains("timeline"));
    CHECK_FALSE(story.contains("fit"));
    CHECK(fit.at("fit").size() == 1);
    CHECK_FALSE(fit.at("fit").at(0).contains("largest_batch"));
    CHECK(asked(Json::array({"fit", "largest_batch"})).at("fit").at(0).contains("largest_batch"));
    CHECK(first_code(asked(Json::array({"frames"}))) == "unknown-word");
}

TEST_CASE("step report: every construct of the format runs, and every bad one is refused by a diagnostic") {
    const Json none = Json::array();
    const Json good = read_json("tests/documents/expected.json"), bad = read_json("tests/documents/bad/index.json");
    for (const auto& entry : good.items()) {
        const std::string& file = entry.key();
        CAPTURE(file);
        const Json model = read_json("tests/documents/" + file);
        for (const char* optimizer : {"adam", "none"}) {
            const Json answer = step(model, {{"batch", 11}, {"optimizer", {{"name", optimizer}}}}, none);
            REQUIRE(answer.contains("step"));
            CHECK(answer.at("step").at("peak_allocated") > 0);
            CHECK(answer.at("step").at("peak_reserved") >= answer.at("step").at("peak_allocated"));
        }
    }
    for (const auto& entry : bad.items()) {
        CAPTURE(entry.key());
        const std::string request = R"({"model": )" + read("tests/documents/bad/" + entry.key()) + "}";
        const Json answer = Json::parse(footprint::step(request));
        CHECK_FALSE(answer.at("diagnostics").empty());
    }
}

TEST_CASE("step report: a largest batch that no step of bearable length decides is left out" * sweep) {
    // The ranking loss makes some fifty blocks an item, and the network hardly any memory: 10^5 items fit in 80 GB.
    const Json answer = step(read_json("tests/documents/loss-misa.json"), {{"batch", 4}}, Json::array({"a100-80gb"}));
    CHECK(answer.at("fit").at(0).at("verdict") == "fits");
    CHECK_FALSE(answer.at("fit").at(0).contains("largest_batch"));
}

TEST_CASE("step report: what cannot be is said, and the notebook's answer stays") {
    const Json model = read_json("presets/vgg16.json");
    const auto code_of = [&](const Json& run) { return first_code(step(model, run)); };
    CHECK(code_of({{"optimizer", {{"name", "adamx"}}}}) == "unknown-word");
    CHECK(code_of({{"optimizer", {{"name", "rprop"}, {"weight_decay", 0.1}}}}) == "unknown-key");
    CHECK(code_of({{"checkpoint", {"nothing"}}}) == "unknown-name");
    CHECK(code_of({{"steps", 0}}) == "out-of-range");
    CHECK(code_of({{"precision", "fp8"}}) == "unknown-word");
    CHECK(code_of({{"batch", std::int64_t{1} << 40}}) == "overflow");
    const Json answer = step(model, {{"batch", 1}}, Json::array({{{"name", "tiny"}, {"usable_mib", 1}}}));
    CHECK(answer.at("fit").at(0).at("verdict") == "does not fit");
    CHECK(answer.at("fit").at(0).at("largest_batch") == 0);
    const Json report =
        Json::parse(footprint::estimate(Json{{"model", model}, {"run", {{"checkpoint", {"nothing"}}}}}.dump()));
    CHECK(report.contains("notebook"));
}

TEST_CASE("step report: an opaque row is assumed, and said to be") {
    const Json row = {{"op", "opaque"},
                      {"function", "mystery"},
                      {"outputs", {{{"shape", {{{"batch", 1}}, 8}}, {"dtype", "float32"}, {"storage", "new"}}}}};
    const Json answer =
        step(model_of(Json::array({{{"op", "Linear"}, {"out_features", 8}}, row}), {4}), {{"batch", 2}});
    REQUIRE(answer.contains("step"));
    CHECK(first_code(answer) == "assumed");
    CHECK(answer.at("diagnostics").at(0).at("row") == 2);
}
