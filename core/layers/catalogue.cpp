// The catalogue: every operation of layers.def and functions.def, and the search by name. One list registers them,
// because self-registering statics vanish from a static library.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/nearest.hpp"
#include "layers/layer.hpp"

namespace footprint {

#define LAYER(name) LayerType name##_type();
#define FUNCTION(name) LayerType name##_type();
#include "layers/functions.def"
#include "layers/layers.def"
#undef FUNCTION
#undef LAYER

namespace {

constexpr std::size_t kCount = 0
#define LAYER(name) +1
#define FUNCTION(name) +1
#include "layers/functions.def"
#include "layers/layers.def"
#undef FUNCTION
#undef LAYER
    ;

struct Catalogue {
    std::array<LayerType, kCount> types;
    std::array<std::string_view, kCount> names;  // in the order of `types`
    std::array<std::uint16_t, kCount> by_name;   // into `types`, sorted by name
};

Catalogue build() {
    Catalogue catalogue = {{
#define LAYER(name) name##_type(),
#define FUNCTION(name) name##_type(),
#include "layers/layers.def"
// Then the functions. This line keeps the formatter from sorting the two.
#include "layers/functions.def"
#undef FUNCTION
#undef LAYER
                           },
                           {},
                           {}};
    for (std::size_t i = 0; i < kCount; ++i) {
        catalogue.names[i] = catalogue.types[i].op;
        catalogue.by_name[i] = static_cast<std::uint16_t>(i);
    }
    std::sort(catalogue.by_name.begin(), catalogue.by_name.end(),
              [&](std::uint16_t a, std::uint16_t b) { return catalogue.names[a] < catalogue.names[b]; });
    return catalogue;
}

/// Built once, on first use, and never changed.
const Catalogue& all() {
    static const Catalogue catalogue = build();
    return catalogue;
}

}  // namespace

std::span<const LayerType> catalogue() { return all().types; }

const LayerType* find_layer(std::string_view op) {
    const Catalogue& known = all();
    const auto at = std::lower_bound(known.by_name.begin(), known.by_name.end(), op,
                                     [&](std::uint16_t i, std::string_view name) { return known.names[i] < name; });
    return at != known.by_name.end() && known.names[*at] == op ? &known.types[*at] : nullptr;
}

std::vector<std::string_view> near_ops(std::string_view wrong) { return nearest(wrong, all().names); }

}  // namespace footprint
