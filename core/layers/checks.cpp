#include "layers/checks.hpp"

#include <algorithm>
#include <numeric>

#include "base/number.hpp"

namespace footprint {
namespace {

/// "3 or 4"; "2, 3 or 4".
std::string alternatives(std::initializer_list<int> numbers) {
    std::string text;
    std::size_t left = numbers.size();
    for (const int number : numbers) {
        text += plain(number);
        --left;
        if (left > 0) text += left == 1 ? " or " : ", ";
    }
    return text;
}

std::string input_in_words(const Call& call, std::size_t input) {
    return call.input_count() > 1 ? "input " + plain(static_cast<std::int64_t>(input)) : "its input";
}

bool wrong_rank(Call& call, std::size_t input, const std::string& wanted) {
    const Shape& shape = call.shape(input);
    call.fail("wrong-rank", "inputs",
              call.row().op + " takes " + wanted + " dimensions, but " + input_in_words(call, input) + " has " +
                  plain(static_cast<std::int64_t>(shape.size())) +
                  (shape.empty() ? std::string() : " (" + in_words(shape) + ")") + ": reshape it before this row")
        .values = {{"dimensions", static_cast<std::int64_t>(shape.size())}, {"takes", wanted}};
    return false;
}

bool wrong_dtype(Call& call, std::size_t input, std::string_view wanted) {
    const std::string given(name_of(call.input(input).dtype));
    call.fail("wrong-dtype", "inputs",
              call.row().op + " takes " + std::string(wanted) + ", but " + input_in_words(call, input) + " is " +
                  given + ": give the input another dtype, or convert it with a `to` row")
        .values = {{"dtype", given}, {"takes", std::string(wanted)}};
    return false;
}

}  // namespace

bool check_rank(Call& call, std::initializer_list<int> ranks, std::size_t input) {
    const auto rank = static_cast<int>(call.shape(input).size());
    if (std::find(ranks.begin(), ranks.end(), rank) != ranks.end()) return true;
    return wrong_rank(call, input, alternatives(ranks));
}

bool check_least_rank(Call& call, int least, std::size_t input) {
    if (static_cast<int>(call.shape(input).size()) >= least) return true;
    return wrong_rank(call, input, "at least " + plain(least));
}

bool check_floating(Call& call, std::size_t input) {
    return is_floating(call.input(input).dtype) || wrong_dtype(call, input, "floating-point numbers");
}

bool check_parameter_dtype(Call& call, std::size_t input) {
    const Tensor* weight = call.keyword("weight");
    const DType parameters = weight == nullptr ? call.parameter_dtype() : weight->dtype;
    return call.input(input).dtype == parameters ||
           wrong_dtype(call, input, "the type of its weights, " + std::string(name_of(parameters)));
}

bool check_indices(Call& call, IndexTypes types, std::size_t input) {
    const DType dtype = call.input(input).dtype;
    if (dtype == DType::int64 || (dtype == DType::int32 && types == IndexTypes::int32_or_int64)) return true;
    return wrong_dtype(call, input, types == IndexTypes::int64 ? "int64 indices" : "indices (int64 or int32)");
}

bool check_divisible(Call& call, std::string_view field, std::string_view size_name, Integer size,
                     std::int64_t divisor) {
    if (size.overflowed() || (divisor != 0 && size.value() % divisor == 0)) return true;
    Diagnostic& diagnostic =
        call.fail("not-divisible", field,
                  std::string(size_name) + " is " + plain(size.value()) + ", which is no multiple of " +
                      std::string(field) + " " + plain(divisor) + ": change one of them");
    diagnostic.values = {{std::string(size_name), size.value()}, {std::string(field), divisor}};
    if (const std::int64_t common = std::gcd(size.value(), divisor); common > 0)
        diagnostic.fixes = {{std::string(field), plain(common)}};
    return false;
}

bool check_windows(Call& call, const Sliding& sliding, std::span<const Integer> positions) {
    const int rank = sliding.rank;
    const Shape& shape = call.shape();
    for (int i = 0; i < rank; ++i) {
        if (!below(positions[static_cast<std::size_t>(i)], 1)) continue;
        const Integer length = shape[shape.size() - static_cast<std::size_t>(rank - i)];
        if (length < 1) {
            call.fail("empty-output", "inputs",
                      "the input is " + in_words(shape) + ", so there is nothing to slide a window over");
            return false;
        }
        const Integer reach = Integer(sliding.dilation[i]) * (sliding.kernel_size[i] - 1) + 1;
        const Integer padded = length + 2 * Integer(sliding.padding[i]);
        if (reach.overflowed() || padded.overflowed()) return true;
        std::string message = "the kernel reaches over " + plain(reach.value()) + ", but the " +
                              std::string(axis_word(rank, i)) + " of the input is " + plain(length.value());
        if (sliding.padding[i] != 0) message += " and with its padding " + plain(padded.value());
        Diagnostic& diagnostic =
            call.fail("kernel-exceeds-input", "kernel_size", message + ": take a smaller kernel or more padding");
        diagnostic.values = {{"kernel", reach.value()}, {"input", padded.value()}};
        const auto fix = [&](std::string_view field, Tuple tuple, Integer value) {
            tuple.values[static_cast<std::size_t>(i)] = value.value();
            diagnostic.fixes.push_back({std::string(field), json_of(tuple)});
        };
        const Integer largest = floor_divide(padded - 1, sliding.dilation[i]) + 1;
        if (largest >= 1) fix("kernel_size", sliding.kernel_size, largest);
        // Half of the kernel is the most that a pool allows.
        const Integer enough = ceil_divide(reach - length, 2);
        if (enough <= sliding.kernel_size[i] / 2) fix("padding", sliding.padding, enough);
        return false;
    }
    return true;
}

bool check_sizes(Call& call, std::string_view field, const Shape& shape, std::int64_t least) {
    for (const Integer size : shape) {
        if (!below(size, least)) continue;
        call.fail("empty-output", field,
                  "the output would be " + in_words(shape) + ", but every size must be at least " + plain(least))
            .values = {{"size", size.value()}, {"least", least}};
        return false;
    }
    return true;
}

bool check_dimension(Call& call, std::string_view field, std::int64_t& dimension, std::size_t rank) {
    const auto dimensions = static_cast<std::int64_t>(rank == 0 ? 1 : rank);  // a scalar has dimension 0, as in PyTorch
    if (dimension >= -dimensions && dimension < dimensions) {
        if (dimension < 0) dimension += dimensions;
        return true;
    }
    call.fail("out-of-range", field,
              std::string(field) + " is " + plain(dimension) + ", but the input has " +
                  plain(static_cast<std::int64_t>(rank)) + " dimensions: take one from " + plain(-dimensions) + " to " +
                  plain(dimensions - 1))
        .values = {{std::string(field), dimension}, {"dimensions", static_cast<std::int64_t>(rank)}};
    return false;
}

bool check_probability(Call& call, std::string_view field, double value) {
    if (value >= 0 && value <= 1) return true;
    call.fail("out-of-range", field,
              std::string(field) + " is " + fixed(value, 6) + ", but is a probability: take one from 0 to 1")
        .values = {{std::string(field), fixed(value, 6)}};
    return false;
}

bool check_shape(Call& call, std::string_view field, std::string_view what, const Tensor& tensor,
                 const Shape& expected) {
    if (tensor.shape == expected) return true;
    call.fail("shape-mismatch", field,
              std::string(what) + " is " + in_words(tensor.shape) + ", but must be " + in_words(expected))
        .values = {{"given", in_words(tensor.shape)}, {"expected", in_words(expected)}};
    return false;
}

std::optional<Shape> broadcast(Call& call, const Shape& a, const Shape& b) {
    const Shape& longer = a.size() >= b.size() ? a : b;
    const Shape& shorter = a.size() >= b.size() ? b : a;
    Shape shape = longer;
    for (std::size_t i = 0; i < shorter.size(); ++i) {
        Integer& size = shape[shape.size() - 1 - i];
        const Integer other = shorter[shorter.size() - 1 - i];
        if (size == 1) {
            size = other;
        } else if (other != 1 && other != size) {
            call.fail("shape-mismatch", "inputs",
                      "its inputs are " + in_words(a) + " and " + in_words(b) + ", and sizes " + plain(size.value()) +
                          " and " + plain(other.value()) + " neither agree nor are 1")
                .values = {{"size", size.value()}, {"other", other.value()}};
            return std::nullopt;
        }
    }
    return shape;
}

std::string json_of(const Tuple& tuple) {
    const auto first = tuple.values.begin();
    if (std::all_of(first, first + tuple.rank, [&](std::int64_t value) { return value == *first; }))
        return plain(*first);
    std::string text = "[";
    for (int i = 0; i < tuple.rank; ++i) text += (i > 0 ? ", " : "") + plain(tuple[i]);
    return text + "]";
}

}  // namespace footprint
