// Linear maps, convolutions and embeddings.
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Tensor;

void linear(RowRun& run) { run.outputs = {aten::linear(run.input(), run.tensor("weight", 1), run.tensor("bias", 2))}; }
void bilinear(RowRun& run) {
    run.outputs = {aten::bilinear(run.input(), run.input(1), run.tensor("weight", 2), run.tensor("bias", 3))};
}
void matmul(RowRun& run) { run.outputs = {aten::matmul(run.input(), run.input(1))}; }
void mm(RowRun& run) { run.outputs = {aten::mm(run.input(), run.input(1))}; }
void bmm(RowRun& run) { run.outputs = {aten::bmm(run.input(), run.input(1))}; }
void addmm(RowRun& run) { run.outputs = {aten::addmm(run.input(), run.input(1), run.input(2))}; }
void grouped_mm(RowRun& run) {
    run.outputs = {aten::grouped_mm(run.input(), run.input(1), run.inputs.size() > 2 ? run.input(2) : Tensor())};
}

void baddbmm(RowRun& run) {
    run.outputs = {aten::baddbmm(run.input(), run.input(1), run.input(2), run.number("beta", 1) != 1,
                                 run.number("alpha", 1) != 1)};
}
void outer(RowRun& run) { run.outputs = {aten::mul(aten::unsqueeze(run.input(), 1), run.input(1))}; }

/// The first number of an attribute that may be a list; 0 where the list's numbers differ.
std::int64_t one_number(const RowRun& run, std::string_view name) {
    const auto list = run.integers(name);
    if (!list || list->empty()) return 1;
    for (const std::int64_t number : *list)
        if (number != list->front()) return 0;
    return list->front();
}

void convolution(RowRun& run) {
    const Tensor weight = run.tensor("weight", 1), bias = run.tensor("bias", 2);
    const auto spatial = static_cast<std::size_t>(weight.dim()) - 2;
    Tensor input = run.input();
    const bool unbatched = input.dim() + 1 == weight.dim();
    if (unbatched) input = aten::unsqueeze(input, 0);
    aten::ConvolutionArguments arguments;
    arguments.groups = run.integer("groups", 1);
    arguments.transposed = run.row.op.find("ranspose") != std::string::npos;
    arguments.stride = one_number(run, "stride");
    arguments.dilated = one_number(run, "dilation") != 1;
    arguments.output = run.out_sizes();
    if (unbatched) arguments.output.insert(arguments.output.begin(), 1);
    // Padding that the kernel cannot do itself is done before: another mode's, or more at one end ("same").
    const std::string_view mode = run.word("padding_mode", "zeros");
    const bool same = run.word("padding", "") == "same";
    if (mode != "zeros" || same) {
        aten::Sizes padded = input.sizes();
        bool uneven = false;
        const auto padding = run.integers("padding");
        const auto dilation = run.integers("dilation").value_or(std::vector<std::int64_t>{1});
        for (std::size_t i = 0; i < spatial; ++i) {
            std::int64_t& length = padded[padded.size() - spatial + i];
            const std::int64_t reach =
                dilation[i < dilation.size() ? i : 0] * (weight.size(static_cast<std::int64_t>(2 + i)) - 1);
            if (same) {
                uneven = uneven || reach % 2 != 0;
                length += mode == "zeros" ? reach % 2 : reach;
            } else if (padding) {
                length += 2 * (*padding)[i < padding->size() ? i : 0];
            }
        }
        if (mode != "zeros")
            input = aten::rearranged("ReflectionPad2DBackward0", input, padded,
                                     mode == "circular" ? aten::Keeps::nothing : aten::Keeps::self);
        else if (uneven)
            input = aten::rearranged("ConstantPadNdBackward0", input, padded);
    }
    Tensor result = aten::convolution(input, weight, bias, arguments);
    run.outputs = {unbatched ? aten::view(result, run.out_sizes()) : result};
}

void embedding(RowRun& run) {
    // F.embedding(input, weight): the indices come first.
    run.outputs = {aten::embedding(run.tensor("weight", 1), run.input())};
}

/// Offsets, the bag of each index and the bags' sizes are kept; backward sorts the indices.
void embedding_bag(RowRun& run) {
    const Tensor weight = run.tensor("weight", 1), indices = run.input();
    const std::int64_t count = indices.numel(), bags = run.out_sizes()[0];
    const Tensor offsets = aten::empty(run.device, {bags}, DType::int64);
    Tensor bag_size = aten::empty(run.device, {bags}, DType::int64);
    Tensor offset2bag = aten::empty(run.device, {count}, DType::int64);
    Tensor result = aten::empty(run.device, run.out_sizes(), run.out_dtype());
    if (aten::History history{"EmbeddingBagBackward0", {&weight}})
        history.of(result, [offsets = history.save(offsets), bag_size = history.save(bag_size),
                            offset2bag = history.save(offset2bag), indices = history.save(indices), count,
                            table = weight.sizes()](aten::Incoming in) {
            const Tensor at = indices.unpack(), bag = offset2bag.unpack(), size = bag_size.unpack(),
                         start = offsets.unpack();
            aten::Device& on = in.grad().device();
            const Tensor sorted = aten::empty(on, {count}, DType::int64),
                         original = aten::empty(on, {count}, DType::int64);
            Tensor grad = aten::empty(on, table, in.grad().dtype());
            const Tensor counts = aten::empty(on, {count}, DType::int64);
            return aten::Tensors{std::move(grad)};
        });
    run.outputs = {result};
}

}  // namespace

std::vector<Lowered> matrix_lowerings() {
    return {
        {"Linear", linear},
        {"linear", linear},
        {"Bilinear", bilinear},
        {"bilinear", bilinear},
        {"matmul", matmul},
        {"mm", mm},
        {"bmm", bmm},
        {"_grouped_mm", grouped_mm},
        {"mv", matmul},
        {"dot", matmul},
        {"outer", outer},
        {"addmm", addmm},
        {"baddbmm", baddbmm},
        {"Conv1d", convolution},
        {"Conv2d", convolution},
        {"Conv3d", convolution},
        {"ConvTranspose1d", convolution},
        {"ConvTranspose2d", convolution},
        {"ConvTranspose3d", convolution},
        {"conv1d", convolution},
        {"conv2d", convolution},
        {"conv3d", convolution},
        {"conv_transpose1d", convolution},
        {"conv_transpose2d", convolution},
        {"conv_transpose3d", convolution},
        {"Embedding", embedding},
        {"embedding", embedding},
        {"EmbeddingBag", embedding_bag},
    };
}

}  // namespace footprint
