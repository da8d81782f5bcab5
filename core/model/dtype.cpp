#include "model/dtype.hpp"

#include <cstddef>

namespace footprint {
namespace {

constexpr std::string_view kNames[] = {"bool",    "uint8",    "int8",    "int16",   "int32",     "int64",
                                       "float16", "bfloat16", "float32", "float64", "complex64", "complex128"};
constexpr std::int64_t kSizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};

constexpr std::size_t index(DType dtype) { return static_cast<std::size_t>(dtype); }

}  // namespace

std::string_view name_of(DType dtype) { return kNames[index(dtype)]; }

std::optional<DType> dtype_named(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kNames); ++i)
        if (kNames[i] == name) return static_cast<DType>(i);
    return std::nullopt;
}

std::span<const std::string_view> dtype_names() { return kNames; }

std::int64_t size_of(DType dtype) { return kSizes[index(dtype)]; }

bool is_floating(DType dtype) { return dtype >= DType::float16; }
bool is_integral(DType dtype) { return dtype < DType::float16; }

DType promoted(DType a, DType b) {
    if (a > b) return promoted(b, a);
    if (a == b) return a;
    // The order of the enumeration is PyTorch's order of promotion, but for two pairs of which neither holds the other.
    if (a == DType::uint8 && b == DType::int8) return DType::int16;
    if (a == DType::float16 && b == DType::bfloat16) return DType::float32;
    if (a == DType::float64 && b == DType::complex64) return DType::complex128;
    return b;
}

}  // namespace footprint
