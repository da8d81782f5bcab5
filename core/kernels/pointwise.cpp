// Operations of each element. Sources: aten/src/ATen/native/BinaryOps.cpp, UnaryOps.cpp, Activation.cpp, Dropout.cpp;
// backward: tools/autograd/derivatives.yaml.
#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

DType floating(const Tensor& self) { return is_floating(self.dtype()) ? self.dtype() : DType::float32; }

}  // namespace

Tensor pointwise(std::string_view node, const Tensor& self, Keeps keeps) {
    Tensor result = elementwise_result({&self}, self.dtype());
    if (History history{node, {&self}}) {
        const Saved kept = keeps == Keeps::self     ? history.save(self)
                           : keeps == Keeps::result ? history.save(result)
                                                    : Saved();
        history.of(result, [kept, keeps](Incoming in) {
            const Tensor saved = kept.unpack();
            if (keeps == Keeps::nothing) return Tensors{in.grad()};
            return Tensors{binary_result(in.grad(), saved, in.grad().dtype())};
        });
    }
    return result;
}

Tensor pointwise_(std::string_view node, const Tensor& self, Keeps keeps) {
    Tensor result = self;
    if (History history{node, {&self}}) {
        const Saved kept = keeps == Keeps::self     ? history.save(clone(detached(self)))
                           : keeps == Keeps::result ? history.save(result)
                                                    : Saved();
        history.rewrites(result, [kept, keeps](Incoming in) {
            const Tensor saved = kept.unpack();
            if (keeps == Keeps::nothing) return Tensors{in.grad()};
            return Tensors{binary_result(in.grad(), saved, in.grad().dtype())};
        });
    }
    return result;
}

Tensor add(const Tensor& self, const Tensor& other) {
    Tensor result = binary_result(self, other);
    if (History history{"AddBackward0", {&self, &other}})
        history.of(result, [](Incoming in) { return Tensors{in.grad(), in.grad()}; });
    return result;
}

Tensor add_(const Tensor& self, const Tensor& other) {
    Tensor result = self;
    if (History history{"AddBackward0", {&self, &other}})
        history.rewrites(result, [](Incoming in) { return Tensors{in.grad(), in.grad()}; });
    return result;
}

namespace {

Tensors sub_backward(Incoming in) {
    Tensor other_grad = in.needs(1) ? mul_scalar(in.grad()) : Tensor();  // −grad
    return Tensors{in.grad(), std::move(other_grad)};
}

}  // namespace

Tensor sub(const Tensor& self, const Tensor& other) {
    Tensor result = binary_result(self, other);
    if (History history{"SubBackward0", {&self, &other}}) history.of(result, sub_backward);
    return result;
}

Tensor sub_(const Tensor& self, const Tensor& other) {
    Tensor result = self;
    if (History history{"SubBackward0", {&self, &other}}) history.rewrites(result, sub_backward);
    return result;
}

namespace {

Tensor with_mul_history(Tensor result, const Saved& saved_self, const Saved& saved_other, History& history) {
    history.rewrites(result, [saved_self, saved_other](Incoming in) {
        const Tensor first = saved_self.unpack(), second = saved_other.unpack();
        Tensor other_grad = in.needs(1) ? mul(in.grad(), first) : Tensor();
        Tensor self_grad = in.needs(0) ? mul(in.grad(), second) : Tensor();
        return Tensors{std::move(self_grad), std::move(other_grad)};
    });
    return result;
}

}  // namespace

Tensor mul(const Tensor& self, const Tensor& other) {
    Tensor result = binary_result(self, other);
    if (History history{"MulBackward0", {&self, &other}}) {
        const Saved kept_other = history.needs(0) ? history.save(other) : Saved();
        const Saved kept_self = history.needs(1) ? history.save(self) : Saved();
        return with_mul_history(result, kept_self, kept_other, history);
    }
    return result;
}

Tensor mul_(const Tensor& self, const Tensor& other) {
    Tensor result = self;
    if (History history{"MulBackward0", {&self, &other}}) {
        const Saved kept_other = history.needs(0) ? history.save(other) : Saved();
        const Saved kept_self = history.needs(1) ? history.save(clone(detached(self))) : Saved();
        return with_mul_history(result, kept_self, kept_other, history);
    }
    return result;
}

namespace {

Tensor with_div_history(Tensor result, const Saved& saved_self, const Saved& saved_other, History& history) {
    history.rewrites(result, [saved_self, saved_other](Incoming in) {
        const Tensor first = saved_self.unpack(), second = saved_other.unpack();
        Tensor other_grad, self_grad;
        if (in.needs(1)) {  // −grad · ((self / other) / other)
            const Tensor once = binary_result(first, second);
            const Tensor quotient = binary_result(once, second);
            const Tensor negated = mul_scalar(in.grad());
            other_grad = mul(negated, quotient);
        }
        if (in.needs(0)) self_grad = binary_result(in.grad(), second);
        return Tensors{std::move(self_grad), std::move(other_grad)};
    });
    return result;
}

}  // namespace

