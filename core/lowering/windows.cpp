// Pools, padding, resampling: what moves a window over the input, or changes its size.
#include <algorithm>

#include "kernels/autocast.hpp"
#include "lowering/families.hpp"
#include "lowering/general.hpp"

namespace footprint {
namespace {

using aten::Keeps;
using aten::Tensor;

void max_pool(RowRun& run) {
    Tensor indices;
    const std::string_view node = run.row.op.find("daptive") != std::string::npos ? "AdaptiveMaxPool2DBackward0"
                                                                                  : "MaxPool2DWithIndicesBackward0";
    run.outputs = {aten::max_pool(node, run.input(), run.out_sizes(), &indices)};
    if (run.inferred.outputs.size() > 1) run.outputs.push_back(indices);
}

void avg_pool(RowRun& run) {
    run.outputs = {aten::resampled("AvgPool2DBackward0", run.input(), run.out_sizes(), Keeps::self)};
}

/// An average to one value is a mean (adaptive_avg_pool2d); any other is a pool that keeps its input.
void adaptive_avg_pool(RowRun& run) {
    const Tensor input = run.input();
    const aten::Sizes out = run.out_sizes();
    const std::size_t digit = run.row.op.find_first_of("123");
    const std::size_t dimensions = digit == std::string::npos
                                       ? input.sizes().size() - 2  // interpolate's mode "area", of a batch of images
                                       : static_cast<std::size_t>(run.row.op[digit] - '0');
    std::vector<bool> over(input.sizes().size(), false);
    bool to_one = true;
    for (std::size_t i = over.size() - dimensions; i < over.size(); ++i) {
        over[i] = true;
        to_one = to_one && out[i] == 1;
    }
    if (to_one && dimensions == 2 && input.dim() == 4 && input.suggests_channels_last()) {  // strided as such
        const std::int64_t channels = input.size(1);
        run.outputs = {
            aten::part("AsStridedBackward0", aten::mean(input, over, true), out, {channels, 1, channels, channels})};
    } else if (to_one && dimensions == 1) {  // through a view with one more dimension
        over.insert(over.end() - 1, true);
        run.outputs = {aten::view(aten::mean(aten::unsqueeze(input, -2), over, true), out)};
    } else {
        run.outputs = {to_one ? aten::mean(input, over, true)
                              : aten::resampled("AdaptiveAvgPool2DBackward0", input, out, Keeps::self)};
    }
}

/// ‖·‖ₚ of windows: a power, an average, then sign, relu and a root (torch.nn.functional.lp_pool2d).
void lp_pool(RowRun& run) {
    const Tensor average = aten::resampled(
        "AvgPool2DBackward0", aten::pow_scalar(run.input(), run.number("norm_type", 2)), run.out_sizes(), Keeps::self);
    const Tensor magnitude =
        aten::pointwise("ReluBackward0", aten::pointwise("AbsBackward0", average, Keeps::self), Keeps::result);
    const Tensor sign = aten::empty_like(average);
    const Tensor positive = aten::mul(sign, magnitude);
    run.outputs = {aten::pow_scalar(aten::mul_scalar(positive), 0.5)};
}

void copied(RowRun& run) {
    if (run.is_view() && run.out_sizes() == run.input().sizes()) {
        run.outputs = {run.input()};
        return;
    }
    run.outputs = {aten::rearranged("UpsampleNearest2DBackward0", run.input(), run.out_sizes())};
}

void upsampled(RowRun& run) {
    if (run.is_view() && run.out_sizes() == run.input().sizes()) return copied(run);
    if (run.word("mode", "nearest") == "area") return adaptive_avg_pool(run);
    run.outputs = {aten::resampled("UpsampleNearest2DBackward0", aten::in_float32(run.input()), run.out_sizes())};
}

/// Tensor.unfold is a view of windows along a dimension; the function and the module copy those of images.
void unfold(RowRun& run) {
    const bool of_tensor = run.row.attribute("dimension") != nullptr || run.is_view();
    const std::size_t rank = run.input().sizes().size();
    if (of_tensor)
        run.outputs = {aten::windows(run.input(), static_cast<std::int64_t>(run.dimension("dimension", 0, rank)),
                                     run.out_sizes(), run.out_strides())};
    else
        run.outputs = {aten::columns("Im2ColBackward0", run.input(), run.out_sizes())};
}

void fold(RowRun& run) { run.outputs = {aten::columns("Col2ImBackward0", run.input(), run.out_sizes())}; }

void max_unpool(RowRun& run) {
    if (run.inputs.size() < 2) return general(run);
    run.outputs = {aten::max_unpool(run.input(), run.input(1), run.out_sizes())};
}

/// Reflected and replicated padding keep their input.
void padded(RowRun& run) {
    const std::string& op = run.row.op;
    const std::string_view mode = op == "pad" ? run.word("mode", "constant") : std::string_view(op);
    const bool keeps = mode.find("eflect") != std::string_view::npos || mode.find("eplicat") != std::string_view::npos;
    run.outputs = {aten::rearranged(keeps ? "ReflectionPad2DBackward0" : "ConstantPadNdBackward0", run.input(),
                                    run.out_sizes(), keeps ? Keeps::self : Keeps::nothing)};
}

}  // namespace

std::vector<Lowered> window_lowerings() {
    std::vector<Lowered> list = {
        {"Upsample", upsampled},
        {"UpsamplingNearest2d", upsampled},
        {"UpsamplingBilinear2d", upsampled},
        {"interpolate", upsampled},
        {"PixelShuffle", copied},
        {"pixel_shuffle", copied},
        {"PixelUnshuffle", copied},
        {"pixel_unshuffle", copied},
        {"ChannelShuffle", copied},
        {"channel_shuffle", copied},
        {"Fold", fold},
        {"fold", fold},
        {"Unfold", unfold},
        {"unfold", unfold},
        {"grid_sample", general},
        {"affine_grid", general},
        {"pad", padded},
        {"MaxUnpool1d", max_unpool},
        {"MaxUnpool2d", max_unpool},
        {"MaxUnpool3d", max_unpool},
        {"max_unpool1d", max_unpool},
        {"max_unpool2d", max_unpool},
        {"max_unpool3d", max_unpool},
    };
    for (const std::string_view op :
         {"MaxPool1d", "MaxPool2d", "MaxPool3d", "max_pool1d", "max_pool2d", "max_pool3d", "AdaptiveMaxPool1d",
          "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
          "FractionalMaxPool2d", "FractionalMaxPool3d", "fractional_max_pool2d", "fractional_max_pool3d"})
        list.push_back({op, max_pool});
    for (const std::string_view op : {"AvgPool1d", "AvgPool2d", "AvgPool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"})
        list.push_back({op, avg_pool});
    for (const std::string_view op : {"AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d",
                                      "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"})
        list.push_back({op, adaptive_avg_pool});
    for (const std::string_view op : {"LPPool1d", "LPPool2d", "LPPool3d", "lp_pool1d", "lp_pool2d", "lp_pool3d"})
        list.push_back({op, lp_pool});
    for (const std::string_view op :
         {"ZeroPad1d", "ZeroPad2d", "ZeroPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d",
          "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d",
          "CircularPad1d", "CircularPad2d", "CircularPad3d"})
        list.push_back({op, padded});
    return list;
}

}  // namespace footprint
