// Element types, by PyTorch's names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace footprint {

enum class DType : std::uint8_t {
    boolean,
    uint8,
    int8,
    int16,
    int32,
    int64,
    float16,
    bfloat16,
    float32,
    float64,
    complex64,
    complex128
};

/// "float32", as torch.float32 without its prefix.
[[nodiscard]] std::string_view name_of(DType dtype);
[[nodiscard]] std::optional<DType> dtype_named(std::string_view name);
[[nodiscard]] std::span<const std::string_view> dtype_names();
/// Bytes of one element.
[[nodiscard]] std::int64_t size_of(DType dtype);
[[nodiscard]] bool is_floating(DType dtype);  // complex types included
[[nodiscard]] bool is_integral(DType dtype);  // bool included

/// The type of a result of two tensors with dimensions, as torch.promote_types.
[[nodiscard]] DType promoted(DType a, DType b);

}  // namespace footprint
