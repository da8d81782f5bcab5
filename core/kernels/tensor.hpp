// Tensor: what ATen knows of one, without its values. Copies are references, as in PyTorch; when the last reference to
// a storage goes, its block is freed on the device.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/device.hpp"
#include "kernels/ref.hpp"
#include "kernels/sizes.hpp"
#include "model/dtype.hpp"

namespace footprint::aten {

class Node;
struct TensorImpl;

struct Storage : Counted {
    Storage(Device& on, Integer bytes) : device(&on), allocation(on.allocate(bytes)) {}
    ~Storage() { device->free(allocation); }
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    Storage(Storage&& other) noexcept : device(other.device), allocation(std::exchange(other.allocation, -1)) {}
    Storage& operator=(Storage&&) = delete;

    Device* device;
    std::int32_t allocation;
};

class Tensor {
 public:
    Tensor() = default;

    [[nodiscard]] bool defined() const { return static_cast<bool>(impl_); }
    [[nodiscard]] const Sizes& sizes() const;
    [[nodiscard]] const Sizes& strides() const;
    [[nodiscard]] std::int64_t size(std::int64_t dim) const;  // negative: from the end
    [[nodiscard]] std::int64_t stride(std::int64_t dim) const;
    [[nodiscard]] std::int64_t dim() const { return static_cast<std::int64_t>(sizes().size()); }
    [[nodiscard]] DType dtype() const;
    [[nodiscard]] std::int64_t numel() const;
    [[nodiscard]] Integer nbytes() const { return Integer(numel()) * size_of(dtype()); }
    [[nodiscard]] bool is_contiguous() const;
    [[nodiscard]] bool is_contiguous_channels_last() const;
    /// Its strides are in the order of channels last, dense or not (suggest_memory_format).
    [[nodiscard]] bool suggests_channels_last() const;
    [[nodiscard]] bool is_non_overlapping_and_dense() const;
    [[nodiscard]] bool requires_grad() const;
    [[nodiscard]] Device& device() const;
    /// The same tensor object, not only the same memory.
    [[nodiscard]] bool is(const Tensor& other) const { return impl_.get() == other.impl_.get(); }
    [[nodiscard]] std::int32_t use_count() const;
    [[nodiscard]] std::int32_t storage_use_count() const;
    [[nodiscard]] TensorImpl* impl() const { return impl_.get(); }

    explicit Tensor(TensorImpl* impl);

 private:
    Ref<TensorImpl> impl_;
};

struct TensorImpl : Counted {
    Ref<Storage> storage;
    Sizes sizes, strides;
    DType dtype = DType::float32;

    // autograd
    bool is_leaf_requiring_grad = false;
    bool is_view = false;      // autograd looks at it as one
    Ref<TensorImpl> base;      // of which it is a view, and which it holds
    std::int32_t version = 0;  // how often its memory was written through a view; of a view, what of that it knows
    Ref<Node> grad_fn;
    std::int32_t output_nr = 0;
    Tensor grad;                       // of a leaf
    Node* grad_accumulator = nullptr;  // while some graph holds it

    TensorImpl() = default;
    ~TensorImpl();
};

[[nodiscard]] Sizes contiguous(const Sizes& sizes);
[[nodiscard]] Sizes channels_last(const Sizes& sizes);
[[nodiscard]] std::int64_t product(const Sizes& sizes);

/// A new tensor with memory of its own.
[[nodiscard]] Tensor empty(Device& device, Sizes sizes, DType dtype);
[[nodiscard]] Tensor empty_strided(Device& device, Sizes sizes, Sizes strides, DType dtype);
/// The strides of a packed tensor whose dimensions lie as those of some of its size do (TensorIterator,
/// infer_dense_strides).
[[nodiscard]] Sizes dense_strides(const Sizes& sizes, const std::vector<Sizes>& like);
/// Like another: its sizes, its type unless one is given, and its order of dimensions where its memory is dense.
[[nodiscard]] Tensor empty_like(const Tensor& self);
[[nodiscard]] Tensor empty_like(const Tensor& self, DType dtype);
/// A tensor over the same storage, without history.
[[nodiscard]] Tensor alias(const Tensor& self, Sizes sizes, Sizes strides);
[[nodiscard]] Tensor detached(const Tensor& self);
/// What an operation makes a view of within itself is none to autograd.
void untracked(Tensor& view);

}  // namespace footprint::aten
