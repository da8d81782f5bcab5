// Normalization: batch, instance, group, layer, root mean square and local response. Sources: torch.nn.BatchNorm2d and
// its siblings; their refusals stand in torch/nn/functional.py (_verify_batch_size, _verify_spatial_size).
#include "base/number.hpp"
#include "layers/activation.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"
#include "layers/outputs.hpp"

namespace footprint {
namespace {

constexpr About kEps = {.help = "added to the variance, so that nothing is divided by 0"};
constexpr About kBias = {.help = "with a learned weight: adds a learned number too"};

/// What batch and instance norm own.
struct ChannelNorm {
    explicit ChannelNorm(int spatial_dimensions) : rank(spatial_dimensions) {}

    int rank;
    std::optional<std::int64_t> num_features;
    double eps = 1e-5;
    bool affine = true;
    bool track_running_stats = true;
    bool bias = true;

    /// Where nothing is made of num_features, PyTorch does not look at it.
    bool settle_channels(Call& call, Integer channels) {
        if (affine || track_running_stats || !num_features || channels == *num_features)
            return call.settle("num_features", num_features, channels, "the number of channels of the input");
        Diagnostic& diagnostic =
            call.warn("shape-mismatch", "num_features",
                      "num_features is " + plain(*num_features) + ", but the input has " + plain(channels.value()) +
                          " channels; without affine and running statistics it is not used: leave it out");
        diagnostic.values = {{"num_features", *num_features}, {"input", channels.value()}};
        diagnostic.fixes = {{"num_features", plain(channels.value())}};
        return true;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        const N channels = symbol("C", *num_features, "channels of the input");
        if (affine) owner.parameter("weight", {channels});
        if (affine && bias) owner.parameter("bias", {channels});
        if (!track_running_stats) return;
        owner.buffer("running_mean", {channels});
        owner.buffer("running_var", {channels});
        owner.buffer("num_batches_tracked", {}, DType::int64);
    }
};

struct BatchNorm : ChannelNorm {
    using ChannelNorm::ChannelNorm;

    std::optional<double> momentum = 0.1;

    void attributes(Fields& fields) {
        fields.integer("num_features", num_features, {.help = "channels of the input", .least = 0, .inferred = true});
        fields.number("eps", eps, kEps);
        fields.number(
            "momentum", momentum,
            {.help = "weight of the newest batch in the running statistics; None: their plain mean", .nullable = true});
        fields.boolean("affine", affine, {.help = "learns a weight and a bias per channel"});
        fields.boolean("track_running_stats", track_running_stats, {.help = "keeps a running mean and variance"});
        fields.boolean("bias", bias, kBias);
    }

    void infer(Call& call) {
        if (!(rank == 1 ? check_rank(call, {2, 3}) : check_rank(call, {rank + 2})) || !check_floating(call)) return;
        if (!settle_channels(call, call.shape()[1])) return;
        if ((call.training() || !track_running_stats) && !check_statistics(call)) return;
        own_parameters(*this, call);
        output_in_format(call, call.shape());
    }

 private:
    /// A variance takes two values. Where the batch is 1 another batch may have them, so that is only a warning.
    static bool check_statistics(Call& call) {
        Integer values = 1;
        for (std::size_t i = 0; i < call.shape().size(); ++i)
            if (i != 1) values *= call.shape()[i];
        if (values != 1) return true;
        const std::string message = "in training, " + call.row().op +
                                    " takes a mean over each channel and needs more than 1 value for it, but gets " +
                                    in_words(call.shape());
        const bool one_item = call.batch() == 1;
        Diagnostic& diagnostic =
            one_item ? call.warn("out-of-range", "inputs", message + ": PyTorch refuses to train it with a batch of 1")
                     : call.fail("out-of-range", "inputs", message + ": give it a larger input");
        diagnostic.values = {{"values", 1}, {"least", 2}};
        return one_item;
    }
};

struct InstanceNorm : ChannelNorm {
    explicit InstanceNorm(int spatial_dimensions) : ChannelNorm(spatial_dimensions) {
        affine = false;
        track_running_stats = false;
    }

    double momentum = 0.1;

