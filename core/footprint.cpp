#include "footprint.hpp"

#include "estimate/derive.hpp"
#include "estimate/estimate.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "prints/import.hpp"
#include "step/derive.hpp"
#include "step/report.hpp"

namespace footprint {

std::string describe() { return json::write_catalogue(FOOTPRINT_RELEASE); }

std::string estimate(std::string_view request) {
    Diagnostics diagnostics;
    const Request asked = json::read_request_text(request, diagnostics);
    if (asked.model.layers.empty() && diagnostics.has_errors()) {
        // Nothing was read that could be judged; what is wrong with the text says it all.
        Report report;
        report.diagnostics = std::move(diagnostics);
        return json::write_report(asked, report);
    }
    return json::write_report(asked, estimate(asked, std::move(diagnostics)));
}

std::string explain(std::string_view request, std::string_view path) {
    Diagnostics diagnostics;
    Request asked = json::read_request_text(request, diagnostics);
    asked.want = {.layers = true, .notebook = true, .fit = true};
    const Report report = estimate(asked, std::move(diagnostics));
    const Result<Derivation> derivation = derive(asked, report, path);
    if (derivation.ok()) return json::write_derivation(derivation.value());
    Diagnostics said;
    if (report.diagnostics.has_errors()) said = report.diagnostics;
    Diagnostic& reason = said.error(derivation.reason().code, derivation.reason().message);
    reason.field = "path";
    return json::write_no_derivation(path, said);
}

std::string step(std::string_view request) {
    Diagnostics diagnostics;
    const Request asked = json::read_request_text(request, diagnostics);
    Report report;
    if (asked.model.layers.empty() && diagnostics.has_errors())
        report.diagnostics = std::move(diagnostics);
    else
        report = estimate(asked, std::move(diagnostics));
    Diagnostics said;
    const std::optional<StepReport> found = report_step(asked, report, {}, said);
    return json::write_step(asked, report, found ? &*found : nullptr, said);
}

std::string explain_step(std::string_view request, std::string_view path) {
    Diagnostics diagnostics, said;
    const Request asked = json::read_request_text(request, diagnostics);
    const Report report = estimate(asked, std::move(diagnostics));
    const std::optional<StepReport> found =
        report_step(asked, report, {.fit = false, .largest_batch = false, .timeline = false}, said);
    if (!found) return json::write_no_derivation(path, report.diagnostics.has_errors() ? report.diagnostics : said);
    const Result<Derivation> derivation = derive(asked, *found, path);
    if (derivation.ok()) return json::write_derivation(derivation.value());
    Diagnostics unknown;
    unknown.error(derivation.reason().code, derivation.reason().message).field = "path";
    return json::write_no_derivation(path, unknown);
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
