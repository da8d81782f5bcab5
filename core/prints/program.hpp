// Program: what a container's forward does, in the words in which a reader answers for it:
//
//   features, avgpool, flatten(1), classifier             children by name, functions of the catalogue, one on the
//   other conv1, bn1, relu, conv2, bn2, += downsample?(x), relu x is what the container is given; "?": where there is
//   such a child ln_1 = n, attention(n, n, n), + x = a, ln_2, mlp, + a "= a" keeps a value under a name conv, same? + x
//   only where the sizes are those of x dense, cat(1)                                         each child reads all
//   before it, and all are handed on
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "prints/python.hpp"

namespace footprint::prints {

struct Step {
    enum class Kind : std::uint8_t {
        call,   // a child or a function named `name`
        value,  // a kept value or x becomes the current one
        join,   // the current value and an operand: `name` is add, mul or sub
    } kind = Kind::call;
    std::string name;
    std::string operand;  // of a join: a kept value, or the child that is called on `reads`
    bool operand_is_call = false;
    std::vector<std::string> reads;  // tensors in the parentheses of a child's call; empty: the current value
    Arguments arguments;             // other arguments
    bool where_present = false;      // "child?"
    bool where_same = false;         // "same?"
    bool inplace = false;            // "+="
    std::string keep;                // "= name"
};

/// The steps, or one sentence on what cannot be read.
[[nodiscard]] Result<std::vector<Step>> program_of(std::string_view text);

/// What the forward of a known class does. `children` decides whether it is that class: all that the program names
/// without "?" must be there.
struct Forward {
    std::string_view class_name, program, source;
};
[[nodiscard]] std::vector<Forward> forwards_of(std::string_view class_name, const std::vector<std::string>& children);
/// A forward with the numbers of a table's children in place of their names, which stand in the order of the calls.
/// Empty where the table has not as many.
[[nodiscard]] std::string numbered(const Forward& forward, std::size_t children);
/// All that are known of a class.
[[nodiscard]] std::vector<Forward> forwards_of(std::string_view class_name);

/// Classes that derive from nn.Sequential, so that torchsummary prints no row for them.
[[nodiscard]] bool is_sequential(std::string_view class_name, const std::vector<std::string>& children);

}  // namespace footprint::prints
