// Source: torch/csrc/autograd/python_variable_indexing.cpp (applySlicing) and ATen/native/TensorAdvancedIndexing.cpp.
#include "layers/functions/subscript.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/reshaping.hpp"

namespace footprint {
namespace {

constexpr std::string_view kField = "index";
using ItemKind = IndexItem::Kind;

bool is_mask(const Tensor& tensor) { return tensor.dtype == DType::boolean || tensor.dtype == DType::uint8; }

/// Dimensions of the input that an item uses up.
std::size_t dimensions_of(const Call& call, const IndexItem& item) {
    if (item.kind == ItemKind::none || item.kind == ItemKind::ellipsis) return 0;
    if (item.kind != ItemKind::tensor) return 1;
    const Tensor* tensor = call.keyword(item.tensor);
    return tensor != nullptr && is_mask(*tensor) ? tensor->rank() : 1;
}

class Application {
 public:
    explicit Application(Call& call) : call_(call), out_{call.shape(), call.input().strides, {}} {}

    std::optional<Subscript> of(const std::vector<IndexItem>& index) {
        std::size_t used = 0, ellipses = 0;
        for (const IndexItem& item : index) {
            used += dimensions_of(call_, item);
            if (item.kind == ItemKind::ellipsis) ++ellipses;
        }
        const std::size_t rank = call_.shape().size();
        if (used > rank) {
            call_
                .fail("wrong-rank", kField,
                      "the index has " + plain(count_of(used)) + " elements for dimensions, but the input has " +
                          plain(count_of(rank)) + ": take some out")
                .values = {{"index", count_of(used)}, {"dimensions", count_of(rank)}};
            return std::nullopt;
        }
        if (ellipses > 1) {
            call_.fail("out-of-range", kField,
                       "the index has \"...\" twice: keep one, and write \":\" for single dimensions");
            return std::nullopt;
        }
        for (const IndexItem& item : index)
            if (!apply(item, rank - used)) return std::nullopt;
        return std::move(out_);
    }

 private:
    bool apply(const IndexItem& item, std::size_t left) {
        switch (item.kind) {
            case ItemKind::integer:
                return select(item.integer);
            case ItemKind::slice:
                return slice(item);
            case ItemKind::tensor:
                return pick(item);
            case ItemKind::ellipsis:
                at_ += left;
                return true;
            case ItemKind::none:
                insert(1);
                return true;
        }
        return false;
    }

    void insert(Integer size) {
        const auto place = static_cast<std::ptrdiff_t>(at_);
        const Integer stride = at_ < out_.shape.size() ? out_.shape[at_] * out_.strides[at_] : Integer(1);
        out_.shape.insert(out_.shape.begin() + place, size);
        out_.strides.insert(out_.strides.begin() + place, stride);
        ++at_;
    }

    void remove() {
        out_.shape.erase(out_.shape.begin() + static_cast<std::ptrdiff_t>(at_));
        out_.strides.erase(out_.strides.begin() + static_cast<std::ptrdiff_t>(at_));
    }

    bool select(Integer index) {
        const Integer size = out_.shape[at_];
        if (index >= -size && index < size) {
            remove();
            return true;
        }
        call_
            .fail("out-of-range", kField,
                  "the index " + plain(index.value()) + " is not within its dimension, whose size is " +
                      plain(size.value()))
            .values = {{"index", index.value()}, {"size", size.value()}};
        return false;
    }

    bool slice(const IndexItem& item) {
        const Integer size = out_.shape[at_];
        const auto place = [&](const std::optional<Size>& bound, Integer otherwise) {
            if (!bound) return otherwise;
            const Integer index = bound->at(call_.batch());
            return larger(smaller(index < 0 ? index + size : index, size), 0);
        };
        const Integer start = place(item.start, 0), stop = larger(place(item.stop, size), start);
        out_.shape[at_] = ceil_divide(stop - start, larger(item.step, 1));
        out_.strides[at_] *= larger(item.step, 1);
        ++at_;
        return true;
    }

    bool pick(const IndexItem& item) {
        const Tensor* index = call_.keyword(item.tensor);
        if (index == nullptr) return false;  // said when the row's operands were looked up
        if (is_mask(*index)) return mask(*index);
        if (!is_integral(index->dtype)) {
            const std::string dtype(name_of(index->dtype));
            call_
                .fail("wrong-dtype", kField,
                      "the index tensor " + item.tensor + " is " + dtype +
                          ", but must hold whole numbers or bool: convert it with a `to` row")
                .values = {{"dtype", dtype}};
            return false;
        }
        if (index->rank() == 0) return select(0);  // one number, whichever: a view, as an integer makes
        out_.picks.push_back({at_++, index});
        return true;
    }

