// Attention: the function, and the module that projects around it.
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Sizes;
using aten::Tensor;

void attention(RowRun& run) {
    aten::AttentionArguments arguments;
    arguments.dropout_p = run.training ? run.number("dropout_p", 0) : 0;
    arguments.is_causal = run.boolean("is_causal", false);
    arguments.enable_gqa = run.boolean("enable_gqa", false);
    arguments.forced = run.sdpa;
    run.outputs = {aten::scaled_dot_product_attention(run.input(0), run.input(1), run.input(2),
                                                      run.tensor("attn_mask", 3), arguments)};
}

/// nn.MultiheadAttention runs torch._native_multi_head_attention where nothing needs a gradient (its forward,
/// why_not…).
bool takes_fast_path(const RowRun& run, bool self_attention, std::int64_t heads) {
    return self_attention && !run.training && !run.device.grad_enabled && !run.device.autocast && heads % 2 == 0 &&
           run.tensor("in_proj_bias").defined() && !run.boolean("need_weights", true) &&
           !run.tensor("attn_mask", 3).defined() && !run.tensor("key_padding_mask").defined() &&
           !run.boolean("add_bias_kv", false) && !run.boolean("add_zero_attn", false) &&
           run.input().size(-1) / heads % 8 == 0;
}

/// torch.nn.functional.multi_head_attention_forward, for one packed projection of the query's width.
void multihead_attention(RowRun& run) {
    const bool batched = run.input().dim() == 3, batch_first = batched && run.boolean("batch_first", false);
    const std::int64_t heads = run.integer("num_heads", 1);
    const Tensor weight = run.tensor("in_proj_weight"), bias = run.tensor("in_proj_bias");
    if (!weight.defined() || !batched) return general(run);
    const bool self_attention = run.input(0).is(run.input(1)) && run.input(1).is(run.input(2));
    Tensor query = run.input(0), key = run.input(1), value = run.input(2);
    if (takes_fast_path(run, self_attention && batch_first, heads)) {
        const Tensor projected = aten::linear(query, weight, bias);
        const auto third = [&] {
            const std::int64_t length = query.size(1), all = 3 * query.size(2), each = query.size(2) / heads;
            return aten::alias(projected, {query.size(0), heads, length, each}, {length * all, each, all, 1});
        };
        aten::AttentionArguments arguments;
        arguments.forced = run.sdpa;
        const Tensor attended = aten::scaled_dot_product_attention(third(), third(), third(), {}, arguments);
        const Tensor joined = aten::reshape(aten::transpose(attended, 1, 2), query.sizes());
        run.outputs = {aten::linear(joined, run.tensor("out_proj.weight"), run.tensor("out_proj.bias"))};
        return;
    }
    if (batch_first) {
        query = aten::transpose(query, 0, 1);
        key = self_attention ? query : aten::transpose(key, 0, 1);
        value = self_attention ? query : run.input(1).is(run.input(2)) ? key : aten::transpose(value, 0, 1);
    }
    const std::int64_t target = query.size(0), batch = query.size(1), width = query.size(2), source = key.size(0),
                       per_head = width / heads;
    Tensor q, k, v;
    // One product for `parts` projections of a tensor, laid out anew as (parts, length, N, E).
    const auto packed = [&](const Tensor& of, const Tensor& part_weight, const Tensor& part_bias, std::int64_t parts) {
        Tensor projected = aten::linear(of, part_weight, part_bias);
        projected = aten::unsqueeze(aten::view(projected, {of.size(0), batch, parts, width}), 0);
        projected = aten::transpose(projected, 0, -2);
        Sizes sizes = projected.sizes(), strides = projected.strides();
        sizes.erase(sizes.end() - 2);
        strides.erase(strides.end() - 2);
        return aten::contiguous_copy(aten::squeeze(projected, sizes, strides));
    };
    const auto one_of = [](const Tensor& projected) {
        Sizes one = projected.sizes(), steps = projected.strides();
        one.erase(one.begin());
        steps.erase(steps.begin());
        return aten::part("SelectBackward0", projected, one, steps);
    };
    const auto split_bias = [&](const std::vector<std::int64_t>& lengths) {
        return bias.defined() ? aten::split(bias, 0, lengths) : aten::Tensors(lengths.size());
    };
    if (self_attention) {
        const Tensor projected = packed(query, weight, bias, 3);
        q = one_of(projected);
        k = one_of(projected);
        v = one_of(projected);
    } else if (run.input(1).is(run.input(2))) {  // an encoder's output is key and value
        const aten::Tensors weights = aten::split(weight, 0, {width, 2 * width});
        const aten::Tensors biases = split_bias({width, 2 * width});
        q = aten::linear(query, weights[0], biases[0]);
        const Tensor projected = packed(key, weights[1], biases[1], 2);
        k = one_of(projected);
        v = one_of(projected);
    } else {
        const aten::Tensors weights = aten::split(weight, 0, {width, width, width});
        const aten::Tensors biases = split_bias({width, width, width});
        q = aten::linear(query, weights[0], biases[0]);
        k = aten::linear(key, weights[1], biases[1]);
        v = aten::linear(value, weights[2], biases[2]);
    }
    q = aten::transpose(aten::view(q, {target, batch * heads, per_head}), 0, 1);
    k = aten::transpose(aten::view(k, {source, batch * heads, per_head}), 0, 1);
    v = aten::transpose(aten::view(v, {source, batch * heads, per_head}), 0, 1);
    const double p = run.training ? run.number("dropout", 0) : 0;
    const Tensor out_weight = run.tensor("out_proj.weight"), out_bias = run.tensor("out_proj.bias");
    Tensor mask = run.tensor("attn_mask", 3);
    if (run.boolean("need_weights", true)) {
        Tensor weights;
        {
            const Tensor scaled = aten::mul_scalar(q);
            weights = mask.defined() ? aten::baddbmm(mask, scaled, aten::transpose(k, -2, -1))
                                     : aten::bmm(scaled, aten::transpose(k, -2, -1));
        }
        weights = aten::softmax("SoftmaxBackward0", weights, weights.dtype());
        if (p > 0) weights = aten::dropout(weights, false);
        Tensor output = aten::bmm(weights, v);
        output = aten::view(aten::contiguous_copy(aten::transpose(output, 0, 1)), {target * batch, width});
        output = aten::view(aten::linear(output, out_weight, out_bias), {target, batch, width});
        Tensor shown = aten::view(weights, {batch, heads, target, source});
        if (run.boolean("average_attn_weights", true)) shown = aten::mean(shown, {false, true, false, false}, false);
        run.outputs = {batch_first ? aten::transpose(output, 1, 0) : output, shown};
        return;
    }
    aten::AttentionArguments arguments;
    arguments.is_causal = run.boolean("is_causal", false) && !run.tensor("key_padding_mask").defined();
    if (arguments.is_causal) mask = {};  // the hint stands for it
    if (mask.defined())
        mask = mask.dim() == 2 ? aten::unsqueeze(aten::unsqueeze(mask, 0), 0)
                               : aten::view(mask, {batch, heads, target, source});
    arguments.dropout_p = p;
    arguments.forced = run.sdpa;
    q = aten::view(q, {batch, heads, target, per_head});
    k = aten::view(k, {batch, heads, source, per_head});
    v = aten::view(v, {batch, heads, source, per_head});
    Tensor output = aten::scaled_dot_product_attention(q, k, v, mask, arguments);
    output = aten::view(aten::contiguous_copy(aten::permute(output, {2, 0, 1, 3})), {batch * target, width});
    output = aten::view(aten::linear(output, out_weight, out_bias), {target, batch, width});
    run.outputs = {batch_first ? aten::transpose(output, 1, 0) : output};
}

}  // namespace

std::vector<Lowered> attention_lowerings() {
    return {{"scaled_dot_product_attention", attention}, {"MultiheadAttention", multihead_attention}};
}

}  // namespace footprint
