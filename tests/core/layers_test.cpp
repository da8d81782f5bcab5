// What the truth files cannot say of layers: the sentences, numbers and fixes of what is refused, and what a change of
// the document would mend. Shapes, parameters and whether PyTorch refuses stand in tests/golden/layers.
#include <doctest/doctest.h>

#include <string>

#include "estimate/infer.hpp"
#include "layers/layer.hpp"
#include "support.hpp"

using namespace footprint::testing;

namespace {

Json refused(const Json& rows, const Json& shape, std::int64_t batch = 2) {
    return first_error(report_of(model_of(rows, shape), {{"batch", batch}}));
}

/// Applies a fix of the diagnostic to the row and gives the first error that is left, or null.
Json after_fix(Json row, const Json& shape, std::size_t number) {
    const Json diagnostic = refused(Json::array({row}), shape);
    REQUIRE(diagnostic.contains("fixes"));
    REQUIRE(diagnostic.at("fixes").size() > number);
    const Json& fix = diagnostic.at("fixes")[number];
    const std::string field = fix.at("field");
    if (fix.contains("value"))
        row[field] = fix.at("value");
    else
        row.erase(field);
    return refused(Json::array({row}), shape);
}

}  // namespace

TEST_CASE("a kernel that exceeds its input says both sizes and how to mend it") {
    const Json row = {{"op", "Conv2d"}, {"out_channels", 8}, {"kernel_size", {1, 7}}};
    const Json diagnostic = refused(Json::array({row}), {3, 9, 5});
    CHECK(diagnostic.at("code") == "kernel-exceeds-input");
    CHECK(diagnostic.at("row") == 1);
    CHECK(diagnostic.at("field") == "kernel_size");
    CHECK(diagnostic.at("values") == Json{{"kernel", 7}, {"input", 5}});
    CHECK(diagnostic.at("message") ==
          "the kernel reaches over 7, but the width of the input is 5: take a smaller kernel or more padding");
    // 5 columns hold a kernel of 5; 1 column on each side makes them the 7 that the kernel needs.
    CHECK(diagnostic.at("fixes") ==
          Json::array({{{"field", "kernel_size"}, {"value", {1, 5}}}, {{"field", "padding"}, {"value", {0, 1}}}}));
    CHECK(after_fix(row, {3, 9, 5}, 0) == Json(nullptr));
    CHECK(after_fix(row, {3, 9, 5}, 1) == Json(nullptr));
}

TEST_CASE("a dilated kernel is as long as its reach, and the padding counts for the input") {
    // Reach: 3 · (3 − 1) + 1 = 7 over 4 + 2 · 1 = 6; two elements reach over 3 · 1 + 1 = 4, so 2 is the most that fits.
    const Json row = {{"op", "Conv1d"}, {"out_channels", 8}, {"kernel_size", 3}, {"dilation", 3}, {"padding", 1}};
    const Json diagnostic = refused(Json::array({row}), {3, 4});
    CHECK(diagnostic.at("values") == Json{{"kernel", 7}, {"input", 6}});
    CHECK(diagnostic.at("fixes")[0] == Json{{"field", "kernel_size"}, {"value", 2}});
    CHECK(after_fix(row, {3, 4}, 0) == Json(nullptr));
}

TEST_CASE("padding different at two ends of a dimension is refused by a pool and said by its own layer") {
    // A document may pad each dimension by another amount, but a list of four is a padding layer's (left, right, top,
    // bottom).
    const Json pool = {{"op", "MaxPool2d"}, {"kernel_size", 3}, {"padding", {0, 1, 0, 1}}};
    const Json diagnostic = refused(Json::array({pool}), {4, 8, 8});
    CHECK(diagnostic.at("code") == "wrong-type");
    CHECK(diagnostic.at("field") == "padding");
    CHECK(diagnostic.at("values") == Json{{"members", 4}, {"dimensions", 2}});

    const Json rows = {{{"op", "ZeroPad2d"}, {"padding", {0, 1, 0, 1}}},
                       {{"op", "MaxPool2d"}, {"kernel_size", 3}, {"stride", 2}}};
    const Json report = report_of(model_of(rows, {4, 8, 8}));
    CHECK(report.at("layers")[0].at("outputs") == Json::parse("[[1,4,9,9]]"));
    CHECK(report.at("layers")[1].at("outputs") == Json::parse("[[1,4,4,4]]"));  // ⌊(9 − 3) / 2⌋ + 1
}

