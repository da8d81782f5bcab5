// Which storages a forward pass makes and how long Python holds them. The expected rows are derived by hand in each
// test.
#include <doctest/doctest.h>

#include "support.hpp"

namespace footprint::testing {
namespace {

Json storages(const Json& model, const Json& run = Json::object()) {
    const Json report = report_of(model, run, nullptr, {"storages"});
    REQUIRE(first_error(report).is_null());
    return report.at("storages");
}

TEST_CASE("a tensor lives until its last reader; the model's output outlives the pass") {
    const Json made = storages(read_json("tests/golden/documents/QContainers.json"), {{"batch", 3}});
    REQUIRE(made.size() == 9);  // eleven rows, two of them Blocks, which make nothing
    // Row 1, a Conv2d of 4 channels over 7 × 9, is read by its ReLU alone.
    CHECK(made.at(0) ==
          Json{{"row", 1}, {"dtype", "float32"}, {"bytes", 3 * 4 * 7 * 9 * 4}, {"readers", {2}}, {"until", 2}});
    // Row 10 and row 9 are joined by the last row, whose output is returned.
    CHECK(made.at(8).at("returned") == true);
    CHECK(made.at(8).at("until") == 11);
}

TEST_CASE("what is passed to a container is held until its call ends") {
    const Json made = storages(read_json("tests/golden/documents/QContainers.json"));
    // The first block's sum (row 3) is read by rows 5 and 7 of the second, which ends at row 8.
    CHECK(made.at(2).at("readers") == Json{5, 7});
    CHECK(made.at(2).at("until") == 8);
    // Inside a block nothing is passed in from outside: row 6 goes when row 7 has added it.
    CHECK(made.at(4).at("row") == 6);
    CHECK(made.at(4).at("until") == 7);
}

TEST_CASE("a module is called where its scope says, or its path; an empty scope is the network itself") {
    const auto until = [](const Json& head) {
        Json first = {{"op", "Linear"}, {"name", "encoder.head"}, {"out_features", 4}};
        first.update(head);
        const Json made = storages(model_of({{{"op", "Linear"}, {"name", "fc"}, {"out_features", 4}},
                                             first,
                                             {{"op", "relu"}, {"scope", "encoder"}},
                                             {{"op", "Block"}, {"name", "encoder"}, {"class", "Encoder"}}},
                                            {4}));
        return made.at(0).at("until");
    };
    CHECK(until(Json::object()) == 4);  // in encoder's call, which fc's output is passed to
    CHECK(until({{"scope", ""}}) == 2);
}

TEST_CASE("`held` says otherwise, and a view is read as what it shows") {
    CHECK(storages(read_json("tests/documents/held.json")).at(0).at("until") == 3);
    // relu → flatten (a view) → Linear: the one storage of relu is read by both.
    const Json made = storages(model_of(
        {{{"op", "relu"}}, {{"op", "flatten"}, {"start_dim", 1}}, {{"op", "Linear"}, {"out_features", 2}}}, {3, 4}));
    REQUIRE(made.size() == 2);
    CHECK(made.at(0).at("readers") == Json{2, 3});
    CHECK(made.at(0).at("until") == 3);
}

TEST_CASE("a row in place makes nothing and reads what it writes") {
    const Json made = storages(
        model_of({{{"op", "Linear"}, {"out_features", 4}}, {{"op", "relu"}, {"inplace", true}}, {{"op", "sum"}}}, {4}));
    REQUIRE(made.size() == 2);
    CHECK(made.at(0).at("readers") == Json{2, 3});
}

}  // namespace
}  // namespace footprint::testing
