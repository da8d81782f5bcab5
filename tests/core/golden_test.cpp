// torchsummary 1.5.1's own prints, character for character, from documents of the same networks.
#include <doctest/doctest.h>

#include "support.hpp"

using namespace footprint::testing;

TEST_CASE("every golden of torchsummary is printed character for character, at every batch") {
    const Json index = read_json("tests/golden/documents/index.json");
    REQUIRE(index.size() >= 60);
    for (const auto& item : index.items()) {
        const std::string& golden = item.key();
        const Json& entry = item.value();
        CAPTURE(golden);
        const Json model = read_json(entry.at("document"));
        Json run = Json::object();
        if (entry.at("batch") != -1) run["batch"] = entry.at("batch");
        const Json report = report_of(model, run, nullptr, Json::array({"print", "notebook"}));
        CHECK(first_error(report) == Json(nullptr));
        if (!report.contains("print")) continue;
        CHECK(report.at("print").at("text").get<std::string>() == read("tests/golden/torchsummary/" + golden));
        CHECK(report.at("print").contains("stopped") == !entry.at("crash").is_null());
    }
}

TEST_CASE(
    "where torchsummary survives one input and tensor outputs, the notebook's total is its own, to the last bit") {
    const Json index = read_json("tests/golden/documents/index.json");
    int compared = 0;
    for (const auto& item : index.items()) {
        const std::string& golden = item.key();
        const Json& entry = item.value();
        if (!entry.at("crash").is_null() || entry.at("batch") == -1) continue;
        const Json truth = read_json("tests/golden/torchsummary/" + golden.substr(0, golden.size() - 4) + ".json");
        bool tuples = truth.at("input_size").size() != 1;
        for (const Json& row : truth.at("rows"))
            tuples = tuples || row.at("output_shape").empty() || row.at("output_shape")[0].is_array();
        if (tuples) continue;
        CAPTURE(golden);
        const Json report = report_of(read_json(entry.at("document")), {{"batch", entry.at("batch")}});
        const double total = truth.at("total_mb").get<double>() * 1048576.0;
        CHECK(report.at("notebook").at("total").get<double>() == total);
        CHECK(!report.contains("torchsummary"));
        ++compared;
    }
    CHECK(compared >= 10);
}

TEST_CASE("where torchsummary differs, the report says by which reason") {
    const auto because = [](const char* document, int batch) {
        const Json report = report_of(read_json(document), {{"batch", batch}});
        return report.contains("torchsummary") ? report.at("torchsummary").at("because") : Json();
    };
    CHECK(because("tests/golden/documents/QTwoInputs.json", 4) == Json::array({"inputs-multiplied"}));
    CHECK(because("tests/golden/documents/QTupleCancels.json", 16) == Json::array({"tuple-multiplied"}));
    CHECK(because("tests/golden/documents/QTupleOverflow.json", 2) == Json::array({"tuple-multiplied", "wrapped"}));
    CHECK(because("tests/golden/documents/QDictOutput.json", 1) == Json::array({"stops"}));
    CHECK(because("presets/davenet.json", 128) == Json::array({"stops"}));  // its two inputs differ in rank
    CHECK(because("presets/vgg16.json", 128) == Json());
}
