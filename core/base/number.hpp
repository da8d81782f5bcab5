// The one place where numbers become text. No locale: the same digits everywhere.
#pragma once

#include <cstdint>
#include <string>

#include "base/integer.hpp"

namespace footprint {

/// "1234567".
[[nodiscard]] std::string plain(std::int64_t value);
/// "1,234,567", as Python's "{:,}".
[[nodiscard]] std::string grouped(std::int64_t value);
/// C's "%.Nf": the exact binary value rounded, ties to even (15.625 gives 15.62). At most 6 decimals; magnitudes from
/// 2^70 on, which no amount of memory reaches, give "inf".
[[nodiscard]] std::string fixed(double value, int decimals);

/// Bytes as the notebook's MB (1024²), two decimals, no unit: "28273.64". Exact at any size.
[[nodiscard]] std::string megabytes(Integer bytes);
/// The same with thousands separated and the unit: "28,273.64 MB".
[[nodiscard]] std::string megabytes_with_unit(Integer bytes);
/// Bytes as the notebook's GB (1024³), two decimals, thousands separated, with the unit: "27.61 GB".
[[nodiscard]] std::string gigabytes_with_unit(Integer bytes);
/// In GB from 1 GB on, below it in MB.
[[nodiscard]] std::string memory_with_unit(Integer bytes);
/// "20,971,520 B".
[[nodiscard]] std::string bytes_with_unit(Integer bytes);

}  // namespace footprint
