// The two operations of the format's own: a tensor made in forward, and a call that cannot be expressed
// (docs/formats.md).
#include <algorithm>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// arange, zeros, a mask: made anew in each forward, and needs no gradient.
struct Constant {
    std::optional<std::vector<Size>> shape;
    std::optional<DType> dtype;
    std::string device = "cuda";

    void attributes(Fields& fields) {
        fields.sizes("shape", shape, {.help = "sizes of the tensor", .least = 0, .required = true});
        fields.dtype("dtype", dtype, {.help = "its element type", .otherwise = "the model's"});
        fields.word("device", device, {"cuda", "cpu"},
                    {.help = "where it is made; PyTorch copies an index from the host whenever it is read"});
    }
    void infer(Call& call) const {
        std::optional<Shape> sizes = checked_sizes(call, "shape", *shape, 0);
        if (!sizes) return;
        call.output(std::move(*sizes), dtype.value_or(call.default_dtype()));
        call.outputs_.back().requires_grad = false;
    }
};

/// "input 0", "output 1": the number, or nothing.
std::optional<std::size_t> numbered(const std::string& text, std::string_view word) {
    constexpr std::size_t kMostDigits = 6;
    const std::string_view view = text;
    if (view.substr(0, word.size()) != word || view.size() <= word.size() + 1 || view[word.size()] != ' ')
        return std::nullopt;
    const std::string_view digits = view.substr(word.size() + 1);
    if (digits.size() > kMostDigits) return std::nullopt;
    std::size_t number = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<std::size_t>(c - '0');
    }
    return number;
}

/// A tensor as the document writes it; what is wrong is said under one attribute.
class Written {
 public:
    Written(Call& call, std::string_view field, const Value& value) : call_(call), field_(field), value_(value) {}

    bool read(std::span<const std::string_view> keys) {
        const Value::Object* members = value_.object();
        if (members == nullptr) return wrong("must be an object with a shape");
        for (const auto& [key, member] : *members)
            if (std::find(keys.begin(), keys.end(), key) == keys.end())
                return wrong("has no key " + Value(key).in_words());
        const Value* sizes = value_.find("shape");
        if (sizes == nullptr || !read_sizes(*sizes, shape, "shape"))
            return call_.failed() ? false : wrong("needs a shape, a list of sizes");
        if (const Value* name = value_.find("dtype"); name != nullptr && !name->is_null()) {
            if (name->text() != nullptr) dtype = dtype_named(*name->text());
            if (!dtype) return wrong("has the dtype " + name->in_words() + ", which PyTorch does not have");
        }
        if (const Value* steps = value_.find("strides"); steps != nullptr && !steps->is_null()) {
            if (!read_sizes(*steps, strides.emplace(), "strides"))
                return call_.failed() ? false : wrong("has strides that are no list of whole numbers");
            if (strides->size() != shape.size())
                return wrong("has " + plain(count_of(strides->size())) + " strides for " +
                             plain(count_of(shape.size())) + " sizes");
        }
        return true;
    }

    Shape shape;
    std::optional<Strides> strides;
    std::optional<DType> dtype;

 private:
    bool wrong(const std::string& why) {
        call_.fail("wrong-type", field_, "an entry of " + std::string(field_) + " " + why);
        return false;
    }

    bool read_sizes(const Value& list, Shape& into, std::string_view what) {
        const Value::List* items = list.list();
        if (items == nullptr || items->size() > kMostDimensions) return false;
        std::vector<Size> sizes;
        for (const Value& item : *items) {
            Size& size = sizes.emplace_back();
            if (const std::int64_t* number = item.integer()) {
                size.plus = *number;
                continue;
            }
            const Value *per_item = item.find("batch"), *plus = item.find("plus");
            if (per_item == nullptr || per_item->integer() == nullptr ||
                (plus != nullptr && plus->integer() == nullptr) || item.object()->size() != (plus == nullptr ? 1U : 2U))
                return false;
            size = {*per_item->integer(), plus == nullptr ? 0 : *plus->integer()};
        }
        for (const Size& size : sizes) {
            const Integer here = size.at(call_.batch());
            if (here.overflowed() || here < 0) {
                call_
                    .fail("out-of-range", field_,
                          "an entry of " + std::string(field_) + " has " +
                              (here.overflowed() ? "a number beyond 64 bits" : plain(here.value())) + " in its " +
                              std::string(what) + ", but each must be at least 0")
                    .values = {{"least", 0}};
                return false;
            }
            into.push_back(here);
        }
        return true;
    }

    Call& call_;
    std::string_view field_;
    const Value& value_;
};

