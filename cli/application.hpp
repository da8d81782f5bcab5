// The command line as one function of its arguments and streams, so that tests run it without a process.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace footprint::cli {

/// Exit statuses, part of the interface (docs/formats.md).
enum Status : int {
    kDone = 0,
    kWrongModel = 1,  // diagnostics stand on the error stream, one a line
    kWrongUsage = 2,
    kDoesNotFit = 3  // only with --check
};

/// `arguments` without the program's name.
int run(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace footprint::cli
