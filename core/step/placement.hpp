// Placement: the model's parameters and buffers on the device, as model.to("cuda") moves them, one by one in the list's
// order; and the order of model.parameters(), which is another.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "estimate/infer.hpp"
#include "kernels/kernels.hpp"
#include "model/model.hpp"
#include "model/run.hpp"

namespace footprint {

struct Placed {
    std::string path;
    aten::Tensor tensor = {};
    DType dtype = DType::float32;
    bool buffer = false, trainable = false;
    std::size_t tied_to = static_cast<std::size_t>(-1);  // the one that it is, into the placement; none: its own
};

class Placement {
 public:
    Placement(const Model& model, const Inference& inference, const Training& training, bool grads,
              aten::Device& device);

    /// By its path, or null.
    [[nodiscard]] const Placed* find(std::string_view path) const;
    /// Parameters and buffers, each once: a module's own before its children's.
    [[nodiscard]] std::vector<const Placed*> in_order() const;

 private:
    void place(std::string path, const aten::Sizes& sizes, DType dtype, bool buffer, bool trainable);
    void flatten(const std::vector<std::size_t>& weights);
    void cast();
    void order_below(std::size_t prefix, const std::vector<std::size_t>& members,
                     std::vector<const Placed*>& order) const;

    const Training& training_;
    bool grads_;
    aten::Device& device_;
    std::vector<Placed> placed_;
    std::unordered_map<std::string, std::size_t> at_;
    struct RecurrentModule {
        std::size_t owns = 0;             // parameters
        std::vector<std::size_t> placed;  // those of them that are on the device by now, into placed_
    };
    std::unordered_map<std::string, RecurrentModule> recurrent_;  // by path
};

[[nodiscard]] aten::Sizes sizes_of(const Shape& shape);
/// Of parameters and inputs that state none: `precision` bf16 and fp16 lower it.
[[nodiscard]] DType model_dtype(const Training& training);
/// A module of nn.RNNBase, whose parameters lie in one buffer.
[[nodiscard]] bool is_recurrent(std::string_view op);
/// The dotted path of a row's module, or a word for one without a name.
[[nodiscard]] std::string module_path(const Model& model, const Inference& inference, std::size_t row);

}  // namespace footprint
