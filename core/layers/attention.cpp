// Multi-head attention. Sources: torch.nn.MultiheadAttention, "Inputs" and "Outputs"; refusals from
// torch/nn/functional.py (multi_head_attention_forward).
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::string_view kMasks[] = {"key_padding_mask", "attn_mask"};

struct MultiheadAttention {
    std::optional<std::int64_t> embed_dim;
    std::int64_t num_heads = 1;
    double dropout = 0.0;
    bool bias = true, add_bias_kv = false, add_zero_attn = false;
    std::optional<std::int64_t> kdim, vdim;
    bool batch_first = false;
    bool need_weights = true, average_attn_weights = true, is_causal = false;  // arguments of the call

    void attributes(Fields& fields) {
        fields.integer("embed_dim", embed_dim,
                       {.help = "last size of the query and the output", .least = 1, .inferred = true});
        fields.integer("num_heads", num_heads,
                       {.help = "heads, each on its part of embed_dim", .least = 1, .required = true});
        fields.number("dropout", dropout, {.help = "dropout of the weights"});
        fields.boolean("bias", bias, {.help = "the projections have biases"});
        fields.boolean("add_bias_kv", add_bias_kv, {.help = "learns one more key and value"});
        fields.boolean("add_zero_attn", add_zero_attn, {.help = "adds a key and a value of zeros"});
        fields.integer("kdim", kdim,
                       {.help = "last size of the key", .least = 1, .nullable = true, .otherwise = "embed_dim"});
        fields.integer("vdim", vdim,
                       {.help = "last size of the value", .least = 1, .nullable = true, .otherwise = "embed_dim"});
        fields.boolean("batch_first", batch_first, {.help = "tensors are (N, L, E), not (L, N, E)"});
        fields.boolean("need_weights", need_weights, {.help = "of the call: also returns the weights"});
        fields.boolean("average_attn_weights", average_attn_weights,
                       {.help = "of the call: the mean of the heads' weights"});
        fields.boolean("is_causal", is_causal, {.help = "of the call: the mask is causal"});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        in.back() = symbol("E", *embed_dim, "embed_dim of this row");
        return in;
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        const N width = symbol("E", *embed_dim, "embed_dim of this row");
        if (kdim.value_or(*embed_dim) == *embed_dim && vdim.value_or(*embed_dim) == *embed_dim) {
            owner.parameter("in_proj_weight", {3 * width, width});
        } else {
            owner.parameter("q_proj_weight", {width, width});
            owner.parameter("k_proj_weight", {width, symbol("E_k", kdim.value_or(*embed_dim), "kdim of this row")});
            owner.parameter("v_proj_weight", {width, symbol("E_v", vdim.value_or(*embed_dim), "vdim of this row")});
        }
        if (bias) owner.parameter("in_proj_bias", {3 * width});
        if (add_bias_kv) {
            owner.parameter("bias_k", {N(1), N(1), width}, width);
            owner.parameter("bias_v", {N(1), N(1), width}, width);
        }
        owner.parameter("out_proj.weight", {width, width});
        if (bias) owner.parameter("out_proj.bias", {width});
    }

    void infer(Call& call) {
        if (!check_probability(call, "dropout", dropout) || !check_inputs(call)) return;
        const bool batched = call.shape().size() == 3;
        const std::size_t time = batched && batch_first ? 1 : 0;
        const Integer items = batched ? call.shape()[1 - time] : Integer(1);
        const Integer queries = call.shape()[time];
        const Integer keys = call.shape(1)[time];
        if (!check_masks(call, batched, items, queries, keys)) return;

        own_parameters(*this, call);
        call.output(sizes(call.shape(), Symbols<Integer>{}));
        if (time == 1) call.outputs_.back().strides = {*embed_dim, items * *embed_dim, 1};  // computed as (L, N, E)
        call.returns(need_weights ? Returned::tuple : Returned::nested);  // without weights the second element is None
        if (!need_weights) return;
        Shape weights;
        if (batched) weights.push_back(items);
        if (!average_attn_weights) weights.push_back(num_heads);
        weights.push_back(queries);
        weights.push_back(keys + (add_bias_kv ? 1 : 0) + (add_zero_attn ? 1 : 0));
        call.output(std::move(weights));
    }

