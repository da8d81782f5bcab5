#include "step/regions.hpp"

#include <string_view>

#include "estimate/lifetimes.hpp"
#include "step/patterns.hpp"

namespace footprint {

std::optional<std::vector<std::size_t>> checkpoint_regions(const Model& model, const Inference& inference,
                                                           const std::vector<std::string>& patterns,
                                                           Diagnostics& diagnostics) {
    std::vector<bool> matched(patterns.size(), false);
    std::string before;
    std::size_t number = 0;
    std::vector<std::size_t> regions(model.layers.size(), 0);
    bool any = false;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        std::string key = model.layers[i].checkpoint.empty() ? std::string() : "id " + model.layers[i].checkpoint;
        std::string_view path = scope_of(model, inference, i);
        if (model.layers[i].is_module()) path = model.layers[inference.rows[i].first].name;
        for (; !path.empty(); path = parent_of(path))
            for (std::size_t k = 0; k < patterns.size(); ++k)
                if (matches_whole(patterns[k], path)) {
                    matched[k] = true;
                    key = path;  // the topmost that matches
                }
        if (!key.empty() && key != before) ++number;
        if (!key.empty()) regions[i] = number;
        any = any || !key.empty();
        before = std::move(key);
        // A block ends its call: what follows is another.
        if (model.layers[i].is_block() && before == model.layers[inference.rows[i].first].name) before.clear();
    }
    if (!any) regions.clear();
    for (std::size_t k = 0; k < matched.size(); ++k) {
        if (matched[k]) continue;
        diagnostics
            .error("unknown-name",
                   "the pattern " + Value(patterns[k]).in_words() + " of checkpoint matches no module of the model")
            .field = "checkpoint";
        return std::nullopt;
    }
    return regions;
}

}  // namespace footprint
