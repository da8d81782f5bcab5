#include "kernels/tensor.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/autograd.hpp"

namespace footprint::aten {
namespace {

Integer bytes_of(const Sizes& sizes, const Sizes& strides, DType dtype) {
    Integer last = 1;  // elements from the first to the last, both included
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (sizes[i] == 0) return 0;
        last += Integer(sizes[i] - 1) * strides[i];
    }
    return last * size_of(dtype);
}

}  // namespace

Tensor::Tensor(TensorImpl* impl) : impl_(impl) {}
TensorImpl::~TensorImpl() = default;

const Sizes& Tensor::sizes() const { return impl_->sizes; }
const Sizes& Tensor::strides() const { return impl_->strides; }
std::int64_t Tensor::size(std::int64_t d) const { return sizes()[static_cast<std::size_t>(d < 0 ? d + dim() : d)]; }
std::int64_t Tensor::stride(std::int64_t d) const { return strides()[static_cast<std::size_t>(d < 0 ? d + dim() : d)]; }
DType Tensor::dtype() const { return impl_->dtype; }
std::int64_t Tensor::numel() const { return product(sizes()); }
Device& Tensor::device() const { return *impl_->storage->device; }
bool Tensor::requires_grad() const { return defined() && (impl_->is_leaf_requiring_grad || impl_->grad_fn); }
std::int32_t Tensor::use_count() const { return impl_->references; }
std::int32_t Tensor::storage_use_count() const { return impl_->storage->references; }

bool Tensor::is_contiguous() const {
    std::int64_t expected = 1;
    for (std::size_t i = sizes().size(); i-- > 0;) {
        if (sizes()[i] == 0) return true;
        if (sizes()[i] == 1) continue;
        if (strides()[i] != expected) return false;
        expected = times(expected, sizes()[i]);
    }
    return true;
}

bool Tensor::is_contiguous_channels_last() const {
    const Sizes& s = sizes();
    if (s.size() != 4 && s.size() != 5) return false;
    std::int64_t expected = 1;
    const auto check = [&](std::size_t i) {
        if (s[i] != 1 && strides()[i] != expected) return false;
        if (s[i] != 1) expected = times(expected, s[i]);
        return true;
    };
    if (!check(1)) return false;
    for (std::size_t i = s.size(); i-- > 2;)
        if (!check(i)) return false;
    return check(0);
}

bool Tensor::suggests_channels_last() const {
    const Sizes& s = sizes();
    if ((s.size() != 4 && s.size() != 5) || strides()[1] == 0) return false;
    std::int64_t smallest = 0;
    const auto check = [&](std::size_t i) {
        if (s[i] == 0 || strides()[i] < smallest || (i == 0 && smallest == strides()[1])) return false;
        smallest = s[i] > 1 ? times(strides()[i], s[i]) : strides()[i];
        return true;
    };
    if (!check(1)) return false;
    for (std::size_t i = s.size(); i-- > 2;)
        if (!check(i)) return false;
    return check(0);
}

bool Tensor::is_non_overlapping_and_dense() const {
    if (is_contiguous()) return true;
    std::vector<std::size_t> order(sizes().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (sizes()[a] < 2) return false;
        if (sizes()[b] < 2) return true;
        return strides()[a] < strides()[b];
    });
    std::int64_t expected = 1;
    for (const std::size_t i : order) {
        if (sizes()[i] < 2) return true;
        if (strides()[i] != expected) return false;
        expected = times(expected, sizes()[i]);
    }
    return true;
}

std::int64_t product(const Sizes& sizes) {
    if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) return 0;
    std::int64_t count = 1;
    for (const std::int64_t size : sizes) count = times(count, size);
    return count;
}

Sizes contiguous(const Sizes& sizes) {
    Sizes strides(sizes.size());
    std::int64_t stride = 1;
    for (std::size_t i = sizes.size(); i-- > 0;) {
        strides[i] = stride;
        stride = times(stride, std::max<std::int64_t>(sizes[i], 1));
    }
    return strides;
}

Sizes channels_last(const Sizes& sizes) {
    Sizes strides(sizes.size());
    std::int64_t stride = 1;
    const auto place = [&](std::size_t i) {
        strides[i] = stride;
        stride = times(stride, std::max<std::int64_t>(sizes[i], 1));
    };
    place(1);
    for (std::size_t i = sizes.size(); i-- > 2;) place(i);
    place(0);
    return strides;
}

Tensor empty_strided(Device& device, Sizes sizes, Sizes strides, DType dtype) {
    auto* impl = new TensorImpl;
    Tensor tensor(impl);
    impl->storage = Ref<Storage>(new Storage(device, bytes_of(sizes, strides, dtype)));
    impl->sizes = std::move(sizes);
    impl->strides = std::move(strides);
    impl->dtype = dtype;
    return tensor;
}

Tensor empty(Device& device, Sizes sizes, DType dtype) {
    Sizes strides = contiguous(sizes);
    return empty_strided(device, std::move(sizes), std::move(strides), dtype);
}

Tensor empty_like(const Tensor& self) { return empty_like(self, self.dtype()); }

Tensor empty_like(const Tensor& self, DType dtype) {
    if (self.is_non_overlapping_and_dense()) return empty_strided(self.device(), self.sizes(), self.strides(), dtype);
    return empty_strided(self.device(), self.sizes(), dense_strides(self.sizes(), {self.strides()}), dtype);
}

Tensor alias(const Tensor& self, Sizes sizes, Sizes strides) {
    auto* impl = new TensorImpl;
    Tensor tensor(impl);
    impl->storage = self.impl()->storage;
    impl->sizes = std::move(sizes);
    impl->strides = std::move(strides);
    impl->dtype = self.dtype();
    impl->is_view = true;
    impl->base = self.impl()->base ? self.impl()->base : Ref<TensorImpl>(self.impl());
    impl->version = impl->base->version;
    return tensor;
}

Tensor detached(const Tensor& self) {
    Tensor tensor = alias(self, self.sizes(), self.strides());
    tensor.impl()->base = {};  // or a saved result would hold its own history
    return tensor;
}

void untracked(Tensor& view) {
    view.impl()->is_view = false;
    view.impl()->base = {};
}

}  // namespace footprint::aten
