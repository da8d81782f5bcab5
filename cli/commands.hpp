// What each command prints. Tables for people by default, the documents of docs/interface.md with --json.
#pragma once

#include <iosfwd>
#include <string>

#include "application.hpp"
#include "documents.hpp"

namespace footprint::cli {

int summary(const Options& options, std::istream& in, std::ostream& out, std::ostream& err);
int estimate(const Options& options, std::istream& in, std::ostream& out, std::ostream& err);
int fit(const Options& options, std::istream& in, std::ostream& out, std::ostream& err);
int step(const Options& options, std::istream& in, std::ostream& out, std::ostream& err);
int explain(const Options& options, std::istream& in, std::ostream& out, std::ostream& err);
int import(const Options& options, std::istream& in, std::ostream& out, std::ostream& err);
int ops(const Options& options, std::ostream& out, std::ostream& err);
int describe_op(const std::string& op, std::ostream& out, std::ostream& err);
int gpus(const Options& options, std::ostream& out);

}  // namespace footprint::cli
