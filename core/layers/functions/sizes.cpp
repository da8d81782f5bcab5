#include "layers/functions/sizes.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"

namespace footprint {

std::optional<std::vector<std::size_t>> checked_dimensions(Call& call, std::string_view field,
                                                           const std::vector<std::int64_t>& dims, std::size_t rank) {
    std::vector<std::size_t> checked;
    for (std::int64_t dim : dims) {
        if (!check_dimension(call, field, dim, rank)) return std::nullopt;
        if (std::find(checked.begin(), checked.end(), at(dim)) != checked.end()) {
            call.fail("duplicate-name", field,
                      std::string(field) + " names dimension " + plain(dim) + " twice: name each once")
                .values = {{std::string(field), dim}};
            return std::nullopt;
        }
        checked.push_back(at(dim));
    }
    return checked;
}

std::optional<Shape> checked_sizes(Call& call, std::string_view field, const std::vector<Size>& sizes,
                                   std::int64_t least) {
    Shape shape;
    for (const Size& size : sizes) {
        const Integer here = size.at(call.batch());
        if (here.overflowed()) {
            call.fail("overflow", field, "a size of " + std::string(field) + " does not fit 64 bits at this batch");
            return std::nullopt;
        }
        // −1 is a word for "what is left over": a size that only happens to be −1 at this batch is none.
        if (here < least || (here < 0 && size.per_item != 0)) {
            call.fail("out-of-range", field,
                      "a size of " + std::string(field) + " is " + plain(here.value()) + ", but must be at least " +
                          plain(least))
                .values = {{std::string(field), here.value()}, {"least", least}};
            return std::nullopt;
        }
        shape.push_back(here);
    }
    return shape;
}

bool check_parts(Call& call, std::string_view field, Integer parts) {
    if (!parts.overflowed() && parts <= kMostParts) return true;
    call.fail("too-large", field,
              "it would give " + (parts.overflowed() ? std::string("too many") : plain(parts.value())) +
                  " outputs, but a row has at most " + plain(kMostParts))
        .values = {{"outputs", parts.value()}, {"most", kMostParts}};
    return false;
}

bool is_list(const Call& call, std::string_view field) {
    const Value* value = call.row().attribute(field);
    return value != nullptr && value->list() != nullptr;
}

}  // namespace footprint
