// AveragedModel: the moving average that torch.optim.swa_utils keeps of a model.
#pragma once

#include <vector>

#include "kernels/kernels.hpp"
#include "step/placement.hpp"

namespace footprint {

class AveragedModel {
 public:
    /// A deep copy, each module's own before its children's. It counts on the CPU.
    AveragedModel(aten::Device& device, const std::vector<const Placed*>& of);

    /// update_parameters of all but the first call, which copies into what is there: the counter is handed to the
    /// device for each type of parameters.
    void update(const aten::Tensors& parameters);

 private:
    aten::Device& device_;
    aten::Tensors copies_;
};

}  // namespace footprint
