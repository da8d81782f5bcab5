// Views, copies of them, and joining. Sources: aten/src/ATen/TensorUtils.cpp (computeStride), native/TensorShape.cpp.
#include <algorithm>

#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

std::size_t wrapped(const Tensor& self, std::int64_t dim) {
    return static_cast<std::size_t>(dim < 0 ? dim + self.dim() : dim);
}

Tensor zeros(const Tensor& like, const Sizes& sizes, DType dtype) { return empty(like.device(), sizes, dtype); }

}  // namespace

std::optional<Sizes> view_strides(const Tensor& self, const Sizes& sizes) {
    const Sizes& old_sizes = self.sizes();
    const Sizes& old_strides = self.strides();
    if (old_sizes.empty()) return Sizes(sizes.size(), 1);
    if (self.numel() == 0 && old_sizes == sizes) return old_strides;
    Sizes strides(sizes.size());
    if (self.numel() == 0) return aten::contiguous(sizes);
    auto at = static_cast<std::ptrdiff_t>(sizes.size()) - 1;
    std::int64_t base = old_strides.back(), old_count = 1, count = 1;
    for (std::size_t i = old_sizes.size(); i-- > 0;) {
        old_count = times(old_count, old_sizes[i]);
        if (i != 0 && (old_sizes[i - 1] == 1 || old_strides[i - 1] == times(old_count, base))) continue;
        while (at >= 0 && (count < old_count || sizes[static_cast<std::size_t>(at)] == 1)) {
            strides[static_cast<std::size_t>(at)] = times(count, base);
            count = times(count, sizes[static_cast<std::size_t>(at)]);
            --at;
        }
        if (count != old_count) return std::nullopt;
        if (i > 0) {
            base = old_strides[i - 1];
            old_count = count = 1;
        }
    }
    if (at != -1) return std::nullopt;
    return strides;
}

namespace {

Tensor viewed(std::string_view node, const Tensor& self, Sizes sizes, Sizes strides) {
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    if (History history{node, {&self}})
        history.of(result, [sizes = self.sizes()](Incoming in) { return Tensors{reshape(in.grad(), sizes)}; });
    return result;
}

}  // namespace

Tensor view(const Tensor& self, Sizes sizes) {
    std::optional<Sizes> strides = view_strides(self, sizes);
    if (!strides) return unsafe_view(clone(self, true), std::move(sizes));
    return viewed("ViewBackward0", self, std::move(sizes), std::move(*strides));
}

Tensor reshape(const Tensor& self, const Sizes& sizes) {
    if (std::optional<Sizes> strides = view_strides(self, sizes))
        return viewed("ViewBackward0", self, sizes, std::move(*strides));
    return unsafe_view(clone(self, true), sizes);
}

Tensor view_as_complex(const Tensor& self) {
    Sizes sizes = self.sizes(), strides = self.strides();
    sizes.pop_back();
    strides.pop_back();
    for (std::int64_t& stride : strides) stride /= 2;
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    result.impl()->dtype = self.dtype() == DType::float64 ? DType::complex128 : DType::complex64;
    if (History history{"ViewAsComplexBackward0", {&self}})
        history.of(result, [](Incoming in) { return Tensors{view_as_real(contiguous_copy(in.grad()))}; });
    return result;
}

Tensor view_as_real(const Tensor& self) {
    Sizes sizes = self.sizes(), strides = self.strides();
    for (std::int64_t& stride : strides) stride *= 2;
    sizes.push_back(2);
    strides.push_back(1);
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    result.impl()->dtype = self.dtype() == DType::complex128 ? DType::float64 : DType::float32;
    if (History history{"ViewAsRealBackward0", {&self}})
        history.of(result, [](Incoming in) { return Tensors{view_as_complex(contiguous_copy(in.grad()))}; });
    return result;
}

Tensor unsafe_view(const Tensor& self, Sizes sizes) {
    std::optional<Sizes> strides = view_strides(self, sizes);
    if (!strides) strides = aten::contiguous(sizes);
    Tensor result = viewed("UnsafeViewBackward0", self, std::move(sizes), std::move(*strides));
    untracked(result);
    return result;
}

Tensor permute(const Tensor& self, const std::vector<std::size_t>& dims) {
    Sizes sizes(dims.size()), strides(dims.size());
    std::vector<std::size_t> back(dims.size());
    for (std::size_t i = 0; i < dims.size(); ++i) {
        sizes[i] = self.sizes()[dims[i]];
        strides[i] = self.strides()[dims[i]];
        back[dims[i]] = i;
    }
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    if (History history{"PermuteBackward0", {&self}})
        history.of(result, [back](Incoming in) { return Tensors{permute(in.grad(), back)}; });
    return result;
}

