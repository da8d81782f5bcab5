#include "kernels/autograd.hpp"

#include <algorithm>
#include <limits>

#include "kernels/checkpoint.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

constexpr std::int64_t kFirst =
    std::numeric_limits<std::int64_t>::max();  // gradients are accumulated as soon as they are there

/// The node that accumulates a leaf's gradient: one for each leaf, while a graph holds it.
Ref<Node> grad_accumulator(TensorImpl& leaf) {
    if (leaf.grad_accumulator != nullptr) return Ref<Node>(leaf.grad_accumulator);
    Ref<Node> node(new Node("AccumulateGrad", *leaf.storage->device));
    node->sequence = kFirst;
    node->variable = Ref<TensorImpl>(&leaf);
    node->outputs.push_back({leaf.sizes, leaf.dtype});
    leaf.grad_accumulator = node.get();
    return node;
}

/// A view's history made anew, from the base whose memory was written.
void renew(TensorImpl& view) {
    Ref<Node> as_strided(new Node("AsStridedBackward0", *view.storage->device));
    as_strided->next.push_back({view.base->grad_fn, view.base->output_nr});
    as_strided->outputs.push_back({view.sizes, view.dtype});
    as_strided->apply = [base_sizes = view.base->sizes](Incoming in) {
        return Tensors{empty(in.grad().device(), base_sizes, in.grad().dtype())};
    };
    view.grad_fn = as_strided;
    view.output_nr = 0;
    view.version = view.base->version;
}

Edge gradient_edge(const Tensor& tensor) {
    if (!tensor.requires_grad()) return {};
    TensorImpl& impl = *tensor.impl();
    if (impl.base && impl.version != impl.base->version) renew(impl);
    if (impl.grad_fn) return {impl.grad_fn, impl.output_nr};
    return {grad_accumulator(impl), 0};
}

/// Whether a gradient can become a leaf's own: the same layout (utils::obeys_layout_contract).
bool has_layout_of(const Tensor& grad, const TensorImpl& leaf) {
    for (std::size_t i = 0; i < leaf.sizes.size(); ++i)
        if (leaf.sizes[i] != 1 && grad.strides()[i] != leaf.strides[i]) return false;
    return true;
}

void accumulate_grad(TensorImpl& leaf, Tensor grad) {
    Device& device = *leaf.storage->device;
    if (leaf.grad.defined()) return;  // added in place
    if (grad.use_count() == 1 && has_layout_of(grad, leaf)) {
        leaf.grad = std::move(grad);  // taken over without a copy
    } else {
        leaf.grad = empty_strided(device, leaf.sizes, leaf.strides, leaf.dtype);
    }
    if (const std::int32_t made = leaf.grad.impl()->storage->allocation; made >= 0)
        device.allocations[static_cast<std::size_t>(made)].kind = BlockKind::gradient;
}

/// A gradient arrives at a node: taken over, or added to what came before it, and then the caller still holds it.
void add_gradient(Node& node, std::size_t at, Tensor& grad) {
    if (node.arrived.empty()) node.arrived.resize(node.outputs.size());
    if (!grad.defined()) return;
    Tensor& old = node.arrived[at];
    if (!old.defined())
        old = std::move(grad);
    else if (!(old.use_count() == 1 && old.storage_use_count() == 1 && !old.impl()->is_view &&
               old.is_non_overlapping_and_dense()))
        old = binary_result(old, grad);
}

/// std::priority_queue over sequence numbers as libstdc++ keeps it: among equal ones the order is that of its heap, the
/// same here with every standard library.
class ReadyQueue {
 public:
    [[nodiscard]] bool empty() const { return heap_.empty(); }

    void push(Ref<Node> node) {
        heap_.push_back(std::move(node));
        rise(heap_.size() - 1, 0);
    }

    Ref<Node> pop() {
        std::swap(heap_.front(), heap_.back());
        Ref<Node> top = std::move(heap_.back());
        heap_.pop_back();
        if (heap_.size() > 1) sink();
        return top;
    }

 private:
    [[nodiscard]] bool less(std::size_t a, std::size_t b) const { return heap_[a]->sequence < heap_[b]->sequence; }
    void rise(std::size_t at, std::size_t top) {
        while (at > top && less((at - 1) / 2, at)) {
            std::swap(heap_[at], heap_[(at - 1) / 2]);
            at = (at - 1) / 2;
        }
    }
    void sink() {  // __adjust_heap: down along the larger children, then up again
        std::size_t at = 0;
        const std::size_t count = heap_.size();
        while (2 * at + 2 < count) {
            std::size_t child = 2 * at + 2;
            if (less(child, child - 1)) --child;
            std::swap(heap_[at], heap_[child]);
            at = child;
        }
        if (2 * at + 2 == count) {
            std::swap(heap_[at], heap_[count - 1]);
            at = count - 1;
        }
        rise(at, 0);
    }

    std::vector<Ref<Node>> heap_;
};

/// One walk back through the graph.
class Engine {
 public:
    explicit Engine(Node& root) { count_dependencies(root); }

    void run(Ref<Node> root, std::size_t output, Tensor gradient) {
        add_gradient(*root, output, gradient);
        ready_.push(std::move(root));
        while (!ready_.empty()) evaluate(*ready_.pop());
    }

 private:
    static void count_dependencies(Node& root) {
        std::vector<Node*> stack = {&root};
        while (!stack.empty()) {
            Node* node = stack.back();
            stack.pop_back();
            for (const Edge& edge : node->next)
                if (edge.node && ++edge.node->dependencies == 1) stack.push_back(edge.node.get());
        }
    }