    void attributes(Fields& fields) {
        fields.integer("num_features", num_features, {.help = "channels of the input", .least = 0, .inferred = true});
        fields.number("eps", eps, kEps);
        fields.number("momentum", momentum, {.help = "weight of the newest batch in the running statistics"});
        fields.boolean("affine", affine, {.help = "learns a weight and a bias per channel"});
        fields.boolean("track_running_stats", track_running_stats, {.help = "keeps a running mean and variance"});
        fields.boolean("bias", bias, kBias);
    }

    void infer(Call& call) {
        if (!check_rank(call, {rank + 1, rank + 2}) || !check_floating(call)) return;
        const auto spatial = static_cast<std::size_t>(rank);
        if (!settle_channels(call, call.shape()[call.shape().size() - spatial - 1])) return;
        Integer values = 1;
        for (const Integer size : std::span(call.shape()).last(spatial)) values *= size;
        if (values == 1 && (call.training() || !track_running_stats)) {
            call.fail("out-of-range", "inputs",
                      call.row().op +
                          " takes a mean over each channel of each item and needs more than 1 value for it, but gets " +
                          in_words(call.shape()) + ": give it a larger input")
                .values = {{"values", 1}, {"least", 2}};
            return;
        }
        own_parameters(*this, call);
        call.output(call.shape());
    }
};

struct GroupNorm {
    std::int64_t num_groups = 0;
    std::optional<std::int64_t> num_channels;
    double eps = 1e-5;
    bool affine = true;
    bool bias = true;

    void attributes(Fields& fields) {
        fields.integer("num_groups", num_groups,
                       {.help = "groups of channels, each normalized by itself", .least = 1, .required = true});
        fields.integer("num_channels", num_channels, {.help = "channels of the input", .least = 1, .inferred = true});
        fields.number("eps", eps, kEps);
        fields.boolean("affine", affine, {.help = "learns a weight and a bias per channel"});
        fields.boolean("bias", bias, kBias);
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        if (!affine) return;
        const N channels = symbol("C", *num_channels, "channels of the input");
        owner.parameter("weight", {channels});
        if (bias) owner.parameter("bias", {channels});
    }

    void infer(Call& call) {
        if (!check_least_rank(call, 2) || !check_floating(call)) return;
        const Shape& shape = call.shape();
        if (!call.settle("num_channels", num_channels, shape[1], "the number of channels of the input")) return;
        if (!check_divisible(call, "num_groups", "num_channels", *num_channels, num_groups)) return;
        // PyTorch refuses a single value for all: then every mean would be of one number (functional.py, group_norm).
        if (elements(shape) == num_groups) {
            const std::string message =
                call.row().op + " needs more than 1 value in a group, but gets " + in_words(shape);
            if (call.batch() > 1) {
                call.fail("out-of-range", "inputs", message + ": take fewer groups");
                return;
            }
            call.warn("out-of-range", "inputs", message + ": PyTorch refuses it with a batch of 1");
        }
        own_parameters(*this, call);
        call.output(shape);
    }
};

/// LayerNorm and RMSNorm: over the last dimensions, which normalized_shape repeats.
struct TrailingNorm {
    std::optional<std::vector<std::int64_t>> normalized_shape;
    bool elementwise_affine = true;
    bool bias = true;

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        if (!elementwise_affine) return;
        ShapeOf<N> shape;
        int i = 0;
        for (const std::int64_t size : *normalized_shape)
            shape.push_back(
                symbol(normalized_shape->size() == 1 ? "n" : "n_" + plain(++i), size, "normalized_shape of this row"));
        owner.parameter("weight", shape);
        if (bias) owner.parameter("bias", shape);
    }

    void infer(Call& call) {
        if (normalized_shape->empty()) {
            call.fail("missing", "normalized_shape",
                      "normalized_shape is empty: name at least the last size of the input");
            return;
        }
        const Shape& shape = call.shape();
        const std::size_t count = normalized_shape->size();
        bool agrees = shape.size() >= count;
        for (std::size_t i = 0; agrees && i < count; ++i)
            agrees = shape[shape.size() - count + i] == (*normalized_shape)[i];
        if (!agrees) {
            Diagnostic& diagnostic =
                call.fail(shape.size() < count ? "wrong-rank" : "shape-mismatch", "normalized_shape",
                          "normalized_shape is " + in_words(wanted()) + ", but the input is " + in_words(shape) +
                              ": it must repeat the last sizes of the input");
            diagnostic.values = {{"normalized_shape", in_words(wanted())}, {"input", in_words(shape)}};
            if (shape.size() > count) diagnostic.fixes = {{"normalized_shape", last_sizes(shape, count)}};
            return;
        }
        if (!check_floating(call)) return;
        own_parameters(*this, call);
        call.output(shape);
    }

