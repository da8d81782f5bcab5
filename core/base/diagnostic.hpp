// What is wrong, where, and what to change: errors are values, collected while the rest is still judged.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace footprint {

enum class Severity : std::uint8_t { error, warning };

/// A number or a text that clashes, by name ("kernel", 7), so that a program need not read the sentence.
struct NamedValue {
    std::string name;
    std::variant<std::int64_t, std::string> value;
};

/// A change that would mend it: the attribute `field` of the same row set to `value` (left out: the attribute removed).
struct Fix {
    std::string field;
    std::string value;  // JSON text of the new value; empty: remove the attribute
};

struct Diagnostic {
    Severity severity = Severity::error;
    std::string_view code;  // one of diagnostic_codes()
    std::int64_t row = 0;   // from 1 over all rows; 0: the document as a whole
    std::string name;       // the row's name, if it has one
    std::string field;      // the attribute or key, if one is to blame
    std::string message;    // one sentence that says what to change
    std::vector<NamedValue> values;
    std::vector<Fix> fixes;
};

/// Every code that can appear, with what it means; the documentation and `describe()` are made from this list.
struct DiagnosticCode {
    std::string_view code, meaning;
};
[[nodiscard]] std::span<const DiagnosticCode> diagnostic_codes();

/// Collects diagnostics. Keeps the first 1,000, errors before warnings, and counts the rest, so that a hostile document
/// cannot fill memory.
class Diagnostics {
 public:
    Diagnostic& error(std::string_view code, std::string message);
    Diagnostic& warning(std::string_view code, std::string message);
    Diagnostic& add(Diagnostic diagnostic);

    /// All that was said there, each as `change` leaves its copy; what was dropped there counts here.
    template <class Change>
    void append(const Diagnostics& other, Change change) {
        std::size_t listed = 0;
        for (Diagnostic copy : other.list_) {
            if (copy.severity == Severity::error) ++listed;
            change(copy);
            add(std::move(copy));
        }
        errors_ += other.errors_ - listed;
        dropped_ += other.dropped_;
    }
    void append(const Diagnostics& other) {
        append(other, [](Diagnostic&) {});
    }

    [[nodiscard]] bool has_errors() const { return errors_ > 0; }
    [[nodiscard]] const std::vector<Diagnostic>& list() const { return list_; }
    [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
    Diagnostic& say(Severity severity, std::string_view code, std::string message);

    std::vector<Diagnostic> list_;
    Diagnostic spare_;  // where the ones beyond the limit are written
    std::size_t errors_ = 0, dropped_ = 0;
};

}  // namespace footprint
