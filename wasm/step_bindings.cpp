// The boundary for JavaScript of the module that simulates a training step: `step` and `explain`, text in, text out
// (see bindings.cpp).
#include <emscripten/bind.h>

#include <string>

#include "footprint.hpp"

namespace {

std::string step(const std::string& request) { return footprint::step(request); }

std::string explain(const std::string& request, const std::string& path) {
    return footprint::explain_step(request, path);
}

}  // namespace

EMSCRIPTEN_BINDINGS(footprint_step) {
    emscripten::function("step", &step);
    emscripten::function("explain", &explain);
}
