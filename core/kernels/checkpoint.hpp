// Activation checkpointing, as torch.utils.checkpoint(use_reentrant=False): what a region would save for backward is
// not kept; the first that backward asks for runs the region again, up to the last tensor that was saved.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "kernels/tensor.hpp"

namespace footprint::aten {

class Recomputation : public Counted {
 public:
    Recomputation(Device& device, std::function<void()> run_again)
        : device_(device), run_again_(std::move(run_again)) {}

    /// Called for each tensor that is saved while the region runs; false: keep it as usual.
    bool takes(const Tensor& tensor, std::size_t& index);
    /// Called before an operation that keeps so many of its operands and nothing else: if only they are missing, what
    /// runs again stops here, since PyTorch keeps operands before it runs an operation.
    void keeps_before(std::size_t operands);
    [[nodiscard]] Tensor give(std::size_t index);
    /// While the region runs again: everything that backward asks for has been made.
    [[nodiscard]] bool complete() const { return running_ && made_.size() == saved_; }

 private:
    Device& device_;
    std::function<void()> run_again_;
    std::size_t saved_ = 0;
    std::vector<Tensor> made_;
    bool running_ = false, done_ = false;
};

}  // namespace footprint::aten
