// Losses and distances as functions. Sources: torch.nn.functional.cross_entropy, mse_loss and their siblings.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/distance.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// What becomes of the losses of single elements.
struct Reduced {
    std::string reduction = "mean";

    void reduction_field(Fields& fields) {
        fields.word("reduction", reduction, {"none", "mean", "sum"}, {.help = "what becomes of the single losses"});
    }
    void emit(Call& call, Shape single, DType dtype) const {
        call.output(reduction == "none" ? std::move(single) : Shape{}, dtype);
    }
};

/// Losses of class scores (N, C, *) or (C) against class numbers (N, *), or against a probability for each class.
struct ClassLoss : Reduced {
    std::int64_t ignore_index = -100;

    void class_fields(Fields& fields) {
        reduction_field(fields);
        fields.integer("ignore_index", ignore_index, {.help = "a class that does not count"});
    }

    /// The shape without classes, or nothing if the inputs do not fit (said).
    static std::optional<Shape> single(Call& call) {
        if (!check_least_rank(call, 1) || !check_floating(call)) return std::nullopt;
        const Shape& scores = call.shape();
        const std::size_t classes = scores.size() == 1 ? 0 : 1;
        Shape shape = scores;
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(classes));
        if (const Tensor* weight = tensor_under(call, "weight", 2);
            weight != nullptr && !check_shape(call, "weight", "weight", *weight, {scores[classes]}))
            return std::nullopt;
        return shape;
    }
};

struct CrossEntropy : ClassLoss {
    double label_smoothing = 0;

    void attributes(Fields& fields) {
        class_fields(fields);
        fields.number("label_smoothing", label_smoothing,
                      {.help = "share of the target that is spread over all classes"});
    }
    void infer(Call& call) const {
        std::optional<Shape> shape = single(call);
        if (!shape || !check_probability(call, "label_smoothing", label_smoothing)) return;
        const bool probabilities = is_floating(call.input(1).dtype);
        if (!probabilities && !check_indices(call, IndexTypes::int64, 1)) return;
        if (check_shape(call, "inputs", "the target", call.input(1), probabilities ? call.shape() : *shape))
            emit(call, std::move(*shape), call.input().dtype);
    }
};

struct NegativeLogLikelihood : ClassLoss {
    void attributes(Fields& fields) { class_fields(fields); }
    void infer(Call& call) const {
        std::optional<Shape> shape = single(call);
        if (!shape || !check_indices(call, IndexTypes::int64, 1) ||
            !check_shape(call, "inputs", "the target", call.input(1), *shape))
            return;
        emit(call, std::move(*shape), call.input().dtype);
    }
};

/// Losses of elements that broadcast.
struct ElementLoss : Reduced {
    void attributes(Fields& fields) { reduction_field(fields); }
    void infer(Call& call) const {
        std::optional<Shape> shape = broadcast(call, call.shape(0), call.shape(1));
        if (!shape) return;
        const DType dtype = promoted(call.input(0).dtype, call.input(1).dtype);
        if (is_floating(dtype) || reduction != "mean" || check_floating(call)) emit(call, std::move(*shape), dtype);
    }
};

struct SmoothL1 : ElementLoss {
    double beta = 1;

    void attributes(Fields& fields) {
        reduction_field(fields);
        fields.number("beta", beta, {.help = "up to here the loss is quadratic", .least = 0});
    }
};

struct Huber : ElementLoss {
    double delta = 1;

    void attributes(Fields& fields) {
        reduction_field(fields);
        fields.number("delta", delta, {.help = "up to here the loss is quadratic"});
    }
};

/// Losses of probabilities against targets of the same shape.
struct BinaryCrossEntropy : Reduced {
    void attributes(Fields& fields) { reduction_field(fields); }
    void infer(Call& call) const {
        if (check_floating(call) && check_shape(call, "inputs", "the target", call.input(1), call.shape()))
            emit(call, call.shape(), call.input().dtype);
    }
};

