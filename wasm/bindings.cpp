// The boundary for JavaScript: the core's three functions, text in, text out. Nothing is computed here.
//
// embind turns a JavaScript string into UTF-8 and takes a Uint8Array as bytes already encoded; it has no view type,
// so each call hands over an owned string.
#include <emscripten/bind.h>

#include <string>

#include "footprint.hpp"

namespace {

std::string estimate(const std::string& request) { return footprint::estimate(request); }

std::string explain(const std::string& request, const std::string& path) { return footprint::explain(request, path); }

}  // namespace

EMSCRIPTEN_BINDINGS(footprint) {
    emscripten::function("describe", &footprint::describe);
    emscripten::function("estimate", &estimate);
    emscripten::function("explain", &explain);
}
