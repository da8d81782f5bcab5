// Normalizations as functions: statistics, weight and bias are tensors of their own. Sources: torch.nn.functional's
// batch_norm, layer_norm and their siblings; refusals from torch/nn/functional.py.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/layer.hpp"
#include "layers/outputs.hpp"

namespace footprint {
namespace {

constexpr std::string_view kStatistics[] = {"running_mean", "running_var", "weight", "bias"};
constexpr About kEps = {.help = "added to the variance, so that nothing is divided by 0"};

/// Each of these tensors, where given, has that shape; the first stands at input 1 if it is not named.
bool check_tensors(Call& call, std::span<const std::string_view> names, const Shape& shape) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (const Tensor* tensor = tensor_under(call, names[i], i + 1);
            tensor != nullptr && !check_shape(call, names[i], names[i], *tensor, shape))
            return false;
    return true;
}

struct ChannelStatistics {
    double momentum = 0.1, eps = 1e-5;

    void fields(Fields& fields) {
        fields.number("momentum", momentum, {.help = "weight of the newest batch in the running statistics"});
        fields.number("eps", eps, kEps);
    }

    /// A statistic needs more than one value; with more items there may be some.
    static bool check_values(Call& call, Integer values, std::string_view of) {
        if (values != 1) return true;
        const std::string message = call.row().op + " takes a mean over " + std::string(of) +
                                    " and needs more than 1 value for it, but gets " + in_words(call.shape());
        if (call.batch() == 1) {
            call.warn("shape-mismatch", "inputs", message + ": PyTorch refuses it with a batch of 1").values = {
                {"values", 1}, {"least", 2}};
            return true;
        }
        call.fail("shape-mismatch", "inputs", message + ": give it a larger input").values = {{"values", 1},
                                                                                              {"least", 2}};
        return false;
    }
};

struct BatchNormWith : ChannelStatistics {
    void attributes(Fields& to) { fields(to); }
    void infer(Call& call) const {
        if (!check_least_rank(call, 2) || !check_floating(call) || !check_tensors(call, kStatistics, {call.shape()[1]}))
            return;
        if (call.training()) {
            Integer values = call.shape()[0];
            for (std::size_t i = 2; i < call.shape().size(); ++i) values *= call.shape()[i];
            if (!check_values(call, values, "each channel")) return;
        } else if (required_tensor(call, "running_mean", 1, "running statistics outside training") == nullptr ||
                   required_tensor(call, "running_var", 2, "running statistics outside training") == nullptr) {
            return;
        }
        output_in_format(call, call.shape());
    }
};

struct InstanceNormWith : ChannelStatistics {
    bool use_input_stats = true;

    void attributes(Fields& to) {
        to.boolean("use_input_stats", use_input_stats,
                   {.help = "takes mean and variance of the input, not the running ones"});
        fields(to);
    }
    void infer(Call& call) const {
        if (!check_least_rank(call, 3) || !check_floating(call) || !check_tensors(call, kStatistics, {call.shape()[1]}))
            return;
        Integer values = 1;
        for (std::size_t i = 2; i < call.shape().size(); ++i) values *= call.shape()[i];
        if (use_input_stats && values == 1) {
            call.fail("shape-mismatch", "inputs",
                      "instance_norm takes a mean over each channel of each item and needs more than 1 value for it, "
                      "but gets " +
                          in_words(call.shape()) + ": give it a larger input")
                .values = {{"values", 1}, {"least", 2}};
            return;
        }
        if (!use_input_stats &&
            required_tensor(call, "running_mean", 1, "running statistics without use_input_stats") == nullptr)
            return;
        output_in_format(call, call.shape());
    }
};

/// Over the last dimensions, which normalized_shape repeats.
struct TrailingNormWith {
    std::optional<std::vector<std::int64_t>> normalized_shape;

    void shape_field(Fields& fields) {
        fields.integers("normalized_shape", normalized_shape,
                        {.help = "the last sizes of the input", .least = 0, .required = true});
    }

    bool fits(Call& call, std::span<const std::string_view> names) const {
        const Shape& in = call.shape();
        const Shape wanted(normalized_shape->begin(), normalized_shape->end());
        bool agrees = !wanted.empty() && wanted.size() <= in.size();
        for (std::size_t i = 0; agrees && i < wanted.size(); ++i)
            agrees = in[in.size() - wanted.size() + i] == wanted[i];
        if (!agrees) {
            call.fail("shape-mismatch", "normalized_shape",
                      "normalized_shape is " + in_words(wanted) + ", but the input is " + in_words(in) +
                          ": it must repeat the last sizes of the input")
                .values = {{"normalized_shape", in_words(wanted)}, {"input", in_words(in)}};
            return false;
        }
        return check_floating(call) && check_tensors(call, names, wanted);
    }
};

struct LayerNormWith : TrailingNormWith {
    double eps = 1e-5;

    void attributes(Fields& fields) {
        shape_field(fields);
        fields.number("eps", eps, kEps);
    }
    void infer(Call& call) const {
        if (fits(call, kWeightAndBias)) call.output(call.shape());
    }
};

struct RMSNormWith : TrailingNormWith {
    std::optional<double> eps;

    void attributes(Fields& fields) {
        shape_field(fields);
        fields.number("eps", eps,
                      {.help = "added to the mean square", .nullable = true, .otherwise = "the type's smallest step"});
    }
    void infer(Call& call) const {
        if (fits(call, kWeight)) call.output(call.shape());
    }
};

struct GroupNormWith {
    std::int64_t num_groups = 0;
    double eps = 1e-5;

