// Losses. Source: aten/src/ATen/native/LossNLL.cpp, cuda/NLLLoss2d.cu, BinaryOps.cpp (mse_loss_out).
#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {

namespace {

/// nll_loss: by rows of classes, or by maps of them (two kernels, which make result and total weight in another order).
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target, bool each) {
    Device& device = log_probabilities.device();
    const bool dense = log_probabilities.dim() > 2;
    const Sizes sizes = each ? target.sizes() : Sizes();
    Tensor result, total_weight;
    if (dense) total_weight = empty(device, {}, log_probabilities.dtype());
    result = empty(device, sizes, log_probabilities.dtype());
    if (!dense) total_weight = empty(device, {}, log_probabilities.dtype());
    if (History history{dense ? "NllLoss2DBackward0" : "NllLossBackward0", {&log_probabilities}})
        history.of(result, [self = history.save(log_probabilities), target = history.save(target),
                            weight = history.save(total_weight), each](Incoming in) {
            const Tensor input = self.unpack(), wanted = target.unpack(), total = weight.unpack();
            Tensor grad = empty(input.device(), input.sizes(), input.dtype());
            if (each) const Tensor read = contiguous_copy(in.grad());
            return Tensors{std::move(grad)};
        });
    return result;
}

/// Over the classes, which are the second dimension, or the only one.
Tensor sum_of_classes(const Tensor& self) {
    std::vector<bool> reduced(self.sizes().size(), false);
    reduced[self.dim() == 1 ? 0 : 1] = true;
    return sum(self, reduced, false);
}

Tensor negative(const Tensor& self) { return mul_scalar(self); }

Tensor sum_of_all(const Tensor& self) { return sum(self, std::vector<bool>(self.sizes().size(), true), false); }

/// cross_entropy_loss_label_smoothing: a share of the loss is that of every class alike.
Tensor smoothed(const Tensor& log_probabilities, const Tensor& target, Reduction reduction) {
    const Tensor own = nll_loss(in_float32(log_probabilities), target, reduction == Reduction::none);
    const Tensor uniform = negative(sum_of_classes(log_probabilities));
    const Tensor ignored = elementwise_result({&target}, DType::boolean);
    Tensor share = masked_fill_(uniform, ignored);
    if (reduction == Reduction::mean) {
        const Tensor counted = elementwise_result({&ignored}, DType::boolean);
        const Tensor count = sum_of_all(counted);
        share = div(sum_of_all(share), count);
    } else if (reduction == Reduction::sum) {
        share = sum_of_all(share);
    }
    const Tensor of_all = mul_scalar(share), of_own = mul_scalar(own);
    return add(of_own, of_all);
}

/// cross_entropy_loss_prob_target: the target is a probability for each class.
Tensor of_probabilities(const Tensor& log_probabilities, Tensor target, Reduction reduction, bool smooths) {
    if (smooths) target = add_scalar(mul_scalar(target));
    const Tensor weighted = mul(log_probabilities, target);
    if (reduction == Reduction::none) {
        const Tensor each = sum_of_classes(weighted);
        return negative(each);
    }
    const Tensor total = sum_of_all(weighted);
    const Tensor loss = negative(total);
    return reduction == Reduction::mean ? mul_scalar(loss) : loss;
}

}  // namespace

Tensor cross_entropy(const Tensor& input, const Tensor& target, Reduction reduction, bool smooths) {
    // log_softmax is asked for the input's type and so is not cast; nll_loss is.
    const Tensor log_probabilities = softmax("LogSoftmaxBackward0", input, input.dtype());
    if (is_floating(target.dtype())) return of_probabilities(log_probabilities, target, reduction, smooths);
    if (smooths) return smoothed(log_probabilities, target, reduction);
    return nll_loss(in_float32(log_probabilities), target, reduction == Reduction::none);
}

Tensor mse_loss(const Tensor& input, const Tensor& target) {
    if (autocasts(input)) {
        const Tensor second = in_float32(target), first = in_float32(input);
        const AutocastOff off(input.device());
        return mse_loss(first, second);
    }
    // The result is made as large as the input and then shrunk to one number: its memory stays.
    const Tensor whole = binary_result(input, target);
    { const Tensor squares = empty_like(whole); }
    Tensor result = alias(whole, {}, {});
    if (History history{"MseLossBackward0", {&input, &target}})
        history.of(result, [self = history.save(input), target = history.save(target)](Incoming in) {
            const Tensor first = self.unpack(), second = target.unpack();
            Tensor grad_self = in.needs(0) ? binary_result(first, second) : Tensor();
            Tensor grad_target = in.needs(1) ? binary_result(first, second) : Tensor();
            return Tensors{std::move(grad_self), std::move(grad_target)};
        });
    return result;
}

}  // namespace footprint::aten
