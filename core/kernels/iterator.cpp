// TensorIterator: the sizes and strides of what elementwise operations make, and the staging of reductions. Sources:
// aten/src/ATen/TensorIterator.cpp, aten/src/ATen/native/cuda/Reduce.cuh (2.15).
#include <algorithm>
#include <numeric>

#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

/// An operand's strides over the broadcast dimensions: 0 where it is repeated.
Sizes broadcast_strides(const Tensor& operand, const Sizes& sizes) {
    Sizes strides(sizes.size(), 0);
    const std::size_t missing = sizes.size() - operand.sizes().size();
    for (std::size_t i = 0; i < operand.sizes().size(); ++i)
        if (operand.sizes()[i] != 1 || sizes[missing + i] == 1) strides[missing + i] = operand.strides()[i];
    return strides;
}

/// Dimensions from the innermost, as TensorIterator sorts them by its operands' strides.
std::vector<std::size_t> sorted_dimensions(const Sizes& sizes, const std::vector<Sizes>& operands,
                                           const std::vector<bool>* reduced) {
    std::vector<std::size_t> order(sizes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
    const auto should_swap = [&](std::size_t a, std::size_t b) {
        if (reduced != nullptr && (*reduced)[a] != (*reduced)[b]) return (*reduced)[b] ? 1 : -1;
        for (const Sizes& strides : operands) {
            const std::int64_t first = strides[a], second = strides[b];
            if (first == 0 || second == 0) continue;
            if (first != second) return first < second ? -1 : 1;
            if (sizes[a] > sizes[b]) return 1;
        }
        return 0;
    };
    for (std::size_t i = 1; i < order.size(); ++i) {
        std::size_t moving = i;
        for (std::size_t j = i; j-- > 0;) {
            const int comparison = should_swap(order[j], order[moving]);
            if (comparison > 0) {
                std::swap(order[j], order[moving]);
                moving = j;
            } else if (comparison < 0) {
                break;
            }
        }
    }
    return order;
}

struct Dimension {
    std::int64_t size, stride;
    bool reduced;
};

/// The dimensions of a reduction's input, those of size 1 left out and neighbours that are one run merged.
std::vector<Dimension> coalesced(const Tensor& self, const std::vector<bool>& reduced) {
    std::vector<Dimension> dimensions;
    for (const std::size_t i : sorted_dimensions(self.sizes(), {self.strides()}, &reduced)) {
        const Dimension next{self.sizes()[i], self.strides()[i], reduced[i]};
        if (next.size == 1) continue;
        if (!dimensions.empty()) {
            Dimension& last = dimensions.back();
            if (last.reduced == next.reduced && times(last.size, last.stride) == next.stride) {
                last.size = times(last.size, next.size);
                continue;
            }
        }
        dimensions.push_back(next);
    }
    return dimensions;
}

/// Of counts: neither is below 0.
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

}  // namespace

Sizes broadcast(const Sizes& a, const Sizes& b) {
    Sizes sizes = a.size() >= b.size() ? a : b;
    const Sizes& shorter = a.size() >= b.size() ? b : a;
    const std::size_t missing = sizes.size() - shorter.size();
    for (std::size_t i = 0; i < shorter.size(); ++i)
        if (sizes[missing + i] == 1) sizes[missing + i] = shorter[i];
    return sizes;
}

Sizes dense_strides(const Sizes& sizes, const std::vector<Sizes>& like) {
    Sizes result(sizes.size());
    std::int64_t stride = 1;
    for (const std::size_t i : sorted_dimensions(sizes, like, nullptr)) {
        result[i] = stride;
        stride = times(stride, std::max<std::int64_t>(sizes[i], 1));
    }
    return result;
}

Tensor elementwise_result(const std::vector<const Tensor*>& operands, DType dtype) {
    Device& device = operands[0]->device();
    Sizes sizes = operands[0]->sizes();
    for (const Tensor* operand : operands) sizes = broadcast(sizes, operand->sizes());
    // All of one dense layout: the result has it too (compute_fast_setup_type).
    const Tensor& first = *operands[0];
    if (std::all_of(operands.begin(), operands.end(),
                    [&](const Tensor* operand) { return operand->sizes() == sizes && operand->is_contiguous(); }))
        return empty(device, std::move(sizes), dtype);
    if (first.is_non_overlapping_and_dense() &&
        std::all_of(operands.begin(), operands.end(), [&](const Tensor* operand) {
            return operand->sizes() == sizes && operand->strides() == first.strides();
        }))
        return empty_strided(device, std::move(sizes), first.strides(), dtype);
    std::vector<Sizes> strides;
    strides.reserve(operands.size());
    for (const Tensor* operand : operands) strides.push_back(broadcast_strides(*operand, sizes));
    Sizes dense = dense_strides(sizes, strides);
    return empty_strided(device, std::move(sizes), std::move(dense), dtype);
}