    void evaluate(Node& node) {
        Device& device = *node.device;
        const Within kernel(device.kernel, node.name);
        const Within row(device.row, node.row);
        Tensors arrived = std::exchange(node.arrived, {});
        if (node.variable) {
            Tensor grad = std::move(arrived[0]);
            if (grad.defined()) accumulate_grad(*node.variable, std::move(grad));
            return;
        }
        Tensors results;
        {
            Tensors grads = std::move(arrived);
            const bool any = std::any_of(grads.begin(), grads.end(), [](const Tensor& grad) { return grad.defined(); });
            if (node.apply && any) results = node.apply({grads, node});
            results.resize(node.next.size());
            validate(node, results);
        }
        node.apply = nullptr;  // what was saved is released
        for (std::size_t i = 0; i < node.next.size(); ++i) {
            const Edge& edge = node.next[i];
            if (edge.node) hand_on(edge, results[i]);
        }
    }

    /// The gradient of an operand that was broadcast is summed to its size, that of one of another type cast.
    static void validate(const Node& node, Tensors& results) {
        for (std::size_t i = 0; i < node.next.size(); ++i) {
            Tensor& grad = results[i];
            const Edge& edge = node.next[i];
            if (!grad.defined()) continue;
            if (!edge.node) {
                grad = Tensor();
                continue;
            }
            const Metadata& wanted = edge.node->outputs[static_cast<std::size_t>(edge.input_nr)];
            if (grad.sizes() != wanted.sizes) grad = sum_to(grad, wanted.sizes);
            if (grad.dtype() != wanted.dtype) grad = to(grad, wanted.dtype);
        }
    }

    void hand_on(const Edge& edge, Tensor& grad) {
        add_gradient(*edge.node, static_cast<std::size_t>(edge.input_nr), grad);
        if (--edge.node->dependencies == 0) ready_.push(edge.node);
    }

    ReadyQueue ready_;
};

}  // namespace

Node::Node(std::string_view node_name, Device& on)
    : name(node_name), device(&on), row(on.row), sequence(on.next_sequence++) {}

Node::~Node() {
    if (variable) variable->grad_accumulator = nullptr;
    // A chain of thousands of nodes must not be taken down by recursion.
    std::vector<Edge> chain;
    std::swap(chain, next);
    apply = nullptr;
    while (!chain.empty()) {
        Edge edge = std::move(chain.back());
        chain.pop_back();
        if (!edge.node || edge.node->references > 1) continue;
        edge.node->apply = nullptr;
        for (Edge& further : edge.node->next) chain.push_back(std::move(further));
        edge.node->next.clear();
    }
}

bool Incoming::needs(std::size_t input) const { return static_cast<bool>(node.next[input].node); }

History::History(std::string_view name, const Tensor* const* inputs, std::size_t count) {
    bool needed = false;
    Device* device = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        if (!inputs[i]->defined()) continue;
        device = &inputs[i]->device();
        needed = needed || inputs[i]->requires_grad();
    }
    if (!needed || !device->grad_enabled) return;
    node_ = Ref<Node>(new Node(name, *device));
    for (std::size_t i = 0; i < count; ++i) node_->next.push_back(gradient_edge(*inputs[i]));
}

void History::add_output(Tensor& result) {
    node_->outputs.push_back({result.sizes(), result.dtype()});
    result.impl()->grad_fn = node_;
    result.impl()->output_nr = static_cast<std::int32_t>(node_->outputs.size()) - 1;
}

void History::rebase(Tensor& view, std::function<Tensors(Incoming)> backward) {
    TensorImpl& base = *view.impl()->base;
    const Tensor whole(&base);
    node_->name = "CopySlices";
    node_->next[0] = gradient_edge(whole);
    node_->outputs.push_back({base.sizes, base.dtype});
    node_->apply = [inner = std::move(backward), base_sizes = base.sizes, base_strides = base.strides,
                    sizes = view.sizes(), strides = view.strides()](Incoming in) {
        const Tensor& grad = in.grad();
        Tensor result = empty_strided(grad.device(), base_sizes, base_strides, grad.dtype());
        Tensors results;
        {
            Tensors slice = {empty(grad.device(), sizes, grad.dtype())};
            results = inner({slice, in.node});
        }
        if (!results.empty()) results[0] = std::move(result);
        return results;
    };
    base.grad_fn = node_;
    base.output_nr = 0;
    ++base.version;
    renew(*view.impl());
}

void set_requires_grad(const Tensor& leaf) { leaf.impl()->is_leaf_requiring_grad = true; }

void backward(const Tensor& root, Tensor gradient) {
    Device& device = root.device();
    const Within mode(device.grad_enabled, false);
    const Within in_backward(device.in_backward, true);
    const Edge edge = gradient_edge(root);
    Engine engine(*edge.node);
    engine.run(edge.node, static_cast<std::size_t>(edge.input_nr), std::move(gradient));
}

Saved::Saved(const Tensor& tensor, Device& device) {
    if (device.recomputation != nullptr && device.recomputation->takes(tensor, index_))
        recomputation_ = Ref<Recomputation>(device.recomputation);
    else
        tensor_ = detached(tensor);
}

void keeps_operands(Device& device, std::size_t count) {
    if (device.recomputation != nullptr && device.grad_enabled && count > 0) device.recomputation->keeps_before(count);
}

void keeps_factors(const Tensor& a, const Tensor& b) {
    keeps_operands(a.device(), (a.requires_grad() ? 1U : 0U) + (b.requires_grad() ? 1U : 0U));
}

Tensor Saved::unpack() const { return recomputation_ ? recomputation_->give(index_) : tensor_; }

}  // namespace footprint::aten
