// Derivations of a report's numbers: the formula, this model's numbers, and the value that stands in the report.
#include <doctest/doctest.h>

#include "footprint.hpp"
#include "support.hpp"

using namespace footprint::testing;

namespace {

Json explained(const std::string& document, const std::string& path, const Json& run = {{"batch", 1}}) {
    const Json request = {{"model", read_json(document)}, {"run", run}};
    return Json::parse(footprint::explain(request.dump(), path));
}

std::string line(const Json& derivation, const std::string& kind) {
    for (const Json& one : derivation.at("lines"))
        if (one.at("kind") == kind) return one.at("text");
    return "";
}

}  // namespace

TEST_CASE("the audio network's forward pass reads like the notebook's formula: 5.16 MB, which doubled is 10.31 MB") {
    const Json forward = explained("presets/davenet-audio.json", "notebook/forward");
    CHECK(line(forward, "numbers") ==
          "= (40 × 1024 + 128 × 1024 + 256 × 1024 + 256 × 512 + 512 × 512 + 512 × 256 + 512 × 256 + 512 × 128 + 1024 × "
          "128 + 1024 × 64) × 1 × 4");
    CHECK(forward.at("value") == 1'351'680 * 4);
}

TEST_CASE("the audio network's parameters read like the notebook's formula: 60.90 MB") {
    const Json parameters = explained("presets/davenet-audio.json", "notebook/parameters");
    CHECK(line(parameters, "numbers") ==
          "= (1 + 1 + 128 × 40 + 128 + 128 × 256 × 11 + 256 + 256 × 512 × 17 + 512 + 512 × 512 × 17 + 512 + 512 × 1024 "
          "× 17 + 1024) × 4");
    CHECK(line(parameters, "megabytes").find("60.90 MB") != std::string::npos);
    CHECK(parameters.at("value") == 4 * 15'965'570);
}

TEST_CASE("the total is input + 2 × forward + parameters") {
    const Json total = explained("presets/davenet-image.json", "notebook/total", {{"batch", 128}});
    CHECK(line(total, "symbols") == "M = M_input + 2 × M_forward + M_parameters");
    CHECK(line(total, "megabytes").find("28,273.64 MB") != std::string::npos);
    CHECK(total.at("value") == 29'647'056'128);
    CHECK(total.at("terms").size() == 3);
    for (const Json& term : total.at("terms"))
        CHECK(!explained("presets/davenet-image.json", term.at("path"), {{"batch", 128}}).contains("diagnostics"));
}

TEST_CASE("both passes together are what torchsummary prints in one line: 28126.00") {
    const Json passes = explained("presets/davenet-image.json", "notebook/forward_backward", {{"batch", 128}});
    CHECK(line(passes, "symbols") == "M_passes = 2 × M_forward");
    CHECK(line(passes, "megabytes").find("28,126.00 MB") != std::string::npos);
    CHECK(read("tests/golden/torchsummary/davenet_image_b128.txt").find("pass size (MB): 28126.00") !=
          std::string::npos);
}

TEST_CASE("a size of an output is derived by the layer's rule, and its terms open in turn") {
    const Json height = explained("presets/davenet-audio.json", "layers/conv1/outputs/0/2");
    CHECK(line(height, "symbols") == "H_out = ⌊(H_in + 2 × p_H − d_H × (k_H − 1) − 1) / s_H⌋ + 1");
    CHECK(height.at("value") == 1);
    const Json& input = height.at("terms").at(0);
    CHECK(input.at("symbol") == "H_in");
    CHECK(input.at("value") == 40);
    CHECK(explained("presets/davenet-audio.json", input.at("path")).at("value") == 40);
}

TEST_CASE("every number of a report has a derivation whose value is that number" * sweep) {
    for (const char* document :
         {"presets/davenet-audio.json", "presets/davenet.json", "presets/vgg16.json", "presets/teaching-cnn.json",
          "tests/golden/documents/resnet18.json", "tests/golden/documents/QAttention.json",
          "tests/golden/documents/QGruLast.json", "tests/golden/documents/QSharedTwoParents.json",
          "tests/golden/documents/QBatchLeak.json", "tests/golden/documents/q_conv1d.json"}) {
        CAPTURE(document);
        const Json run = {{"batch", 3}};
        const Json report = report_of(read_json(document), run, {"v100-16gb", "t4-16gb"});
        std::vector<std::pair<std::string, Json>> numbers;
        for (const Json& row : report.at("layers")) {
            const std::string base = "layers/" + std::to_string(row.at("row").get<int>()) + "/";
            for (const char* key : {"parameters", "parameter_bytes", "forward", "unseen"})
                if (row.contains(key)) numbers.emplace_back(base + key, row.at(key));
            for (std::size_t k = 0; k < row.at("outputs").size(); ++k)
                for (std::size_t d = 0; d < row.at("outputs")[k].size(); ++d)
                    numbers.emplace_back(base + "outputs/" + std::to_string(k) + "/" + std::to_string(d),
                                         row.at("outputs")[k][d]);
        }
        for (const auto& [key, value] : report.at("notebook").items()) numbers.emplace_back("notebook/" + key, value);
        for (const Json& card : report.at("fit"))
            for (const char* key : {"usable", "free", "largest_batch"})
                numbers.emplace_back("fit/" + card.at("gpu").get<std::string>() + "/" + key, card.at(key));
        for (const auto& number : numbers) {
            const std::string& path = number.first;
            const Json& value = number.second;
            CAPTURE(path);
            const Json derivation = explained(document, path, run);
            REQUIRE(derivation.contains("value"));
            const std::int64_t prints =
                path.starts_with("layers/") && (path.ends_with("parameters") || path.ends_with("_bytes"))
                    ? static_cast<std::int64_t>(
                          report.at("layers")[static_cast<std::size_t>(std::stoi(path.substr(7))) - 1]
                              .at("labels")
                              .size())
                    : 1;
            CHECK(derivation.at("value").get<std::int64_t>() * std::max<std::int64_t>(prints, 1) ==
                  value.get<std::int64_t>());
            CHECK(derivation.at("mathml").get<std::string>().starts_with("<math"));
            CHECK(!derivation.at("latex").get<std::string>().empty());
        }
    }
}

TEST_CASE("a path that names no number says so") {
    for (const char* path : {"", "layers", "layers/99/forward", "layers/conv1/colour", "layers/conv1/outputs/0/9",
                             "notebook/colour", "fit/nowhere/free", "layers/conv1/outputs/99999999999/0"}) {
        CAPTURE(path);
        CHECK(first_error(explained("presets/davenet-audio.json", path)).at("code") == "unknown-path");
    }
}
