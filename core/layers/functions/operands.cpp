#include "layers/functions/operands.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/strides.hpp"

namespace footprint {
namespace {

void promote(std::optional<DType>& into, DType dtype) { into = into ? footprint::promoted(*into, dtype) : dtype; }

/// A lower kind of operand changes the type only if it is of a higher category: bool, integer, floating, complex.
std::optional<DType> combined(std::optional<DType> higher, std::optional<DType> lower) {
    if (!higher || !lower) return higher ? higher : lower;
    const auto is_complex = [](DType dtype) { return dtype >= DType::complex64; };
    if (is_complex(*higher)) return higher;
    if (is_floating(*higher)) {
        if (!is_complex(*lower)) return higher;
        return *higher == DType::float64 ? DType::complex128 : DType::complex64;
    }
    if (*higher == DType::boolean || is_floating(*lower)) return footprint::promoted(*higher, *lower);
    return higher;
}

/// PyTorch's can_cast: what a result of type `from` may be written into.
bool can_hold(DType to, DType from) {
    if (from >= DType::complex64 && to < DType::complex64) return false;
    if (is_floating(from) && !is_floating(to)) return false;
    return from == DType::boolean || to != DType::boolean;
}

}  // namespace

Operands& Operands::inputs() {
    for (const Tensor* input : call_.inputs_) tensor(*input);
    return *this;
}

Operands& Operands::tensor(const Tensor& tensor) {
    tensors_.push_back(&tensor);
    promote(tensor.rank() > 0 ? with_dimensions_ : without_, tensor.dtype);
    return *this;
}

Operands& Operands::number(std::string_view field) {
    const Value* value = call_.row().attribute(field);
    if (value == nullptr || value->is_null()) return *this;
    numbers_ = true;
    if (value->boolean() != nullptr)
        promote(of_numbers_, DType::boolean);
    else
        promote(of_numbers_, value->integer() != nullptr ? DType::int64 : DType::float32);
    return *this;
}

DType Operands::promoted() const {
    return combined(with_dimensions_, combined(without_, of_numbers_)).value_or(DType::float32);
}

DType Operands::floating() const {
    const DType dtype = promoted();
    return is_floating(dtype) ? dtype : DType::float32;
}

void Operands::result(DType dtype) const {
    if (tensors_.empty()) return;
    Shape shape = tensors_[0]->shape;
    for (std::size_t i = 1; i < tensors_.size(); ++i) {
        std::optional<Shape> both = broadcast(call_, shape, tensors_[i]->shape);
        if (!both) return;
        shape = std::move(*both);
    }
    result(dtype, std::move(shape));
}

void Operands::result(DType dtype, Shape shape) const {
    if (call_.row().inplace) {
        if (fits_in_place(call_, shape, dtype)) written(call_);
        return;
    }
    std::vector<const Tensor*> all = tensors_;
    if (numbers_) all.push_back(&number_);
    Strides strides = elementwise_strides(shape, all);
    call_.output(std::move(shape), dtype);
    call_.outputs_.back().strides = std::move(strides);
}

bool add_second(Call& call, Operands& operands, std::string_view field, const std::optional<double>& number) {
    const bool two = call.input_count() > 1;
    if (two && number) {
        call.fail("wrong-input-count", field,
                  "the second operand is given twice: keep either the second input or " + std::string(field))
            .fixes = {{std::string(field), ""}};
        return false;
    }
    if (two) {
        operands.tensor(call.input(1));
        return true;
    }
    if (number) {
        operands.number(field);
        return true;
    }
    call.fail(
        "missing", field,
        call.row().op + " needs a second operand: name a second input, or give a number under " + std::string(field));
    return false;
}

void written(Call& call) {
    const auto needs = [](const Tensor* tensor) { return tensor->requires_grad; };
    const bool flows = call.row().grad && is_floating(call.input().dtype) &&
                       (std::any_of(call.inputs_.begin(), call.inputs_.end(), needs) ||
                        std::any_of(call.keywords_.begin(), call.keywords_.end(),
                                    [&](const auto& entry) { return needs(entry.second); }));
    call.same(call.input());
    call.outputs_.back().requires_grad = call.input().requires_grad || flows;
}

bool fits_in_place(Call& call, const Shape& shape, DType dtype) {
    const Tensor& into = call.input();
    if (shape != into.shape) {
        Diagnostic& diagnostic =
            call.fail("shape-mismatch", "inplace",
                      "the result is " + in_words(shape) + " and cannot be written into the first input, which is " +
                          in_words(into.shape) + ": leave inplace out, or change the order of the inputs");
        diagnostic.values = {{"result", in_words(shape)}, {"input", in_words(into.shape)}};
        diagnostic.fixes = {{"inplace", ""}};
        return false;
    }
    if (!call.check_writable()) return false;
    if (can_hold(into.dtype, dtype)) return true;
    Diagnostic& diagnostic = call.fail(
        "wrong-dtype", "inplace",
        "the result is " + std::string(name_of(dtype)) + " and cannot be written into the first input, which is " +
            std::string(name_of(into.dtype)) + ": leave inplace out, or convert the input first");
    diagnostic.values = {{"result", std::string(name_of(dtype))}, {"input", std::string(name_of(into.dtype))}};
    diagnostic.fixes = {{"inplace", ""}};
    return false;
}

void new_or_written(Call& call, Shape shape, DType dtype) {
    if (!call.row().inplace) return call.output(std::move(shape), dtype);
    if (fits_in_place(call, shape, dtype)) written(call);
}

const Tensor* tensor_under(const Call& call, std::string_view keyword, std::size_t input) {
    if (const Tensor* named = call.keyword(keyword)) return named;
    return input < call.input_count() ? &call.input(input) : nullptr;
}

const Tensor* required_tensor(Call& call, std::string_view keyword, std::size_t input, std::string_view what) {
    const Tensor* tensor = tensor_under(call, keyword, input);
    if (tensor == nullptr)
        call.fail("missing", keyword,
                  call.row().op + " needs " + std::string(what) + ": name the tensor under " + std::string(keyword) +
                      ", or as input " + plain(static_cast<std::int64_t>(input)));
    return tensor;
}

bool check_same_dtype(Call& call, std::string_view field, const Tensor& tensor) {
    if (tensor.dtype == call.input().dtype) return true;
    const std::string mine(name_of(call.input().dtype)), other(name_of(tensor.dtype));
    call.fail("wrong-dtype", field,
              "its input is " + mine + ", but " + (field == "inputs" ? "another" : std::string(field)) + " is " +
                  other + ": give both one dtype, or convert one with a `to` row")
        .values = {{"input", mine}, {std::string(field), other}};
    return false;
}

}  // namespace footprint
