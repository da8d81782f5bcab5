// Attention: the function, and the module that projects around it.
#include "kernels/autocast.hpp"
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

/// A mask of true and false as one of numbers, which are added (torch.nn.functional._canonical_mask).
Tensor canonical_mask(const Tensor& mask, DType dtype) {
    return mask.defined() && mask.dtype() == DType::boolean ? aten::elementwise_result({&mask}, dtype) : mask;
}

/// Query, key and value, each (length, N, E).
struct Projected {
    Tensor query, key, value;
};

/// torch.nn.functional._in_projection and _in_projection_packed: what is the same tensor is projected by one product.
Projected in_projection(const RowRun& run, const Projected& of) {
    const Tensor packed_weight = run.tensor("in_proj_weight"), packed_bias = run.tensor("in_proj_bias");
    const std::int64_t width = of.query.size(2);
    const auto split_bias = [&](const std::vector<std::int64_t>& lengths) {
        return packed_bias.defined() ? aten::split(packed_bias, 0, lengths) : aten::Tensors(lengths.size());
    };
    // One product for `parts` projections of a tensor, laid out anew as (parts, length, N, E).
    const auto packed = [&](const Tensor& from, const Tensor& weight, const Tensor& bias, std::int64_t parts) {
        Tensor projected = aten::linear(from, weight, bias);
        projected = aten::unsqueeze(aten::view(projected, {from.size(0), from.size(1), parts, width}), 0);
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
    const auto each = [&](const aten::Tensors& weights) {
        const aten::Tensors biases = split_bias({width, width, width});
        Tensor query = aten::linear(of.query, weights[0], biases[0]);
        Tensor key = aten::linear(of.key, weights[1], biases[1]);
        return Projected{std::move(query), std::move(key), aten::linear(of.value, weights[2], biases[2])};
    };
    if (!packed_weight.defined())
        return each({run.tensor("q_proj_weight"), run.tensor("k_proj_weight"), run.tensor("v_proj_weight")});
    if (!of.key.is(of.value)) return each(aten::split(packed_weight, 0, {width, width, width}));
    if (of.query.is(of.key)) {
        const Tensor projected = packed(of.query, packed_weight, packed_bias, 3);
        Tensor query = one_of(projected), key = one_of(projected);
        return {std::move(query), std::move(key), one_of(projected)};
    }
    // An encoder's output is key and value.
    const aten::Tensors weights = aten::split(packed_weight, 0, {width, 2 * width});
    const aten::Tensors biases = split_bias({width, 2 * width});
    Tensor query = aten::linear(of.query, weights[0], biases[0]);
    const Tensor projected = packed(of.key, weights[1], biases[1], 2);
    Tensor key = one_of(projected);
    return {std::move(query), std::move(key), one_of(projected)};
}

/// The last dimension longer by one (torch.nn.functional.pad).
Tensor longer_by_one(const Tensor& mask) {
    if (!mask.defined()) return mask;
    Sizes sizes = mask.sizes();
    ++sizes.back();
    return aten::rearranged("ConstantPadNdBackward0", mask, sizes);
}

/// torch.nn.functional.multi_head_attention_forward.
void multihead_attention(RowRun& run) {
    const bool batched = run.input().dim() == 3, batch_first = batched && run.boolean("batch_first", false);
    const std::int64_t heads = run.integer("num_heads", 1);
    const bool self_attention = run.input(0).is(run.input(1)) && run.input(1).is(run.input(2));
    Tensor query = run.input(0), key = run.input(1), value = run.input(2);
    if (takes_fast_path(run, self_attention && batch_first, heads)) {
        const Tensor projected = aten::linear(query, run.tensor("in_proj_weight"), run.tensor("in_proj_bias"));
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
    // The module holds the masks as numbers until its end; what is made of them below is let go before.
    const Tensor ignored_keys = canonical_mask(run.tensor("key_padding_mask"), query.dtype());
    const Tensor given_mask = canonical_mask(run.tensor("attn_mask", 3), query.dtype());
    if (batch_first) {
        query = aten::transpose(query, 0, 1);
        key = self_attention ? query : aten::transpose(key, 0, 1);
        value = self_attention ? query : run.input(1).is(run.input(2)) ? key : aten::transpose(value, 0, 1);
    } else if (!batched) {  // three tensors of their own from here on, though they were one
        for (Tensor* one : {&query, &key, &value}) *one = aten::unsqueeze(*one, 1);
    }
    const std::int64_t target = query.size(0), batch = query.size(1), width = query.size(2), per_head = width / heads;
    auto [q, k, v] = in_projection(run, {query, key, value});
    Tensor mask = given_mask, padding = ignored_keys;
    if (padding.defined() && !batched) padding = aten::unsqueeze(padding, 0);
    const bool weighs = run.boolean("need_weights", true);
    const bool is_causal = run.boolean("is_causal", false) && !padding.defined() && !weighs;
    if (is_causal) mask = {};  // the hint stands for it
    if (mask.defined() && mask.dim() == 2) mask = aten::unsqueeze(mask, 0);
    if (const Tensor key_bias = run.tensor("bias_k"); key_bias.defined()) {
        k = aten::cat({k, aten::repeat(key_bias, {1, batch, 1})}, 0);
        v = aten::cat({v, aten::repeat(run.tensor("bias_v"), {1, batch, 1})}, 0);
        mask = longer_by_one(mask);
        padding = longer_by_one(padding);
    }
    const auto by_head = [&](const Tensor& one) {
        return aten::transpose(aten::view(one, {one.size(0), batch * heads, per_head}), 0, 1);
    };
    q = by_head(q);
    k = by_head(k);
    v = by_head(v);
    if (run.boolean("add_zero_attn", false)) {
        for (Tensor* one : {&k, &v})
            *one = aten::cat({*one, aten::empty(run.device, {batch * heads, 1, per_head}, one->dtype())}, 1);
        mask = longer_by_one(mask);
        padding = longer_by_one(padding);
    }
    const std::int64_t source = k.size(1);
    if (padding.defined()) {
        const Tensor of_each = aten::view(padding, {batch, 1, 1, source});
        padding = aten::reshape(aten::expand(of_each, {batch, heads, 1, source}), {batch * heads, 1, source});
        mask = mask.defined() ? aten::add(mask, padding) : padding;
    }
    const double p = run.training ? run.number("dropout", 0) : 0;
    const Tensor out_weight = run.tensor("out_proj.weight"), out_bias = run.tensor("out_proj.bias");
    const auto as_given = [&](const Tensor& output) {
        if (batched) return batch_first ? aten::transpose(output, 1, 0) : output;
        return aten::squeeze(output, {target, width}, {output.stride(0), output.stride(2)});
    };
    if (weighs) {
        Tensor weights;
        {
            const Tensor scaled = aten::mul_scalar(q);
            weights = mask.defined() ? aten::baddbmm(mask, scaled, aten::transpose(k, -2, -1))
                                     : aten::bmm(scaled, aten::transpose(k, -2, -1));
        }
        k = Tensor();
        weights =
            aten::softmax("SoftmaxBackward0", weights, aten::autocasts(weights) ? DType::float32 : weights.dtype());
        if (p > 0) weights = aten::dropout(weights, false);
        Tensor output = aten::bmm(weights, v);
        v = Tensor();
        output = aten::view(aten::contiguous_copy(aten::transpose(output, 0, 1)), {target * batch, width});
        output = aten::view(aten::linear(output, out_weight, out_bias), {target, batch, width});
        Tensor shown = aten::view(weights, {batch, heads, target, source});
        if (run.boolean("average_attn_weights", true)) shown = aten::mean(shown, {false, true, false, false}, false);
        if (!batched) {
            Sizes sizes = shown.sizes(), strides = shown.strides();
            sizes.erase(sizes.begin());
            strides.erase(strides.begin());
            shown = aten::squeeze(shown, sizes, strides);
        }
        run.outputs = {as_given(output), shown};
        return;
    }
    aten::AttentionArguments arguments;
    arguments.is_causal = is_causal;
    if (mask.defined())
        mask = mask.size(0) == 1 ? aten::unsqueeze(mask, 0) : aten::view(mask, {batch, heads, mask.size(1), source});
    arguments.dropout_p = p;
    arguments.forced = run.sdpa;
    q = aten::view(q, {batch, heads, target, per_head});
    k = aten::view(k, {batch, heads, source, per_head});
    v = aten::view(v, {batch, heads, source, per_head});
    Tensor output = aten::scaled_dot_product_attention(q, k, v, mask, arguments);
    q = k = v = Tensor();
    output = aten::view(aten::contiguous_copy(aten::permute(output, {2, 0, 1, 3})), {batch * target, width});
    output = aten::view(aten::linear(output, out_weight, out_bias), {target, batch, width});
    run.outputs = {as_given(output)};
}

}  // namespace

std::vector<Lowered> attention_lowerings() {
    return {{"scaled_dot_product_attention", attention}, {"MultiheadAttention", multihead_attention}};
}

}  // namespace footprint
