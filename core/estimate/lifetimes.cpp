#include "estimate/lifetimes.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace footprint {
namespace {

/// The rows of one call of a container, first and last.
struct ContainerCall {
    std::size_t begin = 0, end = 0;
    bool closed = false;  // by its Block
};

/// When containers are called: one with Blocks ends at each of them, one without (a Sequential) is each unbroken run of
/// rows inside it. The caller holds what it passes until the call ends.
class Containers {
 public:
    Containers(const Model& model, const Inference& inference) : model_(model), inference_(inference) {
        for (std::size_t i = 0; i < model.layers.size(); ++i)
            if (model.layers[i].is_block()) calls_[path_of(i)].has_blocks = true;
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            for (std::string_view path = scope_of(i); !path.empty(); path = parent_of(path)) extend(path, i);
            if (model.layers[i].is_block()) {
                extend(path_of(i), i);
                calls_[path_of(i)].list.back().closed = true;
            }
        }
    }

    /// The last row of the outermost call that begins after row `made` and contains row `reader`; the reader if none
    /// does.
    [[nodiscard]] std::size_t held_until(std::size_t made, std::size_t reader) const {
        std::size_t until = reader;
        for (std::string_view path = scope_of(reader); !path.empty(); path = parent_of(path)) {
            const std::vector<ContainerCall>& list = calls_.find(path)->second.list;
            const auto after =
                std::upper_bound(list.begin(), list.end(), reader,
                                 [](std::size_t row, const ContainerCall& call) { return row < call.begin; });
            const ContainerCall& call = *std::prev(after);
            if (call.begin > made) until = std::max(until, call.end);
        }
        return until;
    }

 private:
    struct Calls {
        std::vector<ContainerCall> list;
        bool has_blocks = false;
    };

    std::string_view path_of(std::size_t i) const { return model_.layers[inference_.rows[i].first].name; }

    std::string_view scope_of(std::size_t i) const { return footprint::scope_of(model_, inference_, i); }

    void extend(std::string_view path, std::size_t i) {
        Calls& calls = calls_[path];
        const bool goes_on =
            !calls.list.empty() && (calls.has_blocks ? !calls.list.back().closed : calls.list.back().end + 1 == i);
        if (!goes_on) calls.list.push_back({i, i});
        calls.list.back().end = i;
    }

    const Model& model_;
    const Inference& inference_;
    std::unordered_map<std::string_view, Calls> calls_;
};

}  // namespace

std::string_view scope_of(const Model& model, const Inference& inference, std::size_t i) {
    const Row& row = model.layers[i];
    if (row.scope) return *row.scope;
    if (!row.is_module()) return {};
    const Row& first = model.layers[inference.rows[i].first];
    return first.scope ? std::string_view(*first.scope) : parent_of(first.name);
}

std::vector<Lifetime> lifetimes(const Model& model, const Inference& inference) {
    const std::size_t count = model.layers.size();
    std::vector<Lifetime> found;
    constexpr std::size_t kNotMade = std::numeric_limits<std::size_t>::max();  // by a row
    std::vector<std::size_t> of_storage(inference.storages.size(), kNotMade);  // into `found`
    std::unordered_map<std::string_view, std::size_t> named;
    const auto lifetime_of = [&](const Tensor& tensor) -> Lifetime* {
        if (!tensor.exists || tensor.storage < 0) return nullptr;
        const std::size_t at = of_storage[static_cast<std::size_t>(tensor.storage)];
        return at == kNotMade ? nullptr : &found[at];
    };

    const Containers containers(model, inference);
    for (std::size_t i = 0; i < count; ++i) {
        const InferredRow& row = inference.rows[i];
        const Row& written = model.layers[i];
        if (!written.name.empty()) named.emplace(written.name, i);
        if (written.is_block() || !row.runs) continue;
        const auto read = [&](const Tensor& tensor) {
            Lifetime* lifetime = lifetime_of(tensor);
            if (lifetime == nullptr || (!lifetime->readers.empty() && lifetime->readers.back() == i)) return;
            lifetime->readers.push_back(i);
            lifetime->until = std::max(lifetime->until, containers.held_until(lifetime->row, i));
        };
        for (const Tensor* input : row.inputs) read(*input);
        for (const auto& [key, tensor] : row.keywords) read(*tensor);
        for (const Tensor& output : row.outputs) {
            if (!output.exists || output.storage < 0) continue;
            const auto storage = static_cast<std::size_t>(output.storage);
            if (inference.storages[storage].row != static_cast<std::int32_t>(i) || of_storage[storage] != kNotMade)
                continue;
            of_storage[storage] = found.size();
            found.push_back({i, output.storage, output.dtype, inference.storages[storage].bytes, {}, i, false});
        }
    }

    for (Lifetime& lifetime : found)
        if (const std::string& held = model.layers[lifetime.row].held; !held.empty())
            if (const auto at = named.find(held); at != named.end()) lifetime.until = at->second;
    for (const Tensor* output : inference.returned)
        if (Lifetime* lifetime = lifetime_of(*output)) {
            lifetime->until = count - 1;
            lifetime->returned = true;
        }
    return found;
}

}  // namespace footprint
