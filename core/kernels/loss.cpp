// Losses. Source: aten/src/ATen/native/LossNLL.cpp, cuda/NLLLoss2d.cu, BinaryOps.cpp (mse_loss_out).
#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {

Tensor cross_entropy(const Tensor& input, const Tensor& target) {
    Device& device = input.device();
    // log_softmax is asked for the input's type and so is not cast; nll_loss is.
    const Tensor log_probabilities = in_float32(softmax("LogSoftmaxBackward0", input, input.dtype()));
    const bool dense = input.dim() > 2;
    Tensor result, total_weight;
    for (Tensor* scalar : {dense ? &total_weight : &result, dense ? &result : &total_weight})
        *scalar = empty(device, {}, log_probabilities.dtype());
    if (History history{dense ? "NllLoss2DBackward0" : "NllLossBackward0", {&log_probabilities}})
        history.of(result, [self = history.save(log_probabilities), target = history.save(target),
                            weight = history.save(total_weight)](Incoming) {
            const Tensor input = self.unpack(), wanted = target.unpack(), total = weight.unpack();
            return Tensors{empty(input.device(), input.sizes(), input.dtype())};
        });
    return result;
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
