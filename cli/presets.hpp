// The documents of presets/, carried in the program so that a preset's name works from any folder.
#pragma once

#include <span>
#include <string_view>

namespace footprint::cli {

struct Preset {
    std::string_view name, document;
};
[[nodiscard]] std::span<const Preset> presets();  // in the order of their names

}  // namespace footprint::cli
