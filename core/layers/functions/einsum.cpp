// einsum: sums of products named by letters, "bhqd,bhkd->bhqk". Source: torch.einsum; order of the work and so the
// strides of the result: ATen/native/Linear.cpp (einsum, sumproduct_pair).
#include <algorithm>
#include <array>

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/functions/operands.hpp"
#include "layers/functions/sizes.hpp"
#include "layers/functions/strides.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::string_view kField = "equation";

/// A label: a letter, or one of the dimensions that "..." stands for, counted from the last.
struct Label {
    std::size_t id = 0;

    static constexpr std::size_t kLetters = 52;
    static Label letter(char c) {
        return {c >= 'a' ? static_cast<std::size_t>(c - 'a') + 26 : static_cast<std::size_t>(c - 'A')};
    }
    static Label ellipsis(std::size_t from_the_end) { return {kLetters + from_the_end}; }
};
constexpr std::size_t kLabels = Label::kLetters + kMostDimensions;
constexpr std::size_t kDots = static_cast<std::size_t>(-1);  // "..." in a list of letters

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

using Letters = std::vector<std::size_t>;

class Einsum {
 public:
    Einsum(Call& call, const std::string& equation) : call_(call), equation_(equation) {}

    void infer() {
        if (!parse() || !size_labels() || !order_output()) return;
        if (call_.input_count() == 1 && labels_.size() == output_.size()) return single();
        contract();
    }

 private:
    bool wrong(std::string_view code, const std::string& why) {
        call_.fail(code, kField, "the equation " + Value(equation_).in_words() + " " + why);
        return false;
    }