constexpr std::string_view kOutputKeys[] = {"shape", "dtype", "storage", "strides"};
constexpr std::string_view kSavedKeys[] = {"shape", "dtype"};

struct Opaque {
    const Value* function = nullptr;
    const Value* outputs = nullptr;
    const Value* saves = nullptr;

    void attributes(Fields& fields) {
        fields.value("function", function, {.help = "the name of what was called", .required = true});
        fields.value("outputs", outputs,
                     {.help = "what it returns: a list of {shape, dtype, storage, strides}", .required = true});
        fields.value("saves", saves,
                     {.help = "what backward keeps: a list of \"input 0\", \"output 1\" or {shape, dtype}"});
    }

    void infer(Call& call) const {
        if (function->text() == nullptr) {
            call.fail("wrong-type", "function",
                      "function is " + function->in_words() + ", but must be the name of what was called");
            return;
        }
        const Value::List* list = list_of(call, "outputs", *outputs);
        if (list == nullptr || !check_parts(call, "outputs", count_of(list->size()))) return;
        for (const Value& entry : *list)
            if (!emit(call, entry)) return;
        if (!check_saves(call)) return;
        if (list->size() != 1) call.returns(list->empty() ? Returned::nothing : Returned::tuple);
    }

 private:
    static const Value::List* list_of(Call& call, std::string_view field, const Value& value) {
        if (const Value::List* list = value.list()) return list;
        call.fail("wrong-type", field, std::string(field) + " is " + value.in_words() + ", but must be a list");
        return nullptr;
    }

    static bool wrong_place(Call& call, std::string_view field, const Value& place, std::string_view wanted) {
        call.fail("wrong-type", field,
                  "an entry of " + std::string(field) + " names " + place.in_words() + ", but must be " +
                      std::string(wanted))
            .values = {{"given", place.in_words()}};
        return false;
    }

    static bool emit(Call& call, const Value& entry) {
        Written written(call, "outputs", entry);
        if (!written.read(kOutputKeys)) return false;
        const Value* storage = entry.find("storage");
        const std::string* place = storage == nullptr ? nullptr : storage->text();
        if (storage == nullptr || (place != nullptr && *place == "new")) {
            call.output(written.shape, written.dtype.value_or(call.default_dtype()));
        } else {
            const std::optional<std::size_t> input = place == nullptr ? std::nullopt : numbered(*place, "input");
            if (!input) return wrong_place(call, "outputs", *storage, "\"new\" or \"input 0\", \"input 1\" …");
            if (*input >= call.input_count()) {
                call.fail("out-of-range", "outputs",
                          "an output lies in the storage of input " + plain(count_of(*input)) + ", but the row has " +
                              plain(count_of(call.input_count())) + " inputs")
                    .values = {{"input", count_of(*input)}, {"inputs", count_of(call.input_count())}};
                return false;
            }
            const Tensor& of = call.input(*input);
            call.view(of, written.shape, contiguous_strides(written.shape));
            call.outputs_.back().dtype = written.dtype.value_or(of.dtype);
        }
        if (written.strides) call.outputs_.back().strides = std::move(*written.strides);
        return true;
    }

    bool check_saves(Call& call) const {
        if (saves == nullptr) return true;
        const Value::List* list = list_of(call, "saves", *saves);
        if (list == nullptr) return false;
        for (const Value& entry : *list) {
            if (entry.object() != nullptr) {
                if (!Written(call, "saves", entry).read(kSavedKeys)) return false;
                continue;
            }
            const std::string* place = entry.text();
            const std::optional<std::size_t> input = place == nullptr ? std::nullopt : numbered(*place, "input");
            const std::optional<std::size_t> output = place == nullptr ? std::nullopt : numbered(*place, "output");
            if (!input && !output)
                return wrong_place(call, "saves", entry, "\"input 0\", \"output 1\" or an object with shape and dtype");
            if (input ? *input < call.input_count() : *output < call.outputs_.size()) continue;
            call.fail("out-of-range", "saves",
                      "saves names " + *place + ", but the row has " + plain(count_of(call.input_count())) +
                          " inputs and " + plain(count_of(call.outputs_.size())) + " outputs")
                .values = {{"inputs", count_of(call.input_count())}, {"outputs", count_of(call.outputs_.size())}};
            return false;
        }
        return true;
    }
};

}  // namespace

LayerType constant_type() {
    return with(layer_type<Constant>("constant", "creation", "a tensor made in forward: arange, zeros, a mask"),
                {0, 0});
}
LayerType opaque_type() {
    return with(
        layer_type<Opaque>("opaque", "special", "a call that cannot be expressed, with the outputs that were recorded"),
        {0, kAnyNumber});
}

}  // namespace footprint
