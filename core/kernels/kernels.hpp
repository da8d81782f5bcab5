// The operations of ATen that networks call, as far as memory goes: each allocates and frees what PyTorch's does, in
// its order, and leaves the history that autograd needs. Sources are named at each family's file; the formulas of
// backward are those of tools/autograd/derivatives.yaml, which computes the gradients of a node in the order of its
// arguments' names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kernels/autograd.hpp"
#include "kernels/tensor.hpp"

namespace footprint::aten {

// ── iterator.cpp: elementwise results and reductions
/// The result of an elementwise operation: broadcast sizes, the operands' order of dimensions, their common type.
[[nodiscard]] Tensor binary_result(const Tensor& a, const Tensor& b, std::optional<DType> dtype = std::nullopt);
[[nodiscard]] Tensor elementwise_result(const std::vector<const Tensor*>& operands, DType dtype);
[[nodiscard]] Sizes broadcast(const Sizes& a, const Sizes& b);
/// What a reduction that is split over thread blocks takes while it runs; `accumulator` is the size of its partial
/// result.
void reduction_staging(const Tensor& self, const std::vector<bool>& reduced, std::int64_t accumulator = 4);
/// Sums to the sizes of an operand that was broadcast (at::sum_to).
[[nodiscard]] Tensor sum_to(const Tensor& grad, const Sizes& sizes);

// ── pointwise.cpp
enum class Keeps : std::uint8_t { nothing, self, result };
/// A function of each element whose backward makes one tensor from the gradient and what is kept.
[[nodiscard]] Tensor pointwise(std::string_view node, const Tensor& self, Keeps keeps);
/// The same where backward makes so many tensors of the input's size on the way, which live until it is done.
[[nodiscard]] Tensor pointwise(std::string_view node, const Tensor& self, Keeps keeps, std::int64_t steps);
/// The same in place: it keeps its result, or a copy of its input made before.
[[nodiscard]] Tensor pointwise_(std::string_view node, const Tensor& self, Keeps keeps);
[[nodiscard]] Tensor add(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor add_(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor sub(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor sub_(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor mul(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor mul_(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor div(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor div_(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor add_scalar(const Tensor& self);
[[nodiscard]] Tensor mul_scalar(const Tensor& self);  // a number, or division by one
[[nodiscard]] Tensor in_place(const Tensor& self);    // add_, mul_ with a number: nothing is made
[[nodiscard]] Tensor pow_scalar(const Tensor& self, double exponent);
[[nodiscard]] Tensor sqrt(const Tensor& self);
[[nodiscard]] Tensor rsqrt(const Tensor& self);
[[nodiscard]] Tensor reciprocal(const Tensor& self);
[[nodiscard]] Tensor maximum(const Tensor& self, const Tensor& other);
/// Bounded by numbers, by one or both.
[[nodiscard]] Tensor clamp(const Tensor& self, bool both, bool inplace);
[[nodiscard]] Tensor pow_tensor(const Tensor& self, const Tensor& exponent);
[[nodiscard]] Tensor exponential(const Tensor& exponent);  // a number to the power of a tensor
[[nodiscard]] Tensor atan2(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor addcmul(const Tensor& self, const Tensor& first, const Tensor& second, bool inplace);
[[nodiscard]] Tensor addcdiv(const Tensor& self, const Tensor& first, const Tensor& second, bool inplace);
[[nodiscard]] Tensor lerp(const Tensor& self, const Tensor& end, const Tensor& weight);  // undefined: a number
[[nodiscard]] Tensor where(const Tensor& condition, const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor masked_fill(const Tensor& self, const Tensor& mask);
[[nodiscard]] Tensor masked_fill_(const Tensor& self, const Tensor& mask);
[[nodiscard]] Tensor to(const Tensor& self, DType dtype);
[[nodiscard]] Tensor clone(const Tensor& self, bool make_contiguous = false);
[[nodiscard]] Tensor contiguous_copy(const Tensor& self);  // the tensor itself where it is contiguous
[[nodiscard]] Tensor glu(const Tensor& self, std::int64_t dim);
[[nodiscard]] Tensor prelu(const Tensor& self, const Tensor& weight);
[[nodiscard]] Tensor softmax(std::string_view node, const Tensor& self, DType dtype);
[[nodiscard]] Tensor dropout(const Tensor& self, bool inplace);
[[nodiscard]] Tensor feature_dropout(const Tensor& self, bool inplace);

// ── shape.cpp: views, copies of them, joining
[[nodiscard]] std::optional<Sizes> view_strides(const Tensor& self, const Sizes& sizes);
[[nodiscard]] Tensor view(const Tensor& self, Sizes sizes);
[[nodiscard]] Tensor reshape(const Tensor& self, const Sizes& sizes);
/// Pairs of numbers as complex ones, and back: views of another type.
[[nodiscard]] Tensor view_as_complex(const Tensor& self);
[[nodiscard]] Tensor view_as_real(const Tensor& self);
[[nodiscard]] Tensor unsafe_view(const Tensor& self, Sizes sizes);
[[nodiscard]] Tensor permute(const Tensor& self, const std::vector<std::size_t>& dims);
[[nodiscard]] Tensor transpose(const Tensor& self, std::int64_t a, std::int64_t b);
[[nodiscard]] Tensor t(const Tensor& self);
[[nodiscard]] Tensor expand(const Tensor& self, const Sizes& sizes);
[[nodiscard]] Tensor unsqueeze(const Tensor& self, std::int64_t dim);
[[nodiscard]] Tensor squeeze(const Tensor& self, Sizes sizes, Sizes strides);  // to what is left
/// A view of some elements, whose backward writes the gradient into zeros of the whole (slice, select, diagonal, …).
[[nodiscard]] Tensor part(std::string_view node, const Tensor& self, Sizes sizes, Sizes strides);
[[nodiscard]] Tensors split(const Tensor& self, std::int64_t dim, const std::vector<std::int64_t>& lengths);
[[nodiscard]] Tensors unbind(const Tensor& self, std::int64_t dim);
[[nodiscard]] Tensor cat(const Tensors& tensors, std::int64_t dim);
[[nodiscard]] Tensor stack(const Tensors& tensors, std::int64_t dim);
[[nodiscard]] Tensor repeat(const Tensor& self, std::vector<std::int64_t> repeats);
[[nodiscard]] Tensor repeat_interleave(const Tensor& self, std::int64_t repeats, std::int64_t dim);
/// Where elements are taken by tensors of indices, one for each of some dimensions that follow each other.
struct Picked {
    std::int64_t first = 0, count = 1;  // dimensions
    std::int64_t indices = 0;           // of each tensor, broadcast; 0: unknown
    bool on_host = false;               // the index tensors lie there: they are joined there, and then copied
};
[[nodiscard]] Tensor index(const Tensor& self, const Tensors& indices, Sizes sizes, Picked picked);
[[nodiscard]] Tensor index_select(const Tensor& self, const Tensor& index, Sizes sizes);
/// gather: the gradient is added into zeros; the input is kept for its sizes.
[[nodiscard]] Tensor gather(const Tensor& self, const Tensor& index, Sizes sizes);
/// Tensor.unfold: windows along a dimension, a view.
[[nodiscard]] Tensor windows(const Tensor& self, std::int64_t dim, Sizes sizes, Sizes strides);
/// im2col and col2im: the result is made as large as the input and then given its size.
[[nodiscard]] Tensor columns(std::string_view node, const Tensor& self, const Sizes& sizes);
/// A pool or a resampling: the result comes first, then the copies of what does not lie as the kernel reads it.
[[nodiscard]] Tensor resampled(std::string_view node, const Tensor& self, Sizes sizes, Keeps keeps = Keeps::nothing);
/// All of a tensor is written, in place.
[[nodiscard]] Tensor copy_(const Tensor& self, const Tensor& value);
/// x[…] = value: `part` of it is written, in place.
[[nodiscard]] Tensor assign(const Tensor& self, const Tensor& value, Sizes part);
/// A new tensor of the same elements in other places, whose backward makes one tensor of the input's size.
[[nodiscard]] Tensor rearranged(std::string_view node, const Tensor& self, Sizes sizes, Keeps keeps = Keeps::nothing);

// ── reduction.cpp
[[nodiscard]] Tensor sum(const Tensor& self, const std::vector<bool>& reduced, bool keepdim);
[[nodiscard]] Tensor mean(const Tensor& self, const std::vector<bool>& reduced, bool keepdim);
[[nodiscard]] Tensor max_over(const Tensor& self, const std::vector<bool>& reduced, bool keepdim);
/// Values and indices of the extremes along one dimension (max, min, median; sort and topk with the sizes of what they
/// keep).
struct Extremes {
    Tensor values, indices;
};
[[nodiscard]] Extremes extremes(const Tensor& self, Sizes sizes);
/// The extreme of all elements.
[[nodiscard]] Tensor extreme_of_all(const Tensor& self);
[[nodiscard]] Tensor vector_norm(const Tensor& self, const std::vector<bool>& reduced, bool keepdim, double p = 2);
[[nodiscard]] Tensor var(const Tensor& self, const std::vector<bool>& reduced, bool keepdim);
[[nodiscard]] Tensor standard_deviation(const Tensor& self, const std::vector<bool>& reduced, bool keepdim);
struct Moments {
    Tensor spread, mean;
};
/// Variance, or deviation, and mean at once.
[[nodiscard]] Moments var_mean(const Tensor& self, const std::vector<bool>& reduced, bool keepdim, bool deviation);
[[nodiscard]] Tensor logsumexp(const Tensor& self, const std::vector<bool>& reduced, bool keepdim);

// ── matmul.cpp
/// The libraries' workspaces, taken and given back.
void take_cublas_workspace(Device& device);
void take_cublaslt_workspace(Device& device);
[[nodiscard]] Tensor mm(const Tensor& self, const Tensor& mat2);
[[nodiscard]] Tensor bmm(const Tensor& self, const Tensor& mat2);
/// `offs`: where each group ends; undefined for two batches of matrices.
[[nodiscard]] Tensor grouped_mm(const Tensor& self, const Tensor& mat2, const Tensor& offs);
[[nodiscard]] Tensor addmm(const Tensor& bias, const Tensor& mat1, const Tensor& mat2);
/// beta · self + alpha · product; whether beta and alpha are other numbers than 1.
[[nodiscard]] Tensor baddbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, bool self_scaled = false,
                             bool scaled = false);
[[nodiscard]] Tensor matmul(const Tensor& self, const Tensor& other);
[[nodiscard]] Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias);
[[nodiscard]] Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias);

// ── convolution.cpp
struct ConvolutionArguments {
    Sizes output;  // its sizes
    std::int64_t groups = 1;
    bool transposed = false;
    bool dilated = false;
    std::int64_t stride = 1;  // of the last dimension; 0: they differ
};
[[nodiscard]] Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias,
                                 const ConvolutionArguments& arguments);

// ── normalization.cpp
[[nodiscard]] Tensor batch_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, bool training);
[[nodiscard]] Tensor instance_norm(const Tensor& input, const Tensor& weight, const Tensor& bias);
[[nodiscard]] Tensor layer_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, std::int64_t rows);
[[nodiscard]] Tensor rms_norm(const Tensor& input, const Tensor& weight, std::int64_t rows);
[[nodiscard]] Tensor group_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, std::int64_t groups);

// ── pooling.cpp
/// Pools that keep their input and the int64 indices of the maxima.
[[nodiscard]] Tensor max_pool(std::string_view node, const Tensor& self, const Sizes& output,
                              Tensor* indices = nullptr);
[[nodiscard]] Tensor max_unpool(const Tensor& self, const Tensor& indices, const Sizes& output);
/// Average pools, resampling: resampled(); padding: rearranged().

// ── attention.cpp
enum class AttentionBackend : std::uint8_t { flash, efficient, cudnn, math };
struct AttentionArguments {
    double dropout_p = 0;
    bool is_causal = false;
    bool enable_gqa = false;  // several heads of the query may share one of key and value
    std::optional<AttentionBackend> forced;
};
[[nodiscard]] Tensor safe_softmax(const Tensor& self);
[[nodiscard]] Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                                  const Tensor& mask, const AttentionArguments& arguments);

// ── embedding.cpp
[[nodiscard]] Tensor embedding(const Tensor& weight, const Tensor& indices);

// ── loss.cpp
enum class Reduction : std::uint8_t { none, mean, sum };
/// Of classes, or of a probability for each; `smooths`: with label_smoothing.
[[nodiscard]] Tensor cross_entropy(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::mean,
                                   bool smooths = false);
[[nodiscard]] Tensor mse_loss(const Tensor& input, const Tensor& target);

}  // namespace footprint::aten
