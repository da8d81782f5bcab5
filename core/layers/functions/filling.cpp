// Functions that read only a tensor's shape and fill a new one, or the tensor itself: zeros_like, randn_like, zero in
// place.
#include "layers/functions/operands.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

/// No gradient flows into what is filled.
struct Filling {
    std::optional<DType> dtype;

    void attributes(Fields& fields) {
        fields.dtype("dtype", dtype,
                     {.help = "element type of the result", .nullable = true, .otherwise = "the input's"});
    }

    void infer(Call& call) const {
        if (call.row().inplace) return call.same(call.input());
        Operands(call).inputs().result(dtype.value_or(call.input().dtype));
        for (Tensor& output : call.outputs_) output.requires_grad = false;
    }
};

struct FillingWith : Filling {
    double fill_value = 0;

    void attributes(Fields& fields) {
        fields.number("fill_value", fill_value, {.help = "what each element becomes", .required = true});
        Filling::attributes(fields);
    }
};

struct Bernoulli : Filling {
    std::optional<double> p;

    void attributes(Fields& fields) {
        fields.number("p", p, {.help = "probability of a 1; left out, each element's own", .nullable = true});
    }
};

}  // namespace

LayerType zero_type() { return in_place(layer_type<Filling>("zero", "creation", "the input filled with 0; in place")); }
LayerType zeros_like_type() { return layer_type<Filling>("zeros_like", "creation", "zeros of the input's shape"); }
LayerType ones_like_type() { return layer_type<Filling>("ones_like", "creation", "ones of the input's shape"); }
LayerType empty_like_type() {
    return layer_type<Filling>("empty_like", "creation", "a tensor of the input's shape, not filled");
}
LayerType full_like_type() {
    return layer_type<FillingWith>("full_like", "creation", "a number, in the input's shape");
}
LayerType rand_like_type() {
    return layer_type<Filling>("rand_like", "creation", "random numbers from 0 to 1, in the input's shape");
}
LayerType randn_like_type() {
    return layer_type<Filling>("randn_like", "creation",
                               "random numbers of a normal distribution, in the input's shape");
}
LayerType bernoulli_type() { return in_place(layer_type<Bernoulli>("bernoulli", "creation", "random zeros and ones")); }

}  // namespace footprint
