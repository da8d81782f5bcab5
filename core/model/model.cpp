#include "model/model.hpp"

#include <algorithm>

#include "base/number.hpp"

namespace footprint {

bool Frozen::covers(std::string_view parameter) const {
    return all || std::find(names.begin(), names.end(), parameter) != names.end();
}

const Value* Row::attribute(std::string_view attribute_name) const {
    for (const auto& [key, value] : attributes)
        if (key == attribute_name) return &value;
    return nullptr;
}

std::string called(const Row& row, std::size_t number) {
    std::string text = "row " + plain(static_cast<std::int64_t>(number));
    if (!row.name.empty()) text += " (" + row.name + ")";
    return text;
}

}  // namespace footprint
