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
            if (model.layers[i].is_block()) containers_[id_of(path_of(i))].has_blocks = true;
        scopes_.reserve(model.layers.size());
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            scopes_.push_back(id_of(footprint::scope_of(model, inference, i)));
            for (std::size_t id = scopes_.back(); id != kRoot; id = containers_[id].parent) extend(id, i);
            if (model.layers[i].is_block()) {
                const std::size_t own = id_of(path_of(i));
                extend(own, i);
                containers_[own].calls.back().closed = true;
            }
        }
    }

    /// The last row of the outermost call that begins after row `made` and contains row `reader`; the reader if none
    /// does.
    [[nodiscard]] std::size_t held_until(std::size_t made, std::size_t reader) const {
        std::size_t until = reader;
        for (std::size_t id = scopes_[reader]; id != kRoot; id = containers_[id].parent) {
            const std::vector<ContainerCall>& calls = containers_[id].calls;
            const auto after =
                std::upper_bound(calls.begin(), calls.end(), reader,
                                 [](std::size_t row, const ContainerCall& call) { return row < call.begin; });
            const ContainerCall& call = *std::prev(after);
            if (call.begin > made) until = std::max(until, call.end);
        }
        return until;
    }

 private:
    static constexpr std::size_t kRoot = 0;  // the network itself, which nothing is passed to

    struct Container {
        std::size_t parent = kRoot;
        std::vector<ContainerCall> calls = {};
        bool has_blocks = false;
    };

    std::string_view path_of(std::size_t i) const { return model_.layers[inference_.rows[i].first].name; }

    /// A path by its number, and those above it: paths are long, and each row goes up all of its own.
    std::size_t id_of(std::string_view path) {
        std::vector<std::string_view> fresh;
        std::size_t id = kRoot;
        for (; !path.empty(); path = parent_of(path)) {
            if (const auto known = ids_.find(path); known != ids_.end()) {
                id = known->second;
                break;
            }
            fresh.push_back(path);
        }
        for (std::size_t k = fresh.size(); k-- > 0;) {
            ids_.emplace(fresh[k], containers_.size());
            containers_.push_back({.parent = id});
            id = containers_.size() - 1;
        }
        return id;
    }

    void extend(std::size_t id, std::size_t i) {
        Container& container = containers_[id];
        std::vector<ContainerCall>& calls = container.calls;
        const bool goes_on =
            !calls.empty() && (container.has_blocks ? !calls.back().closed : calls.back().end + 1 == i);
        if (!goes_on) calls.push_back({i, i});
        calls.back().end = i;
    }

    const Model& model_;
    const Inference& inference_;
    std::vector<Container> containers_ = {Container()};
    std::unordered_map<std::string_view, std::size_t> ids_;  // by path
    std::vector<std::size_t> scopes_;                        // of each row
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
