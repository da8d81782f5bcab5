// Autograd: the history that an operation leaves, and the engine that walks it back. Source:
// torch/csrc/autograd/engine.cpp, input_buffer.cpp, functions/accumulate_grad.h.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/checkpoint.hpp"
#include "kernels/tensor.hpp"

namespace footprint::aten {

using Tensors = std::vector<Tensor>;

/// Where a gradient goes: the input of a node further back.
struct Edge {
    Ref<Node> node;
    std::int32_t input_nr = 0;
};

struct Metadata {  // of what a node's gradient must look like
    Sizes sizes;
    DType dtype = DType::float32;
};

/// What a node is given when its turn comes.
struct Incoming {
    Tensors& grads;  // one for each output of the forward; undefined where none arrived
    const Node& node;

    [[nodiscard]] const Tensor& grad(std::size_t i = 0) const { return grads[i]; }
    [[nodiscard]] bool needs(std::size_t input) const;
};

class Node : public Counted {
 public:
    Node(std::string_view name, Device& device);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    std::string_view name;
    Device* device;
    std::int32_t row;
    std::int64_t sequence;
    std::vector<Edge> next;                  // one for each differentiable input; without a node where none is needed
    std::vector<Metadata> outputs;           // of the forward
    std::function<Tensors(Incoming)> apply;  // holds what is saved; empty once released
    Ref<TensorImpl> variable;                // of a node that accumulates a leaf's gradient: the leaf, which it holds

    // While a walk back is under way: gradients still to come, and those that have, one for each output.
    std::int32_t dependencies = 0;
    Tensors arrived;
};

/// A tensor kept for backward. Under checkpointing it is not kept, but made again when it is asked for.
class Saved {
 public:
    Saved() = default;
    Saved(const Tensor& tensor, Device& device);
    [[nodiscard]] Tensor unpack() const;

 private:
    Tensor tensor_;
    Ref<Recomputation> recomputation_;
    std::size_t index_ = 0;
};

/// Writes the history of one operation: `if (History history{"ReluBackward0", {self}}) history.of(result, …)`.
class History {
 public:
    History(std::string_view name, std::initializer_list<const Tensor*> inputs)
        : History(name, inputs.begin(), inputs.size()) {}
    History(std::string_view name, const Tensor* const* inputs, std::size_t count);
    explicit operator bool() const { return static_cast<bool>(node_); }

    [[nodiscard]] Saved save(const Tensor& tensor) {
        return tensor.defined() ? Saved(tensor, *node_->device) : Saved();
    }
    /// The operation's outputs, in order, and how their gradients become those of the inputs.
    template <class F>
    void of(std::initializer_list<Tensor*> results, F backward) {
        for (Tensor* result : results) add_output(*result);
        node_->apply = std::move(backward);
    }
    template <class F>
    void of(Tensor& result, F backward) {
        of({&result}, std::move(backward));
    }
    /// The same of a tensor that was written in place: of a view, its base's history is written too (CopySlices).
    template <class F>
    void rewrites(Tensor& self, F backward) {
        if (self.impl()->base) return rebase(self, std::move(backward));
        of(self, std::move(backward));
    }
    /// A further output of the same node.
    void also(Tensor& result) { add_output(result); }
    [[nodiscard]] bool needs(std::size_t input) const { return static_cast<bool>(node_->next[input].node); }

 private:
    void rebase(Tensor& view, std::function<Tensors(Incoming)> backward);
    void add_output(Tensor& result);
    Ref<Node> node_;
};

/// Said before an operation that keeps so many of its operands and nothing else (Recomputation::keeps_before).
void keeps_operands(Device& device, std::size_t count);
/// The same of a product, whose backward wants of each factor the other.
void keeps_factors(const Tensor& a, const Tensor& b);

/// loss.backward(gradient): gradients arrive at the leaves that want one.
void backward(const Tensor& root, Tensor gradient);

/// A leaf: a parameter or an input that wants its gradient.
void set_requires_grad(const Tensor& leaf);

}  // namespace footprint::aten
