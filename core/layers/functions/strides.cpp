#include "layers/functions/strides.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

namespace footprint {
namespace {

/// The order in which the dimensions of a channels-last tensor lie, innermost first: C, W, H, N or C, W, H, D, N.
std::span<const std::size_t> channels_last_order(std::size_t rank) {
    static constexpr std::array<std::size_t, 4> kImages = {1, 3, 2, 0};
    static constexpr std::array<std::size_t, 5> kVolumes = {1, 4, 3, 2, 0};
    if (rank == 4) return kImages;
    if (rank == 5) return kVolumes;
    return {};
}

/// How far apart an operand's neighbours along dimension `i` of `shape` lie; 0 where it is broadcast.
Integer broadcast_stride(const Tensor& operand, const Shape& shape, std::size_t i) {
    const std::size_t missing = shape.size() - operand.rank();
    if (i < missing) return 0;
    const std::size_t own = i - missing;
    return operand.shape[own] == 1 && shape[i] != 1 ? Integer(0) : operand.strides[own];
}

/// TensorIterator's comparison: positive where dimension `a` lies outside `b`, negative inside, 0 where no operand
/// knows.
int compare(const Shape& shape, std::span<const Tensor* const> operands, std::size_t a, std::size_t b) {
    for (const Tensor* operand : operands) {
        const Integer stride_a = broadcast_stride(*operand, shape, a), stride_b = broadcast_stride(*operand, shape, b);
        if (stride_a == 0 || stride_b == 0) continue;
        if (stride_a != stride_b) return stride_a < stride_b ? -1 : 1;
        if (shape[a] > shape[b]) return 1;
    }
    return 0;
}

/// Strides without gaps whose order follows the operands': an insertion sort, since some comparisons are undecided.
Strides ordered_strides(const Shape& shape, std::span<const Tensor* const> operands) {
    std::vector<std::size_t> order(shape.size());
    std::iota(order.rbegin(), order.rend(), std::size_t{0});  // innermost first
    for (std::size_t i = 1; i < order.size(); ++i) {
        std::size_t moved = i;
        for (std::size_t j = i; j-- > 0;) {
            const int order_of_two = compare(shape, operands, order[j], order[moved]);
            if (order_of_two < 0) break;
            if (order_of_two == 0) continue;
            std::swap(order[j], order[moved]);
            moved = j;
        }
    }
    Strides strides(shape.size(), 1);
    Integer next = 1;
    for (const std::size_t dimension : order) {
        strides[dimension] = next;
        next *= larger(shape[dimension], 1);
    }
    return strides;
}

}  // namespace

bool is_dense(const Tensor& tensor) {
    if (is_contiguous(tensor)) return true;
    std::vector<std::size_t> order(tensor.rank());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (tensor.shape[a] < 2 || tensor.shape[b] < 2) return tensor.shape[b] < 2 && tensor.shape[a] >= 2;
        return tensor.strides[a] < tensor.strides[b];
    });
    Integer expected = 1;
    for (const std::size_t dimension : order) {
        if (tensor.shape[dimension] < 2) return true;
        if (tensor.strides[dimension] != expected) return false;
        expected *= tensor.shape[dimension];
    }
    return true;
}

MemoryFormat format_of(const Tensor& tensor) {
    const std::span<const std::size_t> order = channels_last_order(tensor.rank());
    if (order.empty() || tensor.strides[1] == 0) return MemoryFormat::contiguous;
    Integer least = 0;
    for (const std::size_t dimension : order) {
        if (tensor.shape[dimension] == 0 || tensor.strides[dimension] < least) return MemoryFormat::contiguous;
        // A tensor of one pixel could be either; PyTorch says contiguous.
        if (dimension == 0 && least == tensor.strides[1]) return MemoryFormat::contiguous;
        least = tensor.strides[dimension];
        if (tensor.shape[dimension] > 1) least *= tensor.shape[dimension];
    }
    return MemoryFormat::channels_last;
}

Strides strides_in(MemoryFormat format, const Shape& shape) {
    const std::span<const std::size_t> order = channels_last_order(shape.size());
    if (format == MemoryFormat::contiguous || order.empty()) return contiguous_strides(shape);
    Strides strides(shape.size());
    Integer next = 1;
    for (const std::size_t dimension : order) {
        strides[dimension] = next;
        next *= larger(shape[dimension], 1);
    }
    return strides;
}

bool is_contiguous_in(MemoryFormat format, const Tensor& tensor) {
    if (format == MemoryFormat::contiguous) return is_contiguous(tensor);
    const std::span<const std::size_t> order = channels_last_order(tensor.rank());
    Integer expected = 1;
    for (const std::size_t dimension : order) {
        if (tensor.shape[dimension] == 1) continue;
        if (tensor.strides[dimension] != expected) return false;
        expected *= tensor.shape[dimension];
    }
    return !order.empty();
}

Strides preserved_strides(const Tensor& tensor) {
    if (is_dense(tensor)) return tensor.strides;
    const Tensor* const operand = &tensor;
    return ordered_strides(tensor.shape, {&operand, 1});
}

Strides elementwise_strides(const Shape& shape, std::span<const Tensor* const> operands) {
    const auto all = [&](auto holds) {
        return std::all_of(operands.begin(), operands.end(), [&](const Tensor* operand) { return holds(*operand); });
    };
    if (!operands.empty() && all([&](const Tensor& operand) { return operand.shape == shape; })) {
        for (const MemoryFormat format : {MemoryFormat::contiguous, MemoryFormat::channels_last})
            if (all([&](const Tensor& operand) { return is_contiguous_in(format, operand); }))
                return strides_in(format, shape);
        const Strides& first = operands[0]->strides;
        if (is_dense(*operands[0]) && all([&](const Tensor& operand) { return operand.strides == first; }))
            return first;
    }
    return ordered_strides(shape, operands);
}

}  // namespace footprint
