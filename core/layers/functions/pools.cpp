// Pools and dropout as functions. What they do is their modules'.
#include "layers/dropout.hpp"
#include "layers/layer.hpp"
#include "layers/pooling.hpp"

namespace footprint {
namespace {

template <class T>
LayerType pool(std::string_view op, std::string_view summary, std::uint8_t inputs = 1) {
    return with(layer_type<T>(op, "pooling", summary), {inputs, inputs});
}

template <class T>
LayerType drop(std::string_view op, std::string_view summary) {
    return in_place(layer_type<T>(op, "dropout", summary));
}

}  // namespace

LayerType max_pool1d_type() { return pool<Of<MaxPool, 1>>("max_pool1d", "the largest of each window of (N, C, L)"); }
LayerType max_pool2d_type() { return pool<Of<MaxPool, 2>>("max_pool2d", "the largest of each window of (N, C, H, W)"); }
LayerType max_pool3d_type() {
    return pool<Of<MaxPool, 3>>("max_pool3d", "the largest of each window of (N, C, D, H, W)");
}
LayerType avg_pool1d_type() { return pool<Of<AvgPool, 1>>("avg_pool1d", "the mean of each window of (N, C, L)"); }
LayerType avg_pool2d_type() { return pool<Of<AvgPool, 2>>("avg_pool2d", "the mean of each window of (N, C, H, W)"); }
LayerType avg_pool3d_type() { return pool<Of<AvgPool, 3>>("avg_pool3d", "the mean of each window of (N, C, D, H, W)"); }
LayerType lp_pool1d_type() { return pool<Of<LPPool, 1>>("lp_pool1d", "the norm of each window of (N, C, L)"); }
LayerType lp_pool2d_type() { return pool<Of<LPPool, 2>>("lp_pool2d", "the norm of each window of (N, C, H, W)"); }
LayerType lp_pool3d_type() { return pool<Of<LPPool, 3>>("lp_pool3d", "the norm of each window of (N, C, D, H, W)"); }
LayerType adaptive_max_pool1d_type() {
    return pool<Of<AdaptiveMaxPool, 1>>("adaptive_max_pool1d", "the largest of windows that give the wanted length");
}
LayerType adaptive_max_pool2d_type() {
    return pool<Of<AdaptiveMaxPool, 2>>("adaptive_max_pool2d", "the largest of windows that give the wanted size");
}
LayerType adaptive_max_pool3d_type() {
    return pool<Of<AdaptiveMaxPool, 3>>("adaptive_max_pool3d", "the largest of windows that give the wanted size");
}
LayerType adaptive_avg_pool1d_type() {
    return pool<Of<AdaptiveAvgPool, 1>>("adaptive_avg_pool1d", "the mean of windows that give the wanted length");
}
LayerType adaptive_avg_pool2d_type() {
    return pool<Of<AdaptiveAvgPool, 2>>("adaptive_avg_pool2d", "the mean of windows that give the wanted size");
}
LayerType adaptive_avg_pool3d_type() {
    return pool<Of<AdaptiveAvgPool, 3>>("adaptive_avg_pool3d", "the mean of windows that give the wanted size");
}
LayerType fractional_max_pool2d_type() {
    return pool<Of<FractionalMaxPool, 2>>("fractional_max_pool2d", "the largest of windows at random places");
}
LayerType fractional_max_pool3d_type() {
    return pool<Of<FractionalMaxPool, 3>>("fractional_max_pool3d", "the largest of windows at random places");
}
LayerType max_unpool1d_type() {
    return pool<Of<MaxUnpool, 1>>("max_unpool1d", "values put back where their indices say", 2);
}
LayerType max_unpool2d_type() {
    return pool<Of<MaxUnpool, 2>>("max_unpool2d", "values put back where their indices say", 2);
}
LayerType max_unpool3d_type() {
    return pool<Of<MaxUnpool, 3>>("max_unpool3d", "values put back where their indices say", 2);
}

LayerType dropout_type() {
    return drop<Dropout>("dropout", "in training, elements become 0 at random; else the input itself");
}
LayerType dropout1d_type() {
    return drop<Dropout1d>("dropout1d", "in training, channels of (N, C, L) become 0 at random");
}
LayerType dropout2d_type() {
    return drop<FeatureDropout>("dropout2d", "in training, channels of (N, C, H, W) become 0 at random");
}
LayerType dropout3d_type() {
    return drop<FeatureDropout>("dropout3d", "in training, channels of (N, C, D, H, W) become 0 at random");
}
LayerType alpha_dropout_type() { return drop<Dropout>("alpha_dropout", "dropout that keeps mean and variance"); }
LayerType feature_alpha_dropout_type() {
    return drop<FeatureDropout>("feature_alpha_dropout", "dropout of channels that keeps mean and variance");
}

}  // namespace footprint
