// The whole interface of the core: six functions, text in, text out, total on any bytes. docs/interface.md describes
// the documents.
#pragma once

#include <string>
#include <string_view>

namespace footprint {

/// The catalogue: layers, attributes, run settings, cards with their sources, diagnostics.
[[nodiscard]] std::string describe();
/// A request to its report.
[[nodiscard]] std::string estimate(std::string_view request);
/// The derivation of the number at `path` in the report of that request.
[[nodiscard]] std::string explain(std::string_view request, std::string_view path);
/// A request to what its training step asks of PyTorch's allocator: peaks, what the device shows, on which of the named
/// cards it runs, and the way there from the notebook's total.
[[nodiscard]] std::string step(std::string_view request);
/// The derivation of a number of that step: of a peak, or of a difference on the way there.
[[nodiscard]] std::string explain_step(std::string_view request, std::string_view path);
/// A pasted print, with the reader's answers to what it does not say, to a model document and what is still open.
[[nodiscard]] std::string import(std::string_view text, std::string_view answers = {});

}  // namespace footprint
