#include "support.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "footprint.hpp"

namespace footprint::testing {

std::string read(const std::string& path) {
    std::ifstream file(std::string(FOOTPRINT_SOURCE_DIR) + "/" + path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}

Json read_json(const std::string& path) { return Json::parse(read(path)); }

Json report_of(const Json& model, const Json& run, const Json& gpus, const Json& want) {
    Json request = {{"model", model}, {"run", run}};
    if (!gpus.is_null()) request["gpus"] = gpus;
    if (!want.is_null()) request["want"] = want;
    return Json::parse(estimate(request.dump()));
}

Json model_of(const Json& layers, const Json& shape) {
    return {{"format", "footprint/model"},
            {"version", 1},
            {"inputs", Json::array({{{"name", "input"}, {"shape", shape}}})},
            {"layers", layers}};
}

Json first_error(const Json& report) {
    for (const Json& diagnostic : report.at("diagnostics"))
        if (diagnostic.at("severity") == "error") return diagnostic;
    return nullptr;
}

}  // namespace footprint::testing
