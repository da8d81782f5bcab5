#include "footprint.hpp"

#include <utility>

#include "estimate/derive.hpp"
#include "estimate/estimate.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "prints/import.hpp"
#include "step/derive.hpp"
#include "step/report.hpp"

namespace footprint {
namespace {

/// Why a number has no derivation: the errors of its request, and what is wrong with its path.
Diagnostics because(const Report& report, const Diagnostic& reason) {
    Diagnostics said;
    if (report.diagnostics.has_errors()) said = report.diagnostics;
    const bool of_path = reason.code == "unknown-path";
    if (said.has_errors() && !of_path) return said;  // it is one of them
    Diagnostic& last = said.error(reason.code, reason.message);
    last = reason;
    if (of_path) last.field = "path";
    return said;
}

}  // namespace

std::string describe() { return json::write_catalogue(FOOTPRINT_RELEASE); }

std::string estimate(std::string_view request) {
    Diagnostics diagnostics;
    const Request asked = json::read_request_text(request, diagnostics);
    return json::write_report(asked, estimate(asked, std::move(diagnostics)));
}

std::string explain(std::string_view request, std::string_view path) {
    Diagnostics diagnostics;
    Request asked = json::read_request_text(request, diagnostics);
    asked.want = {.layers = true, .notebook = true, .fit = true};
    const Report report = estimate(asked, std::move(diagnostics));
    const Result<Derivation> derivation = derive(asked, report, path);
    if (derivation.ok()) return json::write_derivation(derivation.value());
    return json::write_no_derivation(path, because(report, derivation.reason()));
}

std::string step(std::string_view request) {
    Diagnostics diagnostics;
    Request asked = json::read_request_text(request, diagnostics);
    const Want want = std::exchange(asked.want, Want{});
    const Report report = estimate(asked, std::move(diagnostics));
    Diagnostics said;
    const StepWant parts{want.bridge, want.fit, want.largest_batch, want.timeline};
    const std::optional<StepReport> found = report_step(asked, report, parts, said);
    return json::write_step(asked, report, found ? &*found : nullptr, said);
}

std::string explain_step(std::string_view request, std::string_view path) {
    Diagnostics diagnostics;
    const Request asked = json::read_request_text(request, diagnostics);
    const Report report = estimate(asked, std::move(diagnostics));
    const Result<Derivation> derivation = derive_step(asked, report, path);
    if (derivation.ok()) return json::write_derivation(derivation.value());
    return json::write_no_derivation(path, because(report, derivation.reason()));
}

std::string import(std::string_view text, std::string_view answers) {
    Diagnostics wrong;
    const prints::Answers given = prints::read_answers(answers, wrong);
    if (wrong.has_errors()) {
        prints::Import nothing;
        nothing.diagnostics = std::move(wrong);
        return prints::write_import(nothing);
    }
    return prints::write_import(prints::import_print(text, given));
}

}  // namespace footprint
