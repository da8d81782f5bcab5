#include "lowering/row_run.hpp"

#include <algorithm>

namespace footprint {

aten::Tensor RowRun::tensor(std::string_view name) const {
    for (const auto& [key, tensor] : named)
        if (key == name) return tensor;
    return {};
}

aten::Tensor RowRun::tensor(std::string_view name, std::size_t position) const {
    if (aten::Tensor found = tensor(name); found.defined()) return found;
    return position < inputs.size() ? inputs[position] : aten::Tensor();
}

std::int64_t RowRun::value_of(const Value& value, std::int64_t otherwise) const {
    if (const auto* number = value.integer()) return *number;
    if (const Value* per_item = value.find("batch"); per_item != nullptr && per_item->integer() != nullptr) {
        const Value* plus = value.find("plus");
        const Integer size = Integer(*per_item->integer()) * batch_ +
                             (plus != nullptr && plus->integer() != nullptr ? *plus->integer() : 0);
        return size.value();
    }
    return otherwise;
}

std::int64_t RowRun::integer(std::string_view name, std::int64_t otherwise) const {
    const Value* value = row.attribute(name);
    if (value != nullptr) return value_of(*value, otherwise);
    for (const auto& [key, settled] : inferred.resolved)
        if (key == name) return settled;
    return otherwise;
}

double RowRun::number(std::string_view name, double otherwise) const {
    const Value* value = row.attribute(name);
    if (value == nullptr) return otherwise;
    if (const double* real = value->real()) return *real;
    if (const auto* integer = value->integer()) return static_cast<double>(*integer);
    return otherwise;
}

bool RowRun::boolean(std::string_view name, bool otherwise) const {
    const Value* value = row.attribute(name);
    return value != nullptr && value->boolean() != nullptr ? *value->boolean() : otherwise;
}

std::string_view RowRun::word(std::string_view name, std::string_view otherwise) const {
    const Value* value = row.attribute(name);
    return value != nullptr && value->text() != nullptr ? std::string_view(*value->text()) : otherwise;
}

std::optional<std::vector<std::int64_t>> RowRun::integers(std::string_view name) const {
    const Value* value = row.attribute(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->list() == nullptr) return std::vector<std::int64_t>{value_of(*value, 0)};
    std::vector<std::int64_t> list;
    for (const Value& one : *value->list()) list.push_back(value_of(one, 0));
    return list;
}

std::size_t RowRun::dimension(std::string_view name, std::int64_t otherwise, std::size_t rank) const {
    const std::int64_t dim = integer(name, otherwise);
    return static_cast<std::size_t>(dim < 0 ? dim + static_cast<std::int64_t>(rank) : dim);
}

std::vector<bool> RowRun::reduced(std::string_view name) const {
    const std::size_t rank = input().sizes().size();
    const std::optional<std::vector<std::int64_t>> dims = integers(name);
    std::vector<bool> over(rank, !dims || dims->empty());
    for (const std::int64_t dim : dims.value_or(std::vector<std::int64_t>()))
        if (rank > 0) over[static_cast<std::size_t>(dim < 0 ? dim + static_cast<std::int64_t>(rank) : dim)] = true;
    return over;
}

aten::Sizes RowRun::out_sizes(std::size_t k) const {
    aten::Sizes sizes;
    for (const Integer size : inferred.outputs[k].shape) sizes.push_back(size.value());
    return sizes;
}

aten::Sizes RowRun::out_strides(std::size_t k) const {
    aten::Sizes strides;
    for (const Integer stride : inferred.outputs[k].strides) strides.push_back(stride.value());
    return strides;
}

bool RowRun::is_view(std::size_t k) const {
    return !inferred.inputs.empty() && inferred.outputs[k].storage == inferred.inputs[0]->storage;
}

}  // namespace footprint
