#include "layers/pooling.hpp"

#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"
#include "layers/outputs.hpp"

namespace footprint {
namespace {

/// Left out, the stride is the kernel's size; as a list it has no None in it.
bool settle_stride(Call& call, Sliding& sliding) {
    if (!sliding.stride.given) {
        sliding.stride = sliding.kernel_size;
        return true;
    }
    for (int i = 0; i < sliding.rank; ++i) {
        if (sliding.stride[i] != Tuple::kNone) continue;
        call.fail("wrong-type", "stride", "stride has a None among its numbers: leave it out as a whole, or give each");
        return false;
    }
    return true;
}

/// What a kernel makes of an input whose channels come last: cuDNN's and the two-dimensional kernels keep that order.
enum class Channels : std::uint8_t { kept, contiguous };

/// The output, and with it the indices of the largest values, int64 whatever the input is.
void pooled_output(Call& call, int rank, const Shape& shape, bool with_indices, Channels channels) {
    const auto one = [&](std::optional<DType> type) {
        if (channels == Channels::kept)
            output_as_image(call, rank, shape, type);
        else
            call.output(shape, type);
    };
    one(std::nullopt);
    if (!with_indices) return;
    one(DType::int64);
    call.returns(Returned::tuple);
}

bool check_pool_rank(Call& call, int spatial_dimensions) {
    return check_rank(call, {spatial_dimensions + 1, spatial_dimensions + 2});
}

/// In three dimensions PyTorch measures the window against the input without its padding (avg_pool3d_shape_check).
bool check_unpadded(Call& call, const Pool& pool) {
    for (int i = 0; i < pool.rank; ++i) {
        const Integer length = call.shape()[call.shape().size() - static_cast<std::size_t>(pool.rank - i)];
        if (pool.kernel_size[i] <= length) continue;
        Diagnostic& diagnostic =
            call.fail("kernel-exceeds-input", "kernel_size",
                      "the kernel reaches over " + plain(pool.kernel_size[i]) + ", but the " +
                          std::string(axis_word(pool.rank, i)) + " of the input is " + plain(length.value()) +
                          ", and " + call.row().op + " does not count the padding: take a smaller kernel");
        diagnostic.values = {{"kernel", pool.kernel_size[i]}, {"input", length.value()}};
        Tuple smaller_kernel = pool.kernel_size;
        smaller_kernel.values[static_cast<std::size_t>(i)] = length.value();
        diagnostic.fixes = {{"kernel_size", json_of(smaller_kernel)}};
        return false;
    }
    return true;
}

constexpr About kReturnIndices = {.help = "also returns where the largest values were"};
constexpr About kCeilMode = {.help = "rounds the output's size up instead of down"};

}  // namespace

void Pool::kernel_and_stride(Fields& fields) {
    fields.tuple("kernel_size", kernel_size, {.help = "size of the window", .least = 1, .required = true});
    fields.tuple("stride", stride,
                 {.help = "step of the window", .least = 1, .nullable = true, .otherwise = "kernel_size"});
}

std::optional<Shape> Pool::pooled(Call& call) {
    if (!check_pool_rank(call, rank) || !settle_stride(call, *this)) return std::nullopt;
    for (int i = 0; i < rank; ++i) {
        if (padding[i] <= kernel_size[i] / 2) continue;
        Diagnostic& diagnostic =
            call.fail("out-of-range", "padding",
                      "padding is " + plain(padding[i]) + ", but may be at most half of the kernel, " +
                          plain(kernel_size[i] / 2) + ": a window must not lie in the padding alone");
        diagnostic.values = {{"padding", padding[i]}, {"kernel", kernel_size[i]}};
        Tuple fixed_padding = padding;
        fixed_padding.values[static_cast<std::size_t>(i)] = kernel_size[i] / 2;
        diagnostic.fixes = {{"padding", json_of(fixed_padding)}};
        return std::nullopt;
    }
    Shape shape = sizes(call.shape(), Symbols<Integer>{});
    if (!check_windows(call, *this, std::span(shape).last(static_cast<std::size_t>(rank)))) return std::nullopt;
    return shape;
}

void Pool::average(Call& call, DType type) {
    std::optional<Shape> shape = pooled(call);
    if (!shape) return;
    if (rank < 3) return output_as_image(call, rank, std::move(*shape), type);
    if (check_unpadded(call, *this)) call.output(std::move(*shape), type);  // in three dimensions always contiguous
}

void MaxPool::attributes(Fields& fields) {
    kernel_and_stride(fields);
    fields.tuple("padding", padding, {.help = "added at both ends, at most half of the kernel", .least = 0});
    fields.tuple("dilation", dilation, {.help = "spacing of the window's elements", .least = 1});
    fields.boolean("return_indices", return_indices, kReturnIndices);
    fields.boolean("ceil_mode", ceil_mode, kCeilMode);
}

void MaxPool::infer(Call& call) {
    if (std::optional<Shape> shape = pooled(call)) pooled_output(call, rank, *shape, return_indices, Channels::kept);
}

void AvgPool::attributes(Fields& fields) {
    kernel_and_stride(fields);
    fields.tuple("padding", padding, {.help = "zeros added at both ends, at most half of the kernel", .least = 0});
    fields.boolean("ceil_mode", ceil_mode, kCeilMode);
    fields.boolean("count_include_pad", count_include_pad, {.help = "averages over the padding too"});
    if (rank > 1)
        fields.integer("divisor_override", divisor_override,
                       {.help = "divides by this instead of the window's size", .nullable = true});
}

void AvgPool::infer(Call& call) {
    if (divisor_override == 0) {
        call.fail("out-of-range", "divisor_override", "divisor_override is 0: take another number, or leave it out")
            .fixes = {{"divisor_override", ""}};
        return;
    }
    average(call, call.input().dtype);
}

void LPPool::attributes(Fields& fields) {
    fields.number("norm_type", norm_type, {.help = "power p of the average", .required = true});
    kernel_and_stride(fields);
    fields.boolean("ceil_mode", ceil_mode, kCeilMode);
}

void LPPool::infer(Call& call) {
    if (norm_type == 0) {
        call.fail("out-of-range", "norm_type",
                  "norm_type is 0, but must not be: take 1 for a sum, 2 for a root of squares");
        return;
    }
    const DType type = call.input().dtype;
    average(call, is_floating(type) ? type : call.default_dtype());
}

void AdaptivePool::output_size_field(Fields& fields) {
    // With one dimension PyTorch has no None here; with more, None keeps that dimension.
    fields.tuple("output_size", output_size,
                 {.help = "size of the output", .least = 0, .required = true, .nullable = rank > 1});
}

bool AdaptivePool::fits(Call& call) const {
    if (!output_size.given) {
        call.fail("missing", "output_size", "output_size is None: give a number, or a list in which None keeps a size");
        return false;
    }
    return check_pool_rank(call, rank) && check_floating(call);
}

void AdaptiveAvgPool::infer(Call& call) {
    if (!fits(call)) return;
    Shape shape = sizes(call.shape(), Symbols<Integer>{});
    if (rank == 3)
        call.output(std::move(shape));  // always contiguous
    else
        output_as_image(call, rank, std::move(shape));
}

void AdaptiveMaxPool::attributes(Fields& fields) {
    output_size_field(fields);
    fields.boolean("return_indices", return_indices, kReturnIndices);
}

void AdaptiveMaxPool::infer(Call& call) {
    if (fits(call))
        pooled_output(call, rank, sizes(call.shape(), Symbols<Integer>{}), return_indices,
                      rank == 3 ? Channels::contiguous : Channels::kept);
}

void FractionalMaxPool::attributes(Fields& fields) {
    fields.tuple("kernel_size", kernel_size, {.help = "size of the window", .least = 1, .required = true});
    fields.tuple("output_size", output_size,
                 {.help = "size of the output; or give output_ratio", .least = 0, .nullable = true});
    fields.numbers("output_ratio", output_ratio,
                   {.help = "output's size over the input's, between 0 and 1", .nullable = true});
    fields.boolean("return_indices", return_indices, kReturnIndices);
}

void FractionalMaxPool::infer(Call& call) {
    if (output_size.given == output_ratio.has_value()) {
        if (output_size.given)
            call.fail("unknown-attribute", "output_ratio", "output_size and output_ratio are both given: leave one out")
                .fixes = {{"output_ratio", ""}};
        else
            call.fail("missing", "output_size", call.row().op + " needs output_size or output_ratio: give one of them");
        return;
    }
    const auto spatial = static_cast<std::size_t>(rank);
    if (output_ratio && output_ratio->size() != 1 && output_ratio->size() != spatial) {
        call.fail("wrong-type", "output_ratio", "output_ratio must be one number or a list of " + plain(rank));
        return;
    }
    if (!check_pool_rank(call, rank) || !check_floating(call)) return;
    Shape shape = call.shape();
    for (std::size_t i = 0; i < spatial; ++i) {
        Integer& size = shape[shape.size() - spatial + i];
        const Integer length = size;
        const int axis = static_cast<int>(i);
        if (output_ratio) {
            const double ratio = output_ratio->size() == 1 ? output_ratio->front() : (*output_ratio)[i];
            if (!(ratio > 0 && ratio < 1)) {
                call.fail("out-of-range", "output_ratio",
                          "output_ratio must lie between 0 and 1, but is " + fixed(ratio, 6))
                    .values = {{"output_ratio", fixed(ratio, 6)}};
                return;
            }
            // PyTorch multiplies in double precision and cuts off, so this does too.
            size = static_cast<std::int64_t>(static_cast<double>(length.value()) * ratio);
        } else if (output_size[axis] != Tuple::kNone) {
            size = output_size[axis];
        } else {
            call.fail("wrong-type", "output_size", "output_size has a None among its numbers: give each");
            return;
        }
        // In three dimensions PyTorch wants one place more than it needs (FractionalMaxPool3d.cpp has <, 2d has <=).
        if (size + kernel_size[axis] - 1 <= length - (rank == 3 ? 1 : 0)) continue;
        const bool kernel_alone = kernel_size[axis] > length;
        call.fail(kernel_alone ? "kernel-exceeds-input" : "out-of-range",
                  kernel_alone   ? "kernel_size"
                  : output_ratio ? "output_ratio"
                                 : "output_size",
                  "a kernel of " + plain(kernel_size[axis]) + " finds no " + plain(size.value()) + " places over the " +
                      std::string(axis_word(rank, axis)) + " " + plain(length.value()) +
                      " of the input: take a smaller kernel or a smaller output")
            .values = {{"kernel", kernel_size[axis]}, {"output", size.value()}, {"input", length.value()}};
        return;
    }
    pooled_output(call, rank, shape, return_indices, Channels::contiguous);
}

void MaxUnpool::attributes(Fields& fields) {
    fields.tuple("kernel_size", kernel_size, {.help = "size of the pool's window", .least = 1, .required = true});
    fields.tuple("stride", stride,
                 {.help = "step of the pool's window", .least = 1, .nullable = true, .otherwise = "kernel_size"});
    fields.tuple("padding", padding, {.help = "padding of the pool", .least = 0});
    fields.sizes("output_size", output_size,
                 {.help = "size of the output, where the pool's rounding leaves a choice", .nullable = true});
}

void MaxUnpool::infer(Call& call) {
    if (!check_pool_rank(call, rank) || !check_indices(call, IndexTypes::int64, 1) ||
        !check_shape(call, "inputs", "the tensor of indices", call.input(1), call.shape()) ||
        !settle_stride(call, *this) || !choose(call))
        return;
    Shape shape = sizes(call.shape(), Symbols<Integer>{});
    if (check_sizes(call, "padding", shape, 0)) output_as_image(call, rank, std::move(shape));
}

/// output_size: spatial sizes, or those of the whole batched tensor, each less than a stride from the default
/// (torch.nn.functional, _unpool_output_size).
bool MaxUnpool::choose(Call& call) {
    if (!output_size) return true;
    const auto spatial = static_cast<std::size_t>(rank);
    if (output_size->size() != spatial && output_size->size() != spatial + 2) {
        call.fail("shape-mismatch", "output_size",
                  "output_size has " + plain(static_cast<std::int64_t>(output_size->size())) +
                      " sizes, but must have " + plain(rank) + " or " + plain(rank + 2))
            .values = {{"sizes", static_cast<std::int64_t>(output_size->size())}, {"dimensions", rank}};
        return false;
    }
    const Shape standard = sizes(call.shape(), Symbols<Integer>{});
    std::vector<std::int64_t> wanted;
    for (std::size_t i = 0; i < spatial; ++i) {
        const Integer size = (*output_size)[output_size->size() - spatial + i].at(call.batch());
        const Integer usual = standard[standard.size() - spatial + i];
        const std::int64_t step = stride[static_cast<int>(i)];
        if (size.overflowed() || usual.overflowed() || !(usual - step < size && size < usual + step)) {
            call.fail("out-of-range", "output_size",
                      "the " + std::string(axis_word(rank, static_cast<int>(i))) + " of output_size must be above " +
                          plain((usual - step).value()) + " and below " + plain((usual + step).value()))
                .values = {{"output_size", size.value()}, {"default", usual.value()}, {"stride", step}};
            return false;
        }
        wanted.push_back(size.value());
    }
    chosen = std::move(wanted);
    return true;
}

namespace {

template <class T>
LayerType pooling(std::string_view op, std::string_view summary) {
    return layer_type<T>(op, "pooling", summary);
}

constexpr Inputs kValuesAndIndices = {2, 2};

}  // namespace

LayerType MaxPool1d_type() {
    return pooling<Of<MaxPool, 1>>("MaxPool1d", "largest value of each window over (N, C, L)");
}
LayerType MaxPool2d_type() {
    return pooling<Of<MaxPool, 2>>("MaxPool2d", "largest value of each window over (N, C, H, W)");
}
LayerType MaxPool3d_type() {
    return pooling<Of<MaxPool, 3>>("MaxPool3d", "largest value of each window over (N, C, D, H, W)");
}
LayerType AvgPool1d_type() { return pooling<Of<AvgPool, 1>>("AvgPool1d", "mean of each window over (N, C, L)"); }
LayerType AvgPool2d_type() { return pooling<Of<AvgPool, 2>>("AvgPool2d", "mean of each window over (N, C, H, W)"); }
LayerType AvgPool3d_type() { return pooling<Of<AvgPool, 3>>("AvgPool3d", "mean of each window over (N, C, D, H, W)"); }
LayerType AdaptiveMaxPool1d_type() {
    return pooling<Of<AdaptiveMaxPool, 1>>("AdaptiveMaxPool1d", "max pooling of (N, C, L) to a wanted size");
}
LayerType AdaptiveMaxPool2d_type() {
    return pooling<Of<AdaptiveMaxPool, 2>>("AdaptiveMaxPool2d", "max pooling of (N, C, H, W) to a wanted size");
}
LayerType AdaptiveMaxPool3d_type() {
    return pooling<Of<AdaptiveMaxPool, 3>>("AdaptiveMaxPool3d", "max pooling of (N, C, D, H, W) to a wanted size");
}
LayerType AdaptiveAvgPool1d_type() {
    return pooling<Of<AdaptiveAvgPool, 1>>("AdaptiveAvgPool1d", "average pooling of (N, C, L) to a wanted size");
}
LayerType AdaptiveAvgPool2d_type() {
    return pooling<Of<AdaptiveAvgPool, 2>>("AdaptiveAvgPool2d", "average pooling of (N, C, H, W) to a wanted size");
}
LayerType AdaptiveAvgPool3d_type() {
    return pooling<Of<AdaptiveAvgPool, 3>>("AdaptiveAvgPool3d", "average pooling of (N, C, D, H, W) to a wanted size");
}
LayerType LPPool1d_type() { return pooling<Of<LPPool, 1>>("LPPool1d", "power average of each window over (N, C, L)"); }
LayerType LPPool2d_type() {
    return pooling<Of<LPPool, 2>>("LPPool2d", "power average of each window over (N, C, H, W)");
}
LayerType LPPool3d_type() {
    return pooling<Of<LPPool, 3>>("LPPool3d", "power average of each window over (N, C, D, H, W)");
}
LayerType FractionalMaxPool2d_type() {
    return pooling<Of<FractionalMaxPool, 2>>("FractionalMaxPool2d", "max pooling of (N, C, H, W) with random windows");
}
LayerType FractionalMaxPool3d_type() {
    return pooling<Of<FractionalMaxPool, 3>>("FractionalMaxPool3d",
                                             "max pooling of (N, C, D, H, W) with random windows");
}
LayerType MaxUnpool1d_type() {
    return with(pooling<Of<MaxUnpool, 1>>("MaxUnpool1d", "undoes MaxPool1d: values and indices (N, C, L)"),
                kValuesAndIndices);
}
LayerType MaxUnpool2d_type() {
    return with(pooling<Of<MaxUnpool, 2>>("MaxUnpool2d", "undoes MaxPool2d: values and indices (N, C, H, W)"),
                kValuesAndIndices);
}
LayerType MaxUnpool3d_type() {
    return with(pooling<Of<MaxUnpool, 3>>("MaxUnpool3d", "undoes MaxPool3d: values and indices (N, C, D, H, W)"),
                kValuesAndIndices);
}

}  // namespace footprint
