// The one number formatter, against C's printf and Python's format.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>

#include "base/integer.hpp"
#include "base/number.hpp"

using namespace footprint;

TEST_CASE("halves go to the even digit of the exact binary value, as C's %0.2f: 15.625 gives 15.62") {
    CHECK(fixed(15.625, 2) == "15.62");
    CHECK(fixed(0.125, 2) == "0.12");
    CHECK(fixed(0.625, 2) == "0.62");
    CHECK(fixed(1.875, 2) == "1.88");
    CHECK(fixed(5.625, 2) == "5.62");
    CHECK(fixed(0.015, 2) == "0.01");  // the nearest double lies below 0.015
}

TEST_CASE("fixed equals printf on 100,000 doubles of every size") {
    std::mt19937_64 random(1);
    char expected[128];
    for (int i = 0; i < 100'000; ++i) {
        const double value = static_cast<double>(static_cast<std::int64_t>(random())) /
                             static_cast<double>(std::int64_t{1} << (random() % 63));
        const int decimals = static_cast<int>(random() % 7);
        std::snprintf(expected, sizeof expected, "%.*f", decimals, value);
        CHECK(fixed(value, decimals) == expected);
    }
}

TEST_CASE("thousands are separated as Python's {:,} does") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(-1234567) == "-1,234,567");
    CHECK(grouped(std::numeric_limits<std::int64_t>::max()) == "9,223,372,036,854,775,807");
}

TEST_CASE("megabytes are 1024², gigabytes 1024³") {
    CHECK(megabytes(29'647'056'128) == "28273.64");
    CHECK(megabytes_with_unit(29'647'056'128) == "28,273.64 MB");
    CHECK(gigabytes_with_unit(29'647'056'128) == "27.61 GB");
    CHECK(megabytes(Integer::overflow()) == "too large for 64 bits");
}

TEST_CASE("an Integer never wraps: what does not fit stays overflowed") {
    const Integer most = std::numeric_limits<std::int64_t>::max();
    CHECK((most + 1).overflowed());
    CHECK((most * 2).overflowed());
    CHECK((Integer(0) - most - 2).overflowed());
    CHECK((most + 1 - 5).overflowed());
    CHECK(larger(most + 1, 3).overflowed());
    CHECK(smaller(most + 1, 3).overflowed());
    CHECK(floor_divide(7, 0).overflowed());
    CHECK((most * 1).value() == most.value());
}

TEST_CASE("division rounds as PyTorch rounds sizes") {
    CHECK(floor_divide(7, 2) == 3);
    CHECK(floor_divide(-7, 2) == -4);
    CHECK(ceil_divide(7, 2) == 4);
    CHECK(ceil_divide(-7, 2) == -3);
}
