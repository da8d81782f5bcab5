// einsum: each tensor is laid out by the same dimensions, those of the output and then those that are summed; then two
// at a time are multiplied, from the left. Source: aten/src/ATen/native/Linear.cpp (einsum, sumproduct_pair).
#include <algorithm>
#include <map>
#include <string>

#include "kernels/autocast.hpp"
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Sizes;
using aten::Tensor;

/// A letter; or one of the dimensions that "..." stands for, as a negative number counted from the last.
using Labels = std::vector<int>;

struct Equation {
    std::vector<Labels> operands;
    Labels output, summed;
};

/// Without the spaces, which may stand anywhere.
std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text)
        if (c != ' ') letters += c;
    return letters;
}

bool has(const Labels& labels, int label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

/// False where a tensor's diagonal is asked for, or the dimensions of "..." are summed: what is not written out here.
bool read(const std::string& equation, const std::vector<Tensor>& tensors, Equation& into) {
    const std::size_t arrow = equation.find("->");
    std::string_view left = std::string_view(equation).substr(0, arrow);
    std::map<int, int> count;  // of each letter; A to Z, then a to z, the order in which sums are taken
    int most_hidden = 0;
    for (const Tensor& tensor : tensors) {
        const std::size_t comma = left.find(',');
        const std::string one = letters_of(left.substr(0, comma));
        left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
        Labels labels;
        const auto named =
            static_cast<std::int64_t>(std::count_if(one.begin(), one.end(), [](char c) { return c != '.'; }));
        const int hidden = static_cast<int>(tensor.dim() - named);
        most_hidden = std::max(most_hidden, hidden);
        for (std::size_t i = 0; i < one.size(); ++i) {
            if (one[i] != '.') {
                if (has(labels, one[i])) return false;
                labels.push_back(one[i]);
                ++count[one[i]];
                continue;
            }
            for (int k = hidden; k > 0; --k) labels.push_back(-k);
            i += 2;
        }
        into.operands.push_back(std::move(labels));
    }
    bool dots = false;
    const auto hidden_dimensions = [&] {
        dots = true;
        for (int k = most_hidden; k > 0; --k) into.output.push_back(-k);
    };
    if (arrow == std::string::npos) {
        hidden_dimensions();
        for (const auto& [letter, times] : count)
            if (times == 1) into.output.push_back(letter);
    } else {
        const std::string out = letters_of(std::string_view(equation).substr(arrow + 2));
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (out[i] != '.') {
                into.output.push_back(out[i]);
                continue;
            }
            hidden_dimensions();
            i += 2;
        }
    }
    for (const auto& [letter, times] : count)
        if (!has(into.output, letter)) into.summed.push_back(letter);
    return dots || most_hidden == 0;
}

/// With a dimension for every label, of size 1 where the tensor has none.
Tensor laid_out(const Tensor& tensor, const Labels& own, const Labels& all) {
    std::vector<std::size_t> order;
    for (const int label : all)
        if (const auto at = std::find(own.begin(), own.end(), label); at != own.end())
            order.push_back(static_cast<std::size_t>(at - own.begin()));
    Tensor result = aten::permute(tensor, order);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!has(own, all[i])) result = aten::unsqueeze(result, static_cast<std::int64_t>(i));
    return result;
}

