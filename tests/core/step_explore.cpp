// Looks at configurations of tests/golden/step one by one: predicted, recorded, and the first event that differs.
//   step_explore networks [WORD]            of networks.json those with WORD in their id
//   step_explore FAMILY [WORD [FOLDER]]     of a family those with WORD in their id; traces of one's own in FOLDER
#include <cstdio>

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "step_golden.hpp"

int main(int count, char** words) {
    doctest::Context context;
    context.setAsDefaultForAssertsOutOfTestCases();
    const auto word = [&](int i) { return i < count ? std::string(words[i]) : std::string(); };
    if (count < 2) {
        std::fprintf(stderr, "step_explore FAMILY [WORD [FOLDER]]\n");
        return 2;
    }
    const auto found = word(1) == "networks" ? footprint::testing::networks(word(2))
                                             : footprint::testing::outcomes_of(word(1), word(2), word(3));
    std::size_t exact = 0, all = 0;
    for (const footprint::testing::Outcome& one : found) {
        ++all;
        exact += one.exact() ? 1U : 0U;
        std::printf("%s %s\n  allocated %lld, recorded %lld (%.4f %%)\n  reserved %lld, recorded %lld (%.4f %%)\n",
                    one.exact() ? "equal " : "DIFFERS", one.id.c_str(), static_cast<long long>(one.allocated),
                    static_cast<long long>(one.expected_allocated), 100 * one.off(),
                    static_cast<long long>(one.reserved), static_cast<long long>(one.expected_reserved),
                    100 * one.reserved_off());
        if (!one.phase.empty()) std::printf("  peak in %s\n", one.phase.c_str());
        if (!one.difference.empty()) std::printf("  %s\n", one.difference.c_str());
    }
    std::printf("%zu of %zu equal\n", exact, all);
}
