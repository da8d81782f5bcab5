// Block: the end of a container's call. What the container returns are the row's inputs, handed on as they are.
#include "layers/layer.hpp"

namespace footprint {
namespace {

struct Block {
    void attributes(Fields&) {}
    void infer(Call& call) const {
        for (std::size_t i = 0; i < call.input_count(); ++i) call.same(call.input(i));
    }
};

}  // namespace

LayerType Block_type() {
    return with(
        layer_type<Block>("Block", "container", "the end of a container's call; its inputs are what it returns"),
        {0, kAnyNumber});
}

}  // namespace footprint