TEST_CASE("channels that are given and wrong name both numbers, and the input's are the fix") {
    const Json row = {{"op", "Conv2d"}, {"in_channels", 16}, {"out_channels", 8}, {"kernel_size", 3}};
    const Json diagnostic = refused(Json::array({row}), {3, 9, 9});
    CHECK(diagnostic.at("code") == "shape-mismatch");
    CHECK(diagnostic.at("field") == "in_channels");
    CHECK(diagnostic.at("values") == Json{{"in_channels", 16}, {"input", 3}});
    CHECK(after_fix(row, {3, 9, 9}, 0) == Json(nullptr));
}

TEST_CASE("channels that are left out are settled by the input, and the report says them") {
    const Json rows = {{{"op", "Conv2d"}, {"out_channels", 8}, {"kernel_size", 3}}, {{"op", "BatchNorm2d"}}};
    const Json layers = report_of(model_of(rows, {3, 9, 9})).at("layers");
    CHECK(layers[0].at("resolved") == Json{{"in_channels", 3}});
    CHECK(layers[1].at("resolved") == Json{{"num_features", 8}});
}

TEST_CASE("an unknown attribute names the closest known one") {
    const Json row = {{"op", "Conv2d"}, {"out_channels", 8}, {"kernel_size", 3}, {"strides", 2}};
    const Json diagnostic = refused(Json::array({row}), {3, 9, 9});
    CHECK(diagnostic.at("code") == "unknown-attribute");
    CHECK(diagnostic.at("field") == "strides");
    CHECK(diagnostic.at("message") == "Conv2d has no attribute strides; the closest it has is stride");
}

TEST_CASE("an index tensor may be called index, as the attribute is") {
    for (const char* name : {"index", "places"}) {
        const Json index = Json::array({":", {{"tensor", name}}});
        Json model = model_of(Json::array({{{"op", "getitem"}, {"index", index}}}), {8});
        model["parameters"] = Json::array({{{"path", name}, {"shape", {4}}, {"dtype", "int64"}, {"buffer", true}}});
        const Json report = report_of(model, {{"batch", 2}});
        REQUIRE(first_error(report).is_null());
        CHECK(report.at("layers").at(0).at("outputs") == Json{{2, 4}});
    }
}

TEST_CASE("an unknown layer names the closest known ones") {
    CHECK(footprint::near_ops("conv2").size() > 0);
    const auto close = footprint::near_ops("Conv2D");
    REQUIRE(close.size() > 0);
    CHECK(close[0] == "Conv2d");
}

TEST_CASE("groups that do not divide the channels are mended by their greatest common divisor") {
    const Json row = {{"op", "Conv2d"}, {"out_channels", 8}, {"kernel_size", 3}, {"groups", 4}};
    const Json diagnostic = refused(Json::array({row}), {6, 9, 9});
    CHECK(diagnostic.at("code") == "not-divisible");
    CHECK(diagnostic.at("values") == Json{{"in_channels", 6}, {"groups", 4}});
    CHECK(after_fix(row, {6, 9, 9}, 0) == Json(nullptr));  // 2 divides 6 and 8
}

TEST_CASE("a pool's padding above half of its kernel is mended by that half") {
    const Json row = {{"op", "MaxPool2d"}, {"kernel_size", {5, 3}}, {"padding", {2, 2}}};
    const Json diagnostic = refused(Json::array({row}), {4, 8, 8});
    CHECK(diagnostic.at("field") == "padding");
    CHECK(diagnostic.at("fixes") == Json::array({{{"field", "padding"}, {"value", {2, 1}}}}));
    CHECK(after_fix(row, {4, 8, 8}, 0) == Json(nullptr));
}

TEST_CASE("normalized_shape is mended by the last sizes of the input") {
    const Json row = {{"op", "LayerNorm"}, {"normalized_shape", {7, 9}}};
    CHECK(after_fix(row, {5, 7, 8}, 0) == Json(nullptr));
}

TEST_CASE("batch norm over one value of one item is a warning: another batch would train") {
    footprint::Model model;
    model.inputs.push_back({"input", {{0, 8}}, std::nullopt});
    model.layers.push_back({});
    model.layers[0].op = "BatchNorm1d";
    footprint::Diagnostics diagnostics;
    static_cast<void>(footprint::infer(model, {}, {.batch = 1}, diagnostics));
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].severity == footprint::Severity::warning);
    CHECK(diagnostics.list()[0].row == 1);

    // The mean over each channel of each item has no more values with more items.
    CHECK(refused(Json::array({{{"op", "InstanceNorm1d"}}}), {8, 1}, 4).at("code") == "out-of-range");
}

TEST_CASE("a recurrent layer with absurdly many layers is refused, not built") {
    const Json row = {{"op", "LSTM"}, {"hidden_size", 4}, {"num_layers", 1000000000000}};
    CHECK(refused(Json::array({row}), {7, 8}).at("code") == "too-large");
}
