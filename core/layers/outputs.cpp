#include "layers/outputs.hpp"

#include "layers/functions/strides.hpp"

namespace footprint {

void output_in_format(Call& call, Shape shape, std::optional<DType> dtype) {
    call.output(std::move(shape), dtype);
    Tensor& made = call.outputs_.back();
    made.strides = strides_in(format_of(call.input()), made.shape);
}

void output_as_image(Call& call, int spatial_dimensions, Shape shape, std::optional<DType> dtype) {
    if (spatial_dimensions != 1 || shape.size() != 3) return output_in_format(call, std::move(shape), dtype);
    constexpr std::ptrdiff_t kHeight = 2;
    Tensor image = call.input();  // as torch.unsqueeze(input, 2)
    image.strides.insert(image.strides.begin() + kHeight, image.shape[kHeight] * image.strides[kHeight]);
    image.shape.insert(image.shape.begin() + kHeight, 1);
    call.output(shape, dtype);
    shape.insert(shape.begin() + kHeight, 1);
    Strides strides = strides_in(format_of(image), shape);
    strides.erase(strides.begin() + kHeight);
    call.outputs_.back().strides = std::move(strides);
}

}  // namespace footprint
