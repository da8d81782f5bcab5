// Views, copies, joining, splitting and indexing.
#include <algorithm>
#include <numeric>
#include <optional>

#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Sizes;
using aten::Tensor;
using aten::Tensors;

void view(RowRun& run) {
    run.outputs = {run.is_view() ? aten::view(run.input(), run.out_sizes())
                                 : aten::reshape(run.input(), run.out_sizes())};
}

void identity(RowRun& run) { run.outputs = {run.input()}; }
void detach(RowRun& run) { run.outputs = {aten::detached(run.input())}; }

void squeeze(RowRun& run) { run.outputs = {aten::squeeze(run.input(), run.out_sizes(), run.out_strides())}; }
void unsqueeze(RowRun& run) {
    run.outputs = {aten::unsqueeze(run.input(),
                                   static_cast<std::int64_t>(run.dimension("dim", 0, run.input().sizes().size() + 1)))};
}

void permute(RowRun& run) {
    std::vector<std::size_t> order(run.input().sizes().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::string& op = run.row.op;
    if (op == "permute") {
        const auto dims = run.integers("dims").value_or(std::vector<std::int64_t>());
        for (std::size_t i = 0; i < dims.size() && i < order.size(); ++i)
            order[i] =
                static_cast<std::size_t>(dims[i] < 0 ? dims[i] + static_cast<std::int64_t>(order.size()) : dims[i]);
    } else if (op == "t") {
        std::reverse(order.begin(), order.end());
    } else if (op == "movedim" || op == "moveaxis") {
        const auto wrap = [&](std::int64_t dim) {
            return static_cast<std::size_t>(dim < 0 ? dim + static_cast<std::int64_t>(order.size()) : dim);
        };
        const auto from = run.integers("source").value_or(std::vector<std::int64_t>());
        const auto to = run.integers("destination").value_or(std::vector<std::int64_t>());
        std::vector<bool> taken(order.size()), placed(order.size());
        for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
            order[wrap(to[i])] = wrap(from[i]);
            placed[wrap(to[i])] = taken[wrap(from[i])] = true;
        }
        std::size_t next = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (placed[i]) continue;
            while (taken[next]) ++next;
            order[i] = next++;
        }
    } else if (!order.empty()) {
        const bool axes = op == "swapaxes";
        std::swap(order[run.dimension(axes ? "axis0" : "dim0", 0, order.size())],
                  order[run.dimension(axes ? "axis1" : "dim1", 0, order.size())]);
    }
    run.outputs = {aten::permute(run.input(), order)};
}

void expand(RowRun& run) { run.outputs = {aten::expand(run.input(), run.out_sizes())}; }

void part(RowRun& run) {
    run.outputs = {aten::part(run.row.op == "select" ? "SelectBackward0" : "SliceBackward0", run.input(),
                              run.out_sizes(), run.out_strides())};
}

/// The dimension along which outputs are parts of the input.
std::size_t split_dimension(const RowRun& run) { return run.dimension("dim", 0, run.input().sizes().size()); }

void split(RowRun& run) {
    const std::size_t dim = split_dimension(run);
    std::vector<std::int64_t> lengths;
    for (std::size_t k = 0; k < run.inferred.outputs.size(); ++k) lengths.push_back(run.out_sizes(k)[dim]);
    run.outputs = aten::split(run.input(), static_cast<std::int64_t>(dim), lengths);
}

void unbind(RowRun& run) { run.outputs = aten::unbind(run.input(), static_cast<std::int64_t>(split_dimension(run))); }

void cat(RowRun& run) {
    run.outputs = {aten::cat(run.inputs, static_cast<std::int64_t>(run.dimension("dim", 0, run.out_sizes().size())))};
}

void stack(RowRun& run) {
    run.outputs = {
        aten::stack(run.inputs, static_cast<std::int64_t>(run.dimension("dim", 0, run.input().sizes().size() + 1)))};
}

void repeat(RowRun& run) {
    const Sizes out = run.out_sizes();
    std::vector<std::int64_t> times(out.size(), 1);
    const std::size_t added = out.size() - run.input().sizes().size();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int64_t own = i < added ? 1 : run.input().sizes()[i - added];
        times[i] = own == 0 ? 1 : out[i] / own;
    }
    run.outputs = {aten::repeat(run.input(), times)};
}

void repeat_interleave(RowRun& run) {
    const bool flat = run.row.attribute("dim") == nullptr || run.row.attribute("dim")->is_null();
    const Tensor self = flat ? aten::reshape(run.input(), {run.input().numel()}) : run.input();
    const std::int64_t dim = flat ? 0 : static_cast<std::int64_t>(run.dimension("dim", 0, self.sizes().size()));
    const std::int64_t own = self.size(dim), made = run.out_sizes()[static_cast<std::size_t>(dim)];
    run.outputs = {aten::repeat_interleave(self, own == 0 ? 1 : made / own, dim)};
}

