#include "layers/call.hpp"

#include <algorithm>

#include "base/number.hpp"

namespace footprint {

std::int32_t new_storage(std::vector<Storage>& storages, Integer bytes, std::int32_t row) {
    storages.push_back({bytes, row});
    return static_cast<std::int32_t>(storages.size()) - 1;
}

const Tensor* Call::keyword(std::string_view name) const {
    for (const auto& [key, tensor] : keywords_)
        if (key == name) return tensor;
    return nullptr;
}

const Tensor* Call::take_keyword(std::string_view name) {
    for (const auto& [key, tensor] : keywords_) {
        if (key != name) continue;
        taken_.push_back(key);
        return tensor;
    }
    return nullptr;
}

bool Call::check_keywords_taken() {
    for (const auto& [key, tensor] : keywords_) {
        if (failed_) break;
        if (std::find(taken_.begin(), taken_.end(), key) != taken_.end()) continue;
        fail("unknown-attribute", key,
             row_.op + " as it is set owns no " + std::string(key) + " that a tensor could stand for: leave it out")
            .fixes = {{std::string(key), ""}};
    }
    return !failed_;
}

bool Call::gradient_flows() const {
    if (!row_.grad) return false;
    for (const OwnedParameter& parameter : owned_)
        if (!parameter.buffer && !row_.frozen.covers(parameter.name)) return true;
    const auto needs = [](const Tensor* tensor) { return tensor->requires_grad; };
    return std::any_of(inputs_.begin(), inputs_.end(), needs) ||
           std::any_of(keywords_.begin(), keywords_.end(),
                       [](const auto& entry) { return entry.second->requires_grad; });
}

void Call::own(OwnedParameter parameter) {
    const Tensor* given = take_keyword(parameter.name);
    if (given == nullptr) {
        owned_.push_back(std::move(parameter));
    } else if (given->shape != parameter.shape) {
        fail("shape-mismatch", parameter.name,
             "the tensor given as " + parameter.name + " is " + in_words(given->shape) + ", but " + row_.op +
                 " needs " + in_words(parameter.shape) + " here");
    }
}

void Call::output(Shape shape, std::optional<DType> dtype) {
    Tensor tensor;
    tensor.dtype = dtype.value_or(inputs_.empty() ? around_.dtype : input().dtype);
    tensor.strides = contiguous_strides(shape);
    tensor.shape = std::move(shape);
    tensor.storage = new_storage(around_.storages, elements(tensor.shape) * size_of(tensor.dtype),
                                 static_cast<std::int32_t>(number_) - 1);
    tensor.requires_grad = is_floating(tensor.dtype) && gradient_flows();
    outputs_.push_back(std::move(tensor));
}

void Call::output_strided(Shape shape, Strides strides) {
    Integer length = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) length = length + (shape[i] - 1) * strides[i];
    if (elements(shape) == 0) length = 0;
    output(std::move(shape));
    Tensor& tensor = outputs_.back();
    tensor.strides = std::move(strides);
    around_.storages[static_cast<std::size_t>(tensor.storage)].bytes = length * size_of(tensor.dtype);
}

void Call::view(const Tensor& of, Shape shape, Strides strides) {
    Tensor tensor = of;
    tensor.shape = std::move(shape);
    tensor.strides = std::move(strides);
    tensor.requires_grad = of.requires_grad && row_.grad;
    outputs_.push_back(std::move(tensor));
}

bool Call::check_writable() {
    for (std::size_t i = 0; i < input().rank(); ++i) {
        if (input().strides[i] != 0 || input().shape[i] < 2) continue;
        fail("overlapping-write", "inplace",
             "the first input was expanded, so that elements of dimension " + plain(static_cast<std::int64_t>(i)) +
                 " are one place in memory, which cannot be written to: put clone before it, or leave inplace out")
            .fixes = {{"inplace", ""}};
        return false;
    }
    return true;
}

void Call::elementwise() {
    if (row_.inplace) {
        if (!check_writable()) return;
        same(input());
        outputs_.back().requires_grad = input().requires_grad || gradient_flows();
        return;
    }
    output(shape());
    // PyTorch keeps the order of dimensions of a dense input (channels last, transposed) in what an elementwise kernel
    // makes.
    Strides sorted = input().strides;
    Strides dense = outputs_.back().strides;
    std::sort(sorted.begin(), sorted.end());
    std::sort(dense.begin(), dense.end());
    if (sorted == dense) outputs_.back().strides = input().strides;
}

Diagnostic& Call::fail(std::string_view code, std::string_view field, std::string message) {
    failed_ = true;
    return placed(around_.diagnostics.error(code, std::move(message)), field);
}

Diagnostic& Call::warn(std::string_view code, std::string_view field, std::string message) {
    return placed(around_.diagnostics.warning(code, std::move(message)), field);
}

Diagnostic& Call::placed(Diagnostic& diagnostic, std::string_view field) const {
    diagnostic.row = static_cast<std::int64_t>(number_);
    diagnostic.name = row_.name;
    diagnostic.field = field;
    return diagnostic;
}

bool Call::settle(std::string_view field, std::optional<std::int64_t>& attribute, Integer actual,
                  std::string_view what) {
    if (!attribute) {
        attribute = actual.value();
        resolved_.emplace_back(field, actual.value());
        return true;
    }
    if (*attribute == actual.value()) return true;
    Diagnostic& diagnostic = fail("shape-mismatch", field,
                                  std::string(field) + " is " + plain(*attribute) + ", but " + std::string(what) +
                                      " is " + plain(actual.value()) + ": leave it out, or change what comes in");
    diagnostic.values = {{std::string(field), *attribute}, {"input", actual.value()}};
    diagnostic.fixes = {{std::string(field), plain(actual.value())}};
    return false;
}

}  // namespace footprint
