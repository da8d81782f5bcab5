#include "estimate/torchsummary.hpp"

#include <algorithm>
#include <cmath>

#include "base/number.hpp"

namespace footprint {
namespace {

constexpr double kMegabyte = 1048576.0;

/// numpy's int64: wraps silently, and remembers that it did.
struct Wrapping {
    std::int64_t value;
    bool* wrapped;

    void times(Integer factor) {
        if ((Integer(value) * factor).overflowed()) *wrapped = true;
        value =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(value) * static_cast<std::uint64_t>(factor.value()));
    }
    void plus(std::int64_t addend) {
        if ((Integer(value) + addend).overflowed()) *wrapped = true;
        value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(addend));
    }
};

void add_right(std::string& line, std::string_view text, std::size_t width) {
    if (text.size() < width) line.append(width - text.size(), ' ');
    line += text;
}

/// "[-1, 64, 112, 112]": a shape with dimension 0 replaced.
std::string printed(const Shape& shape, std::int64_t batch) {
    std::string text = "[" + plain(batch);
    for (std::size_t i = 1; i < shape.size(); ++i) text += ", " + plain(shape[i].value());
    return text + "]";
}

class Printer {
 public:
    Printer(const Model& model, const Run& run, const Inference& inference, const Notebook& counted, std::int64_t batch)
        : model_(model), run_(run), inference_(inference), counted_(counted), batch_(batch) {}

    Torchsummary print() {
        if (forward_raises()) return std::move(result_);
        rule('-');
        line("Layer (type)", "Output Shape", "Param #");
        rule('=');
        Wrapping output{0, &result_.wrapped};
        Wrapping parameters{0, &result_.wrapped}, trainable{0, &result_.wrapped};
        bool seen = false;
        for (std::size_t i = 0; i < counted_.rows.size(); ++i) {
            const NotebookRow& row = counted_.rows[i];
            for (const std::string& label : row.labels) {
                if (ragged(i)) {
                    stop("tuple-of-different-ranks", i,
                         "returns tensors of different rank in one tuple, and numpy cannot multiply such shapes "
                         "together");
                    return std::move(result_);
                }
                output.plus(elements_of(i));
                parameters.plus(row.parameters.value());
                if (row.trainable) trainable.plus(row.parameters.value());
                seen = seen || row.flagged || row.parameters != 0;
                line(label, shape_of(i), grouped(row.parameters.value()));
            }
        }
        if (totals_raise(seen)) return std::move(result_);
        totals(output.value, parameters.value, trainable.value);
        return std::move(result_);
    }

 private:
    [[nodiscard]] bool is_tuple(std::size_t i) const { return inference_.rows[i].returned == Returned::tuple; }

    void rule(char of) { result_.text += std::string(64, of) + "\n"; }
    void line(std::string_view name, std::string_view shape, std::string_view parameters) {
        add_right(result_.text, name, 20);
        add_right(result_.text += "  ", shape, 25);
        add_right(result_.text += " ", parameters, 15);
        result_.text += "\n";
    }

    void stop(std::string_view rule, std::optional<std::size_t> row, const std::string& why) {
        Stopped stopped;
        stopped.rule = rule;
        if (row) stopped.row = *row + 1;
        stopped.message = "torchsummary stops: " + (row ? called(model_.layers[*row], *row + 1) + " " + why : why);
        result_.stopped = std::move(stopped);
    }

    /// What raises in the forward or in a hook: then nothing at all is printed.
    bool forward_raises() {
        // torchsummary feeds torch.rand in float32, so a model that needs integers raises in its own forward.
        Diagnostics as_floats;
        InferenceOptions options;
        options.float_inputs = true;
        bool integers = false;
        for (const ModelInput& input : model_.inputs)
            integers = integers || (input.dtype && *input.dtype != DType::float32);
        if (integers) static_cast<void>(infer(model_, run_, options, as_floats));
        for (const Diagnostic& diagnostic : as_floats.list()) {
            if (diagnostic.severity != Severity::error || diagnostic.row == 0) continue;
            const auto row = static_cast<std::size_t>(diagnostic.row) - 1;
            stop("float-inputs", row, "takes integers, and torchsummary feeds every input as float32");
            return true;
        }
        for (std::size_t i = 0; i < counted_.rows.size(); ++i)
            if (!counted_.rows[i].labels.empty() && hook_raises(i)) return true;
        return false;
    }

