#include "step/average.hpp"

#include "step/optimizer.hpp"

namespace footprint {

using aten::Within;

namespace {

constexpr std::string_view kName = "AveragedModel";

}  // namespace

AveragedModel::AveragedModel(aten::Device& device, const std::vector<const Placed*>& of) : device_(device) {
    const Within kernel(device_.kernel, kName);
    for (const Placed* placed : of) {
        {
            const Within kind(device_.kind, aten::BlockKind::ema);
            copies_.push_back(aten::empty_like(placed->tensor));
        }
        // A buffer's storage is copied, and given to a tensor that had one of its own (Tensor.__deepcopy__).
        if (placed->buffer) const aten::Tensor emptied = aten::empty(device_, {}, placed->dtype);
    }
}

void AveragedModel::update(const aten::Tensors& parameters) {
    const Within kernel(device_.kernel, kName);
    const std::size_t calls = count_types(parameters);
    for (std::size_t k = 0; k < calls; ++k) const aten::Tensor n_averaged = aten::empty(device_, {}, DType::int64);
}

}  // namespace footprint
