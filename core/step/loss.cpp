#include "step/loss.hpp"

#include "base/number.hpp"

namespace footprint {
namespace {

using aten::Sizes;
using aten::Tensor;
using aten::Tensors;

std::vector<bool> everything(const Tensor& tensor) { return std::vector<bool>(tensor.sizes().size(), true); }

/// out.float().pow(2).mean()
Tensor pow2(const Tensor& out) {
    return aten::mean(aten::pow_scalar(aten::to(out, DType::float32), 2), everything(out), false);
}

/// One output, or the main one with the auxiliary ones: of a named tuple weighed and newest first, of a dict summed.
Tensor cross_entropies(const Tensors& out, Outputs kind, const Tensor& target) {
    Tensor loss = kind == Outputs::dictionary ? aten::add_scalar(aten::cross_entropy(out[0], target))
                                              : aten::cross_entropy(out[0], target);
    if (kind == Outputs::named_tuple) {
        for (std::size_t i = out.size(); i-- > 1;) {
            if (!out[i].defined()) continue;
            const Tensor weighed = aten::mul_scalar(aten::cross_entropy(out[i], target));
            loss = aten::add(loss, weighed);
        }
    }
    for (std::size_t i = 1; i < out.size() && kind == Outputs::dictionary; ++i) {
        if (!out[i].defined()) continue;
        const Tensor one = aten::cross_entropy(out[i], target);
        loss = aten::add(loss, one);
    }
    return loss;
}

std::string sizes_in_words(const Sizes& sizes) {
    std::string text;
    for (const std::int64_t size : sizes) text += (text.empty() ? "(" : ", ") + plain(size);
    return text + ")";
}

/// One item of a batch: x[i].
Tensor item(const Tensor& batch) {
    Sizes sizes = batch.sizes(), strides = batch.strides();
    sizes.erase(sizes.begin());
    strides.erase(strides.begin());
    return aten::part("SelectBackward0", batch, std::move(sizes), std::move(strides));
}

/// Similarity of one image (D, H, W) and one caption (D, T) of DAVEnet: the best position for each frame, averaged.
Tensor misa(const Tensor& image, const Tensor& audio) {
    const std::int64_t depth = image.size(0), height = image.size(1), width = image.size(2), frames = audio.size(1);
    const Tensor matchmap =
        aten::view(aten::mm(aten::t(aten::view(image, {depth, height * width})), audio), {height, width, frames});
    aten::Extremes best = aten::extremes(matchmap, {width, frames});
    best = aten::extremes(best.values, {frames});
    return aten::mean(best.values, {true}, false);
}

/// DAVEnet's published sampled margin ranking loss, with every hinge counted: impostors are the next item of the batch.
Tensor sampled_margin_rank(const Tensor& images, const Tensor& audios) {
    aten::Device& device = images.device();
    const std::int64_t items = images.size(0);
    Tensor loss = aten::empty(device, {1}, DType::float32);
    aten::set_requires_grad(loss);
    Tensor anchor, image_impostor, audio_impostor, difference, impostor;
    for (std::int64_t i = 0; i < items && !device.given_up(); ++i) {
        // Python takes the image first, then the caption.
        const auto similarity = [&] {
            const Tensor image = item(images);
            const Tensor audio = item(audios);
            return misa(image, audio);
        };
        anchor = similarity();
        image_impostor = similarity();
        audio_impostor = similarity();
        for (const Tensor* one : {&image_impostor, &audio_impostor}) {
            impostor = *one;
            difference = aten::sub(aten::add_scalar(impostor), anchor);
            {
                const Tensor positive = aten::empty(device, {}, DType::boolean);
                const Tensor all = aten::empty(device, {}, DType::boolean);
            }
            loss = aten::add(loss, difference);
        }
    }
    return aten::mul_scalar(loss);
}

}  // namespace

std::string trouble_with_loss(std::string_view name, const Tensors& out) {
    const auto has = [&](std::size_t i) { return i < out.size() && out[i].defined(); };
    if (!has(0)) return "the model returns no tensor that a loss could be made of";
    if (name != "misa") return {};
    if (!has(1))
        return "misa takes two outputs, of captions (N, D, T) and of images (N, D, H, W), but the model returns one";
    const Sizes &audio = out[0].sizes(), &image = out[1].sizes();
    if (audio.size() == 3 && image.size() == 4 && audio[0] == image[0] && audio[1] == image[1]) return {};
    return "misa takes captions (N, D, T) and images (N, D, H, W) of the same N and D, but the model returns " +
           sizes_in_words(audio) + " and " + sizes_in_words(image);
}

Tensor loss_of(std::string_view name, const Tensors& out, Outputs kind, const Tensor& target, const Tensor& marked) {
    if (name == "model") return marked;
    if (out.empty() || !out[0].defined()) return {};
    if (name == "ce" && target.defined()) return cross_entropies(out, kind, target);
    if (name == "mse" && target.defined()) return aten::mse_loss(out[0], target);
    if (name == "pow2") return pow2(out[0]);
    if (name == "sum") return aten::sum(out[0], everything(out[0]), false);
    if (name == "misa" && out.size() > 1) return sampled_margin_rank(out[1], out[0]);
    return {};
}

}  // namespace footprint