    /// One operand's letters; false where something else stands there.
    static bool read_letters(std::string_view text, Letters& into) {
        std::size_t dots = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == ' ') continue;
            if (is_letter(text[i])) {
                into.push_back(Label::letter(text[i]).id);
            } else if (text.substr(i, 3) == "..." && dots == 0) {
                into.push_back(kDots);
                i += 2;
                ++dots;
            } else {
                return false;
            }
        }
        return true;
    }

    bool parse() {
        std::string_view left = equation_;
        const std::size_t arrow = left.find("->");
        if (arrow != std::string_view::npos) {
            has_arrow_ = true;
            if (!read_letters(left.substr(arrow + 2), given_output_))
                return wrong("wrong-type", "has something else than letters and \"...\" after its arrow");
            left = left.substr(0, arrow);
        }
        for (;;) {
            const std::size_t comma = left.find(',');
            if (!read_letters(left.substr(0, comma), operands_.emplace_back()))
                return wrong("wrong-type", "has something else than letters, commas, \"...\" and one arrow");
            if (comma == std::string_view::npos) break;
            left = left.substr(comma + 1);
        }
        if (operands_.size() == call_.input_count()) return true;
        wrong("wrong-input-count", "is of " + plain(count_of(operands_.size())) + " tensors, but the row has " +
                                       plain(count_of(call_.input_count())));
        return false;
    }

    /// Finds what size each label has, and for each operand where its labels lie (a repeated one along its diagonal).
    bool size_labels() {
        sizes_.fill(-1);
        for (std::size_t i = 0; i < operands_.size(); ++i) {
            const Tensor& tensor = call_.input(i);
            const std::size_t named = static_cast<std::size_t>(
                std::count_if(operands_[i].begin(), operands_[i].end(), [](std::size_t id) { return id != kDots; }));
            const bool dots = named != operands_[i].size();
            if (named > tensor.rank() || (!dots && named != tensor.rank())) {
                return wrong("wrong-rank", "has " + plain(count_of(named)) + " letters for tensor " +
                                               plain(count_of(i)) + ", which has " + plain(count_of(tensor.rank())) +
                                               " dimensions");
            }
            const std::size_t hidden = tensor.rank() - named;
            if (hidden > kMostDimensions)
                return wrong("wrong-rank", "has \"...\" for more dimensions than PyTorch allows");
            most_hidden_ = std::max(most_hidden_, hidden);
            Strides& strides = strides_.emplace_back(kLabels, 0);
            Shape& shape = shapes_.emplace_back(kLabels, 1);
            std::vector<bool> seen(kLabels);
            std::size_t dimension = 0;
            for (const std::size_t id : operands_[i]) {
                if (id != kDots) {
                    if (!place(id, tensor, dimension++, strides, shape, seen)) return false;
                    continue;
                }
                for (std::size_t j = hidden; j-- > 0;)
                    if (!place(Label::ellipsis(j).id, tensor, dimension++, strides, shape, seen)) return false;
            }
        }
        return true;
    }

    bool place(std::size_t id, const Tensor& tensor, std::size_t dimension, Strides& strides, Shape& shape,
               std::vector<bool>& seen) {
        const Integer size = tensor.shape[dimension];
        if (seen[id] && shape[id] != size) {
            wrong("shape-mismatch", "names sizes " + plain(shape[id].value()) + " and " + plain(size.value()) +
                                        " of one tensor with one letter: they must agree");
            return false;
        }
        strides[id] += tensor.strides[dimension];
        shape[id] = size;
        seen[id] = true;
        if (size != 1) last_[id] = strides_.size() - 1;
        if (std::find(labels_.begin(), labels_.end(), id) == labels_.end()) labels_.push_back(id);
        Integer& common = sizes_[id];
        if (common == -1 || common == 1) {
            common = size;
        } else if (size != 1 && size != common) {
            call_
                .fail("shape-mismatch", kField,
                      "the equation " + Value(equation_).in_words() + " names sizes " + plain(common.value()) +
                          " and " + plain(size.value()) + " with one letter: they must agree")
                .values = {{"size", common.value()}, {"other", size.value()}};
            return false;
        }
        return true;
    }

    std::size_t times_named(std::size_t id) const {
        std::size_t times = 0;
        for (const Letters& letters : operands_)
            times += static_cast<std::size_t>(std::count(letters.begin(), letters.end(), id));
        return times;
    }

    void append_hidden() {
        for (std::size_t j = most_hidden_; j-- > 0;) output_.push_back(Label::ellipsis(j).id);
    }

    /// The labels of the result: those after the arrow, or else "..." and every letter that stands once, sorted.
    bool order_output() {
        if (!has_arrow_) {
            append_hidden();
            for (std::size_t id = 0; id < Label::kLetters; ++id)
                if (times_named(id) == 1) output_.push_back(id);
            return true;
        }
        for (const std::size_t id : given_output_) {
            if (id == kDots) {
                append_hidden();
                continue;
            }
            if (sizes_[id] == -1) return wrong("unknown-name", "has a letter after its arrow that no tensor has");
            if (std::find(output_.begin(), output_.end(), id) != output_.end())
                return wrong("duplicate-name", "has a letter twice after its arrow");
            output_.push_back(id);
        }
        return true;
    }

    /// One tensor and nothing to sum: a view.
    void single() {
        Shape shape;
        Strides strides;
        for (const std::size_t id : output_) {
            shape.push_back(shapes_[0][id]);
            strides.push_back(strides_[0][id]);
        }
        call_.view(call_.input(), std::move(shape), std::move(strides));
    }

    /// Multiplies the operands from the left, as PyTorch does without an optimizer of paths, and follows the strides.
    void contract() {
        Letters order = output_;  // labels of the result, then those that are summed
        for (const std::size_t id : labels_)
            if (std::find(output_.begin(), output_.end(), id) == output_.end()) order.push_back(id);
        Tensor product = arranged(0, order);
        for (std::size_t i = 1; i < operands_.size(); ++i) product = multiplied(product, arranged(i, order), order, i);
        Shape shape(product.shape.begin(), product.shape.begin() + static_cast<std::ptrdiff_t>(output_.size()));
        Strides strides(product.strides.begin(), product.strides.begin() + static_cast<std::ptrdiff_t>(output_.size()));
        if (call_.failed()) return;
        if (operands_.size() == 1)
            return call_.output(std::move(shape), is_floating(product.dtype) ? product.dtype : DType::int64);
        call_.output(std::move(shape), product.dtype);
        call_.outputs_.back().strides = std::move(strides);
    }

    Tensor arranged(std::size_t operand, const Letters& order) const {
        Tensor tensor;
        tensor.dtype = call_.input(operand).dtype;
        for (const std::size_t id : order) {
            tensor.shape.push_back(shapes_[operand][id]);
            // A label that the tensor lacks is put in as a last dimension, whose stride is 1.
            const bool lacking = tensor.shape.back() == 1 && strides_[operand][id] == 0;
            tensor.strides.push_back(lacking ? Integer(1) : strides_[operand][id]);
        }
        return tensor;
    }

    /// Sums dimensions that the other operand lacks; integers then become int64.
    static void sum(Tensor& tensor, const std::vector<bool>& summed, const Tensor& other) {
        bool any = false;
        for (std::size_t i = 0; i < summed.size(); ++i) {
            if (!summed[i] || tensor.shape[i] == 1 || other.shape[i] != 1) continue;
            tensor.shape[i] = 1;
            any = true;
        }
        if (!any) return;
        tensor.strides = contiguous_strides(tensor.shape);
        if (is_integral(tensor.dtype)) tensor.dtype = DType::int64;
    }

    /// All labels of the right operand alone stand before all of the left one alone.
    static bool right_comes_first(const Tensor& a, const Tensor& b, const std::vector<bool>& summed) {
        bool left_seen = false, right_seen = false;
        for (std::size_t i = 0; i < summed.size(); ++i) {
            if (summed[i] || (a.shape[i] != 1) == (b.shape[i] != 1)) continue;
            if (b.shape[i] != 1 && left_seen) return false;
            (b.shape[i] != 1 ? right_seen : left_seen) = true;
        }
        return left_seen && right_seen;
    }

    Tensor multiplied(Tensor a, Tensor b, const Letters& order, std::size_t last) {
        std::vector<bool> summed(order.size());
        for (std::size_t i = output_.size(); i < order.size(); ++i) summed[i] = last_[order[i]] <= last;
        const Tensor whole = a;
        sum(a, summed, b);
        sum(b, summed, whole);
        bool matrices = false;  // something is left to sum over both
        for (std::size_t i = 0; i < order.size(); ++i)
            matrices = matrices || (summed[i] && a.shape[i] != 1 && b.shape[i] != 1);
        Tensor result;
        result.dtype = promoted(a.dtype, b.dtype);
        for (std::size_t i = 0; i < order.size(); ++i)
            result.shape.push_back(summed[i] ? Integer(1) : a.shape[i] == 1 ? b.shape[i] : a.shape[i]);
        if (!matrices) {
            const Tensor* const operands[] = {&a, &b};
            result.strides = elementwise_strides(result.shape, operands);
            return result;
        }
        if (a.dtype != b.dtype && !call_.failed()) {
            const std::string first(name_of(a.dtype)), second(name_of(b.dtype));
            call_
                .fail("wrong-dtype", "inputs",
                      "einsum multiplies matrices of " + first + " and " + second +
                          ": give both one dtype, or convert one with a `to` row")
                .values = {{"dtype", first}, {"other", second}};
        }
        // A batched matrix product: labels of both, of the left alone, of the right alone.
        std::vector<std::size_t> places;
        const auto collect = [&](auto belongs) {
            for (std::size_t i = 0; i < order.size(); ++i)
                if (!summed[i] && belongs(a.shape[i] != 1, b.shape[i] != 1)) places.push_back(i);
        };
        collect([](bool left, bool right) { return left && right; });
        const auto of_left = [](bool left, bool right) { return left && !right; };
        const auto of_right = [](bool left, bool) { return !left; };
        if (right_comes_first(a, b, summed)) {  // PyTorch then exchanges the operands
            collect(of_right);
            collect(of_left);
        } else {
            collect(of_left);
            collect(of_right);
        }
        result.strides.assign(order.size(), 1);
        Integer next = 1;
        for (std::size_t i = places.size(); i-- > 0;) {
            result.strides[places[i]] = next;
            next *= larger(result.shape[places[i]], 1);
        }
        return result;
    }

    Call& call_;
    const std::string& equation_;
    std::vector<Letters> operands_;
    bool has_arrow_ = false;
    Letters given_output_;
    Letters output_, labels_;
    std::array<Integer, kLabels> sizes_{};
    std::array<std::size_t, kLabels> last_{};  // the last operand that has the label, with more than one element
    std::vector<Shape> shapes_;                // of each operand, by label; 1 where it lacks one
    std::vector<Strides> strides_;             // the same
    std::size_t most_hidden_ = 0;
};

struct EinsumFunction {
    const Value* equation = nullptr;

    void attributes(Fields& fields) {
        fields.value("equation", equation,
                     {.help = "letters of each input's dimensions, an arrow, letters of the result: \"bij,bjk->bik\"",
                      .required = true});
    }
    void infer(Call& call) const {
        if (const std::string* text = equation->text()) {
            Einsum(call, *text).infer();
            return;
        }
        call.fail("wrong-type", kField,
                  "equation is " + equation->in_words() + ", but must be a text such as \"bij,bjk->bik\"");
    }
};

}  // namespace

LayerType einsum_type() {
    return with(layer_type<EinsumFunction>("einsum", "linear", "sums of products, by letters of dimensions"),
                {1, kAnyNumber});
}

}  // namespace footprint
