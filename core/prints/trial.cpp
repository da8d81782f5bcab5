#include "prints/trial.hpp"

#include <algorithm>

#include "json/read.hpp"

namespace footprint::prints {
namespace {

constexpr std::string_view kPools[] = {"flatten(1)", "adaptive_avg_pool2d(1), flatten(1)", "mean([2, 3])", "mean(1)",
                                       "mean(-1)"};
constexpr std::string_view kMoves[] = {
    "unsqueeze(1)",        "squeeze(1)",          "squeeze(2)",     "squeeze(-1)", "flatten(2), transpose(1, 2)",
    "permute(0, 2, 3, 1)", "permute(0, 3, 1, 2)", "transpose(1, 2)"};

}  // namespace

Inferred infer_rows(const Built& built, std::string_view name, std::string_view source) {
    Inferred inferred;
    inferred.document = built.document(name, source);
    inferred.is_inferred = std::all_of(built.shapes.begin(), built.shapes.end(),
                                       [](const std::optional<Sizes>& shape) { return shape.has_value(); });
    if (!inferred.is_inferred) return inferred;
    inferred.model = json::read_model(inferred.document, inferred.diagnostics);
    inferred.inference = infer(inferred.model, Run{}, InferenceOptions{}, inferred.diagnostics);
    return inferred;
}

Trial owned_by(const InferredRow& row) {
    Trial owned;
    Integer all = 0, counted = 0;
    for (const InferredParameter& parameter : row.parameters) {
        if (parameter.name.starts_with("running_") || parameter.name == "num_batches_tracked") continue;
        all += parameter.count;
        if (parameter.name == "weight" || parameter.name == "bias") counted += parameter.count;
    }
    owned.parameters = all.overflowed() ? -1 : all.value();
    owned.weight_and_bias = counted.overflowed() ? -1 : counted.value();
    return owned;
}

std::optional<Trial> try_call(const Module& module, std::string_view functions, const Sizes& in) {
    Module alone;
    alone.class_name = "alone";
    alone.children.push_back(module);
    Module& child = alone.children.front();
    child.name = "row";
    child.reads.clear();
    child.before.clear();
    child.shares.clear();
    Answers answers;
    answers.inputs.emplace_back("", in);
    answers.answers.emplace_back("forward/alone", functions.empty() ? "row" : std::string(functions).append(", row"));
    const Built built = build(alone, answers, {});
    if (!built.wrong.list().empty() || built.rows.empty()) return std::nullopt;
    const Inferred inferred = infer_rows(built);
    if (inferred.diagnostics.has_errors()) return std::nullopt;
    const InferredRow& row = inferred.inference.rows.back();
    Trial trial = owned_by(row);
    for (const Tensor& output : row.outputs) {
        Sizes sizes;
        for (std::size_t i = 1; i < output.shape.size(); ++i) {
            if (output.shape[i].overflowed()) return std::nullopt;
            sizes.push_back(output.shape[i].value());
        }
        trial.outputs.push_back(std::move(sizes));
    }
    return trial;
}

std::optional<Sizes> made_by(std::string_view functions, const Sizes& in) {
    Module identity;
    identity.class_name = "Identity";
    const std::optional<Trial> trial = try_call(identity, functions, in);
    if (!trial || trial->outputs.size() != 1) return std::nullopt;
    return trial->outputs.front();
}

std::vector<std::string_view> hidden_functions(std::string_view op) {
    std::vector<std::string_view> functions(std::begin(kPools), std::end(kPools));
    const auto at = op.starts_with("Linear") ? functions.end() : functions.begin();
    functions.insert(at, std::begin(kMoves), std::end(kMoves));
    return functions;
}

}  // namespace footprint::prints
