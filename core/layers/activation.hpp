// Activations: functions of each element, and the softmax family. Modules and functions share these. Sources: the
// layers' pages of torch.nn; for integers, what PyTorch's kernels take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explain/term.hpp"
#include "layers/call.hpp"
#include "layers/fields.hpp"

namespace footprint {

/// What an elementwise function makes of integers.
enum class Integers : std::uint8_t {
    kept,      // relu: integers again
    promoted,  // sigmoid: floating-point numbers
    refused    // gelu: an error
};

/// One output element for each input element; in place where the row says so.
void elementwise_output(Call& call, Integers integers);

template <Integers integers>
struct Elementwise {
    void attributes(Fields&) {}
    void infer(Call& call) { elementwise_output(call, integers); }
};

/// An elementwise function with one number.
struct Scaled {
    double value;

    void infer(Call& call) { elementwise_output(call, Integers::refused); }
};

struct ELU : Scaled {
    ELU() : Scaled{1.0} {}
    void attributes(Fields& fields) {
        fields.number("alpha", value, {.help = "what large negative values tend to, negated"});
    }
};

struct CELU : Scaled {
    CELU() : Scaled{1.0} {}
    void attributes(Fields& fields) {
        fields.number("alpha", value, {.help = "what large negative values tend to, negated"});
    }
    void infer(Call& call);
};

struct LeakyReLU : Scaled {
    LeakyReLU() : Scaled{0.01} {}
    void attributes(Fields& fields) { fields.number("negative_slope", value, {.help = "slope below 0"}); }
};

struct Hardshrink : Scaled {
    Hardshrink() : Scaled{0.5} {}
    void attributes(Fields& fields) { fields.number("lambd", value, {.help = "values nearer to 0 become 0"}); }
};

struct Softshrink : Scaled {
    Softshrink() : Scaled{0.5} {}
    void attributes(Fields& fields) {
        fields.number("lambd", value, {.help = "values move this far towards 0", .least = 0});
    }
};

struct GELU {
    std::string approximate = "none";

    void attributes(Fields& fields) {
        fields.word("approximate", approximate, {"none", "tanh"}, {.help = "exact, or by a tanh"});
    }
    void infer(Call& call) { elementwise_output(call, Integers::refused); }
};

struct Hardtanh {
    double min_val = -1.0, max_val = 1.0;

    void attributes(Fields& fields) {
        fields.number("min_val", min_val, {.help = "smaller values become this"});
        fields.number("max_val", max_val, {.help = "larger values become this"});
    }
    void infer(Call& call);
};

struct Softplus {
    double beta = 1.0, threshold = 20.0;

    void attributes(Fields& fields) {
        fields.number("beta", beta, {.help = "sharpness of the bend"});
        fields.number("threshold", threshold, {.help = "above it the function is linear"});
    }
    void infer(Call& call) { elementwise_output(call, Integers::refused); }
};

struct Threshold {
    double threshold = 0, value = 0;

    void attributes(Fields& fields) {
        fields.number("threshold", threshold, {.help = "values above it stay", .required = true});
        fields.number("value", value, {.help = "what the others become", .required = true});
    }
    void infer(Call& call) { elementwise_output(call, Integers::kept); }
};

/// A leaky ReLU whose slope is random in training and the mean otherwise.
struct RReLU {
    double lower = 1.0 / 8, upper = 1.0 / 3;

    void attributes(Fields& fields) {
        fields.number("lower", lower, {.help = "least slope below 0"});
        fields.number("upper", upper, {.help = "largest slope below 0"});
    }
    void infer(Call& call);
};

/// Half of a dimension gates the other half.
struct GLU {
    std::int64_t dim = -1;

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>&) const {
        N& size = in[static_cast<std::size_t>(dim)];
        size = floor_divide(size, N(2));
        return in;
    }

    void attributes(Fields& fields) { fields.integer("dim", dim, {.help = "the dimension that is halved"}); }
    void infer(Call& call);
};

/// Softmax, log softmax, softmin: over one dimension.
struct SoftmaxLike {
    std::optional<std::int64_t> dim;

    void attributes(Fields& fields) {
        fields.integer(
            "dim", dim,
            {.help = "the dimension that sums to 1; left out, PyTorch guesses it and warns", .nullable = true});
    }
    void infer(Call& call);
};

}  // namespace footprint
