// The example documents: each construct of the format once, with sizes from PyTorch; and each kind of bad input once,
// with the diagnostic it must give.
#include <doctest/doctest.h>

#include "footprint.hpp"
#include "support.hpp"

using namespace footprint::testing;

TEST_CASE("each construct of the format gives the sizes and parameters that PyTorch gives") {
    const Json expected = read_json("tests/documents/expected.json");
    REQUIRE(expected.size() >= 60);
    for (const auto& entry : expected.items()) {
        const std::string& file = entry.key();
        const Json& rows = entry.value();
        CAPTURE(file);
        const Json report = report_of(read_json("tests/documents/" + file), {{"batch", 11}});
        CHECK(first_error(report) == Json(nullptr));
        const Json& layers = report.at("layers");
        REQUIRE(layers.size() == rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            CAPTURE(i);
            if (!rows[i].is_null() && rows[i].contains("outputs"))
                CHECK(layers[i].at("outputs") == rows[i].at("outputs"));
            if (layers[i].at("labels").size() == 1 && rows[i].contains("parameters")) {
                CHECK(layers[i].at("parameters") == rows[i].at("parameters"));
                CHECK(layers[i].at("trainable") == rows[i].at("trainable"));
            }
        }
    }
}

TEST_CASE("each kind of bad input gives its diagnostic, on its row and attribute") {
    const Json expected = read_json("tests/documents/bad/index.json");
    REQUIRE(expected.size() >= 150);
    for (const auto& entry : expected.items()) {
        const std::string& file = entry.key();
        const Json& wanted = entry.value();
        CAPTURE(file);
        const std::string document = read("tests/documents/bad/" + file);
        const std::string request = file.starts_with("requests/") ? document : "{\"model\":" + document + "}";
        const Json report = Json::parse(footprint::estimate(request));
        bool found = false;
        for (const Json& diagnostic : report.at("diagnostics"))
            found = found || (diagnostic.at("code") == wanted.at("code") &&
                              diagnostic.value("row", Json()) == wanted.at("row") &&
                              diagnostic.value("field", Json()) == wanted.at("field"));
        INFO(report.at("diagnostics").dump());
        CHECK_MESSAGE(found, wanted.dump());
        CHECK(!report.contains("notebook"));
        for (const Json& diagnostic : report.at("diagnostics"))
            CHECK(diagnostic.at("message").get<std::string>().size() > 10);
    }
}

TEST_CASE("a bad row leaves the rows that do not read it judged") {
    const Json layers = {{{"op", "Conv2d"}, {"name", "good"}, {"out_channels", 4}, {"kernel_size", 3}},
                         {{"op", "Conv2d"}, {"name", "bad"}, {"out_channels", 4}, {"kernel_size", 30}},
                         {{"op", "ReLU"}},
                         {{"op", "Conv2d"}, {"out_channels", 8}, {"kernel_size", 1}, {"inputs", {"good"}}}};
    const Json report = report_of(model_of(layers, {3, 10, 10}));
    CHECK(report.at("diagnostics").size() == 1);
    CHECK(report.at("layers")[0].at("outputs") == Json::parse("[[1,4,8,8]]"));
    CHECK(report.at("layers")[1].at("outputs") == Json(nullptr));
    CHECK(report.at("layers")[2].at("outputs") == Json(nullptr));
    CHECK(report.at("layers")[3].at("outputs") == Json::parse("[[1,8,8,8]]"));
}

TEST_CASE("more than 20,000 rows are refused, and the limit is named") {
    Json layers = Json::array();
    for (int i = 0; i < 20'001; ++i) layers.push_back({{"op", "ReLU"}});
    const Json report = report_of(model_of(layers, {3}));
    CHECK(first_error(report).at("code") == "too-many-rows");
    CHECK(first_error(report).at("values").at("most") == 20'000);
}

TEST_CASE("a batch of 10^12 is an exact integer or an overflow diagnostic, never a wrapped number") {
    // One row of 3 outputs: 2 × 3 × 10^12 × 4 B of passes, 2 × 10^12 × 4 B of input, (2·3 + 3) × 4 B of parameters.
    const Json small =
        report_of(model_of({{{"op", "Linear"}, {"out_features", 3}}}, {2}), {{"batch", 1'000'000'000'000}});
    CHECK(small.at("notebook").at("total") == 32'000'000'000'036);
    const Json large = report_of(read_json("presets/davenet-image.json"), {{"batch", 1'000'000'000'000}});
    CHECK(first_error(large).at("code") == "overflow");
}