 private:
    Shape wanted() const { return Shape(normalized_shape->begin(), normalized_shape->end()); }

    static std::string last_sizes(const Shape& shape, std::size_t count) {
        if (count == 1) return plain(shape.back().value());
        std::string text;
        for (const Integer size : std::span(shape).last(count))
            text += (text.empty() ? "[" : ", ") + plain(size.value());
        return text + "]";
    }
};

constexpr About kNormalizedShape = {.help = "the last sizes of the input", .least = 1, .required = true};

struct LayerNorm : TrailingNorm {
    double eps = 1e-5;

    void attributes(Fields& fields) {
        fields.integers("normalized_shape", normalized_shape, kNormalizedShape);
        fields.number("eps", eps, kEps);
        fields.boolean("elementwise_affine", elementwise_affine, {.help = "learns a weight per element"});
        fields.boolean("bias", bias, kBias);
    }
};

struct RMSNorm : TrailingNorm {
    RMSNorm() { bias = false; }

    std::optional<double> eps;

    void attributes(Fields& fields) {
        fields.integers("normalized_shape", normalized_shape, kNormalizedShape);
        fields.number("eps", eps,
                      {.help = "added to the mean square; None: the type's smallest step", .nullable = true});
        fields.boolean("elementwise_affine", elementwise_affine, {.help = "learns a weight per element"});
    }
};

struct LocalResponseNorm {
    std::int64_t size = 0;
    double alpha = 1e-4, beta = 0.75, k = 1.0;

    void attributes(Fields& fields) {
        fields.integer("size", size, {.help = "neighbouring channels taken together", .least = 1, .required = true});
        fields.number("alpha", alpha, {.help = "factor of the mean square"});
        fields.number("beta", beta, {.help = "exponent"});
        fields.number("k", k, {.help = "added before the exponent"});
    }

    void infer(Call& call) const {
        if (check_least_rank(call, 3)) elementwise_output(call, Integers::promoted);
    }
};

template <class T>
LayerType normalization(std::string_view op, std::string_view summary) {
    return with_keywords(layer_type<T>(op, "normalization", summary), kWeightAndBias);
}

}  // namespace

LayerType BatchNorm1d_type() {
    return normalization<Of<BatchNorm, 1>>("BatchNorm1d",
                                           "normalizes each channel of (N, C) or (N, C, L) over the batch");
}
LayerType BatchNorm2d_type() {
    return normalization<Of<BatchNorm, 2>>("BatchNorm2d", "normalizes each channel of (N, C, H, W) over the batch");
}
LayerType BatchNorm3d_type() {
    return normalization<Of<BatchNorm, 3>>("BatchNorm3d", "normalizes each channel of (N, C, D, H, W) over the batch");
}
LayerType LayerNorm_type() {
    return normalization<LayerNorm>("LayerNorm", "normalizes the last dimensions of each item");
}
LayerType GroupNorm_type() {
    return normalization<GroupNorm>("GroupNorm", "normalizes groups of channels of each item of (N, C, *)");
}
LayerType InstanceNorm1d_type() {
    return normalization<Of<InstanceNorm, 1>>("InstanceNorm1d", "normalizes each channel of each item of (N, C, L)");
}
LayerType InstanceNorm2d_type() {
    return normalization<Of<InstanceNorm, 2>>("InstanceNorm2d", "normalizes each channel of each item of (N, C, H, W)");
}
LayerType InstanceNorm3d_type() {
    return normalization<Of<InstanceNorm, 3>>("InstanceNorm3d",
                                              "normalizes each channel of each item of (N, C, D, H, W)");
}
LayerType LocalResponseNorm_type() {
    return layer_type<LocalResponseNorm>("LocalResponseNorm", "normalization",
                                         "divides by the strength of neighbouring channels of (N, C, *)");
}
LayerType RMSNorm_type() {
    return with_keywords(
        layer_type<RMSNorm>("RMSNorm", "normalization", "divides the last dimensions by their root mean square"),
        kWeight);
}

}  // namespace footprint
