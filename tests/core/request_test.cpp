// The request around a model: the run, the cards, what is wanted, and text that is no request at all.
#include <doctest/doctest.h>

#include "footprint.hpp"
#include "support.hpp"

using namespace footprint::testing;

TEST_CASE("any bytes in, a report out") {
    for (const std::string& text : {std::string(), std::string("{"), std::string("null"), std::string("[]"),
                                    std::string("\xff\xfe"), std::string(100'000, '['), std::string(3, '\0')}) {
        const Json report = Json::parse(footprint::estimate(text));
        CHECK(report.at("format") == "footprint/report");
        CHECK(first_error(report) != Json(nullptr));
        CHECK(!report.contains("notebook"));
    }
}

TEST_CASE("equal requests give equal bytes, and the keys stand in the documented order") {
    const std::string request =
        Json{{"model", read_json("presets/davenet.json")}, {"want", {"layers", "notebook", "print", "fit", "series"}}}
            .dump();
    CHECK(footprint::estimate(request) == footprint::estimate(request));
    std::vector<std::string> keys;
    const Json report = Json::parse(footprint::estimate(request));
    for (const auto& [key, value] : report.items()) keys.push_back(key);
    CHECK(keys == std::vector<std::string>{"format", "version", "diagnostics", "layers", "notebook", "torchsummary",
                                           "print", "fit", "series"});
}

TEST_CASE("a fix repairs what it is attached to") {
    Json model = model_of({{{"op", "Conv2d"}, {"out_channels", 4}, {"kernel_size", 3}, {"in_channels", 5}}}, {3, 8, 8});
    const Json error = first_error(report_of(model));
    CHECK(error.at("code") == "shape-mismatch");
    CHECK(error.at("field") == "in_channels");
    CHECK(error.at("values").at("input") == 3);
    const Json& fix = error.at("fixes").at(0);
    model.at("layers").at(0)[fix.at("field").get<std::string>()] = fix.at("value");
    CHECK(first_error(report_of(model)) == Json(nullptr));
}

TEST_CASE("a wrong name is answered with the closest right one") {
    const auto message = [](const Json& layers) {
        return first_error(report_of(model_of(layers, {3, 8, 8}))).at("message").get<std::string>();
    };
    CHECK(message({{{"op", "Conv2D"}, {"out_channels", 4}, {"kernel_size", 3}}}).find("Conv2d") != std::string::npos);
    CHECK(message({{{"op", "Conv2d"}, {"out_chanels", 4}, {"out_channels", 4}, {"kernel_size", 3}}})
              .find("out_channels") != std::string::npos);
    CHECK(first_error(report_of(model_of({{{"op", "ReLU"}}}, {3}), Json::object(), {"v100-16g"}))
              .at("message")
              .get<std::string>()
              .find("v100-16gb") != std::string::npos);
}

TEST_CASE("the series is the notebook's total at each batch, rising") {
    const Json report =
        report_of(read_json("presets/davenet-audio.json"), {{"batch", 128}}, {"v100-16gb"}, {"series", "notebook"});
    const Json& series = report.at("series");
    REQUIRE(series.size() >= 16);
    for (const Json& point : series) {
        // Input 40·1024, outputs 1,351,680 elements an item, 15,965,570 parameters: the notebook's own sums.
        const std::int64_t batch = point.at("batch");
        CHECK(point.at("total") == batch * 4 * (40 * 1024 + 2 * 1'351'680) + 4 * 15'965'570);
    }
    CHECK(series.front().at("batch") == 1);
    CHECK(series.back().at("batch") >= 256);
}

TEST_CASE("the catalogue names every operation once, and each attribute has a type and a help") {
    const Json catalogue = Json::parse(footprint::describe());
    std::vector<std::string> ops;
    for (const Json& layer : catalogue.at("layers")) {
        ops.push_back(layer.at("op"));
        CAPTURE(ops.back());
        CHECK(layer.at("summary").get<std::string>().size() >= 3);
        for (const Json& attribute : layer.at("attributes")) {
            CAPTURE(attribute.at("name").get<std::string>());
            CHECK(!attribute.at("type").get<std::string>().empty());
            CHECK(attribute.at("help").get<std::string>().size() > 3);
        }
    }
    CHECK(ops.size() >= 200);
    std::sort(ops.begin(), ops.end());
    CHECK(std::adjacent_find(ops.begin(), ops.end()) == ops.end());
}

TEST_CASE("the catalogue has PyTorch's defaults") {
    const Json catalogue = Json::parse(footprint::describe());
    const auto attribute = [&](const std::string& op, const std::string& name) {
        for (const Json& layer : catalogue.at("layers"))
            if (layer.at("op") == op)
                for (const Json& one : layer.at("attributes"))
                    if (one.at("name") == name) return one;
        return Json();
    };
    CHECK(attribute("Conv2d", "stride").at("default") == 1);
    CHECK(attribute("Conv2d", "out_channels").at("required") == true);
    CHECK(attribute("Conv2d", "in_channels").at("inferred") == true);
    CHECK(attribute("MaxPool2d", "stride").at("otherwise") == "kernel_size");
    CHECK(attribute("BatchNorm2d", "eps").at("default") == 1e-5);
    CHECK(attribute("Dropout", "p").at("default") == 0.5);
    CHECK(attribute("LSTM", "batch_first").at("default") == false);
}

TEST_CASE("a row that shares a module cannot say something else of it") {
    for (const Json& said :
         {Json{{"class", "Other"}}, Json{{"inplace", true}}, Json{{"frozen", true}}, Json{{"only", "train"}}}) {
        Json again = {{"op", "Hardswish"}, {"shares", "act"}};
        again.update(said);
        const Json error = first_error(report_of(model_of({{{"op", "Hardswish"}, {"name", "act"}}, again}, {3})));
        CHECK(error.at("code") == "contradiction");
        CHECK(error.at("row") == 2);
        CHECK(error.at("field") == said.begin().key());
    }
}

TEST_CASE("an error after a thousand warnings is one") {
    // PyTorch and Footprint warn where num_features is not the channels of an InstanceNorm without weights.
    Json rows = Json::array();
    for (int i = 0; i < 1001; ++i) rows.push_back({{"op", "InstanceNorm1d"}, {"num_features", 7}});
    rows.push_back({{"op", "Conv1d"}, {"out_channels", 4}, {"kernel_size", 9}});
    const Json report = report_of(model_of(rows, {5, 8}));
    CHECK(report.at("diagnostics").front().at("severity") == "warning");
    CHECK(first_error(report).at("code") == "kernel-exceeds-input");
    CHECK(!report.contains("notebook"));
}

TEST_CASE("errors beyond the thousand that are kept are counted") {
    const Json rows(1500, Json{{"op", "Conv2d"}, {"kernel_size", 3}});  // each without out_channels
    CHECK(report_of(model_of(rows, {3, 8, 8})).at("diagnostics").back().at("message") ==
          "500 further diagnostics are left out");
}

TEST_CASE("a mistake hides none of those below it") {
    const Json report = report_of(model_of({{{"op", "Conv2d"}, {"out_channels", -4}, {"kernel_size", 3}},
                                            {{"op", "Conv2d"}, {"out_channels", 4}, {"kernel_size", "3"}},
                                            {{"op", "MaxPool2d"}},
                                            {{"op", "Linear"}, {"out_featurs", 10}}},
                                           {3, 8, 8}));
    std::vector<std::pair<int, std::string>> found;
    for (const Json& one : report.at("diagnostics"))
        found.emplace_back(one.at("row").get<int>(), one.at("code").get<std::string>());
    CHECK(found ==
          std::vector<std::pair<int, std::string>>{
              {1, "out-of-range"}, {2, "wrong-type"}, {3, "missing"}, {4, "missing"}, {4, "unknown-attribute"}});
}

TEST_CASE("a size of an input is nowhere below 0") {
    for (const Json& size :
         {Json{{"batch", -1}}, Json{{"batch", -1}, {"plus", 10}}, Json{{"batch", 1}, {"plus", -2}}}) {
        CAPTURE(size.dump());
        const Json error = first_error(report_of(model_of({{{"op", "ReLU"}}}, {3, size})));
        CHECK(error.at("code") == "out-of-range");
        CHECK(error.at("field") == "shape");
    }
}

TEST_CASE("a size of a module that follows the batch is warned of") {
    const Json model = model_of({{{"op", "flatten"}}, {{"op", "Linear"}, {"out_features", 10}}}, {3, 4});
    const Json report = report_of(model, {{"batch", 5}});  // flatten from dimension 0: 2 × 12 and 5 × 12
    const Json& warning = report.at("diagnostics").at(0);
    CHECK(warning.at("code") == "follows-the-batch");
    CHECK(warning.at("row") == 2);
    CHECK(warning.at("field") == "in_features");
    CHECK(warning.at("values") == Json{{"at batch 2", 24}, {"at batch 5", 60}});
    Json mended = model;
    mended["layers"][0]["start_dim"] = 1;
    CHECK(report_of(mended, {{"batch", 5}}).at("diagnostics").empty());
}

TEST_CASE("many elements of a block that are no tensors keep their places at once") {
    Json block = {{"op", "Block"}, {"returns", "tuple"}, {"inputs", Json::array()}};
    for (int i = 0; i < 50'000; ++i) block["inputs"].push_back(nullptr);
    block["inputs"].push_back("a");
    const Json report =
        report_of(model_of({{{"op", "ReLU"}, {"name", "a"}}, block}, {3}), Json::object(), Json::array());
    CHECK(first_error(report) == Json(nullptr));
}
