#include "base/diagnostic.hpp"

namespace footprint {

std::span<const DiagnosticCode> diagnostic_codes() {
    static constexpr DiagnosticCode codes[] = {
#define DIAGNOSTIC(code, meaning) {code, meaning},
#include "base/diagnostics.def"
#undef DIAGNOSTIC
    };
    return codes;
}

Diagnostic& Diagnostics::add(Severity severity, std::string_view code, std::string message) {
    constexpr std::size_t kMost = 1000;
    if (severity == Severity::error) ++errors_;
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    if (list_.size() >= kMost) {
        ++dropped_;
        return spare_ = std::move(diagnostic);
    }
    return list_.emplace_back(std::move(diagnostic));
}

Diagnostic& Diagnostics::error(std::string_view code, std::string message) {
    return add(Severity::error, code, std::move(message));
}

Diagnostic& Diagnostics::warning(std::string_view code, std::string message) {
    return add(Severity::warning, code, std::move(message));
}

}  // namespace footprint