/// The sum over some dimensions of a product, which keeps them with size 1.
Tensor product_of_pair(const Tensor& left, const Tensor& right, const std::vector<bool>& summed) {
    if (std::find(summed.begin(), summed.end(), true) == summed.end()) return aten::mul(left, right);
    std::vector<std::size_t> both, only_left, inner, only_right;
    for (std::size_t i = 0; i < summed.size(); ++i) {
        const bool in_left = left.sizes()[i] != 1, in_right = right.sizes()[i] != 1;
        (summed[i] ? inner : in_left && in_right ? both : in_left ? only_left : only_right).push_back(i);
    }
    const auto extent = [](const Tensor& tensor, const std::vector<std::size_t>& dims) {
        std::int64_t count = 1;
        for (const std::size_t dim : dims) count *= tensor.sizes()[dim];
        return count;
    };
    const auto joined = [](std::vector<std::size_t> a, const auto&... rest) {
        (a.insert(a.end(), rest.begin(), rest.end()), ...);
        return a;
    };
    const std::int64_t batch = extent(left, both), sum = extent(left, inner);
    const Tensor first = aten::reshape(aten::permute(left, joined(both, only_left, inner, only_right)),
                                       {batch, extent(left, only_left), sum});
    const Tensor second = aten::reshape(aten::permute(right, joined(both, inner, only_right, only_left)),
                                        {batch, sum, extent(right, only_right)});
    const Tensor product = aten::bmm(first, second);
    const std::vector<std::size_t> made = joined(both, only_left, inner, only_right);
    Sizes sizes;
    for (const std::size_t dim : made)
        sizes.push_back(summed[dim] ? 1 : left.sizes()[dim] != 1 ? left.sizes()[dim] : right.sizes()[dim]);
    std::vector<std::size_t> back(made.size());
    for (std::size_t i = 0; i < made.size(); ++i) back[made[i]] = i;
    return aten::permute(aten::view(product, sizes), back);
}

void einsum(RowRun& run) {
    if (aten::autocasts(run.input())) {
        for (Tensor& tensor : run.inputs) tensor = aten::in_lower_precision(tensor);
        const aten::AutocastOff off(run.device);
        return einsum(run);
    }
    Equation equation;
    if (!read(std::string(run.word("equation", "")), run.inputs, equation)) return general(run);
    Labels all = equation.output;
    all.insert(all.end(), equation.summed.begin(), equation.summed.end());
    const std::size_t kept = equation.output.size();
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < run.inputs.size(); ++i)
        tensors.push_back(laid_out(run.inputs[i], equation.operands[i], all));
    std::vector<std::int64_t> left_with(all.size(), 0);  // how many tensors still have the dimension
    for (const Tensor& tensor : tensors)
        for (std::size_t d = kept; d < all.size(); ++d) left_with[d] += tensor.sizes()[d] != 1;
    const bool alone = tensors.size() == 1;
    Tensor result = tensors[0];
    for (std::size_t i = 1; i < tensors.size(); ++i) {
        Tensor next = std::move(tensors[i]);
        tensors[i] = tensors[0] = Tensor();
        std::vector<bool> summed(all.size(), false), of_result = summed, of_next = summed;
        for (std::size_t d = kept; d < all.size(); ++d) {
            const bool first = result.sizes()[d] != 1, second = next.sizes()[d] != 1;
            if (first && second) {
                summed[d] = --left_with[d] == 1;
            } else if (left_with[d] == 1 && (first || second)) {
                (first ? of_result : of_next)[d] = true;
            } else {
                continue;
            }
            if (left_with[d] == 1) left_with[d] = 0;
        }
        const auto any = [](const std::vector<bool>& of) { return std::find(of.begin(), of.end(), true) != of.end(); };
        if (any(of_result)) result = aten::sum(result, of_result, true);
        if (any(of_next)) next = aten::sum(next, of_next, true);
        result = product_of_pair(result, next, summed);
    }
    if (kept < all.size()) {
        std::vector<bool> rest(all.size(), false);
        std::fill(rest.begin() + static_cast<std::ptrdiff_t>(kept), rest.end(), true);
        const Sizes& sizes = result.sizes();
        const Sizes& strides = result.strides();
        const auto end = static_cast<std::ptrdiff_t>(kept);
        result = alone ? aten::sum(result, rest, false)
                       : aten::squeeze(result, Sizes(sizes.begin(), sizes.begin() + end),
                                       Sizes(strides.begin(), strides.begin() + end));
    }
    run.outputs = {result};
}

}  // namespace

std::vector<Lowered> einsum_lowerings() { return {{"einsum", einsum}}; }

}  // namespace footprint
