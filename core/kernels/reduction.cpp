// Reductions. Source: aten/src/ATen/native/ReduceOps.cpp; backward: torch/csrc/autograd/FunctionsManual.cpp.
#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

Sizes reduced_sizes(const Sizes& sizes, const std::vector<bool>& reduced, bool keepdim) {
    Sizes result;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (!reduced[i])
            result.push_back(sizes[i]);
        else if (keepdim)
            result.push_back(1);
    }
    return result;
}

Tensor reduce(const Tensor& self, const std::vector<bool>& reduced, bool keepdim, DType dtype,
              std::int64_t accumulator) {
    Tensor result = empty(self.device(), reduced_sizes(self.sizes(), reduced, keepdim), dtype);
    reduction_staging(self, reduced, accumulator);
    return result;
}

/// Under autocast float32 is asked for, and the input read as it is; float64 and complex numbers stay.
DType sum_dtype(const Tensor& self) {
    const bool half = self.dtype() == DType::float16 || self.dtype() == DType::bfloat16;
    return autocasts(self) && half ? DType::float32 : self.dtype();
}

/// The gradient of a reduced tensor, over all its elements: a view of one number each.
Tensor expanded(const Tensor& grad, const Sizes& sizes, const std::vector<bool>& reduced, bool keepdim) {
    Sizes strides;
    std::size_t from = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (!reduced[i])
            strides.push_back(grad.strides()[from++]);
        else {
            strides.push_back(0);
            if (keepdim) ++from;
        }
    }
    return alias(grad, sizes, std::move(strides));
}

/// The gradient of a reduced tensor with the dimensions that were dropped, each of size 1 (restore_reduced_dims).
Tensor restored(const Tensor& grad, const Sizes& sizes, const std::vector<bool>& reduced, bool keepdim) {
    if (keepdim) return grad;
    Sizes kept = sizes, strides;
    std::size_t from = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (reduced[i]) kept[i] = 1;
        strides.push_back(reduced[i] ? 1 : grad.strides()[from++]);
    }
    return alias(grad, std::move(kept), std::move(strides));
}

/// A sum of integers, or how many are true: int64, of a copy of that type.
Tensor integer_sum(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = empty(self.device(), reduced_sizes(self.sizes(), reduced, keepdim), DType::int64);
    const Tensor read = self.dtype() == DType::int64 ? self : elementwise_result({&self}, DType::int64);
    reduction_staging(read, reduced, 8);
    return result;
}

/// (2 / (n − 1) · grad) · (self − mean)
Tensor var_backward(const Tensor& grad, const Tensor& input, const std::vector<bool>& reduced, bool keepdim) {
    const Tensor average = reduce(input, reduced, true, input.dtype(), 4);
    const Tensor apart = binary_result(input, average);
    const Tensor scaled = mul_scalar(restored(grad, input.sizes(), reduced, keepdim));
    return binary_result(scaled, apart);
}

/// grad / (2 · result), zero where the result is
Tensor of_variance(const Tensor& grad, const Tensor& deviation) {
    const Tensor doubled = elementwise_result({&deviation}, deviation.dtype());
    Tensor result = binary_result(grad, doubled);
    const Tensor mask = elementwise_result({&deviation}, DType::boolean);
    return result;
}

}  // namespace

Tensor sum(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    if (!is_floating(self.dtype())) return integer_sum(self, reduced, keepdim);
    Tensor result = reduce(self, reduced, keepdim, sum_dtype(self), 4);
    if (History history{"SumBackward1", {&self}})
        history.of(result, [sizes = self.sizes(), reduced, keepdim](Incoming in) {
            return Tensors{expanded(in.grad(), sizes, reduced, keepdim)};
        });
    return result;
}

Tensor mean(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = reduce(self, reduced, keepdim, self.dtype(), 4);
    if (History history{"MeanBackward1", {&self}})
        history.of(result, [sizes = self.sizes(), reduced, keepdim](Incoming in) {
            return Tensors{mul_scalar(expanded(in.grad(), sizes, reduced, keepdim))};
        });
    return result;
}

Tensor max_over(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = reduce(self, reduced, keepdim, self.dtype(), 4);
    if (History history{"AmaxBackward0", {&self}})
        history.of(result, [self = history.save(self), result = history.save(result), reduced, keepdim](Incoming in) {
            // scale_grad_by_count: the mask of the maxima, how many there are, the gradient shared among them.
            const Tensor input = self.unpack();
            const Tensor grad = restored(in.grad(), input.sizes(), reduced, keepdim);
            const Tensor mask = elementwise_result({&input}, DType::boolean);
            const Tensor count = integer_sum(mask, reduced, true);
            const Tensor share = elementwise_result({&grad, &count}, grad.dtype());
            return Tensors{elementwise_result({&mask, &share}, share.dtype())};
        });
    return result;
}

Extremes extremes(const Tensor& self, Sizes sizes) {
    Extremes found;
    found.values = empty(self.device(), sizes, self.dtype());
    found.indices = empty(self.device(), std::move(sizes), DType::int64);
    if (History history{"MaxBackward0", {&self}})
        history.of(found.values, [indices = history.save(found.indices), sizes = self.sizes()](Incoming in) {
            const Tensor at = indices.unpack();  // the gradient is written where they were
            return Tensors{empty(in.grad().device(), sizes, in.grad().dtype())};
        });
    return found;
}

