// Attention and embedding as functions. Sources: torch.nn.functional.scaled_dot_product_attention, embedding.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::string_view kMask[] = {"attn_mask"};

/// softmax(query keyᵀ × scale + mask) value, over (*, L, E), (*, S, E) and (*, S, E_v).
struct Attention {
    double dropout_p = 0;
    bool is_causal = false;
    std::optional<double> scale;
    bool enable_gqa = false;

    void attributes(Fields& fields) {
        fields.number("dropout_p", dropout_p, {.help = "probability that a weight becomes 0"});
        fields.boolean("is_causal", is_causal, {.help = "no position sees a later one"});
        fields.number("scale", scale, {.help = "factor of the products", .nullable = true, .otherwise = "1 / √E"});
        fields.boolean("enable_gqa", enable_gqa, {.help = "several heads of the query share one of key and value"});
    }

    void infer(Call& call) const {
        for (std::size_t i = 0; i < 3; ++i)
            if (!check_least_rank(call, 2, i) || !check_floating(call, i) ||
                !check_same_dtype(call, "inputs", call.input(i)))
                return;
        if (!check_probability(call, "dropout_p", dropout_p)) return;
        const Tensor &query = call.input(0), &key = call.input(1), &value = call.input(2);
        const Integer width = query.shape.back(), targets = query.shape[query.rank() - 2],
                      sources = key.shape[key.rank() - 2];
        if (!agree(call, "the last sizes of query and key", width, key.shape.back()) ||
            !agree(call, "the lengths of key and value", sources, value.shape[value.rank() - 2]))
            return;
        std::optional<Shape> batch = batch_of(call);
        if (!batch || !check_mask(call, *batch, targets, sources)) return;
        Shape shape = std::move(*batch);
        shape.push_back(targets);
        shape.push_back(value.shape.back());
        // The fused kernels of a GPU give the result the query's order of dimensions, so that heads join again as a
        // view.
        Tensor like;
        like.shape = shape;
        like.strides = query.rank() == shape.size() ? query.strides : contiguous_strides(shape);
        Strides strides = preserved_strides(like);
        call.output(std::move(shape));
        call.outputs_.back().strides = std::move(strides);
    }

 private:
    static bool agree(Call& call, std::string_view what, Integer a, Integer b) {
        if (a == b) return true;
        call.fail("shape-mismatch", "inputs",
                  std::string(what) + " are " + plain(a.value()) + " and " + plain(b.value()) + ", but must agree")
            .values = {{"size", a.value()}, {"other", b.value()}};
        return false;
    }

    static Shape leading(const Tensor& tensor) { return {tensor.shape.begin(), tensor.shape.end() - 2}; }

    std::optional<Shape> batch_of(Call& call) const {
        Shape query = leading(call.input(0)), key = leading(call.input(1)), value = leading(call.input(2));
        if (enable_gqa && !query.empty()) {
            for (Shape* heads : {&key, &value}) {
                if (heads->empty()) continue;
                const Integer mine = query.back(), theirs = heads->back();
                if (theirs < 1 || mine.value() % theirs.value() != 0) {
                    call.fail("not-divisible", "enable_gqa",
                              "the query has " + plain(mine.value()) + " heads, which are no multiple of the " +
                                  plain(theirs.value()) + " of key and value")
                        .values = {{"query", mine.value()}, {"key", theirs.value()}};
                    return std::nullopt;
                }
                heads->back() = mine;
            }
        }
        std::optional<Shape> batch = broadcast(call, query, key);
        return batch ? broadcast(call, *batch, value) : std::nullopt;
    }

    bool check_mask(Call& call, const Shape& batch, Integer targets, Integer sources) const {
        const Tensor* mask = tensor_under(call, "attn_mask", 3);
        if (mask == nullptr) return true;
        if (is_causal) {
            call.fail("out-of-range", "is_causal", "is_causal makes a mask of its own: leave it out, or attn_mask")
                .fixes = {{"is_causal", ""}};
            return false;
        }
        if (mask->dtype != DType::boolean && mask->dtype != call.input().dtype) {
            const std::string dtype(name_of(mask->dtype));
            call.fail("wrong-dtype", "attn_mask",
                      "attn_mask is " + dtype + ", but must be bool or the query's " +
                          std::string(name_of(call.input().dtype)))
                .values = {{"dtype", dtype}};
            return false;
        }
        Shape wanted = batch;
        wanted.push_back(targets);
        wanted.push_back(sources);
        bool fits = mask->rank() <= wanted.size();
        for (std::size_t i = 0; fits && i < mask->rank(); ++i) {
            const Integer size = mask->shape[mask->rank() - 1 - i];
            fits = size == 1 || size == wanted[wanted.size() - 1 - i];
        }
        if (!fits)
            call.fail("shape-mismatch", "attn_mask",
                      "attn_mask is " + in_words(mask->shape) + ", but must expand to " + in_words(wanted))
                .values = {{"given", in_words(mask->shape)}, {"expected", in_words(wanted)}};
        return fits;
    }
};

/// Rows of a table, by number.
struct EmbeddingLookup {
    std::optional<std::int64_t> padding_idx;
    std::optional<double> max_norm;
    double norm_type = 2;
    bool scale_grad_by_freq = false, sparse = false;

    void attributes(Fields& fields) {
        fields.integer("padding_idx", padding_idx, {.help = "a row that is not trained", .nullable = true});
        fields.number("max_norm", max_norm, {.help = "longer rows are shortened to this", .nullable = true});
        fields.number("norm_type", norm_type, {.help = "order of the norm of max_norm"});
        fields.boolean("scale_grad_by_freq", scale_grad_by_freq,
                       {.help = "divides gradients by how often a row is used"});
        fields.boolean("sparse", sparse, {.help = "the gradient holds only the rows used"});
    }
    void infer(Call& call) const {
        const Tensor* weight = required_tensor(call, "weight", 1, "its table");
        if (weight == nullptr || !check_indices(call, IndexTypes::int32_or_int64)) return;
        if (weight->rank() != 2) {
            call.fail("wrong-rank", "weight",
                      "weight is " + in_words(weight->shape) + ", but must be (num_embeddings, embedding_dim)")
                .values = {{"dimensions", count_of(weight->rank())}, {"takes", 2}};
            return;
        }
        const Integer rows = weight->shape[0];
        if (padding_idx && (Integer(*padding_idx) < -rows || Integer(*padding_idx) >= rows)) {
            call.fail("out-of-range", "padding_idx",
                      "padding_idx is " + plain(*padding_idx) + ", but the table has " + plain(rows.value()) + " rows")
                .values = {{"padding_idx", *padding_idx}, {"rows", rows.value()}};
            return;
        }
        Shape shape = call.shape();
        shape.push_back(weight->shape[1]);
        call.output(std::move(shape), weight->dtype);
    }
};

}  // namespace

LayerType scaled_dot_product_attention_type() {
    return with_keywords(with(layer_type<Attention>("scaled_dot_product_attention", "attention",
                                                    "softmax(query × key) × value over (N, heads, L, E)"),
                              {3, 4}),
                         kMask);
}
LayerType embedding_type() {
    return with_keywords(
        with(layer_type<EmbeddingLookup>("embedding", "embedding", "rows of a table, by number"), {1, 2}), kWeight);
}

}  // namespace footprint
