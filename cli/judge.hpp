// What the commands share: read, estimate, say what is wrong; names for people.
#pragma once

#include <iosfwd>
#include <string>

#include "application.hpp"
#include "documents.hpp"

namespace footprint::cli {

/// "file: row 5 (conv2): kernel-exceeds-input: sentence", one line for each.
void say(const std::string& file, const Diagnostics& diagnostics, std::ostream& err);

/// Without a report, `status` is what to exit with.
struct Judged {
    Asked asked;
    Report report;
    int status = kDone;
};

/// Reads, estimates, and says what is wrong.
[[nodiscard]] Judged judge(const Options& options, Want want, std::istream& in, std::ostream& err);

[[nodiscard]] std::string row_text(const Row& row);
[[nodiscard]] std::string card_name(const Card& card);

}  // namespace footprint::cli
