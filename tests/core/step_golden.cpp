#include "step_golden.hpp"

#include <sstream>
#include <string>

namespace footprint::testing {

/// "expandable_segments:True,max_split_size_mb:32" and the device's memory, as measure.py was given them.
AllocatorSettings settings_of(const Json& configuration) {
    AllocatorSettings settings;
    settings.device_memory = std::int64_t{80} << 30;
    const Json& environment = configuration.value("env", Json::object());
    if (environment.contains("NULLCUDA_MEMORY"))
        settings.device_memory = std::stoll(environment.at("NULLCUDA_MEMORY").get<std::string>(), nullptr, 16);
    std::istringstream words(environment.value("PYTORCH_CUDA_ALLOC_CONF", std::string()));
    for (std::string word; std::getline(words, word, ',');) {
        const std::string name = word.substr(0, word.find(':')), value = word.substr(word.find(':') + 1);
        if (name == "expandable_segments") settings.expandable_segments = value == "True";
        if (name == "max_split_size_mb") settings.max_split_size = std::stoll(value) << 20;
        if (name == "roundup_power2_divisions") settings.roundup_power2_divisions = std::stoll(value);
        if (name == "garbage_collection_threshold") settings.garbage_collection_threshold = std::stod(value);
    }
    if (configuration.at("run").contains("memory_fraction"))
        settings.memory_fraction = configuration.at("run").at("memory_fraction").get<double>();
    return settings;
}

}  // namespace footprint::testing
