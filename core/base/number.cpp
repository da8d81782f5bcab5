#include "base/number.hpp"

#include <charconv>
#include <cmath>

namespace footprint {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr const char* kTooLarge = "too large for 64 bits";

std::string digits(Wide value) {
    char text[40];
    char* end = text + sizeof text;
    char* begin = end;
    do {
        *--begin = static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    return std::string(begin, end);
}

std::string with_commas(std::string digits_only) {
    for (std::size_t at = digits_only.size(); at > 3;) {
        at -= 3;
        digits_only.insert(at, 1, ',');
    }
    return digits_only;
}

/// value / 2^shift to the nearest integer, ties to even.
Wide rounded_shift(Wide value, int shift) {
    if (shift <= 0) return value << -shift;
    if (shift > 126) return 0;
    const Wide unit = Wide{1} << shift;
    const Wide whole = value >> shift;
    const Wide rest = value & (unit - 1);
    const Wide half = unit >> 1;
    return whole + ((rest > half || (rest == half && (whole & 1) != 0)) ? 1 : 0);
}

Wide power_of_ten(int exponent) {
    Wide power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

/// Puts the decimal point into an integer of 10^-decimals.
std::string with_point(Wide scaled, int decimals, bool negative, bool commas) {
    const Wide unit = power_of_ten(decimals);
    std::string whole = digits(scaled / unit);
    if (commas) whole = with_commas(whole);
    std::string text = (negative ? "-" : "") + whole;
    if (decimals > 0) {
        const std::string fraction = digits(scaled % unit);
        text += '.' + std::string(static_cast<std::size_t>(decimals) - fraction.size(), '0') + fraction;
    }
    return text;
}

Wide magnitude(std::int64_t value) { return value < 0 ? Wide{0} - static_cast<Wide>(value) : static_cast<Wide>(value); }

/// Bytes divided by 2^shift, two decimals.
std::string divided(Integer bytes, int shift, bool commas) {
    if (bytes.overflowed()) return kTooLarge;
    return with_point(rounded_shift(magnitude(bytes.value()) * 100, shift), 2, bytes.value() < 0, commas);
}

}  // namespace

std::string plain(std::int64_t value) {
    char text[20];  // as many as the least value has
    return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

std::string grouped(std::int64_t value) { return (value < 0 ? "-" : "") + with_commas(digits(magnitude(value))); }

std::string fixed(double value, int decimals) {
    const bool negative = std::signbit(value);
    if (!(std::fabs(value) < 0x1p70)) return negative ? "-inf" : "inf";
    int exponent = 0;  // |value| = fraction × 2^exponent, fraction in [0.5, 1): 53 bits of it are an integer
    const double fraction = std::frexp(std::fabs(value), &exponent);
    const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
    return with_point(rounded_shift(static_cast<Wide>(mantissa) * power_of_ten(decimals), 53 - exponent), decimals,
                      negative, false);
}

std::string megabytes(Integer bytes) { return divided(bytes, 20, false); }
std::string megabytes_with_unit(Integer bytes) { return divided(bytes, 20, true) + (bytes.overflowed() ? "" : " MB"); }
std::string gigabytes_with_unit(Integer bytes) { return divided(bytes, 30, true) + (bytes.overflowed() ? "" : " GB"); }
std::string memory_with_unit(Integer bytes) {
    const bool small = !bytes.overflowed() && bytes < Integer(kGibibyte) && bytes > Integer(-kGibibyte);
    return small ? megabytes_with_unit(bytes) : gigabytes_with_unit(bytes);
}
std::string bytes_with_unit(Integer bytes) {
    return bytes.overflowed() ? std::string(kTooLarge) : grouped(bytes.value()) + " B";
}

}  // namespace footprint
