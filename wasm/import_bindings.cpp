// The boundary for JavaScript of the module that reads pasted prints: `import`, text in, text out (see bindings.cpp).
#include <emscripten/bind.h>

#include <string>

#include "footprint.hpp"

namespace {

std::string import_text(const std::string& text, const std::string& answers) {
    return footprint::import(text, answers);
}

}  // namespace

EMSCRIPTEN_BINDINGS(footprint_import) { emscripten::function("import", &import_text); }
