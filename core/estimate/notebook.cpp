#include "estimate/notebook.hpp"

#include "base/number.hpp"

namespace footprint {
namespace {

/// How often torchsummary prints the call: functions never, a module once unless the row says otherwise.
std::int64_t prints_of(const Model& model, const InferredRow& row, std::size_t i) {
    const Row& written = model.layers[i];
    if (!written.is_module() || !row.runs) return 0;
    return written.prints.value_or(model.layers[row.first].prints.value_or(1));
}

}  // namespace

Affine counted_elements(const Tensor& output) {
    if (output.shape.empty()) return {0, 1};
    Integer rest = 1;
    for (std::size_t i = 1; i < output.shape.size(); ++i) rest *= output.shape[i];
    return {rest, 0};
}

Notebook notebook(const Model& model, const Run& run, const Inference& inference) {
    Notebook result;
    result.bytes_per_value = run.bytes_per_value;
    const Integer size = run.bytes_per_value;
    for (const ModelInput& input : model.inputs) {
        const Integer count = elements(item_shape(input, run, 1)) * size;
        result.input += input.batch_dim ? Affine{count, 0} : Affine{0, count};
    }
    std::int64_t number = 0;
    result.rows.resize(model.layers.size());
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const InferredRow& inferred = inference.rows[i];
        NotebookRow& row = result.rows[i];
        const std::int64_t prints = prints_of(model, inferred, i);
        for (const InferredParameter& parameter : inferred.parameters) {
            const bool weight = parameter.name == "weight", bias = parameter.name == "bias";
            if (weight) row.flagged = true;
            if (weight) row.trainable = parameter.trainable;
            (weight || bias ? row.parameters : row.unseen) += parameter.count;
        }
        if (prints == 0) {
            row.unseen += row.parameters;
            row.parameters = 0;
            continue;
        }
        const Row& first = model.layers[inferred.first];
        const std::string& name = first.class_name.empty() ? first.op : first.class_name;
        for (std::int64_t p = 0; p < prints; ++p) row.labels.push_back(name + "-" + plain(++number));
        for (const Tensor& output : inferred.outputs)
            if (output.exists) row.elements += counted_elements(output);
        const Integer times = prints;
        result.forward += {row.elements.per_item * size * times, row.elements.fixed * size * times};
        result.parameter_count += row.parameters * times;
    }
    result.parameters = result.parameter_count * size;
    return result;
}

}  // namespace footprint
