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

DType sum_dtype(const Tensor& self) {
    if (autocasts(self) && is_floating(self.dtype()))
        return DType::float32;  // asked for float32, and reads the input as it is
    return is_floating(self.dtype()) ? self.dtype() : DType::int64;
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

}  // namespace

Tensor sum(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
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
            const Tensor grad = expanded(in.grad(), input.sizes(), reduced, keepdim);
            const Tensor mask = elementwise_result({&input}, DType::boolean);
            const Tensor count = sum(mask, reduced, true);
            const Tensor scaled = mul(grad, mask);
            return Tensors{div(scaled, count)};
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

Tensor vector_norm(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = reduce(self, reduced, keepdim, self.dtype(), 4);
    if (History history{"LinalgVectorNormBackward0", {&self}})
        history.of(result, [self = history.save(self), result = history.save(result), reduced, keepdim](Incoming in) {
            // norm_backward with p = 2: grad · (self / norm), zero where the norm is.
            const Tensor input = self.unpack();
            const Tensor norm = expanded(result.unpack(), input.sizes(), reduced, keepdim);
            const Tensor grad = expanded(in.grad(), input.sizes(), reduced, keepdim);
            const Tensor ratio = div(input, norm);
            const Tensor mask = elementwise_result({&norm}, DType::boolean);
            return Tensors{mul(masked_fill(ratio, mask), grad)};
        });
    return result;
}

Tensor var(const Tensor& self, const std::vector<bool>& reduced, bool keepdim) {
    Tensor result = reduce(self, reduced, keepdim, self.dtype(), 16);
    if (History history{"VarBackward0", {&self}})
        history.of(result, [self = history.save(self), reduced, keepdim](Incoming in) {
            // (2 / (n − 1)) · grad · (self − mean)
            const Tensor input = self.unpack();
            const Tensor grad = mul_scalar(expanded(in.grad(), input.sizes(), reduced, keepdim));
            return Tensors{mul(grad, binary_result(input, mean(input, reduced, true)))};
        });
    return result;
}

}  // namespace footprint::aten