Tensor binary_result(const Tensor& a, const Tensor& b, std::optional<DType> dtype) {
    if (!dtype) {
        dtype = promoted(a.dtype(), b.dtype());
        // A tensor without dimensions has a say only in the kind of number.
        if (a.dim() > 0 && b.dim() == 0 && is_floating(a.dtype()) >= is_floating(b.dtype())) dtype = a.dtype();
        if (b.dim() > 0 && a.dim() == 0 && is_floating(b.dtype()) >= is_floating(a.dtype())) dtype = b.dtype();
    }
    return elementwise_result({&a, &b}, *dtype);
}

void reduction_staging(const Tensor& self, const std::vector<bool>& reduced, std::int64_t accumulator) {
    constexpr std::int64_t kFewestValues = 16, kMostValues = 256;  // of one thread
    const std::vector<Dimension> dimensions = coalesced(self, reduced);
    if (dimensions.empty()) return;
    std::int64_t outputs = 1, per_output = 1;
    std::size_t first_output = 0;
    for (const Dimension& dimension : dimensions) {
        std::int64_t& count = dimension.reduced ? per_output : outputs;
        count = times(count, dimension.size);
        if (dimension.reduced) ++first_output;
    }
    if (first_output == 0 || per_output == 0 || outputs == 0) return;
    const bool fastest = first_output == dimensions.size() || dimensions[0].stride < dimensions[first_output].stride;
    std::int64_t across = fastest ? per_output : outputs, along = fastest ? outputs : per_output, vector = 1;
    if (dimensions[fastest ? 0 : first_output].stride == 1) {
        if (fastest && across > 128 && dimensions.size() == 1) {
            across /= 4;
        } else if (!fastest) {
            vector = 4;
            const auto divides = [&](std::int64_t n) {
                while (n % vector != 0) vector /= 2;
            };
            divides(dimensions[first_output].size);
            for (std::size_t i = 0; i < dimensions.size(); ++i)
                if (i != first_output) divides(dimensions[i].stride);
            across /= vector;
        }
    }
    const std::int64_t threads = (size_of(self.dtype()) >= 8 ? 256 : 512) / vector;
    const std::int64_t across2 = across < threads ? last_power_of_two(across) : threads;
    const std::int64_t along2 = along < threads ? last_power_of_two(along) : threads;
    std::int64_t width = std::min<std::int64_t>(across2, 32);
    const std::int64_t height = std::min(along2, threads / width);
    width = std::min(across2, threads / height);
    std::int64_t step_input = fastest ? width : 1, step_output = fastest ? 1 : width;
    std::int64_t values = ceil_div(per_output, step_input);
    const bool split_by_height = values >= height * kFewestValues || values >= kMostValues;
    (split_by_height ? step_input : step_output) *= height;
    const Properties& card = self.device().properties;
    const std::int64_t grid = ceil_div(outputs / vector, step_output);
    values = ceil_div(per_output, step_input);
    const std::int64_t target = card.multi_processor_count * (card.max_threads_per_multi_processor / (width * height));
    if (!split_by_height || values < kMostValues || grid > target) return;
    const std::int64_t blocks =
        std::max(std::min(ceil_div(target, grid), ceil_div(values, kFewestValues)), ceil_div(values, kMostValues));
    if (blocks <= 1) return;
    Device& device = self.device();
    const Storage staging(device, Integer(accumulator) * outputs * blocks * (fastest ? 1 : width * vector));
    const Storage semaphores(device, Integer(4) * grid);
}

Tensor sum_to(const Tensor& grad, const Sizes& sizes) {
    std::vector<bool> reduced(grad.sizes().size(), false);
    const std::size_t leading = grad.sizes().size() - sizes.size();
    for (std::size_t i = 0; i < reduced.size(); ++i)
        reduced[i] = i < leading || (sizes[i - leading] == 1 && grad.sizes()[i] != 1);
    Tensor summed =
        std::any_of(reduced.begin(), reduced.end(), [](bool is) { return is; }) ? sum(grad, reduced, true) : grad;
    return leading > 0 ? view(summed, sizes) : summed;
}

}  // namespace footprint::aten