/// roll goes over its dimensions one by one, each time into a new tensor, which lives while those after it are made; it
/// is one node to autograd.
void roll(RowRun& run) {
    const std::size_t times =
        std::max<std::size_t>(run.integers("dims").value_or(std::vector<std::int64_t>()).size(), 1);
    const auto rolled = [times](const Tensor& from) {
        std::vector<Tensor> made;
        {
            const Tensor read = aten::contiguous_copy(from);
            made.push_back(aten::empty(from.device(), from.sizes(), from.dtype()));
        }
        while (made.size() < times) made.push_back(aten::empty(from.device(), from.sizes(), from.dtype()));
        Tensor last = made.back();
        while (!made.empty()) made.pop_back();
        return last;
    };
    const Tensor self = run.input();
    Tensor result = rolled(aten::detached(self));
    if (aten::History history{"RollBackward0", {&self}})
        history.of(result, [rolled](aten::Incoming in) { return Tensors{rolled(in.grad())}; });
    run.outputs = {result};
}

void rearrange(RowRun& run) { run.outputs = {aten::rearranged("RollBackward0", run.input(), run.out_sizes())}; }

void clone(RowRun& run) { run.outputs = {aten::clone(run.input())}; }
void contiguous(RowRun& run) { run.outputs = {aten::contiguous_copy(run.input())}; }
/// A cast: nothing where the tensor is of that type already, which autocast may change.
void to(RowRun& run) {
    const std::string& op = run.row.op;
    DType dtype = run.out_dtype();
    if (op == "type_as" && run.inputs.size() > 1) dtype = run.input(1).dtype();
    const std::string_view word = op == "half" ? "float16" : op == "float" ? "float32" : run.word("dtype", "");
    if (const std::optional<DType> named = dtype_named(word)) dtype = *named;
    run.outputs = {aten::to(run.input(), dtype)};
    if (!run.is_view() && run.outputs[0].is(run.input())) run.outputs[0] = aten::clone(run.input());
}

/// The part of a tensor that an index without tensors means; where tensors stand in it, the dimensions they pick from.
struct Part {
    Tensor of;
    std::vector<Tensor> indices;
    bool picks = false, adjacent = true;
    aten::Picked picked;
};

/// A view for each item of the index that is one. `views`: as autograd's, with a history each.
std::optional<Part> part_of(const RowRun& run, bool views) {
    const Value* index = run.row.attribute("index");
    if (index == nullptr || index->list() == nullptr) return std::nullopt;
    const Value::List& items = *index->list();
    Part found;
    found.of = views ? run.input() : aten::detached(run.input());
    Tensor& at = found.of;
    std::size_t taking = 0, tensors = 0;
    for (const Value& item : items)
        if (!item.is_null() && !(item.text() != nullptr && *item.text() == "...")) ++taking;
    std::int64_t dim = 0, last_picked = -1;
    for (const Value& item : items) {
        if (item.is_null()) {
            at = aten::unsqueeze(at, dim++);
        } else if (item.text() != nullptr && *item.text() == "...") {
            dim += at.dim() - dim - static_cast<std::int64_t>(taking);
        } else if (item.text() != nullptr) {  // ":"
            ++dim;
            --taking;
        } else if (item.integer() != nullptr) {
            Sizes sizes = at.sizes(), strides = at.strides();
            sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(dim));
            strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(dim));
            at = aten::part("SelectBackward0", at, std::move(sizes), std::move(strides));
            --taking;
        } else if (const Value* slice = item.find("slice");
                   slice != nullptr && slice->list() != nullptr && slice->list()->size() == 3) {
            const std::int64_t length = at.size(dim);
            const auto bound = [&](std::size_t k, std::int64_t otherwise) {
                const Value& value = (*slice->list())[k];
                std::int64_t number = run.value_of(value, otherwise);
                if (number < 0 && k < 2 && !value.is_null()) number += length;
                return k < 2 ? std::clamp<std::int64_t>(number, 0, length) : number;
            };
            const std::int64_t start = bound(0, 0), stop = bound(1, length),
                               step = std::max<std::int64_t>(bound(2, 1), 1);
            Sizes sizes = at.sizes(), strides = at.strides();
            sizes[static_cast<std::size_t>(dim)] = std::max<std::int64_t>((stop - start + step - 1) / step, 0);
            strides[static_cast<std::size_t>(dim)] *= step;
            if (start != 0 || stop != length || step != 1)
                at = aten::part("SliceBackward0", at, std::move(sizes), std::move(strides));
            ++dim;
            --taking;
        } else {  // a tensor
            found.adjacent = found.adjacent && (tensors == 0 || last_picked + 1 == dim);
            if (tensors++ == 0) found.picked.first = dim;
            last_picked = dim;
            found.picks = true;
            if (const Value* name = item.find("tensor"); name != nullptr && name->text() != nullptr) {
                const Tensor given = run.tensor(*name->text());
                found.picked.on_host =
                    std::find(run.copied.begin(), run.copied.end(), *name->text()) != run.copied.end();
                if (!found.picked.on_host) found.indices.push_back(given);
            }
            ++dim;
            --taking;
        }
    }
    found.picked.count = static_cast<std::int64_t>(std::max<std::size_t>(tensors, 1));
    return found;
}