Tensor transpose(const Tensor& self, std::int64_t a, std::int64_t b) {
    std::vector<std::size_t> dims(self.sizes().size());
    for (std::size_t i = 0; i < dims.size(); ++i) dims[i] = i;
    std::swap(dims[wrapped(self, a)], dims[wrapped(self, b)]);
    return permute(self, dims);
}

Tensor t(const Tensor& self) { return transpose(self, 0, 1); }

Tensor expand(const Tensor& self, const Sizes& sizes) {
    const std::size_t leading = sizes.size() - self.sizes().size();
    Sizes strides(sizes.size(), 0);
    for (std::size_t i = leading; i < sizes.size(); ++i)
        if (self.sizes()[i - leading] == sizes[i]) strides[i] = self.strides()[i - leading];
    Tensor result = alias(self, sizes, std::move(strides));
    if (History history{"ExpandBackward0", {&self}})
        history.of(result, [sizes = self.sizes()](Incoming in) { return Tensors{sum_to(in.grad(), sizes)}; });
    return result;
}

Tensor unsqueeze(const Tensor& self, std::int64_t dim) {
    const std::size_t at = static_cast<std::size_t>(dim < 0 ? dim + self.dim() + 1 : dim);
    Sizes sizes = self.sizes(), strides = self.strides();
    const std::int64_t stride = at < sizes.size() ? times(sizes[at], strides[at]) : 1;
    sizes.insert(sizes.begin() + static_cast<std::ptrdiff_t>(at), 1);
    strides.insert(strides.begin() + static_cast<std::ptrdiff_t>(at), stride);
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    if (History history{"UnsqueezeBackward0", {&self}})
        history.of(result, [at](Incoming in) {
            Sizes back = in.grad().sizes(), back_strides = in.grad().strides();
            back.erase(back.begin() + static_cast<std::ptrdiff_t>(at));
            back_strides.erase(back_strides.begin() + static_cast<std::ptrdiff_t>(at));
            return Tensors{alias(in.grad(), std::move(back), std::move(back_strides))};
        });
    return result;
}

Tensor squeeze(const Tensor& self, Sizes sizes, Sizes strides) {
    return viewed("SqueezeBackward0", self, std::move(sizes), std::move(strides));
}

Tensor part(std::string_view node, const Tensor& self, Sizes sizes, Sizes strides) {
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    if (History history{node, {&self}})
        history.of(result,
                   [whole = self.sizes()](Incoming in) { return Tensors{zeros(in.grad(), whole, in.grad().dtype())}; });
    return result;
}

Tensors split(const Tensor& self, std::int64_t dim, const std::vector<std::int64_t>& lengths) {
    const std::size_t at = wrapped(self, dim);
    Tensors parts;
    for (const std::int64_t length : lengths) {
        Sizes sizes = self.sizes();
        sizes[at] = length;
        parts.push_back(alias(self, std::move(sizes), self.strides()));
    }
    if (History history{"SplitBackward0", {&self}}) {
        const auto backward = [lengths, at, whole = self.sizes(), dtype = self.dtype()](Incoming in) {
            // Parts that nobody used are zeros; all are joined.
            Tensors grads;
            const Tensor* any = nullptr;
            for (const Tensor& grad : in.grads)
                if (grad.defined()) any = &grad;
            for (std::size_t i = 0; i < lengths.size(); ++i) {
                Sizes sizes = whole;
                sizes[at] = lengths[i];
                grads.push_back(in.grads[i].defined() ? in.grads[i] : zeros(*any, sizes, dtype));
            }
            return Tensors{cat(grads, static_cast<std::int64_t>(at))};
        };
        bool first = true;
        for (Tensor& one : parts) {
            if (first)
                history.of(one, backward);
            else
                history.also(one);
            first = false;
        }
    }
    return parts;
}

Tensors unbind(const Tensor& self, std::int64_t dim) {
    const std::size_t at = wrapped(self, dim);
    Sizes sizes = self.sizes(), strides = self.strides();
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(at));
    strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(at));
    Tensors parts;
    for (std::int64_t i = 0; i < self.sizes()[at]; ++i) parts.push_back(alias(self, sizes, strides));
    if (parts.empty()) return parts;
    if (History history{"UnbindBackward0", {&self}}) {
        history.of(parts[0], [at, sizes, dtype = self.dtype()](Incoming in) {
            // Parts that nobody used are one zero, expanded.
            Tensors grads;
            const Tensor* any = nullptr;
            for (const Tensor& grad : in.grads)
                if (grad.defined()) any = &grad;
            for (const Tensor& grad : in.grads)
                grads.push_back(grad.defined() ? grad : alias(zeros(*any, {}, dtype), sizes, Sizes(sizes.size(), 0)));
            return Tensors{stack(grads, static_cast<std::int64_t>(at))};
        });
        for (std::size_t i = 1; i < parts.size(); ++i) history.also(parts[i]);
    }
    return parts;
}

