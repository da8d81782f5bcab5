// Operations of each element. Sources: aten/src/ATen/native/BinaryOps.cpp, UnaryOps.cpp, Activation.cpp, Dropout.cpp;
// backward: tools/autograd/derivatives.yaml.
#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

DType floating(const Tensor& self) { return is_floating(self.dtype()) ? self.dtype() : DType::float32; }

}  // namespace

Tensor pointwise(std::string_view node, const Tensor& self, Keeps keeps) {
    keeps_operands(self.device(), keeps == Keeps::self && self.requires_grad() ? 1 : 0);
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

Tensor pointwise(std::string_view node, const Tensor& self, Keeps keeps, std::int64_t steps) {
    keeps_operands(self.device(), keeps != Keeps::result && self.requires_grad() ? 1 : 0);
    Tensor result = elementwise_result({&self}, floating(self));
    if (History history{node, {&self}})
        history.of(result, [kept = history.save(keeps == Keeps::result ? result : self), steps](Incoming in) {
            const Tensor saved = kept.unpack();
            Tensors made;
            for (std::int64_t k = 0; k < steps; ++k) made.push_back(elementwise_result({&saved}, saved.dtype()));
            Tensor grad = binary_result(in.grad(), made.back(), in.grad().dtype());
            while (!made.empty()) made.pop_back();
            return Tensors{std::move(grad)};
        });
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

/// A conjugate is a view that is made real where it is read.
Tensor by_conjugate(const Tensor& grad, const Tensor& factor) {
    const bool complex = factor.dtype() == DType::complex64 || factor.dtype() == DType::complex128;
    return mul(grad, complex ? clone(factor) : factor);
}

Tensor with_mul_history(Tensor result, const Saved& saved_self, const Saved& saved_other, History& history) {
    history.rewrites(result, [saved_self, saved_other](Incoming in) {
        const Tensor first = saved_self.unpack(), second = saved_other.unpack();
        Tensor other_grad = in.needs(1) ? by_conjugate(in.grad(), first) : Tensor();
        Tensor self_grad = in.needs(0) ? by_conjugate(in.grad(), second) : Tensor();
        return Tensors{std::move(self_grad), std::move(other_grad)};
    });
    return result;
}

}  // namespace

Tensor mul(const Tensor& self, const Tensor& other) {
    keeps_factors(self, other);
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
                const Tensor half = mul_scalar(in.grad());
                const Tensor less = binary_result(first, second, DType::boolean);
                return elementwise_result({&equal, &half, &in.grad()}, half.dtype());
            };
            Tensor other_grad = in.needs(1) ? share() : Tensor();
            Tensor self_grad = in.needs(0) ? share() : Tensor();
            return Tensors{std::move(self_grad), std::move(other_grad)};
        });
    return result;
}

Tensor clamp(const Tensor& self, bool both, bool inplace) {
    Tensor result = inplace ? self : elementwise_result({&self}, self.dtype());
    if (History history{"ClampBackward1", {&self}})
        history.rewrites(result, [kept = history.save(inplace ? clone(detached(self)) : self), both](Incoming in) {
            // where(self is within the bounds, grad, 0): the 0 is a tensor without dimensions
            const Tensor input = kept.unpack();
            const Tensor zero = empty(in.grad().device(), {}, in.grad().dtype());
            const Tensor within = elementwise_result({&input}, DType::boolean);
            const Tensor second = both ? elementwise_result({&input}, DType::boolean) : Tensor();
            return Tensors{elementwise_result({&within, &in.grad()}, in.grad().dtype())};
        });
    return result;
}

Tensor pow_tensor(const Tensor& self, const Tensor& exponent) {
    Tensor result = binary_result(self, exponent);
    if (History history{"PowBackward1", {&self, &exponent}})
        history.of(result, [self = history.save(self), exponent = history.save(exponent),
                            result = history.save(result)](Incoming in) {
            const Tensor base = self.unpack(), to = exponent.unpack(), power = result.unpack();
            const Tensor& grad = in.grad();
            Device& on = grad.device();
            Tensor grad_exponent, grad_self;
            if (in.needs(1)) {  // grad · where(self = 0 and exponent ≥ 0, 0, result · log self)
                Tensor zero_base = elementwise_result({&base}, DType::boolean),
                       positive = elementwise_result({&to}, DType::boolean);
                const Tensor either = elementwise_result({&zero_base, &positive}, DType::boolean);
                zero_base = positive = Tensor();
                const Tensor log = elementwise_result({&base}, base.dtype());
                const Tensor slope = elementwise_result({&power, &log}, power.dtype());
                const Tensor zero = empty(on, {}, grad.dtype());
                const Tensor chosen = elementwise_result({&either, &slope}, slope.dtype());
                grad_exponent = binary_result(grad, chosen);
            }
            if (in.needs(0)) {  // where(exponent = 0, 0, grad · (exponent · self^(exponent − 1)))
                const Tensor less = elementwise_result({&to}, to.dtype());
                const Tensor lower = elementwise_result({&base, &less}, base.dtype());
                const Tensor slope = elementwise_result({&to, &lower}, lower.dtype());
                const Tensor product = binary_result(grad, slope);
                const Tensor zero = empty(on, {}, grad.dtype());
                const Tensor constant = elementwise_result({&to}, DType::boolean);
                grad_self = elementwise_result({&constant, &product}, product.dtype());
            }
            return Tensors{std::move(grad_self), std::move(grad_exponent)};
        });
    return result;
}

