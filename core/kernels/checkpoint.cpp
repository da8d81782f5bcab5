#include "kernels/checkpoint.hpp"

namespace footprint::aten {

bool Recomputation::takes(const Tensor& tensor, std::size_t& index) {
    if (!running_) {
        index = saved_++;
        return true;
    }
    if (made_.size() < saved_) made_.push_back(detached(tensor));
    if (complete()) tensor.device().halted = true;  // PyTorch stops there, in the middle of the operation
    return false;
}

void Recomputation::keeps_before(std::size_t operands) {
    if (running_ && made_.size() + operands == saved_) device_.halted = true;
}

Tensor Recomputation::give(std::size_t index) {
    if (!done_) {
        running_ = done_ = true;
        const Within active(device_.recomputation, this);
        run_again_();
        running_ = false;
    }
    return index < made_.size() ? std::move(made_[index]) : Tensor();
}

}  // namespace footprint::aten
