// Documents written by the exporter against what PyTorch did in the same forward: every row's output shapes, and the
// round trip of storages, from the document alone: which row makes each, its type and bytes, who reads it, when it is
// let go.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support.hpp"

namespace footprint::testing {
namespace {

const std::string kFolder = "tests/golden/exported/";

std::vector<std::string> networks() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(FOOTPRINT_SOURCE_DIR) + "/" + kFolder)) {
        const std::string file = entry.path().filename().string();
        const std::string ending = ".storages.json.gz";
        if (file.ends_with(ending)) names.push_back(file.substr(0, file.size() - ending.size()));
    }
    return names;
}

/// A Block neither makes nor reads: the record names the last row before it.
std::size_t row_before(const Json& layers, std::size_t row) {
    while (row > 1 && layers.at(row - 1).at("op") == "Block") --row;
    return row;
}

/// The report's storages at one batch in the record's form, without `until` where the network returns it.
Json rebuilt(const Json& document, const Json& report) {
    Json list = Json::array();
    for (const Json& storage : report.at("storages")) {
        const Json until = storage.value("returned", false)
                               ? Json(nullptr)
                               : Json(row_before(document.at("layers"), storage.at("until").get<std::size_t>()));
        list.push_back({storage.at("row"), storage.at("dtype"), storage.at("bytes"), storage.at("readers"), until});
    }
    return list;
}

Json recorded_at(const Json& record, std::size_t batch) {
    Json list = Json::array();
    for (Json storage : record.at("storages")) {
        storage[2] = Json(storage.at(2).at(batch));
        list.push_back(storage);
    }
    return list;
}

TEST_CASE("the real network, exported, is printed as torchsummary prints it, to the character") {
    const Json index = read_json(kFolder + "goldens/index.json");
    CHECK(index.size() >= 60);
    for (const auto& entry : index.items()) {
        const std::string& golden = entry.key();
        CAPTURE(golden);
        const Json document = read_json(kFolder + "goldens/" + entry.value().at(0).get<std::string>() + ".json");
        Json run = Json::object();
        if (entry.value().at(1) != -1) run["batch"] = entry.value().at(1);
        const Json report = report_of(document, run, Json::array(), {"print"});
        REQUIRE(first_error(report).is_null());
        const bool stops = report.at("print").contains("stopped");
        CHECK(report.at("print").at("text").get<std::string>() ==
              read("tests/golden/torchsummary/" + std::string(stops ? "crashed/" : "") + golden + ".txt"));
    }
}

/// Every network of the gallery is a document without an error, and its total is the one that the page lists.
TEST_CASE("the gallery's documents are sound, and its index says their totals" * sweep) {
    const Json index = read_json("presets/gallery/index.json");
    CHECK(index.size() >= 40);
    for (const Json& entry : index) {
        const std::string id = entry.at("id");
        CAPTURE(id);
        const Json report = report_of(read_json("presets/gallery/" + id + ".json"), Json::object(), Json::array());
        REQUIRE(first_error(report).is_null());
        CHECK(report.at("notebook").at("total") == entry.at("total"));
        CHECK(report.at("layers").size() == entry.at("rows"));
    }
}

TEST_CASE("the storages of a forward pass are rebuilt from the document alone" * sweep) {
    std::size_t compared = 0;
    for (const std::string& name : networks()) {
        CAPTURE(name);
        const Json document = read_json(kFolder + name + ".json");
        const Json record = Json::parse(inflated(kFolder + name + ".storages.json.gz"));
        for (std::size_t b = 0; b < record.at("batches").size(); ++b) {
            const Json report =
                report_of(document, {{"batch", record.at("batches").at(b)}}, Json::array(), {"storages"});
            CAPTURE(b);
            REQUIRE(first_error(report).is_null());
            const Json ours = rebuilt(document, report), truth = recorded_at(record, b);
            CHECK(ours.size() == truth.size());
            for (std::size_t i = 0; i < ours.size() && i < truth.size(); ++i)
                if (ours.at(i) != truth.at(i)) {
                    CHECK_MESSAGE(false, name << ": storage " << i << " is " << ours.at(i).dump() << ", recorded "
                                              << truth.at(i).dump());
                    break;
                }
            compared += ours.size();
        }
    }
    CHECK(compared > 10'000);
}

/// What is no tensor has no shape to compare.
Json without_holes(const Json& outputs) {
    Json list = Json::array();
    for (const Json& shape : outputs)
        if (!shape.is_null()) list.push_back(shape);
    return list;
}

/// Whether a function up to the row holds its size as numbers, as interpolate(size=(224, 224)): it stays that size.
bool size_is_written(const Json& layers, std::size_t row) {
    for (std::size_t i = 0; i <= row; ++i)
        if (layers.at(i).at("op") == "interpolate" && layers.at(i).contains("size")) return true;
    return false;
}

TEST_CASE("every row's output shapes are those that PyTorch recorded" * sweep) {
    std::size_t rows = 0, cannot_follow = 0;
    for (const std::string& name : networks()) {
        CAPTURE(name);
        const Json document = read_json(kFolder + name + ".json");
        const Json record = Json::parse(inflated(kFolder + name + ".storages.json.gz"));
        for (const Json& shapes : record.at("shapes")) {
            const Json run = {{"batch", shapes.at("batch")}, {"inputs", shapes.at("inputs")}};
            const Json report = report_of(document, run, Json::array(), {"layers"});
            if (!first_error(report).is_null()) {
                // A size that the document has as a number cannot follow another input, and that is what is said.
                CHECK_FALSE(shapes.at("inputs").empty());
                CHECK(first_error(report).at("code") == "size-is-written");
                ++cannot_follow;
                continue;
            }
            for (std::size_t i = 0; i < shapes.at("rows").size(); ++i) {
                const Json& recorded = shapes.at("rows").at(i);
                if (recorded.is_null()) continue;  // it does not run in this mode
                ++rows;
                if (without_holes(report.at("layers").at(i).at("outputs")) != without_holes(recorded)) {
                    if (!shapes.at("inputs").empty() && size_is_written(document.at("layers"), i)) {
                        ++cannot_follow;
                        break;
                    }
                    CHECK_MESSAGE(false, name << " row " << i + 1 << ": " << report.at("layers").at(i).dump()
                                              << ", recorded " << recorded.dump());
                    break;
                }
            }
        }
    }
    CHECK(rows > 10'000);
    CHECK(cannot_follow < 40);
}

}  // namespace
}  // namespace footprint::testing