Tensor exponential(const Tensor& exponent) {
    Tensor result = elementwise_result({&exponent}, floating(exponent));
    { const Tensor base = empty(exponent.device(), {}, DType::float64); }
    if (History history{"PowBackward2", {&exponent}})
        history.of(result, [exponent = history.save(exponent), result = history.save(result)](Incoming in) {
            const Tensor to = exponent.unpack(), power = result.unpack();
            return Tensors{mul(in.grad(), elementwise_result({&power}, power.dtype()))};  // grad · (result · log base)
        });
    return result;
}

Tensor atan2(const Tensor& self, const Tensor& other) {
    Tensor result = binary_result(self, other);
    if (History history{"Atan2Backward0", {&self, &other}})
        history.of(result, [self = history.save(self), other = history.save(other)](Incoming in) {
            const Tensor y = self.unpack(), x = other.unpack();
            // 1 / (self² + other²), zero where that is infinite
            Tensor first = elementwise_result({&y}, y.dtype()), second = elementwise_result({&x}, x.dtype());
            const Tensor sum = binary_result(first, second);
            second = first = Tensor();
            const Tensor inverse = elementwise_result({&sum}, sum.dtype());
            { const Tensor infinite = elementwise_result({&sum}, DType::boolean); }
            const Tensor of_self = binary_result(x, inverse);
            Tensor grad_self = binary_result(in.grad(), of_self);
            const Tensor negated = elementwise_result({&y}, y.dtype());
            const Tensor of_other = binary_result(negated, inverse);
            Tensor grad_other = binary_result(in.grad(), of_other);
            return Tensors{std::move(grad_self), std::move(grad_other)};
        });
    return result;
}

Tensor addcmul(const Tensor& self, const Tensor& first, const Tensor& second, bool inplace) {
    Tensor result = inplace ? self : elementwise_result({&self, &first, &second}, self.dtype());
    if (History history{"AddcmulBackward0", {&self, &first, &second}})
        history.rewrites(result, [kept1 = history.needs(2) ? history.save(first) : Saved(),
                                  kept2 = history.needs(1) ? history.save(second) : Saved()](Incoming in) {
            // grad · (the other · value) each
            const Tensor one = kept1.unpack(), two = kept2.unpack();
            const auto share = [&](const Tensor& other) { return binary_result(in.grad(), mul_scalar(other)); };
            Tensor grad1 = in.needs(1) ? share(two) : Tensor();
            Tensor grad2 = in.needs(2) ? share(one) : Tensor();
            return Tensors{in.grad(), std::move(grad1), std::move(grad2)};
        });
    return result;
}

Tensor addcdiv(const Tensor& self, const Tensor& first, const Tensor& second, bool inplace) {
    Tensor result = inplace ? self : elementwise_result({&self, &first, &second}, self.dtype());
    if (History history{"AddcdivBackward0", {&self, &first, &second}})
        history.rewrites(result, [kept1 = history.needs(2) ? history.save(first) : Saved(),
                                  kept2 = history.save(second)](Incoming in) {
            const Tensor one = kept1.unpack(), two = kept2.unpack();
            Tensor grad1, grad2;
            if (in.needs(1)) grad1 = binary_result(in.grad(), mul_scalar(two));  // grad · (value / second)
            if (in.needs(2)) {  // −grad · (value · first / (second · second))
                const Tensor negated = mul_scalar(in.grad());
                const Tensor scaled = mul_scalar(one), squared = mul_scalar(two);
                const Tensor quotient = binary_result(scaled, squared);
                grad2 = binary_result(negated, quotient);
            }
            return Tensors{in.grad(), std::move(grad1), std::move(grad2)};
        });
    return result;
}

Tensor lerp(const Tensor& self, const Tensor& end, const Tensor& weight) {
    Tensor result = weight.defined() ? elementwise_result({&self, &end, &weight}, self.dtype())
                                     : elementwise_result({&self, &end}, self.dtype());
    if (!weight.defined()) {
        if (History history{"LerpBackward0", {&self, &end}})
            history.of(result, [](Incoming in) {
                Tensor grad_end = in.needs(1) ? mul_scalar(in.grad()) : Tensor();
                Tensor grad_self = in.needs(0) ? mul_scalar(in.grad()) : Tensor();
                return Tensors{std::move(grad_self), std::move(grad_end)};
            });
        return result;
    }
    if (History history{"LerpBackward1", {&self, &end, &weight}})
        history.of(result,
                   [self = history.save(self), end = history.save(end), weight = history.save(weight)](Incoming in) {
                       const Tensor from = self.unpack(), to = end.unpack(), by = weight.unpack();
                       Tensor grad_self, grad_end, grad_weight;
                       if (in.needs(1)) grad_end = binary_result(in.grad(), by);
                       if (in.needs(0)) grad_self = binary_result(in.grad(), mul_scalar(by));  // grad · (1 − weight)
                       if (in.needs(2))
                           grad_weight = binary_result(in.grad(), binary_result(to, from));  // grad · (end − self)
                       return Tensors{std::move(grad_self), std::move(grad_end), std::move(grad_weight)};
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

Tensor masked_fill_(const Tensor& self, const Tensor& mask) {
    Tensor result = self;
    if (History history{"MaskedFillBackward0", {&self}})
        history.rewrites(result, [mask = history.save(mask)](Incoming in) {
            return Tensors{masked_fill(in.grad(), mask.unpack())};
        });
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
    Tensor result = empty(self.device(), self.sizes(), dtype);
    { const Tensor input = contiguous_copy(detached(self)); }
    if (History history{node, {&self}})
        history.of(result, [result = history.save(result), node, from = self.dtype()](Incoming in) {
            const Tensor output = result.unpack();
            Tensor grad_input = empty_like(output, from);
            if (node != "LogSoftmaxBackward0") {
                const Tensor product = binary_result(in.grad(), output);  // grad · output, which the kernel reads
                const Tensor read = contiguous_copy(product);
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
