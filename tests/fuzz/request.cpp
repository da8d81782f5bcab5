// Fuzz target: any bytes are a request, or a pasted print. Each must be answered by a JSON document of the promised
// format; the sanitizers and the time limit watch the rest.
//
// Input: the request or the print, then optionally a NUL byte and the path of the number to explain or the answers.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "estimate/estimate.hpp"
#include "footprint.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "step/report.hpp"

namespace {

/// The step of a request, of few events and without the search for the largest batch, so that thousands a minute are
/// tried.
std::string short_step(std::string_view text) {
    using namespace footprint;
    Diagnostics diagnostics, said;
    const Request request = json::read_request_text(text, diagnostics);
    const Report report = estimate(request, std::move(diagnostics));
    const StepWant want{.largest_batch = false, .most_events = 2000};
    const std::optional<StepReport> step = report_step(request, report, want, said);
    return json::write_step(request, report, step ? &*step : nullptr, said);
}

void require_document(const std::string& answer, std::string_view format) {
    const auto document = nlohmann::json::parse(answer, nullptr, false);
    if (document.is_object()) {
        const auto found = document.find("format");
        if (found != document.end() && *found == format) return;
    }
    std::fprintf(stderr, "the answer is no %.*s: %s\n", static_cast<int>(format.size()), format.data(), answer.c_str());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t end = input.rfind('\0');
    const std::string_view request = input.substr(0, end);
    const std::string_view path = end == std::string_view::npos ? "notebook/total" : input.substr(end + 1);

    require_document(footprint::estimate(request), "footprint/report");
    require_document(footprint::explain(request, path), "footprint/derivation");
    require_document(short_step(request), "footprint/step");
    require_document(footprint::import(request, path.starts_with('{') ? path : std::string_view()), "footprint/import");
    return 0;
}