Tensor extreme_of_all(const Tensor& self) {
    const std::vector<bool> all(self.sizes().size(), true);
    Tensor result = reduce(self, all, false, self.dtype(), 4);
    if (History history{"MaxBackward1", {&self}})
        history.of(result, [self = history.save(self), result = history.save(result), all](Incoming in) {
            // evenly_distribute_backward: the mask of those that are it, how many there are, the gradient shared
            const Tensor input = self.unpack(), value = result.unpack();
            const Tensor equal = elementwise_result({&input}, DType::boolean);
            const Tensor no_number = elementwise_result({&value}, DType::boolean);
            const Tensor mask = elementwise_result({&input}, DType::boolean);
            const Tensor count = integer_sum(mask, all, false);
            const Tensor share = elementwise_result({&in.grad(), &count}, in.grad().dtype());
            return Tensors{elementwise_result({&mask, &share}, share.dtype())};
        });
    return result;
}

Tensor vector_norm(const Tensor& self, const std::vector<bool>& reduced, bool keepdim, double p) {
    Tensor result = reduce(self, reduced, keepdim, sum_dtype(self), 4);
    if (History history{"LinalgVectorNormBackward0", {&self}})
        history.of(
            result, [self = history.save(self), result = history.save(result), reduced, keepdim, p](Incoming in) {
                // norm_backward: grad · (self / norm), zero where the norm is; with p = 1, grad · sign(self)
                const Tensor input = self.unpack();
                const Tensor norm = restored(result.unpack(), input.sizes(), reduced, keepdim);
                const Tensor grad = restored(in.grad(), input.sizes(), reduced, keepdim);
                const Tensor ratio = p == 1 ? elementwise_result({&input}, input.dtype()) : binary_result(input, norm);
                const Tensor mask = p == 1 ? Tensor() : elementwise_result({&norm}, DType::boolean);
                return Tensors{binary_result(ratio, grad)};
            });
    return result;
}

Tensor var(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = reduce(self, reduced, keepdim, self.dtype(), 16);
    if (History history{"VarBackward0", {&self}})
        history.of(result, [self = history.save(self), reduced, keepdim](Incoming in) {
            return Tensors{var_backward(in.grad(), self.unpack(), reduced, keepdim)};
        });
    return result;
}

Tensor standard_deviation(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = reduce(self, reduced, keepdim, self.dtype(), 16);
    if (History history{"StdBackward0", {&self}})
        history.of(result, [self = history.save(self), result = history.save(result), reduced, keepdim](Incoming in) {
            const Tensor input = self.unpack(), deviation = result.unpack();
            const Tensor grad = of_variance(in.grad(), deviation);
            return Tensors{var_backward(grad, input, reduced, keepdim)};
        });
    return result;
}

Moments var_mean(const Tensor& self, const std::vector<bool>& reduced, bool keepdim, bool deviation) {
    Moments made;
    made.spread = reduce(self, reduced, keepdim, self.dtype(), 16);
    made.mean = empty(self.device(), made.spread.sizes(), self.dtype());
    if (History history{deviation ? "StdMeanBackward0" : "VarMeanBackward0", {&self}}) {
        history.of(made.spread, [self = history.save(self), spread = deviation ? history.save(made.spread) : Saved(),
                                 reduced, keepdim](Incoming in) {
            const Tensor input = self.unpack(), root = spread.unpack();
            Tensor grad;
            if (in.grads[0].defined())
                grad = var_backward(root.defined() ? of_variance(in.grads[0], root) : in.grads[0], input, reduced,
                                    keepdim);
            if (in.grads[1].defined()) {
                Tensor of_mean = mul_scalar(expanded(in.grads[1], input.sizes(), reduced, keepdim));
                grad = grad.defined() ? binary_result(grad, of_mean) : of_mean;
            }
            return Tensors{std::move(grad)};
        });
        history.also(made.mean);
    }
    return made;
}

Tensor logsumexp(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result;
    {
        const Tensor largest = reduce(self, reduced, true, self.dtype(), 4);
        {
            const Tensor magnitude = empty_like(largest);
            const Tensor infinite = elementwise_result({&magnitude}, DType::boolean);
        }
        const Tensor shifted = binary_result(detached(self), largest);
        result = reduce(shifted, reduced, keepdim, self.dtype(), 4);
    }
    if (History history{"LogsumexpBackward0", {&self}})
        history.of(result, [self = history.save(self), result = history.save(result), reduced, keepdim](Incoming in) {
            // grad · exp(self − result)
            const Tensor input = self.unpack();
            const Tensor out = restored(result.unpack(), input.sizes(), reduced, keepdim);
            const Tensor grad = restored(in.grad(), input.sizes(), reduced, keepdim);
            const Tensor apart = binary_result(input, out);
            const Tensor shares = elementwise_result({&apart}, apart.dtype());
            return Tensors{binary_result(grad, shares)};
        });
    return result;
}

}  // namespace footprint::aten
