// Embedding and EmbeddingBag: a table of vectors, looked up by integer indices. Source: torch.nn.Embedding,
// EmbeddingBag.
#include "base/number.hpp"
#include "layers/checks.hpp"
#include "layers/layer.hpp"

namespace footprint {
namespace {

constexpr std::string_view kEmbeddingKeywords[] = {"weight"};
constexpr std::string_view kBagKeywords[] = {"weight", "per_sample_weights"};

/// The table, and how it is trained.
struct Table {
    std::int64_t num_embeddings = 0, embedding_dim = 0;
    std::optional<std::int64_t> padding_idx;
    std::optional<double> max_norm;
    double norm_type = 2.0;
    bool scale_grad_by_freq = false, sparse = false;

    template <class N>
    N width(const Symbols<N>& symbol) const {
        return symbol("E", embedding_dim, "embedding_dim of this row");
    }

    template <class N>
    void parameters(Owner<N>& owner, const Symbols<N>& symbol) const {
        owner.parameter("weight", {symbol("V", num_embeddings, "num_embeddings of this row"), width(symbol)});
    }

 protected:
    void table_fields(Fields& fields) {
        fields.integer("num_embeddings", num_embeddings, {.help = "number of vectors", .least = 0, .required = true});
        fields.integer("embedding_dim", embedding_dim, {.help = "size of each vector", .least = 0, .required = true});
    }
    void padding_field(Fields& fields) {
        fields.integer("padding_idx", padding_idx, {.help = "the vector that is not trained", .nullable = true});
    }
    void norm_fields(Fields& fields) {
        fields.number("max_norm", max_norm, {.help = "longer vectors are scaled to this", .nullable = true});
        fields.number("norm_type", norm_type, {.help = "which norm max_norm means"});
        fields.boolean("scale_grad_by_freq", scale_grad_by_freq,
                       {.help = "divides gradients by how often an index came"});
    }

    bool check_padding_index(Call& call) const {
        if (!padding_idx || (*padding_idx >= -num_embeddings && *padding_idx < num_embeddings)) return true;
        call.fail("out-of-range", "padding_idx",
                  "padding_idx is " + plain(*padding_idx) + ", but num_embeddings is " + plain(num_embeddings) +
                      ": take one from 0 to " + plain(num_embeddings - 1))
            .values = {{"padding_idx", *padding_idx}, {"num_embeddings", num_embeddings}};
        return false;
    }

    /// Vectors have the type of the table.
    static DType type_of_table(const Call& call) {
        const Tensor* given = call.keyword("weight");
        return given == nullptr ? call.default_dtype() : given->dtype;
    }
};

struct Embedding : Table {
    void attributes(Fields& fields) {
        table_fields(fields);
        padding_field(fields);
        norm_fields(fields);
        fields.boolean("sparse", sparse, {.help = "the table's gradient is sparse"});
    }

    template <class N>
    ShapeOf<N> sizes(ShapeOf<N> in, const Symbols<N>& symbol) const {
        in.push_back(width(symbol));
        return in;
    }

    void infer(Call& call) const {
        if (!check_padding_index(call) || !check_indices(call, IndexTypes::int32_or_int64)) return;
        own_parameters(*this, call);
        call.output(sizes(call.shape(), Symbols<Integer>{}), type_of_table(call));
    }
};

/// Sums, means or maxima of bags of vectors: the rows of a 2-d input, or runs of a 1-d one that begin at offsets.
struct EmbeddingBag : Table {
    std::string mode = "mean";
    bool include_last_offset = false;

    void attributes(Fields& fields) {
        table_fields(fields);
        norm_fields(fields);
        fields.word("mode", mode, {"mean", "sum", "max"}, {.help = "how the vectors of a bag become one"});
        fields.boolean("sparse", sparse, {.help = "the table's gradient is sparse"});
        fields.boolean("include_last_offset", include_last_offset,
                       {.help = "the last offset is the input's end, not a bag"});
        padding_field(fields);
    }

    void infer(Call& call) const {
        if (!check_padding_index(call) || !check_mode(call)) return;
        if (!check_rank(call, {1, 2}) || !check_indices(call, IndexTypes::int32_or_int64)) return;
        Integer bags = call.shape()[0];
        if (call.shape().size() == 2) {
            if (call.input_count() > 1) {
                call.fail("wrong-input-count", "inputs",
                          "the rows of a 2-d input are its bags already: leave the offsets out");
                return;
            }
        } else {
            if (call.input_count() < 2) {
                call.fail("wrong-input-count", "inputs",
                          "a 1-d input needs a second one, the offsets at which its bags begin");
                return;
            }
            if (!check_rank(call, {1}, 1) || !check_indices(call, IndexTypes::int32_or_int64, 1)) return;
            bags = call.shape(1)[0];
            if (include_last_offset) bags -= 1;
            if (bags < 0) {
                call.fail("shape-mismatch", "inputs",
                          "include_last_offset needs at least one offset, but there is none");
                return;
            }
        }
        own_parameters(*this, call);
        call.output({bags, embedding_dim}, type_of_table(call));
    }

 private:
    bool check_mode(Call& call) const {
        if (mode == "max" && (scale_grad_by_freq || sparse)) {
            const std::string_view field = scale_grad_by_freq ? "scale_grad_by_freq" : "sparse";
            call.fail("out-of-range", field, "mode \"max\" does not work with " + std::string(field) + ": leave it out")
                .fixes = {{std::string(field), ""}};
            return false;
        }
        const Tensor* weights = call.take_keyword("per_sample_weights");
        if (weights == nullptr) return true;
        if (mode == "sum") return check_shape(call, "per_sample_weights", "per_sample_weights", *weights, call.shape());
        call.fail("out-of-range", "per_sample_weights",
                  "per_sample_weights work with mode \"sum\" alone, not \"" + mode + "\"")
            .fixes = {{"mode", "\"sum\""}};
        return false;
    }
};

}  // namespace

LayerType Embedding_type() {
    return with_keywords(layer_type<Embedding>("Embedding", "embedding", "a vector for each index of (*): (*, E)"),
                         kEmbeddingKeywords);
}
LayerType EmbeddingBag_type() {
    return with(with_keywords(
                    layer_type<EmbeddingBag>("EmbeddingBag", "embedding", "one vector for each bag of indices: (N, E)"),
                    kBagKeywords),
                {1, 2});
}

}  // namespace footprint