/// x[…]: views, then a copy of what tensors pick.
void getitem(RowRun& run) {
    std::optional<Part> part = part_of(run, true);
    if (!part) return general(run);
    if (part->picks) {
        // The indices are as many as the result has elements for each that is left.
        const aten::Sizes& whole = part->of.sizes();
        std::int64_t left = 1;
        for (std::int64_t i = 0; i < part->of.dim(); ++i)
            if (i < part->picked.first || i >= part->picked.first + part->picked.count)
                left = aten::times(left, whole[static_cast<std::size_t>(i)]);
        const std::int64_t made = aten::product(run.out_sizes());
        if (part->adjacent && left > 0 && made % left == 0) part->picked.indices = made / left;
        part->of = aten::index(part->of, part->indices, run.out_sizes(), part->picked);
    } else if (part->of.impl() == run.input().impl()) {  // all of it is still a view of its own
        part->of = aten::view(part->of, part->of.sizes());
    }
    if (part->of.sizes() != run.out_sizes()) return general(run);
    run.outputs = {part->of};
}

/// x[…] = y: the input keeps its memory.
void setitem(RowRun& run) {
    const std::optional<Part> part = part_of(run, false);
    const Tensor value = run.inputs.size() > 1 ? run.inputs[1] : Tensor();
    const bool known = part && !part->picks;
    const Value* index = run.row.attribute("index");
    const Value::List* items = index != nullptr ? index->list() : nullptr;
    const bool fills =
        part && part->indices.size() == 1 && part->indices[0].dtype() == DType::boolean && items->size() == 1;
    if (fills && !value.defined()) {  // a number where a mask is true (index_put's canDispatchToMaskedFill)
        run.outputs = {aten::masked_fill_(run.input(), part->indices[0])};
        return;
    }
    if (value.defined() && items != nullptr && items->size() == 1 && items->front().text() != nullptr) {
        run.outputs = {aten::copy_(run.input(), value)};  // all of it: "..."
        return;
    }
    run.outputs = {aten::assign(run.input(), value,
                                known             ? part->of.sizes()
                                : value.defined() ? value.sizes()
                                                  : Sizes())};
}

void index_select(RowRun& run) {
    run.outputs = {aten::index_select(run.input(), run.tensor("index", 1), run.out_sizes())};
}

/// gather, take: elements picked; backward adds into zeros of the whole.
void gather(RowRun& run) { run.outputs = {aten::gather(run.input(), run.tensor("index", 1), run.out_sizes())}; }

/// Along a dimension the indices are wrapped first, into a tensor of their own.
void take_along_dim(RowRun& run) {
    const Tensor given = run.tensor("indices", 1);
    const bool along = run.row.attribute("dim") != nullptr && given.defined();
    run.outputs = {aten::gather(run.input(), along ? aten::empty_like(given) : given, run.out_sizes())};
}

}  // namespace

std::vector<Lowered> shape_lowerings() {
    return {
        {"view", view},
        {"reshape", view},
        {"view_as", view},
        {"reshape_as", view},
        {"flatten", view},
        {"Flatten", view},
        {"unflatten", view},
        {"Unflatten", view},
        {"permute", permute},
        {"transpose", permute},
        {"swapaxes", permute},
        {"swapdims", permute},
        {"t", permute},
        {"movedim", permute},
        {"moveaxis", permute},
        {"squeeze", squeeze},
        {"unsqueeze", unsqueeze},
        {"expand", expand},
        {"expand_as", expand},
        {"broadcast_to", expand},
        {"as_strided", part},
        {"detach", detach},
        {"view_as_complex", [](RowRun& run) { run.outputs = {aten::view_as_complex(run.input())}; }},
        {"view_as_real", [](RowRun& run) { run.outputs = {aten::view_as_real(run.input())}; }},
        {"diagonal", part},
        {"Identity", identity},
        {"Block", identity},
        {"split", split},
        {"chunk", split},
        {"tensor_split", split},
        {"unbind", unbind},
        {"narrow", part},
        {"select", part},
        {"cat", cat},
        {"concat", cat},
        {"stack", stack},
        {"repeat", repeat},
        {"tile", repeat},
        {"repeat_interleave", repeat_interleave},
        {"roll", roll},
        {"flip", rearrange},
        {"clone", clone},
        {"contiguous", contiguous},
        {"to", to},
        {"type_as", to},
        {"float", to},
        {"double", to},
        {"half", to},
        {"bfloat16", to},
        {"long", to},
        {"int", to},
        {"bool", to},
        {"getitem", getitem},
        {"setitem", setitem},
        {"gather", gather},
        {"scatter", general},
        {"scatter_add", general},
        {"index_select", index_select},
        {"index_add", general},
        {"take", gather},
        {"take_along_dim", take_along_dim},
    };
}

}  // namespace footprint