Tensor cat(const Tensors& tensors, std::int64_t dim) {
    // An empty tensor of one dimension is skipped, as PyTorch has always done.
    const auto skipped = [](const Tensor& tensor) { return tensor.sizes() == Sizes{0}; };
    const auto first = std::find_if_not(tensors.begin(), tensors.end(), skipped);
    const Tensor& model = first == tensors.end() ? tensors[0] : *first;
    const std::size_t at = std::min(wrapped(model, dim), model.sizes().size() - 1);
    Sizes sizes = model.sizes();
    sizes[at] = 0;
    DType dtype = tensors[0].dtype();
    std::vector<const Tensor*> inputs;
    std::vector<std::int64_t> lengths;
    bool channels = true;
    for (const Tensor& tensor : tensors) {
        dtype = promoted(dtype, tensor.dtype());
        const bool skip = skipped(tensor);
        lengths.push_back(skip ? 0 : tensor.sizes()[at]);
        sizes[at] += lengths.back();
        inputs.push_back(&tensor);
        channels = channels && !skip && tensor.suggests_channels_last();
    }
    Sizes strides = channels ? channels_last(sizes) : aten::contiguous(sizes);
    Tensor result = empty_strided(tensors[0].device(), std::move(sizes), std::move(strides), dtype);
    if (History history{"CatBackward0", inputs.data(), inputs.size()})
        history.of(result, [at, lengths](Incoming in) {
            Tensors grads;
            for (std::size_t i = 0; i < lengths.size(); ++i) {
                Sizes part_sizes = in.grad().sizes();
                part_sizes[at] = lengths[i];
                grads.push_back(in.needs(i) ? alias(in.grad(), std::move(part_sizes), in.grad().strides()) : Tensor());
            }
            return grads;
        });
    return result;
}

Tensor stack(const Tensors& tensors, std::int64_t dim) {
    const std::size_t at = static_cast<std::size_t>(dim < 0 ? dim + tensors[0].dim() + 1 : dim);
    Sizes sizes = tensors[0].sizes();
    sizes.insert(sizes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::int64_t>(tensors.size()));
    DType dtype = tensors[0].dtype();
    std::vector<const Tensor*> inputs;
    for (const Tensor& tensor : tensors) {
        dtype = promoted(dtype, tensor.dtype());
        inputs.push_back(&tensor);
    }
    Tensor result = empty(tensors[0].device(), std::move(sizes), dtype);
    if (History history{"StackBackward0", inputs.data(), inputs.size()})
        history.of(result, [at, count = tensors.size()](Incoming in) {
            Tensors grads;
            Sizes one = in.grad().sizes(), strides = in.grad().strides();
            one.erase(one.begin() + static_cast<std::ptrdiff_t>(at));
            strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(at));
            for (std::size_t i = 0; i < count; ++i)
                grads.push_back(in.needs(i) ? alias(in.grad(), one, strides) : Tensor());
            return grads;
        });
    return result;
}

Tensor repeat(const Tensor& self, std::vector<std::int64_t> repeats) {
    // PyTorch refuses fewer numbers than dimensions; what the model says wrongly, inference has said.
    if (repeats.size() < self.sizes().size()) repeats.insert(repeats.begin(), self.sizes().size() - repeats.size(), 1);
    Sizes padded(repeats.size(), 1);
    std::copy(self.sizes().begin(), self.sizes().end(),
              padded.end() - static_cast<std::ptrdiff_t>(self.sizes().size()));
    Sizes sizes = padded;
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = times(sizes[i], repeats[i]);
    Tensor result = empty(self.device(), std::move(sizes), self.dtype());
    if (History history{"RepeatBackward0", {&self}})
        history.of(result, [repeats, padded, own = self.sizes()](Incoming in) {
            // repeat_backward: each repeated dimension is seen as (times, size) and summed over the times
            Sizes seen;
            std::vector<bool> over;
            for (std::size_t i = 0; i < padded.size(); ++i) {
                if (repeats[i] != 1) {
                    seen.push_back(repeats[i]);
                    over.push_back(true);
                }
                seen.push_back(padded[i]);
                over.push_back(false);
            }
            Tensor grad = reshape(in.grad(), seen);
            if (std::any_of(over.begin(), over.end(), [](bool is) { return is; })) grad = sum(grad, over, false);
            return Tensors{grad.sizes() == own ? grad : reshape(grad, own)};
        });
    return result;
}

