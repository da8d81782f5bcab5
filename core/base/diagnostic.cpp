#include "base/diagnostic.hpp"

#include <algorithm>
#include <iterator>

namespace footprint {

std::span<const DiagnosticCode> diagnostic_codes() {
    static constexpr DiagnosticCode codes[] = {
#define DIAGNOSTIC(code, meaning) {code, meaning},
#include "base/diagnostics.def"
#undef DIAGNOSTIC
    };
    return codes;
}

Diagnostic& Diagnostics::add(Diagnostic diagnostic) {
    constexpr std::size_t kMost = 1000;
    const bool is_error = diagnostic.severity == Severity::error;
    if (is_error) ++errors_;
    if (list_.size() >= kMost) {
        ++dropped_;
        const auto warning = std::find_if(list_.rbegin(), list_.rend(),
                                          [](const Diagnostic& one) { return one.severity == Severity::warning; });
        if (!is_error || warning == list_.rend()) return spare_ = std::move(diagnostic);
        list_.erase(std::next(warning).base());
    }
    return list_.emplace_back(std::move(diagnostic));
}

Diagnostic& Diagnostics::say(Severity severity, std::string_view code, std::string message) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    return add(std::move(diagnostic));
}

Diagnostic& Diagnostics::error(std::string_view code, std::string message) {
    return say(Severity::error, code, std::move(message));
}

Diagnostic& Diagnostics::warning(std::string_view code, std::string message) {
    return say(Severity::warning, code, std::move(message));
}

}  // namespace footprint
