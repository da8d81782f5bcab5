// LayerType: one entry of the catalogue, made from a layer's struct by `module<T>()` or `function<T>()`.
//
// A layer T has
//   void attributes(Fields&)      its attributes, by PyTorch's names, in PyTorch's order;
//   void infer(Call&)             what comes out, or why nothing can;
// and, where there is arithmetic to show,
//   template <class N> ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>&) const     sizes of the output,
//   template <class N> void parameters(Owner<N>&, const Symbols<N>&) const                  what it owns.
// `infer` calls the templates with Integer; a derivation calls the same ones with Term.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "explain/term.hpp"
#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

enum class Kind : std::uint8_t { module, function };

/// Where a `parameters` rule puts what the layer owns.
template <class N>
class Owner {
 public:
    struct Owned {
        std::string name;
        ShapeOf<N> shape;
        N count;
        bool buffer;
        std::optional<DType> dtype = std::nullopt;  // none: the model's
    };

    /// A parameter; `count` is its number of elements as the formula should read, the product of the shape if left out.
    void parameter(std::string name, ShapeOf<N> shape, N count) {
        owned.push_back({std::move(name), std::move(shape), count, false});
    }
    void parameter(std::string name, ShapeOf<N> shape) {
        N count = product(shape);
        parameter(std::move(name), std::move(shape), count);
    }
    void buffer(std::string name, ShapeOf<N> shape, std::optional<DType> dtype = std::nullopt) {
        N count = product(shape);
        owned.push_back({std::move(name), std::move(shape), count, true, dtype});
    }

    static N product(const ShapeOf<N>& shape) {
        N count = shape.empty() ? N(1) : shape[0];
        for (std::size_t i = 1; i < shape.size(); ++i) count = count * shape[i];
        return count;
    }

    std::vector<Owned> owned;
};

template <class T>
concept HasParameters = requires(const T& layer, Owner<Integer>& own) {
    layer.parameters(own, Symbols<Integer>{});
};
template <class T>
concept HasSizes = requires(const T& layer, Shape in) {
    layer.sizes(in, Symbols<Integer>{});
};

struct LayerType {
    std::string_view op;
    Kind kind = Kind::module;
    std::string_view family;
    std::string_view summary;  // one line: what it does, and the shape it takes
    std::uint8_t least_inputs = 1;
    std::uint8_t most_inputs = 1;                     // 255: any number
    bool inplace = false;                             // PyTorch has an in-place form
    std::span<const std::string_view> keywords = {};  // tensors it takes by keyword

    void (*describe)(Fields&) = nullptr;
    void (*infer)(Call&) = nullptr;
    /// The sizes of the output as terms over the given input sizes; empty where the layer has no such rule.
    std::vector<Term> (*explain_sizes)(Call&, std::vector<Term> in) = nullptr;
    /// What it owns, as terms.
    std::vector<Owner<Term>::Owned> (*explain_parameters)(Call&) = nullptr;
};

/// Reads a row's attributes into a layer; false if any is wrong (said in call).
bool read_attributes(Call& call, void (*visit)(void* layer, Fields&), void* layer);

template <class T>
bool read_into(T& layer, Call& call) {
    return read_attributes(
        call, [](void* self, Fields& fields) { static_cast<T*>(self)->attributes(fields); }, &layer);
}

/// Calls the layer's parameter rule and hands what it owns to the call.
template <class T>
void own_parameters(const T& layer, Call& call) {
    Owner<Integer> owner;
    owner.owned.reserve(5);  // what a BatchNorm has; more is rare
    layer.parameters(owner, Symbols<Integer>{});
    call.owned_.reserve(owner.owned.size());
    for (auto& owned : owner.owned)
        call.own({std::move(owned.name), std::move(owned.shape), owned.count, owned.buffer, owned.dtype});
}

template <class T>
LayerType layer_type(std::string_view op, std::string_view family, std::string_view summary) {
    LayerType type;
    type.op = op;
    type.kind = op[0] >= 'A' && op[0] <= 'Z' ? Kind::module : Kind::function;
    type.family = family;
    type.summary = summary;
    type.describe = [](Fields& fields) { T().attributes(fields); };
    type.infer = [](Call& call) {
        T layer;
        if (!read_into(layer, call) || call.only_attributes()) return;
        layer.infer(call);
        if constexpr (HasParameters<T>) call.check_keywords_taken();
    };
    if constexpr (HasSizes<T>)
        type.explain_sizes = [](Call& call, std::vector<Term> in) {
            T layer;
            if (!read_into(layer, call)) return std::vector<Term>();
            layer.infer(call);
            return call.failed() ? std::vector<Term>() : layer.sizes(std::move(in), Symbols<Term>{});
        };
    if constexpr (HasParameters<T>)
        type.explain_parameters = [](Call& call) {
            T layer;
            Owner<Term> owner;
            if (!read_into(layer, call)) return owner.owned;
            layer.infer(call);
            if (!call.failed()) layer.parameters(owner, Symbols<Term>{});
            return owner.owned;
        };
    return type;
}

struct Inputs {
    std::uint8_t least = 1, most = 1;
};
inline constexpr std::uint8_t kAnyNumber = 255;

/// Refinements, so that a family's list reads as one line per layer.
inline LayerType with(LayerType type, Inputs inputs) {
    type.least_inputs = inputs.least;
    type.most_inputs = inputs.most;
    return type;
}
inline LayerType in_place(LayerType type) {
    type.inplace = true;
    return type;
}

/// What most layers with parameters are also given by name.
inline constexpr std::string_view kWeight[] = {"weight"};
inline constexpr std::string_view kWeightAndBias[] = {"weight", "bias"};

inline LayerType with_keywords(LayerType type, std::span<const std::string_view> keywords) {
    type.keywords = keywords;
    return type;
}

/// All operations: modules in the order of layers.def, then functions in the order of functions.def.
[[nodiscard]] std::span<const LayerType> catalogue();
/// The operation of that name, or null.
[[nodiscard]] const LayerType* find_layer(std::string_view op);
/// Names close to a wrong one, nearest first, at most three.
[[nodiscard]] std::vector<std::string_view> near_ops(std::string_view wrong);

}  // namespace footprint