Tensor div(const Tensor& self, const Tensor& other) {
    Tensor result = binary_result(self, other);
    if (History history{"DivBackward0", {&self, &other}}) {
        const Saved kept_other = history.save(other);
        const Saved kept_self = history.needs(1) ? history.save(self) : Saved();
        return with_div_history(result, kept_self, kept_other, history);
    }
    return result;
}

Tensor div_(const Tensor& self, const Tensor& other) {
    Tensor result = self;
    if (History history{"DivBackward0", {&self, &other}}) {
        const Saved kept_other = history.save(other);
        const Saved kept_self = history.needs(1) ? history.save(clone(detached(self))) : Saved();
        return with_div_history(result, kept_self, kept_other, history);
    }
    return result;
}

Tensor add_scalar(const Tensor& self) { return pointwise("AddBackward0", self, Keeps::nothing); }

Tensor mul_scalar(const Tensor& self) {
    Tensor result = elementwise_result({&self}, floating(self));
    if (History history{"MulBackward0", {&self}})
        history.of(result, [](Incoming in) { return Tensors{mul_scalar(in.grad())}; });
    return result;
}

Tensor in_place(const Tensor& self) {
    Tensor result = self;
    if (History history{"MulBackward0", {&self}})
        history.rewrites(result, [](Incoming in) { return Tensors{mul_scalar(in.grad())}; });
    return result;
}

Tensor pow_scalar(const Tensor& self, double exponent) {
    if (autocasts(self)) {
        const Tensor x = in_float32(self);
        const AutocastOff off(self.device());
        return pow_scalar(x, exponent);
    }
    Tensor result = elementwise_result({&self}, floating(self));
    if (History history{"PowBackward0", {&self}})
        history.of(result, [self = history.save(self), exponent](Incoming in) {
            const Tensor base = self.unpack();
            if (exponent == 0.0) return Tensors{empty_like(base)};
            // grad · (exponent · selfⁿ⁻¹)
            return Tensors{mul(in.grad(), mul_scalar(elementwise_result({&base}, base.dtype())))};
        });
    return result;
}

Tensor sqrt(const Tensor& self) {
    Tensor result = elementwise_result({&self}, floating(self));
    if (History history{"SqrtBackward0", {&self}})
        history.of(result, [result = history.save(result)](Incoming in) {
            return Tensors{binary_result(in.grad(), mul_scalar(result.unpack()))};  // grad / (2 · result)
        });
    return result;
}

Tensor rsqrt(const Tensor& self) {
    if (autocasts(self)) {
        const Tensor x = in_float32(self);
        const AutocastOff off(self.device());
        return rsqrt(x);
    }
    Tensor result = elementwise_result({&self}, floating(self));
    if (History history{"RsqrtBackward0", {&self}})
        history.of(result, [result = history.save(result)](Incoming in) {
            const Tensor root = result.unpack();  // −½ grad · result³
            const Tensor cubed = elementwise_result({&root}, root.dtype());
            const Tensor halved = mul_scalar(in.grad());
            return Tensors{mul(halved, cubed)};
        });
    return result;
}

Tensor reciprocal(const Tensor& self) {
    if (autocasts(self)) {
        const Tensor x = in_float32(self);
        const AutocastOff off(self.device());
        return reciprocal(x);
    }
    Tensor result = elementwise_result({&self}, floating(self));
    if (History history{"ReciprocalBackward0", {&self}})
        history.of(result, [result = history.save(result)](Incoming in) {
            const Tensor inverse = result.unpack();  // −grad · (result · result)
            const Tensor squared = binary_result(inverse, inverse);
            const Tensor negated = mul_scalar(in.grad());
            return Tensors{mul(negated, squared)};
        });
    return result;
}

Tensor maximum(const Tensor& self, const Tensor& other) {
    Tensor result = binary_result(self, other);
    if (History history{"MaximumBackward0", {&self, &other}})
        history.of(result, [self = history.save(self), other = history.save(other)](Incoming in) {
            // where the operands are equal each gets half: grad / 2, then zero where the other one is larger
            const Tensor first = self.unpack(), second = other.unpack();
            const auto share = [&] {
                const Tensor equal = binary_result(first, second, DType::boolean);
                const Tensor half = where(equal, mul_scalar(in.grad()), in.grad());
                return masked_fill(half, binary_result(first, second, DType::boolean));
            };
            Tensor other_grad = in.needs(1) ? share() : Tensor();
            Tensor self_grad = in.needs(0) ? share() : Tensor();
            return Tensors{std::move(self_grad), std::move(other_grad)};
        });
    return result;
}

