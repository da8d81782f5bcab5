#include "model/tensor.hpp"

#include "base/number.hpp"

namespace footprint {

Integer elements(const Shape& shape) {
    Integer product = 1;
    for (const Integer size : shape) product *= size;
    return product;
}

Strides contiguous_strides(const Shape& shape) {
    Strides strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * larger(shape[i], 1);
    return strides;
}

bool is_contiguous(const Tensor& tensor) {
    Integer expected = 1;
    if (elements(tensor.shape) == 0) return true;
    for (std::size_t i = tensor.rank(); i-- > 0;) {
        if (tensor.shape[i] == 1) continue;
        if (tensor.strides[i] != expected) return false;
        expected *= tensor.shape[i];
    }
    return true;
}

std::string in_words(const Shape& shape) {
    if (shape.empty()) return "no dimensions";
    std::string text;
    for (const Integer size : shape) {
        if (!text.empty()) text += " × ";
        text += size.overflowed() ? "?" : plain(size.value());
    }
    return text;
}

}  // namespace footprint
