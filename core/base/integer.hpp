// Integer: a 64-bit count (of bytes, elements, positions) that can never wrap.
//
// Every amount in the core is an Integer until it is printed. An operation whose exact result does not fit 64 bits
// gives the value "overflowed", and so does every operation on it; whoever reports a number looks once, at the end.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace footprint {

/// Bytes in what the notebook and PyTorch's pages call an MB.
inline constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
inline constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;  // and a GB

class Integer {
 public:
    constexpr Integer() = default;
    constexpr Integer(std::int64_t value) : value_(value) {}  // implicit: a literal is an exact count

    /// True when this or a number it was computed from did not fit 64 bits.
    [[nodiscard]] constexpr bool overflowed() const { return value_ == kOverflowed; }

    /// The exact value. Meaningless when overflowed().
    [[nodiscard]] constexpr std::int64_t value() const { return value_; }

    static constexpr Integer overflow() { return Integer(kOverflowed); }

    friend constexpr Integer operator+(Integer a, Integer b) {
        std::int64_t sum = 0;
        if (a.overflowed() || b.overflowed() || __builtin_add_overflow(a.value_, b.value_, &sum)) return overflow();
        return Integer(sum);
    }
    friend constexpr Integer operator-(Integer a, Integer b) {
        std::int64_t difference = 0;
        if (a.overflowed() || b.overflowed() || __builtin_sub_overflow(a.value_, b.value_, &difference))
            return overflow();
        return Integer(difference);
    }
    friend constexpr Integer operator*(Integer a, Integer b) {
        std::int64_t product = 0;
        if (a.overflowed() || b.overflowed() || __builtin_mul_overflow(a.value_, b.value_, &product)) return overflow();
        return Integer(product);
    }
    constexpr Integer& operator+=(Integer other) { return *this = *this + other; }
    constexpr Integer& operator-=(Integer other) { return *this = *this - other; }
    constexpr Integer& operator*=(Integer other) { return *this = *this * other; }
    constexpr Integer operator-() const { return Integer(0) - *this; }

    /// Overflowed compares equal to itself and below everything else; callers check overflowed() first.
    friend constexpr auto operator<=>(Integer a, Integer b) = default;

 private:
    // The one value that has no negation stands for "did not fit", so an Integer is as small as its number.
    static constexpr std::int64_t kOverflowed = INT64_MIN;
    std::int64_t value_ = 0;
};

/// Division rounded towards minus infinity, as PyTorch rounds sizes. The divisor must not be 0.
constexpr Integer floor_divide(Integer a, Integer b) {
    if (a.overflowed() || b.overflowed() || b == Integer(0)) return Integer::overflow();
    const std::int64_t quotient = a.value() / b.value();
    const bool inexact = a.value() % b.value() != 0;
    return Integer(inexact && ((a.value() < 0) != (b.value() < 0)) ? quotient - 1 : quotient);
}

/// Division rounded towards plus infinity.
constexpr Integer ceil_divide(Integer a, Integer b) { return -floor_divide(-a, b); }

constexpr Integer smaller(Integer a, Integer b) {
    if (a.overflowed() || b.overflowed()) return Integer::overflow();
    return b < a ? b : a;
}
constexpr Integer larger(Integer a, Integer b) {
    if (a.overflowed() || b.overflowed()) return Integer::overflow();
    return a < b ? b : a;
}

}  // namespace footprint