    void attributes(Fields& fields) {
        fields.integer("num_groups", num_groups,
                       {.help = "groups of channels, each normalized by itself", .least = 1, .required = true});
        fields.number("eps", eps, kEps);
    }
    void infer(Call& call) const {
        if (!check_least_rank(call, 2) || !check_floating(call)) return;
        const Integer channels = call.shape()[1];
        if (!check_divisible(call, "num_groups", "the number of channels", channels, num_groups) ||
            !check_tensors(call, kWeightAndBias, {channels}))
            return;
        // PyTorch's own check multiplies everything but the groups (functional.py, group_norm).
        Integer values = call.shape()[0] * floor_divide(channels, num_groups);
        for (std::size_t i = 2; i < call.shape().size(); ++i) values *= call.shape()[i];
        if (ChannelStatistics::check_values(call, values, "each group")) output_in_format(call, call.shape());
    }
};

struct LocalResponseNormOf {
    std::int64_t size = 0;
    double alpha = 1e-4, beta = 0.75, k = 1.0;

    void attributes(Fields& fields) {
        fields.integer("size", size, {.help = "neighbouring channels taken together", .least = 1, .required = true});
        fields.number("alpha", alpha, {.help = "factor of the mean square"});
        fields.number("beta", beta, {.help = "exponent"});
        fields.number("k", k, {.help = "added before the exponent"});
    }
    void infer(Call& call) const {
        if (!check_least_rank(call, 3)) return;
        if (elements(call.shape()) == 0) return call.same(call.input());
        const Operands operands = Operands(call).tensor(call.input());
        operands.result(operands.floating());
    }
};

/// x ÷ ‖x‖ along dimensions.
struct Normalize {
    double p = 2, eps = 1e-12;
    std::optional<std::vector<std::int64_t>> dim;

    void attributes(Fields& fields) {
        fields.number("p", p, {.help = "order of the norm"});
        fields.integers("dim", dim, {.help = "dimensions whose norm becomes 1", .otherwise = "1"});
        fields.number("eps", eps, {.help = "least norm, so that nothing is divided by 0"});
    }
    void infer(Call& call) const {
        if (!check_floating(call) ||
            !checked_dimensions(call, "dim", dim.value_or(std::vector<std::int64_t>{1}), call.shape().size()))
            return;
        Operands(call).tensor(call.input()).result(call.input().dtype);
    }
};

template <class T>
LayerType norm(std::string_view op, std::string_view summary, std::span<const std::string_view> tensors) {
    const auto most = static_cast<std::uint8_t>(1 + tensors.size());
    return with_keywords(with(layer_type<T>(op, "normalization", summary), {1, most}), tensors);
}

/// v · g / ‖v‖, the norm taken over every dimension but `dim`, or over all of them where that is −1: what
/// torch.nn.utils.parametrizations.weight_norm calls.
struct WeightNorm {
    std::int64_t dim = 0;

    void attributes(Fields& fields) {
        fields.integer("dim", dim, {.help = "the dimension that keeps a norm each; -1: one norm for all"});
    }
    void infer(Call& call) {
        const bool over_all = dim == -1;
        if (!check_floating(call) || !check_least_rank(call, 1)) return;
        if (!check_dimension(call, "dim", dim, call.shape().size())) return;
        Shape norms;
        if (!over_all) {
            norms = Shape(call.shape().size(), 1);
            norms[at(dim)] = call.shape()[at(dim)];
        }
        if (call.shape(1) != norms) {
            call.fail("shape-mismatch", "inputs",
                      "the norms have " + in_words(call.shape(1)) + ", but " +
                          (over_all ? "one for all" : "along dimension " + plain(dim)) + " of " +
                          in_words(call.shape()) + " they must have " + in_words(norms))
                .values = {{"norms", in_words(call.shape(1))}, {"wanted", in_words(norms)}};
            return;
        }
        call.output(call.shape());
    }
};

}  // namespace

LayerType batch_norm_type() {
    return norm<BatchNormWith>("batch_norm", "normalizes each channel of (N, C, *) over the batch", kStatistics);
}
LayerType instance_norm_type() {
    return norm<InstanceNormWith>("instance_norm", "normalizes each channel of each item of (N, C, *)", kStatistics);
}
LayerType layer_norm_type() {
    return norm<LayerNormWith>("layer_norm", "normalizes the last dimensions", kWeightAndBias);
}
LayerType rms_norm_type() {
    return norm<RMSNormWith>("rms_norm", "divides the last dimensions by their root mean square", kWeight);
}
LayerType group_norm_type() {
    return norm<GroupNormWith>("group_norm", "normalizes groups of channels of each item", kWeightAndBias);
}
LayerType local_response_norm_type() {
    return layer_type<LocalResponseNormOf>("local_response_norm", "normalization",
                                           "divides by the strength of neighbouring channels");
}
LayerType normalize_type() {
    return layer_type<Normalize>("normalize", "normalization", "divides by the norm along dimensions");
}

LayerType _weight_norm_type() {
    return with(layer_type<WeightNorm>("_weight_norm", "normalization", "v · g / ‖v‖ of a direction v and its norms g"),
                {2, 2});
}

}  // namespace footprint