 private:
    bool check_inputs(Call& call) {
        if (!check_rank(call, {2, 3}, 0)) return false;
        const auto rank = static_cast<int>(call.shape().size());
        if (!check_rank(call, {rank}, 1) || !check_rank(call, {rank}, 2)) return false;
        for (std::size_t i = 0; i < 3; ++i)
            if (!check_parameter_dtype(call, i)) return false;
        if (!call.settle("embed_dim", embed_dim, call.shape().back(), "the last size of the query")) return false;
        if (!check_divisible(call, "num_heads", "embed_dim", *embed_dim, num_heads)) return false;

        Shape expected = call.shape(0);
        if (rank == 3)
            expected[batch_first ? 1 : 0] = call.shape(1)[batch_first ? 1 : 0];
        else
            expected[0] = call.shape(1)[0];
        return check_width(call, "kdim", "key", kdim, 1, expected) &&
               check_width(call, "vdim", "value", vdim, 2, expected);
    }

    /// The key or the value: sizes as expected, the last one as its attribute says, which is embed_dim where left out.
    bool check_width(Call& call, std::string_view field, std::string_view name,
                     const std::optional<std::int64_t>& attribute, std::size_t input, Shape expected) const {
        const Integer width = call.shape(input).back();
        expected.back() = width;
        if (!check_shape(call, "inputs", "but for its last size the " + std::string(name), call.input(input), expected))
            return false;
        if (width == attribute.value_or(*embed_dim)) return true;
        Diagnostic& diagnostic =
            call.fail("shape-mismatch", field,
                      "the last size of the " + std::string(name) + " is " + plain(width.value()) + ", but " +
                          std::string(field) + " is " + plain(attribute.value_or(*embed_dim)) +
                          (attribute ? "" : " (as embed_dim, since it is left out)"));
        diagnostic.values = {{std::string(field), attribute.value_or(*embed_dim)}, {"input", width.value()}};
        diagnostic.fixes = {{std::string(field), plain(width.value())}};
        return false;
    }

    bool check_masks(Call& call, bool batched, Integer items, Integer queries, Integer keys) const {
        const Tensor* mask = call.take_keyword("attn_mask");
        const Tensor* padding = call.take_keyword("key_padding_mask");
        if (is_causal && mask == nullptr) {
            call.fail(
                    "missing", "attn_mask",
                    "is_causal is only a hint and needs the mask itself as attn_mask: give it, or leave is_causal out")
                .fixes = {{"is_causal", ""}};
            return false;
        }
        if (mask != nullptr) {
            if (!check_mask_type(call, "attn_mask", *mask)) return false;
            const Shape each = {items * num_heads, queries, keys};
            if (!check_shape(call, "attn_mask", "attn_mask", *mask, mask->rank() == 3 ? each : Shape{queries, keys}))
                return false;
        }
        if (padding == nullptr) return true;
        return check_mask_type(call, "key_padding_mask", *padding) &&
               check_shape(call, "key_padding_mask", "key_padding_mask", *padding,
                           batched ? Shape{items, keys} : Shape{keys});
    }

    static bool check_mask_type(Call& call, std::string_view field, const Tensor& mask) {
        if (mask.dtype == DType::boolean || is_floating(mask.dtype)) return true;
        call.fail(
                "wrong-dtype", field,
                std::string(field) + " is " + std::string(name_of(mask.dtype)) + ", but must be bool or floating-point")
            .values = {{"dtype", std::string(name_of(mask.dtype))}};
        return false;
    }
};

}  // namespace

LayerType MultiheadAttention_type() {
    return with(
        with_keywords(layer_type<MultiheadAttention>("MultiheadAttention", "attention",
                                                     "attention of a query over keys and values, (L, N, E) each"),
                      kMasks),
        {3, 3});
}

}  // namespace footprint