Tensor where(const Tensor& condition, const Tensor& self, const Tensor& other) {
    Tensor result = elementwise_result({&condition, &self, &other}, promoted(self.dtype(), other.dtype()));
    if (History history{"WhereBackward0", {&self, &other}})
        history.of(result, [condition = history.save(condition)](Incoming in) {
            // where(condition, grad, 0): the 0 is a tensor without dimensions
            const Tensor mask = condition.unpack();
            const auto share = [&] {
                const Tensor zero = empty(in.grad().device(), {}, in.grad().dtype());
                return elementwise_result({&mask, &in.grad()}, in.grad().dtype());
            };
            Tensor other_grad = in.needs(1) ? share() : Tensor();
            Tensor self_grad = in.needs(0) ? share() : Tensor();
            return Tensors{std::move(self_grad), std::move(other_grad)};
        });
    return result;
}

Tensor masked_fill(const Tensor& self, const Tensor& mask) {
    const Sizes sizes = broadcast(self.sizes(), mask.sizes());
    Tensor result = sizes == self.sizes() ? empty_like(self) : empty(self.device(), sizes, self.dtype());
    if (History history{"MaskedFillBackward0", {&self}})
        history.of(result,
                   [mask = history.save(mask)](Incoming in) { return Tensors{masked_fill(in.grad(), mask.unpack())}; });
    return result;
}

Tensor to(const Tensor& self, DType dtype) {
    if (self.dtype() == dtype) return self;
    Tensor result = empty_like(self, dtype);
    if (!is_floating(dtype) || !is_floating(self.dtype())) return result;
    if (History history{"ToCopyBackward0", {&self}})
        history.of(result, [from = self.dtype()](Incoming in) { return Tensors{to(in.grad(), from)}; });
    return result;
}

Tensor clone(const Tensor& self, bool make_contiguous) {
    Tensor result = make_contiguous ? empty(self.device(), self.sizes(), self.dtype()) : empty_like(self);
    if (History history{"CloneBackward0", {&self}}) history.of(result, [](Incoming in) { return Tensors{in.grad()}; });
    return result;
}

Tensor contiguous_copy(const Tensor& self) { return self.is_contiguous() ? self : clone(self, true); }

Tensor glu(const Tensor& self, std::int64_t dim) {
    Sizes sizes = self.sizes();
    sizes[static_cast<std::size_t>(dim)] /= 2;
    Tensor result = empty(self.device(), std::move(sizes), self.dtype());
    if (History history{"GluBackward0", {&self}})
        history.of(result, [self = history.save(self)](Incoming) { return Tensors{empty_like(self.unpack())}; });
    return result;
}

Tensor prelu(const Tensor& self, const Tensor& weight) {
    if (autocasts(self)) {
        const Tensor w = in_lower_precision(weight), x = in_lower_precision(self);
        const AutocastOff off(self.device());
        return prelu(x, w);
    }
    Tensor result = elementwise_result({&self}, self.dtype());
    Sizes shape(self.sizes().size(), 1);
    if (weight.numel() != 1 && shape.size() > 1) shape[1] = weight.numel();
    const Tensor spread = weight.sizes() == shape ? weight : view(weight, shape);
    if (History history{"PreluKernelBackward0", {&self, &spread}})
        history.of(result, [self = history.save(self), weight = history.save(spread)](Incoming) {
            const Tensor input = self.unpack();
            Tensor grad_self = empty_like(input), grad_weight = empty_like(input);
            return Tensors{std::move(grad_self), std::move(grad_weight)};
        });
    return result;
}

Tensor softmax(std::string_view node, const Tensor& self, DType dtype) {
    Tensor input = contiguous_copy(self);
    Tensor result = empty(self.device(), self.sizes(), dtype);
    if (History history{node, {&self}})
        history.of(result, [result = history.save(result), node, from = self.dtype()](Incoming in) {
            const Tensor output = result.unpack();
            Tensor grad_input = empty_like(output, from);
            if (node != "LogSoftmaxBackward0") {
                const Tensor product = binary_result(in.grad(), output);  // grad · output, which the kernel reads
                return Tensors{std::move(grad_input)};
            }
            const Tensor grad = contiguous_copy(in.grad());
            return Tensors{std::move(grad_input)};
        });
    return result;
}

Tensor dropout(const Tensor& self, bool inplace) {
    if (inplace) {  // self.mul_(noise), of the input's type
        const Tensor noise = empty_like(self);
        Tensor result = self;
        if (History history{"MulBackward0", {&self}})
            history.rewrites(
                result, [noise = history.save(noise)](Incoming in) { return Tensors{mul(in.grad(), noise.unpack())}; });
        return result;
    }
    Tensor mask = empty_like(self, DType::boolean);
    Tensor result = empty_like(self);
    if (History history{"NativeDropoutBackward0", {&self}})
        history.of(result, [mask = history.save(mask)](Incoming in) {
            const Tensor kept = mask.unpack();
            return Tensors{binary_result(in.grad(), kept)};
        });
    return result;
}

Tensor feature_dropout(const Tensor& self, bool inplace) {
    Sizes sizes(self.sizes().size(), 1);
    for (std::size_t i = 0; i < 2 && i < sizes.size(); ++i) sizes[i] = self.sizes()[i];
    const Tensor noise = empty(self.device(), std::move(sizes), self.dtype());
    return inplace ? mul_(self, noise) : mul(self, noise);
}

}  // namespace footprint::aten
