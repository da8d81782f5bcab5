// SmallVector beside std::vector: whatever is done to both leaves the same values, whether they lie in the object or
// outside it.
#include "base/small_vector.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace footprint {
namespace {

using Sizes = SmallVector<std::int64_t, 6>;

TEST_CASE("small vector: as std::vector, through both of its places") {
    std::mt19937 random(1);
    for (int run = 0; run < 200; ++run) {
        std::vector<std::int64_t> expected;
        Sizes sizes;
        for (std::int64_t step = 0; step < 60; ++step) {
            const std::size_t at = random() % (expected.size() + 1), left = expected.size() - at;
            const auto offset = static_cast<std::ptrdiff_t>(at);
            const auto both = [&](auto change) {
                change(expected);
                change(sizes);
            };
            switch (random() % 10) {
                case 0:
                    both([&](auto& list) { list.insert(list.begin() + offset, 2, step); });
                    break;
                case 1:
                    both([&](auto& list) {
                        const std::vector<std::int64_t> more = {step, -step, step};
                        list.insert(list.begin() + offset, more.begin(), more.end());
                    });
                    break;
                case 2:
                    both([&](auto& list) { list.resize(at + 1, step); });
                    break;
                case 3:
                    both([&](auto& list) { list.erase(list.begin() + offset, list.end()); });
                    break;
                case 4:
                    both([&](auto& list) { list.assign(at, step); });
                    break;
                case 5:
                    if (left > 0) both([&](auto& list) { list.pop_back(); });
                    break;
                case 6:
                    if (left > 0) both([&](auto& list) { list.erase(list.begin() + offset); });
                    break;
                case 7:
                    both([&](auto& list) { list.emplace_back(step); });
                    break;
                default:
                    both([&](auto& list) { list.insert(list.begin() + offset, step); });
            }
            if (expected.size() > 12) both([](auto& list) { list.clear(); });
            const Sizes copy = sizes;
            REQUIRE(copy.size() == expected.size());
            REQUIRE(std::equal(copy.begin(), copy.end(), expected.begin()));
            REQUIRE((copy == Sizes(expected.begin(), expected.end())));
            REQUIRE(std::equal(copy.rbegin(), copy.rend(), expected.rbegin()));
            if (!expected.empty()) REQUIRE((copy.front() == expected.front() && copy.back() == expected.back()));
        }
    }
    CHECK((Sizes(9, 1) == Sizes{1, 1, 1, 1, 1, 1, 1, 1, 1}));
    CHECK_FALSE((Sizes{1, 2} == Sizes{1, 2, 3}));
}

}  // namespace
}  // namespace footprint
