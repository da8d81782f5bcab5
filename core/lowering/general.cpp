#include "lowering/general.hpp"

#include <algorithm>

#include "lowering/families.hpp"

namespace footprint {

void general(RowRun& run) {
    run.assumed = true;
    std::vector<const aten::Tensor*> inputs;
    for (const aten::Tensor& input : run.inputs) inputs.push_back(&input);
    for (const auto& [name, tensor] : run.named) inputs.push_back(&tensor);
    run.outputs.clear();
    for (std::size_t k = 0; k < run.inferred.outputs.size(); ++k)
        run.outputs.push_back(
            run.row.inplace && k == 0 ? run.input()  // itself, so that its gradient comes from here on
            : run.is_view(k)          ? aten::alias(run.input(), run.out_sizes(k), run.out_strides(k))
                             : aten::empty_strided(run.device, run.out_sizes(k), run.out_strides(k), run.out_dtype(k)));
    if (inputs.empty() || run.outputs.empty()) return;
    aten::History history{run.row.op, inputs.data(), inputs.size()};
    if (!history) return;
    std::vector<aten::Saved> kept;
    kept.reserve(inputs.size());
    for (const aten::Tensor* input : inputs) kept.push_back(history.save(*input));
    bool first = true;
    for (aten::Tensor& output : run.outputs) {
        if (!is_floating(output.dtype())) continue;
        if (!first) {
            history.also(output);
            continue;
        }
        first = false;
        const auto backward = [kept](aten::Incoming in) {
            aten::Tensors saved, grads;
            saved.reserve(kept.size());
            for (const aten::Saved& one : kept) saved.push_back(one.unpack());
            for (std::size_t i = 0; i < saved.size(); ++i)
                grads.push_back(in.needs(i) ? aten::empty_like(saved[i]) : aten::Tensor());
            return grads;
        };
        if (run.row.inplace)
            history.rewrites(output, backward);
        else
            history.of(output, backward);
    }
}

Lower lowering_of(std::string_view op) {
    static const std::vector<Lowered> all = [] {
        std::vector<Lowered> list;
        for (const auto& family : {pointwise_lowerings(), shape_lowerings(), reduction_lowerings(), matrix_lowerings(),
                                   einsum_lowerings(), normalization_lowerings(), window_lowerings(),
                                   attention_lowerings(), recurrent_lowerings(), loss_lowerings()})
            list.insert(list.end(), family.begin(), family.end());
        std::sort(list.begin(), list.end(), [](const Lowered& a, const Lowered& b) { return a.op < b.op; });
        return list;
    }();
    const auto found = std::lower_bound(all.begin(), all.end(), op,
                                        [](const Lowered& one, std::string_view name) { return one.op < name; });
    return found != all.end() && found->op == op ? found->lower : nullptr;
}

}  // namespace footprint
