// Call: one call of an operation while shapes are inferred: what it is given, and where it puts what comes out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/integer.hpp"
#include "model/model.hpp"
#include "model/tensor.hpp"

namespace footprint {

/// A shape whose sizes are what a rule of arithmetic computes with: Integer, or Term.
template <class N>
using ShapeOf = std::conditional_t<std::is_same_v<N, Integer>, Shape, std::vector<N>>;

/// A parameter or buffer that a module owns.
struct OwnedParameter {
    std::string name;  // "weight", "weight_ih_l0"
    Shape shape;
    Integer count;
    bool buffer = false;
    std::optional<DType> dtype = std::nullopt;  // none: the model's
};

/// What kind of Python value a call returns; it decides what torchsummary does, not what memory is used.
enum class Returned : std::uint8_t {
    tensor,
    tuple,
    nested,
    dictionary,
    nothing
};  // nested: a tuple with a non-tensor in it

class Call {
 public:
    /// Everything around the row, the same for all rows of one inference.
    struct Surroundings {
        Integer batch = 1;
        bool training = true;
        DType dtype = DType::float32;  // the model's: of parameters and of inputs that state none
        std::vector<Storage> storages;
        Diagnostics diagnostics;
    };

    Call(const Row& row, std::size_t number, Surroundings& surroundings)
        : row_(row), number_(number), around_(surroundings) {}

    // ── what it is given
    [[nodiscard]] const Row& row() const { return row_; }
    [[nodiscard]] std::size_t number() const { return number_; }  // from 1
    /// Its inputs are unknown: whether it is written rightly is all that can be judged.
    [[nodiscard]] bool only_attributes() const { return only_attributes_; }
    [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }
    [[nodiscard]] const Tensor& input(std::size_t i = 0) const { return *inputs_[i]; }
    [[nodiscard]] const Shape& shape(std::size_t i = 0) const { return inputs_[i]->shape; }
    /// A tensor passed by keyword (`weight`, `attn_mask`), or null.
    [[nodiscard]] const Tensor* keyword(std::string_view name) const;
    /// The same, which the module uses beside its parameters.
    const Tensor* take_keyword(std::string_view name);
    [[nodiscard]] Integer batch() const { return around_.batch; }
    [[nodiscard]] bool training() const { return row_.training.value_or(around_.training); }
    [[nodiscard]] DType default_dtype() const { return around_.dtype; }
    /// The type of the module's own parameters: the model's, unless its list of parameters says another.
    [[nodiscard]] DType parameter_dtype() const { return parameter_dtype_.value_or(around_.dtype); }

    // ── what comes out
    /// A new tensor of its own storage, contiguous. The type is the first input's unless one is given.
    void output(Shape shape, std::optional<DType> dtype = std::nullopt);
    /// The same with its elements so far apart; its storage ends with the last of them (torch.empty_strided).
    void output_strided(Shape shape, Strides strides);
    /// A tensor over the storage of `of`.
    void view(const Tensor& of, Shape shape, Strides strides);
    /// The tensor itself: nothing is made.
    void same(const Tensor& tensor) { outputs_.push_back(tensor); }
    /// Whether the first input can be written in place; fails where its elements share memory, as after expand.
    bool check_writable();
    /// A new tensor like the first input, or the first input itself where the row works in place.
    void elementwise();
    void returns(Returned returned) { returned_ = returned; }
    /// A parameter or buffer of the module's own, unless a tensor named in the row stands in its place (tied,
    /// computed).
    void own(OwnedParameter parameter);
    /// Whether a module has used every tensor that it is given by keyword; fails where one stands for a parameter that
    /// the module, as it is set, does not own.
    bool check_keywords_taken();

    // ── what is wrong
    /// An error on this row; `field` is the attribute to blame, or empty.
    Diagnostic& fail(std::string_view code, std::string_view field, std::string message);
    /// A warning on this row: PyTorch runs it, but warns itself, or runs it at other batch sizes only.
    Diagnostic& warn(std::string_view code, std::string_view field, std::string message);
    [[nodiscard]] bool failed() const { return failed_; }
    /// Settles an attribute that the incoming shape decides: fills it in when left out, fails when given and wrong.
    /// `what` says what the actual size is ("channels of the input").
    bool settle(std::string_view field, std::optional<std::int64_t>& attribute, Integer actual, std::string_view what);

    // ── read by the inference
    SmallVector<const Tensor*, 2> inputs_;
    std::vector<std::pair<std::string_view, const Tensor*>> keywords_;
    std::vector<Tensor> outputs_;
    std::vector<OwnedParameter> owned_;
    std::vector<std::pair<std::string_view, std::int64_t>> resolved_;
    Returned returned_ = Returned::tensor;
    std::optional<DType> parameter_dtype_;  // set before the layer infers
    bool only_attributes_ = false;          // the same

 private:
    [[nodiscard]] bool gradient_flows() const;
    Diagnostic& placed(Diagnostic& diagnostic, std::string_view field) const;

    const Row& row_;
    std::size_t number_;
    Surroundings& around_;
    bool failed_ = false;
    SmallVector<std::string_view, 2> taken_;  // keywords that were used
};

/// Makes a storage and returns its index.
std::int32_t new_storage(std::vector<Storage>& storages, Integer bytes, std::int32_t row);

}  // namespace footprint