Tensor repeat_interleave(const Tensor& self, std::int64_t repeats, std::int64_t dim) {
    const std::size_t at = wrapped(self, dim);
    const Tensor apart = unsqueeze(self, static_cast<std::int64_t>(at) + 1);
    Sizes sizes = apart.sizes(), joined = self.sizes();
    sizes[at + 1] = repeats;
    joined[at] = times(joined[at], repeats);
    return view(clone(expand(apart, sizes), true), std::move(joined));
}

namespace {

/// What cub::DeviceRadixSort takes to sort n pairs of int64 by so many bits (dispatch_radix_sort.cuh, compute
/// capability 8.0): nothing but a byte where one block sorts them all; else by eight bits at a time.
Integer radix_sort_bytes(std::int64_t n, std::int64_t bits) {
    constexpr std::int64_t kInOneBlock = 256 * 9, kTile = 384 * 10, kDigits = 256, kAlign = 256;
    if (n <= kInOneBlock) return 1;
    const auto aligned = [](Integer bytes) { return ceil_divide(bytes, kAlign) * kAlign; };
    const std::int64_t passes = (bits + 7) / 8;
    Integer bytes = aligned(passes * kDigits * 8) + aligned(passes * 4) + aligned(ceil_divide(n, kTile) * kDigits * 4);
    if (passes > 1) bytes += aligned(Integer(n) * 8) * 2;  // keys and values between passes
    return bytes + kAlign - 1;
}

/// index_put_ that adds (index_put_with_sort_kernel): the indices are made one number for each element and sorted.
void sort_indices(const Tensor& grad, const Sizes& whole, const Picked& picked) {
    Device& on = grad.device();
    const std::int64_t n = picked.indices;
    const auto numbers = [&] { return empty(on, {n}, DType::int64); };
    Tensor linear;
    if (picked.on_host) linear = numbers();
    for (std::int64_t k = 0; k < picked.count && !picked.on_host; ++k) {
        const Tensor wrapped = numbers();
        const Tensor scaled = numbers();
        if (!linear.defined()) linear = scaled;
    }
    const Tensor values = contiguous_copy(grad);
    std::int64_t slice = 1, all = 1;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        all = times(all, whole[i]);
        if (i >= static_cast<std::size_t>(picked.first + picked.count)) slice = times(slice, whole[i]);
    }
    std::int64_t bits = 1;
    for (std::int64_t largest = (all - 1) / std::max<std::int64_t>(slice, 1); largest > 1; largest /= 2) ++bits;
    const Tensor sorted = numbers(), original = numbers(), range = numbers();
    const Storage taken(on, radix_sort_bytes(n, bits));
}

}  // namespace

Tensor index(const Tensor& self, const Tensors& indices, Sizes sizes, Picked picked) {
    Tensor result = empty(self.device(), std::move(sizes), self.dtype());
    if (History history{"IndexBackward0", {&self}}) {
        std::vector<Saved> kept;
        for (const Tensor& one : indices) kept.push_back(history.save(one));
        history.of(result, [kept = std::move(kept), whole = self.sizes(), picked](Incoming in) {
            Tensors at;
            for (const Saved& one : kept) at.push_back(one.unpack());
            Tensor grad = zeros(in.grad(), whole, in.grad().dtype());
            if (picked.indices > 0) sort_indices(in.grad(), whole, picked);
            return Tensors{std::move(grad)};
        });
    }
    return result;
}

Tensor index_select(const Tensor& self, const Tensor& index, Sizes sizes) {
    Tensor result = empty(self.device(), std::move(sizes), self.dtype());
    if (History history{"IndexSelectBackward0", {&self}})
        history.of(result, [index = history.save(index), whole = self.sizes()](Incoming in) {
            const Tensor at = index.unpack();
            return Tensors{zeros(in.grad(), whole, in.grad().dtype())};
        });
    return result;
}

Tensor gather(const Tensor& self, const Tensor& index, Sizes sizes) {
    Tensor result = empty(self.device(), std::move(sizes), self.dtype());
    if (History history{"GatherBackward0", {&self}})
        history.of(result, [self = history.save(self), index = history.save(index)](Incoming in) {
            const Tensor input = self.unpack(), at = index.unpack();
            return Tensors{zeros(in.grad(), input.sizes(), in.grad().dtype())};
        });
    return result;
}

