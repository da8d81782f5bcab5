// Every layer and function against PyTorch itself: tests/golden/layers holds what torch answered to each case, refusals
// included.
#include <doctest/doctest.h>

#include "estimate/infer.hpp"
#include "json/parse.hpp"
#include "json/read.hpp"
#include "support.hpp"

using namespace footprint::testing;

namespace {

constexpr const char* kFamilies[] = {"activation",    "arithmetic", "convolution", "dropout",    "indexing", "linear",
                                     "normalization", "pooling",    "reduction",   "resampling", "sequence", "shape"};

Json document(const Json& fragment) {
    Json model = {{"format", "footprint/model"}, {"version", 1}};
    model.update(fragment);
    return model;
}

Json shapes(const Json& outputs) {
    Json list = Json::array();
    for (const Json& output : outputs) list.push_back(output.at("shape"));
    return list;
}

/// The sizes of the case's last row at a batch.
void check_sizes(const Json& one, const Json& expected, int batch) {
    const Json report =
        report_of(document(one.at("model")), {{"batch", batch}}, Json::array(), Json::array({"layers"}));
    CHECK(first_error(report) == Json(nullptr));
    CHECK(report.at("layers").back().at("outputs") == expected);
}

/// Types, strides and storage of the case's last row: what decides view or copy further down.
void check_tensors(const Json& one) {
    footprint::Diagnostics diagnostics;
    const std::optional<footprint::Value> text = footprint::json::parse(document(one.at("model")).dump(), diagnostics);
    REQUIRE(text);
    const footprint::Model model = footprint::json::read_model(*text, diagnostics);
    const footprint::Inference inference = footprint::infer(model, {}, {}, diagnostics);
    const std::vector<footprint::Tensor>& outputs = inference.rows.back().outputs;
    REQUIRE(outputs.size() == one.at("outputs").size());
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        CAPTURE(k);
        const Json& expected = one.at("outputs")[k];
        CHECK(footprint::name_of(outputs[k].dtype) == expected.at("dtype").get<std::string>());
        if (expected.contains("strides")) {
            Json strides = Json::array();
            for (const footprint::Integer stride : outputs[k].strides) strides.push_back(stride.value());
            CHECK(strides == expected.at("strides"));
        }
        const auto made_by = inference.storages[static_cast<std::size_t>(outputs[k].storage)].row;
        const bool is_new = made_by == static_cast<std::int32_t>(inference.rows.size()) - 1;
        CHECK(is_new == (expected.at("storage") == "new"));
    }
}

void check_refused(const Json& one) {
    const Json report = report_of(document(one.at("model")), {{"batch", 2}}, Json::array(), Json::array({"layers"}));
    bool found = false;
    for (const Json& diagnostic : report.at("diagnostics"))
        found = found || (diagnostic.at("code") == one.at("code") &&
                          (!one.contains("field") || diagnostic.value("field", Json()) == one.at("field")));
    INFO(report.at("diagnostics").dump());
    CHECK_MESSAGE(found, one.at("error").get<std::string>());
}

/// Elements of weight and bias, which torchsummary counts, and of the parameters and buffers it does not see.
void check_parameters(const Json& one) {
    const Json report =
        report_of(document(one.at("model")), {{"batch", 2}}, Json::array(), Json::array({"layers", "notebook"}));
    const Json& row = report.at("layers").back();
    if (!one.contains("parameters") || row.at("labels").size() != 1 || !row.contains("parameters")) return;
    std::int64_t seen = 0, unseen = 0;
    for (const char* kind : {"parameters", "buffers"})
        for (const Json& parameter : one.at(kind)) {
            std::int64_t count = 1;
            for (const Json& size : parameter[1]) count *= size.get<std::int64_t>();
            (parameter[0] == "weight" || parameter[0] == "bias" ? seen : unseen) += count;
        }
    CHECK(row.at("parameters") == seen);
    CHECK(row.value("unseen", 0) == unseen);
}

}  // namespace

TEST_CASE("sizes, types, strides, storage, parameters and refusals of every operation are PyTorch's" * sweep) {
    int cases = 0, refused = 0;
    for (const char* family : kFamilies) {
        const Json file = read_json(std::string("tests/golden/layers/") + family + ".json");
        for (const Json& one : file.at("cases")) {
            CAPTURE(one.at("name").get<std::string>());
            ++cases;
            if (one.contains("error")) {
                ++refused;
                check_refused(one);
                continue;
            }
            check_sizes(one, shapes(one.at("outputs")), 2);
            check_tensors(one);
            if (one.contains("at_5")) check_sizes(one, one.at("at_5"), 5);
            check_parameters(one);
        }
    }
    CHECK(cases >= 2900);
    CHECK(refused >= 700);
}
