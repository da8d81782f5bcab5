// torchsummary's and torchinfo's tables: their rows, and the totals below them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "prints/tree.hpp"

namespace footprint::prints {

/// A total as it is printed below the rows.
struct Total {
    std::size_t line = 0;
    std::string name;   // "Total params", "Input size (MB)"
    std::string value;  // as printed
};

struct Table {
    Module root;  // rows in the order of the calls; of torchsummary all in one list, blocks after what is inside them
    std::vector<Total> totals;
    std::int64_t batch = 1;    // what stands in dimension 0; −1: torchsummary was given none
    bool has_inputs = false;   // torchinfo's column input_size
    bool has_kernels = false;  // torchinfo's column kernel_size
};

[[nodiscard]] bool is_torchsummary(std::string_view text);
[[nodiscard]] bool is_torchinfo(std::string_view text);
[[nodiscard]] Result<Table> read_torchsummary(std::string_view text);
[[nodiscard]] Result<Table> read_torchinfo(std::string_view text);

}  // namespace footprint::prints
