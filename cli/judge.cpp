#include "judge.hpp"

#include <ostream>

#include "table.hpp"

namespace footprint::cli {

void say(const std::string& file, const Diagnostics& diagnostics, std::ostream& err) {
    for (const Diagnostic& diagnostic : diagnostics.list()) {
        err << file << ": ";
        if (diagnostic.row > 0) {
            err << "row " << diagnostic.row;
            if (!diagnostic.name.empty()) err << " (" << printable(diagnostic.name) << ')';
            err << ": ";
        }
        if (diagnostic.severity == Severity::warning) err << "warning: ";
        err << diagnostic.code << ": " << printable(diagnostic.message) << '\n';
    }
    if (diagnostics.dropped() > 0) err << file << ": and " << diagnostics.dropped() << " more\n";
}

Judged judge(const Options& options, Want want, std::istream& in, std::ostream& err) {
    Judged judged;
    judged.asked = ask(options, in);
    if (!judged.asked.usage_error.empty()) {
        err << "footprint: " << judged.asked.usage_error << '\n';
        judged.status = kWrongUsage;
        return judged;
    }
    judged.asked.request.want = want;
    judged.report = footprint::estimate(judged.asked.request, judged.asked.diagnostics);
    say(options.model, judged.report.diagnostics, err);
    if (judged.report.diagnostics.has_errors()) judged.status = kWrongModel;
    return judged;
}

std::string row_text(const Row& row) { return row.name.empty() ? row.op : row.op + " " + row.name; }

std::string card_name(const Card& card) { return card.name.empty() ? card.id : card.name; }

}  // namespace footprint::cli
