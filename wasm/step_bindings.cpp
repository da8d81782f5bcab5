// The boundary for JavaScript of the module that simulates a training step: `step`, text in, text out (see
// bindings.cpp).
#include <emscripten/bind.h>

#include <string>

#include "footprint.hpp"

namespace {

std::string step(const std::string& request) { return footprint::step(request); }

}  // namespace

EMSCRIPTEN_BINDINGS(footprint_step) { emscripten::function("step", &step); }
