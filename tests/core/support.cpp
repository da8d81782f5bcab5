#include "support.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "footprint.hpp"

namespace footprint::testing {

std::string read(const std::string& path) {
    std::ifstream file(std::string(FOOTPRINT_SOURCE_DIR) + "/" + path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string inflated(const std::string& path) {
    gzFile file = gzopen((std::string(FOOTPRINT_SOURCE_DIR) + "/" + path).c_str(), "rb");
    REQUIRE_MESSAGE(file != nullptr, path);
    std::string text;
    std::vector<char> part(1 << 16);
    for (int count = 0; (count = gzread(file, part.data(), static_cast<unsigned>(part.size()))) > 0;)
        text.append(part.data(), static_cast<std::size_t>(count));
    gzclose(file);
    return text;
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