struct KullbackLeibler : Reduced {
    bool log_target = false;

    void attributes(Fields& fields) {
        fields.word("reduction", reduction, {"none", "mean", "sum", "batchmean"},
                    {.help = "what becomes of the single losses"});
        fields.boolean("log_target", log_target, {.help = "the target holds logarithms"});
    }
    void infer(Call& call) const {
        std::optional<Shape> shape = broadcast(call, call.shape(0), call.shape(1));
        if (shape && check_floating(call))
            emit(call, std::move(*shape), promoted(call.input(0).dtype, call.input(1).dtype));
    }
};

/// Distances of every row of one input to every row of the other.
struct CDist {
    double p = 2;

    void attributes(Fields& fields) { fields.number("p", p, {.help = "order of the norm", .least = 0}); }
    void infer(Call& call) const {
        if (!check_least_rank(call, 2, 0) || !check_least_rank(call, 2, 1) || !check_floating(call) ||
            !check_same_dtype(call, "inputs", call.input(1)))
            return;
        const Shape &a = call.shape(0), &b = call.shape(1);
        if (a.back() != b.back()) {
            call.fail("shape-mismatch", "inputs",
                      "cdist takes rows of one length, but has " + plain(a.back().value()) + " and " +
                          plain(b.back().value()))
                .values = {{"size", a.back().value()}, {"other", b.back().value()}};
            return;
        }
        std::optional<Shape> shape = broadcast(call, {a.begin(), a.end() - 2}, {b.begin(), b.end() - 2});
        if (!shape) return;
        shape->push_back(a[a.size() - 2]);
        shape->push_back(b[b.size() - 2]);
        call.output(std::move(*shape));
    }
};

template <class T>
LayerType loss(std::string_view op, std::string_view summary) {
    return with(layer_type<T>(op, "loss", summary), {2, 2});
}
template <class T>
LayerType class_loss(std::string_view op, std::string_view summary) {
    return with_keywords(with(layer_type<T>(op, "loss", summary), {2, 3}), kWeight);
}

}  // namespace

LayerType cross_entropy_type() {
    return class_loss<CrossEntropy>("cross_entropy", "class scores (N, C, *) against class numbers or probabilities");
}
LayerType nll_loss_type() {
    return class_loss<NegativeLogLikelihood>("nll_loss", "logarithms of probabilities (N, C, *) against class numbers");
}
LayerType mse_loss_type() { return loss<ElementLoss>("mse_loss", "squared differences"); }
LayerType l1_loss_type() { return loss<ElementLoss>("l1_loss", "absolute differences"); }
LayerType smooth_l1_loss_type() { return loss<SmoothL1>("smooth_l1_loss", "differences, squared where small"); }
LayerType huber_loss_type() { return loss<Huber>("huber_loss", "differences, squared where small"); }
LayerType binary_cross_entropy_type() {
    return with_keywords(with(layer_type<BinaryCrossEntropy>("binary_cross_entropy", "loss",
                                                             "probabilities against targets from 0 to 1"),
                              {2, 3}),
                         kWeight);
}
LayerType binary_cross_entropy_with_logits_type() {
    static constexpr std::string_view kWeights[] = {"weight", "pos_weight"};
    return with_keywords(with(layer_type<BinaryCrossEntropy>("binary_cross_entropy_with_logits", "loss",
                                                             "scores against targets from 0 to 1"),
                              {2, 4}),
                         kWeights);
}
LayerType kl_div_type() { return loss<KullbackLeibler>("kl_div", "divergence of distributions"); }
LayerType cosine_similarity_type() {
    return with(layer_type<CosineSimilarity>("cosine_similarity", "distance", "cosine of the angle along a dimension"),
                {2, 2});
}
LayerType cdist_type() {
    return with(layer_type<CDist>("cdist", "distance", "distances of all rows of one input to all of the other"),
                {2, 2});
}

}  // namespace footprint
