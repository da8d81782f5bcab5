// Sizes beside std::vector: whatever is done to both leaves the same numbers, whether they lie in the object or outside
// it.
#include "kernels/sizes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace footprint::aten {
namespace {

TEST_CASE("sizes: as a vector, through both of its places") {
    std::mt19937 random(1);
    for (int run = 0; run < 200; ++run) {
        std::vector<std::int64_t> expected;
        Sizes sizes;
        for (std::int64_t step = 0; step < 60; ++step) {
            const std::size_t at = random() % (expected.size() + 1);
            const auto offset = static_cast<std::ptrdiff_t>(at);
            if (random() % 5 < 3 && expected.size() < 12) {
                expected.insert(expected.begin() + offset, step);
                sizes.insert(sizes.begin() + offset, step);
            } else if (at < expected.size()) {
                expected.erase(expected.begin() + offset);
                sizes.erase(sizes.begin() + offset);
            }
            const Sizes copy = sizes;
            REQUIRE(copy.size() == expected.size());
            REQUIRE(std::equal(copy.begin(), copy.end(), expected.begin()));
            REQUIRE((copy == Sizes(expected.begin(), expected.end())));
        }
    }
    CHECK((Sizes(9, 1) == Sizes{1, 1, 1, 1, 1, 1, 1, 1, 1}));
    CHECK_FALSE((Sizes{1, 2} == Sizes{1, 2, 3}));
}

}  // namespace
}  // namespace footprint::aten
