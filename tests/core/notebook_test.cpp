// The notebook's own numbers: "Memory footprint estimation" and the table that repeats it with torchsummary 1.5.1.
#include <doctest/doctest.h>

#include "base/number.hpp"
#include "support.hpp"

using namespace footprint;
using namespace footprint::testing;

namespace {

struct Megabytes {
    std::string input, passes, parameters, total;
    friend bool operator==(const Megabytes&, const Megabytes&) = default;
};

Megabytes megabytes_of(const std::string& document, const Json& run) {
    const Json report = report_of(read_json(document), run);
    const Json& notebook = report.at("notebook");
    const auto amount = [&](const char* key) { return Integer(notebook.at(key).get<std::int64_t>()); };
    return {megabytes(amount("input")), megabytes(amount("forward") + amount("backward")),
            megabytes(amount("parameters")), megabytes(amount("total"))};
}

}  // namespace

TEST_CASE("the table of the notebook") {
    CHECK(megabytes_of("presets/davenet-audio.json", Json::object()) == Megabytes{"0.16", "10.31", "60.90", "71.37"});
    CHECK(megabytes_of("presets/davenet-audio.json", {{"batch", 100}}) ==
          Megabytes{"15.62", "1031.25", "60.90", "1107.78"});
    CHECK(megabytes_of("presets/davenet-audio.json", {{"batch", 128}}) ==
          Megabytes{"20.00", "1320.00", "60.90", "1400.90"});
    CHECK(megabytes_of("presets/davenet-audio-2048.json", Json::object()) ==
          Megabytes{"0.31", "20.62", "60.90", "81.84"});
    CHECK(megabytes_of("presets/davenet-audio-2048.json", {{"batch", 128}}) ==
          Megabytes{"40.00", "2640.00", "60.90", "2740.90"});
    CHECK(megabytes_of("presets/davenet-image.json", Json::object()) == Megabytes{"0.57", "219.73", "74.14", "294.44"});
    CHECK(megabytes_of("presets/davenet-image.json", {{"batch", 128}}) ==
          Megabytes{"73.50", "28126.00", "74.14", "28273.64"});
    CHECK(megabytes_of("presets/vgg16.json", Json::object()) == Megabytes{"0.57", "218.78", "527.79", "747.15"});
    CHECK(megabytes_of("presets/vgg16.json", {{"batch", 128}}) == Megabytes{"73.50", "28003.98", "527.79", "28605.27"});
}

TEST_CASE("DAVEnet's two branches on one card are two runs added: 28,273.64 + 1,400.90 = 29,674.54 MB") {
    CHECK(megabytes_of("presets/davenet.json", {{"batch", 128}}).total == "29674.54");
}

TEST_CASE("the audio network at 2048 frames is the preset at 1024 with other input sizes") {
    CHECK(megabytes_of("presets/davenet-audio.json",
                       Json::parse(R"({"batch": 128, "inputs": {"spectrogram": [40, 2048]}})")) ==
          megabytes_of("presets/davenet-audio-2048.json", {{"batch", 128}}));
}

TEST_CASE("parameters: audio 15,965,570, image 19,434,304") {
    const auto parameters = [](const char* document) {
        return report_of(read_json(document)).at("notebook").at("parameters").get<std::int64_t>() / 4;
    };
    CHECK(parameters("presets/davenet-audio.json") == 15'965'570);
    CHECK(parameters("presets/davenet-image.json") == 19'434'304);
}

TEST_CASE("the teaching network: input 1 MB, passes 2 × 5 MB, parameters 1 MB, so 12 MB") {
    // Real torchsummary prints 1.00, 10.00, 1.00 and 12.00 for it (tests/golden/documents).
    CHECK(megabytes_of("presets/teaching-cnn.json", Json::object()) == Megabytes{"1.00", "10.00", "1.00", "12.00"});
}

TEST_CASE("bytes per value scale every part of the notebook's total") {
    const Json four = report_of(read_json("presets/davenet-audio.json")).at("notebook");
    const Json two = report_of(read_json("presets/davenet-audio.json"), {{"bytes_per_value", 2}}).at("notebook");
    for (const char* part : {"input", "forward", "parameters", "total"})
        CHECK(two.at(part).get<std::int64_t>() * 2 == four.at(part).get<std::int64_t>());
}

TEST_CASE("mode, precision and optimizer never change the notebook's numbers") {
    const Json plain_run = report_of(read_json("presets/vgg16.json"), {{"batch", 8}});
    const Json other = report_of(
        read_json("presets/vgg16.json"),
        Json::parse(R"({"batch": 8, "mode": "inference", "precision": "amp-fp16", "optimizer": {"name": "adam"}})"));
    CHECK(plain_run.at("notebook") == other.at("notebook"));
}