    bool mask(const Tensor& index) {
        for (std::size_t i = 0; i < index.rank(); ++i) {
            if (index.shape[i] == out_.shape[at_ + i]) continue;
            call_
                .fail("shape-mismatch", kField,
                      "the mask is " + in_words(index.shape) + ", but size " + plain(out_.shape[at_ + i].value()) +
                          " stands where it has " + plain(index.shape[i].value()) +
                          ": a mask needs the sizes that it covers")
                .values = {{"mask", index.shape[i].value()}, {"size", out_.shape[at_ + i].value()}};
            return false;
        }
        if (index.rank() == 0) insert(1);  // x[True] is x[None], picked whole or not at all
        out_.picks.push_back({index.rank() == 0 ? at_ - 1 : at_, &index});
        at_ += index.rank();
        return true;
    }

    Call& call_;
    Subscript out_;
    std::size_t at_ = 0;  // the dimension of out_ that the next item is for
};

/// Where the picked dimensions come to stand: in the place of the indexed ones if those are neighbours, else first.
std::size_t place_of(const Subscript& subscript) {
    for (std::size_t i = 1; i < subscript.picks.size(); ++i)
        if (subscript.picks[i].dimension != subscript.picks[i - 1].dimension + 1) return 0;
    return subscript.picks[0].dimension;
}

/// Broadcasts one more index tensor.
bool merge(Call& call, Shape& picked, const Shape& other) {
    while (picked.size() < other.size()) picked.insert(picked.begin(), 1);
    for (std::size_t i = 0; i < other.size(); ++i) {
        Integer& size = picked[picked.size() - other.size() + i];
        if (size == 1) {
            size = other[i];
        } else if (other[i] != 1 && other[i] != size) {
            call.fail("shape-mismatch", kField,
                      "index tensors of sizes " + plain(size.value()) + " and " + plain(other[i].value()) +
                          " cannot go together: they must agree, or one be 1")
                .values = {{"size", size.value()}, {"other", other[i].value()}};
            return false;
        }
    }
    return true;
}

bool is_picked(const Subscript& subscript, std::size_t dimension) {
    return std::any_of(subscript.picks.begin(), subscript.picks.end(),
                       [&](const auto& pick) { return pick.dimension == dimension; });
}

/// An index tensor as the kernel sees it: broadcast to all picked dimensions, with a size of 1 for each of the others.
Tensor spread(const Tensor& index, std::size_t before, std::size_t picked, std::size_t after) {
    Tensor result = index;
    const std::size_t missing = before + picked - index.rank();
    result.shape.insert(result.shape.begin(), missing, 1);
    result.shape.insert(result.shape.end(), after, 1);
    result.strides = view_strides(index, result.shape).value_or(contiguous_strides(result.shape));
    return result;
}

}  // namespace

bool Subscript::has_mask() const {
    return std::any_of(picks.begin(), picks.end(), [](const Picked& pick) { return is_mask(*pick.index); });
}

std::optional<Subscript> subscript(Call& call, const std::vector<IndexItem>& index) {
    return Application(call).of(index);
}

std::optional<Shape> picked_shape(Call& call, const Subscript& subscript) {
    if (subscript.picks.empty()) return subscript.shape;
    Shape picked = subscript.picks[0].index->shape;
    for (const Subscript::Picked& pick : subscript.picks) {
        if (!merge(call, picked, pick.index->shape)) return std::nullopt;
    }
    Shape shape;
    for (std::size_t i = 0; i < subscript.shape.size(); ++i)
        if (!is_picked(subscript, i)) shape.push_back(subscript.shape[i]);
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(place_of(subscript)), picked.begin(), picked.end());
    return shape;
}

Strides picked_strides(const Subscript& subscript, const Shape& shape) {
    // To the kernel the input is a tensor of the output's shape whose picked dimensions lie 0 apart, as are an index
    // tensor's others.
    const std::size_t place = place_of(subscript), kept = subscript.shape.size() - subscript.picks.size(),
                      picked = shape.size() - kept;
    std::vector<Tensor> operands(1);
    Tensor& source = operands[0];
    for (std::size_t i = 0; i < subscript.shape.size(); ++i)
        if (!is_picked(subscript, i)) source.strides.push_back(subscript.strides[i]);
    source.strides.insert(source.strides.begin() + static_cast<std::ptrdiff_t>(place), picked, 0);
    source.shape = shape;
    for (const Subscript::Picked& pick : subscript.picks)
        operands.push_back(spread(*pick.index, place, picked, kept - place));
    std::vector<const Tensor*> pointers;
    pointers.reserve(operands.size());
    for (const Tensor& operand : operands) pointers.push_back(&operand);
    return elementwise_strides(shape, pointers);
}

}  // namespace footprint
