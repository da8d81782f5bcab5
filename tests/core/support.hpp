// What the tests share: files of the tree, and requests made of documents.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace footprint::testing {

using Json = nlohmann::ordered_json;

/// Of a test that goes through a long list of whole networks. The sanitizers leave it out: presets, gallery and example
/// documents are replayed under them as requests (tests/fuzz).
inline const doctest::test_suite sweep("sweep");

/// The text of a file of the project ("tests/golden/…"). Fails the test when it is not there.
[[nodiscard]] std::string read(const std::string& path);
/// The text of a gzipped file of the project.
[[nodiscard]] std::string inflated(const std::string& path);
[[nodiscard]] Json read_json(const std::string& path);
/// The report of estimate() on a request made of the document and a run.
[[nodiscard]] Json report_of(const Json& model, const Json& run = Json::object(), const Json& gpus = nullptr,
                             const Json& want = nullptr);
/// A model of the given rows over one input.
[[nodiscard]] Json model_of(const Json& layers, const Json& shape);
/// The first error of a report, or null.
[[nodiscard]] Json first_error(const Json& report);

}  // namespace footprint::testing
