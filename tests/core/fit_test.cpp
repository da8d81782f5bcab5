// Verdicts and largest batches against the table of the notebook's method and the CUDA totals of the GPU table.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

#include "estimate/fit.hpp"
#include "support.hpp"

using namespace footprint;
using namespace footprint::testing;

namespace {

Json fit_of(const std::string& document, int batch, const Json& gpu) {
    return report_of(read_json(document), {{"batch", batch}}, Json::array({gpu})).at("fit").at(0);
}

}  // namespace

TEST_CASE(
    "largest batches of the image branch: RTX 3060 54, T4 67, V100 16 GB 72, RTX 4090 109, V100 32 GB 147, A100 40 GB "
    "182") {
    const std::pair<const char*, int> expected[] = {{"rtx-3060-12gb", 54},  {"t4-16gb", 67},    {"v100-16gb", 72},
                                                    {"rtx-4090-24gb", 109}, {"v100-32gb", 147}, {"a100-40gb", 182}};
    for (const auto& one : expected) {
        const char* const gpu = one.first;
        const int batch = one.second;
        CAPTURE(gpu);
        CHECK(fit_of("presets/davenet-image.json", 128, gpu).at("largest_batch") == batch);
    }
}

TEST_CASE("the largest batch fits and one more does not, on every card") {
    const Json model = read_json("presets/davenet-image.json");
    const Json all = report_of(model, {{"batch", 1}}).at("fit");
    CHECK(all.size() >= 80);
    for (const Json& card : all) {
        const std::int64_t n = card.at("largest_batch");
        REQUIRE(n > 0);
        CAPTURE(card.at("gpu").get<std::string>());
        CHECK(report_of(model, {{"batch", n}}, Json::array({card.at("gpu")})).at("fit")[0].at("verdict") !=
              "does not fit");
        CHECK(report_of(model, {{"batch", n + 1}}, Json::array({card.at("gpu")})).at("fit")[0].at("verdict") ==
              "does not fit");
    }
}

TEST_CASE("the image branch at batch 128 does not fit a 16 GB V100 and fits a 32 GB one") {
    const Json small = fit_of("presets/davenet-image.json", 128, "v100-16gb");
    CHECK(small.at("verdict") == "does not fit");
    CHECK(small.at("usable") == 16'935'682'048);
    CHECK(small.at("free") == 16'935'682'048 - 29'647'056'128);  // 28,273.64 MB
    CHECK(small.at("binds") == "activations");
    CHECK(fit_of("presets/davenet-image.json", 128, "v100-32gb").at("verdict") == "fits");
}

TEST_CASE("tight: under a tenth of the card is free") {
    // A card of 1,000 MiB: 900 MiB leave exactly a tenth, one byte more leaves less.
    const Affine none{0, 0};
    Notebook counted;
    counted.input = none;
    counted.forward = none;
    constexpr std::int64_t kCard = 1000LL << 20;
    counted.parameters = 900LL << 20;
    CHECK(fit(counted, 1, kCard).verdict == Verdict::fits);
    counted.parameters += 1;
    CHECK(fit(counted, 1, kCard).verdict == Verdict::tight);
    counted.parameters = kCard;
    CHECK(fit(counted, 1, kCard).verdict == Verdict::tight);
    CHECK(fit(counted, 1, kCard).free == 0);
    counted.parameters += 1;
    CHECK(fit(counted, 1, kCard).verdict == Verdict::does_not_fit);
}

TEST_CASE("largest batch where nothing grows, where nothing fits, and where the parameters bind") {
    CHECK(largest_batch({0, 10}, 10) == std::nullopt);
    CHECK(largest_batch({0, 11}, 10) == 0);
    CHECK(largest_batch({3, 5}, 4) == 0);  // the fixed part alone is too much
    CHECK(largest_batch({3, 5}, 7) == 0);  // one item needs 8
    CHECK(largest_batch({3, 5}, 8) == 1);
    CHECK(largest_batch({3, 5}, 10) == 1);
    CHECK(largest_batch({3, 5}, 11) == 2);
    Notebook counted;
    counted.input = {1, 0};
    counted.forward = {4, 0};
    counted.parameters = 100;
    CHECK(fit(counted, 1, 99).binds == "parameters");
    CHECK(fit(counted, 1, 200).binds == "activations");
}

TEST_CASE("memory in use by other programs comes off; Windows does not subtract the driver's reserve") {
    const Json alone = fit_of("presets/davenet-image.json", 1, "rtx-5090-32gb");
    const Json shared =
        fit_of("presets/davenet-image.json", 1, Json::parse(R"({"id": "rtx-5090-32gb", "in_use_mib": 300})"));
    CHECK(alone.at("usable").get<std::int64_t>() - shared.at("usable").get<std::int64_t>() == 300LL << 20);
    const Json windows =
        fit_of("presets/davenet-image.json", 1, Json::parse(R"({"id": "rtx-5090-32gb", "system": "windows"})"));
    CHECK(windows.at("usable") == 34'190'458'880);  // ComfyUI#11186
    CHECK(alone.at("usable") == 33'677'180'928);    // aikitoria#1
}

TEST_CASE("a card of one's own") {
    const Json own = fit_of("presets/davenet-image.json", 1,
                            Json::parse(R"({"name": "mine", "usable_mib": 11000, "in_use_mib": 300})"));
    CHECK(own.at("gpu") == "custom");
    CHECK(own.at("name") == "mine");
    CHECK(own.at("usable") == (11000LL - 300) << 20);
}

TEST_CASE("tight is less than a tenth free, exactly, without an overflow") {
    CHECK(is_tight(9, 100));
    CHECK_FALSE(is_tight(10, 100));
    CHECK(is_tight(10, 101));
    CHECK_FALSE(is_tight(11, 101));
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK_FALSE(is_tight(most, most));
    CHECK(is_tight(most / 10, most));
}
