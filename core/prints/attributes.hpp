// What a module was made with, from its printed arguments, as a row's attributes: by position in PyTorch's order or by
// keyword, PyTorch's defaults left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "layers/layer.hpp"
#include "model/value.hpp"
#include "prints/python.hpp"

namespace footprint::prints {

struct Attributes {
    Value::Object given;                // in the catalogue's order; what the catalogue does not know comes last
    std::vector<std::string> inferred;  // of these, what the incoming shape settles too
    std::vector<std::string> missing;   // must be given and is not
    std::vector<std::string> unknown;   // of those given, what the catalogue does not have
    bool inplace = false;
};

[[nodiscard]] Attributes attributes_of(const LayerType& type, const Arguments& arguments);

/// "kernel_size=3, padding=1", as a reader would write it.
[[nodiscard]] std::string in_python(const Value::Object& attributes);
[[nodiscard]] std::string in_python(const Value& value);

}  // namespace footprint::prints