Tensor windows(const Tensor& self, std::int64_t dim, Sizes sizes, Sizes strides) {
    Tensor result = alias(self, std::move(sizes), std::move(strides));
    if (History history{"UnfoldBackward0", {&self}})
        history.of(result, [whole = self.sizes(), length = self.size(dim)](Incoming in) {
            Tensor grad = zeros(in.grad(), whole, in.grad().dtype());
            const Tensor positions = empty(grad.device(), {length}, DType::int64);
            return Tensors{std::move(grad)};
        });
    return result;
}

Tensor columns(std::string_view node, const Tensor& self, const Sizes& sizes) {
    const auto made = [](const Tensor& input, const Sizes& wanted) {
        const Tensor first = empty_like(input);
        const Tensor read = contiguous_copy(detached(input));
        if (product(wanted) <= first.numel()) return alias(first, wanted, aten::contiguous(wanted));
        return empty(input.device(), wanted, input.dtype());
    };
    Tensor result = made(self, sizes);
    if (History history{node, {&self}})
        history.of(result, [whole = self.sizes(), made](Incoming in) { return Tensors{made(in.grad(), whole)}; });
    return result;
}

namespace {

/// As the kernel reads it, in channels last or not.
Tensor read_as(const Tensor& tensor, bool last) {
    if (last ? tensor.is_contiguous_channels_last() : tensor.is_contiguous()) return tensor;
    return empty_strided(tensor.device(), tensor.sizes(),
                         last ? channels_last(tensor.sizes()) : aten::contiguous(tensor.sizes()), tensor.dtype());
}

}  // namespace

Tensor resampled(std::string_view node, const Tensor& self, Sizes sizes, Keeps keeps) {
    const bool last = self.suggests_channels_last() && sizes.size() == self.sizes().size();
    Sizes strides = last ? channels_last(sizes) : aten::contiguous(sizes);
    Tensor result = empty_strided(self.device(), std::move(sizes), std::move(strides), self.dtype());
    { const Tensor read = read_as(self, last); }
    if (History history{node, {&self}})
        history.of(result, [kept = keeps == Keeps::self ? history.save(self) : Saved(), whole = self.sizes(),
                            last](Incoming in) {
            const Tensor input = kept.unpack();
            Tensor grad = empty_strided(in.grad().device(), whole,
                                        last ? channels_last(whole) : aten::contiguous(whole), in.grad().dtype());
            const Tensor read = read_as(in.grad(), last);
            return Tensors{std::move(grad)};
        });
    return result;
}

Tensor copy_(const Tensor& self, const Tensor& value) {
    Tensor result = self;
    if (History history{"CopyBackwards", {&self, &value}})
        history.rewrites(result, [](Incoming in) {
            Tensor grad_self = in.needs(0) ? empty_like(in.grad()) : Tensor();  // zeros
            return Tensors{std::move(grad_self), in.needs(1) ? in.grad() : Tensor()};
        });
    return result;
}

Tensor assign(const Tensor& self, const Tensor& value, Sizes part) {
    Tensor result = self;
    if (History history{"CopySlices", {&self, &value}})
        history.of(result, [part = std::move(part)](Incoming in) {
            // The gradient anew, the part of it copied for the value, and zeros that are written over it.
            Tensor whole = clone(in.grad());
            Tensor slice = empty(in.grad().device(), part, in.grad().dtype());
            if (in.needs(0)) const Tensor zero = empty(in.grad().device(), part, in.grad().dtype());
            return Tensors{std::move(whole), in.needs(1) ? std::move(slice) : Tensor()};
        });
    return result;
}

Tensor rearranged(std::string_view node, const Tensor& self, Sizes sizes, Keeps keeps) {
    Sizes strides = !self.is_contiguous() && self.is_contiguous_channels_last() && sizes.size() == self.sizes().size()
                        ? channels_last(sizes)
                        : aten::contiguous(sizes);
    Tensor result = empty_strided(self.device(), std::move(sizes), std::move(strides), self.dtype());
    if (History history{node, {&self}})
        history.of(result, [kept = keeps == Keeps::self ? history.save(self) : Saved(), whole = self.sizes(),
                            dense = self.is_non_overlapping_and_dense() ? self.strides()
                                                                        : aten::contiguous(self.sizes())](Incoming in) {
            const Tensor input = kept.unpack();
            const Tensor grad = contiguous_copy(in.grad());
            return Tensors{empty_strided(grad.device(), whole, dense, grad.dtype())};
        });
    return result;
}

}  // namespace footprint::aten