    bool hook_raises(std::size_t i) {
        const Row& first = model_.layers[inference_.rows[i].first];
        const Row& written = model_.layers[i];
        const std::string& called_with = written.called_with.empty() ? first.called_with : written.called_with;
        const InferredRow& row = inference_.rows[i];
        if (called_with == "keywords")
            stop("called-by-keywords", i,
                 "is called by keywords only, and its hook reads the first positional argument");
        else if (called_with == "list" || called_with == "number")
            stop("called-without-tensor", i, "is called with a " + called_with + " first, which has no size()");
        else if (!first.is_block() && !row.inputs.empty() && row.inputs[0]->rank() == 0)
            stop("input-without-dimensions", i, "is called with a tensor without dimensions");
        else if (row.returned == Returned::dictionary)
            stop("dict-output", i, "returns a dict, which has no size()");
        else if (row.returned == Returned::nothing || (row.returned == Returned::tensor && row.outputs.empty()))
            stop("no-tensor-output", i, "returns no tensor");
        else if (row.returned == Returned::nested)
            stop("nested-output", i, "returns a tuple with an element that is no tensor, which has no size()");
        else if (row.returned == Returned::tensor && row.outputs[0].rank() == 0)
            stop("output-without-dimensions", i, "returns a tensor without dimensions");
        return result_.stopped.has_value();
    }

    bool ragged(std::size_t i) const {
        if (!is_tuple(i)) return false;
        const std::vector<Tensor>& outputs = inference_.rows[i].outputs;
        for (const Tensor& output : outputs)
            if (std::max<std::size_t>(output.rank(), 1) != std::max<std::size_t>(outputs[0].rank(), 1)) return true;
        return false;
    }

    /// np.prod(output_shape): of a tuple, across all its shapes, with −1 for each batch.
    std::int64_t elements_of(std::size_t i) {
        Wrapping product{1, &result_.wrapped};
        const std::vector<Tensor>& outputs = inference_.rows[i].outputs;
        const bool tuple = is_tuple(i);
        if (tuple && !outputs.empty()) result_.tuple_multiplied = true;
        for (const Tensor& output : outputs) {
            product.times(tuple ? -1 : batch_);
            for (std::size_t d = 1; d < output.rank(); ++d) product.times(output.shape[d]);
        }
        return product.value;
    }

    std::string shape_of(std::size_t i) const {
        const std::vector<Tensor>& outputs = inference_.rows[i].outputs;
        if (!is_tuple(i)) return printed(outputs[0].shape, batch_);
        std::string text = "[";
        for (std::size_t k = 0; k < outputs.size(); ++k) text += (k > 0 ? ", " : "") + printed(outputs[k].shape, -1);
        return text + "]";
    }

    bool totals_raise(bool seen) {
        for (const ModelInput& input : model_.inputs)
            if (input.shape.size() != model_.inputs[0].shape.size()) {
                stop("inputs-of-different-rank", std::nullopt,
                     "the inputs differ in rank, and numpy cannot multiply such shapes together");
                return true;
            }
        if (!seen)
            stop("no-parameters", std::nullopt,
                 "no row has a weight or a bias, so its total is the integer 0, which has no numpy()");
        return !seen;
    }

    void totals(std::int64_t output, std::int64_t parameters, std::int64_t trainable) {
        Wrapping input{1, &result_.wrapped};
        for (const ModelInput& one : model_.inputs)
            for (const Integer size : item_shape(one, run_, 1)) input.times(size);
        input.times(batch_);
        result_.inputs_multiplied = model_.inputs.size() > 1;

        // The order of torchsummary's own floating-point operations.
        const double input_mb = std::fabs(static_cast<double>(input.value) * 4.0 / kMegabyte);
        const double output_mb = std::fabs(2.0 * static_cast<double>(output) * 4.0 / kMegabyte);
        const double parameters_mb = std::fabs(static_cast<double>(parameters) * 4.0 / kMegabyte);
        const double total_mb = parameters_mb + output_mb + input_mb;
        result_.total_mb = total_mb;
        rule('=');
        result_.text += "Total params: " + grouped(parameters) + "\n";
        result_.text += "Trainable params: " + grouped(trainable) + "\n";
        result_.text += "Non-trainable params: " + grouped(parameters - trainable) + "\n";
        rule('-');
        result_.text += "Input size (MB): " + fixed(input_mb, 2) + "\n";
        result_.text += "Forward/backward pass size (MB): " + fixed(output_mb, 2) + "\n";
        result_.text += "Params size (MB): " + fixed(parameters_mb, 2) + "\n";
        result_.text += "Estimated Total Size (MB): " + fixed(total_mb, 2) + "\n";
        rule('-');
    }

    const Model& model_;
    const Run& run_;
    const Inference& inference_;
    const Notebook& counted_;
    std::int64_t batch_;
    Torchsummary result_;
};

}  // namespace

Torchsummary torchsummary(const Model& model, const Run& run, const Inference& inference, const Notebook& counted,
                          std::int64_t batch) {
    return Printer(model, run, inference, counted, batch).print();
}

}  // namespace footprint
