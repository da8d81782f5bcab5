#include "prints/solve.hpp"

#include <algorithm>
#include <map>

#include "base/number.hpp"
#include "prints/attributes.hpp"
#include "prints/text.hpp"
#include "prints/trial.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kMostOptions = 6;
constexpr std::size_t kMostTrials = 40;          // of one module
constexpr std::size_t kMostTrialsInAll = 6'000;  // of one print: real networks need some hundreds
constexpr std::size_t kMostCandidates = 2'000;   // of one module
constexpr std::size_t kMostWindows = 4;          // of one dimension

Argument whole(std::string_view name, std::int64_t value) { return {std::string(name), Value(value)}; }

Argument several(std::string_view name, const Sizes& sizes) {
    const bool equal = !sizes.empty() && std::all_of(sizes.begin(), sizes.end(),
                                                     [&](std::int64_t size) { return size == sizes.front(); });
    if (equal) return whole(name, sizes.front());
    Value::List items;
    for (const std::int64_t size : sizes) items.emplace_back(size);
    return {std::string(name), Value(std::move(items))};
}

std::string text_of(const Arguments& arguments) {
    std::string text;
    for (const Argument& argument : arguments)
        text += (text.empty() ? "" : ", ") + argument.name + "=" + in_python(argument.value);
    return text;
}

bool same(const Value& a, const Value& b) { return in_python(a) == in_python(b); }

/// PyTorch's defaults of what a choice may be about.
struct Default {
    std::string_view name;
    std::int64_t number;
    bool is_flag = false;

    [[nodiscard]] Value value() const { return is_flag ? Value(number != 0) : Value(number); }
};
constexpr Default kDefaults[] = {{"stride", 1},   {"padding", 0},    {"output_padding", 0},
                                 {"dilation", 1}, {"groups", 1},     {"start_dim", 1},
                                 {"end_dim", -1}, {"bias", 1, true}, {"affine", 1, true}};

bool names(const Arguments& arguments, std::string_view name) {
    return std::any_of(arguments.begin(), arguments.end(), [&](const Argument& one) { return one.name == name; });
}

bool has(const Arguments& arguments, const Argument& wanted) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [&](const Argument& one) { return one.name == wanted.name && same(one.value, wanted.value); });
}

Integer product(const Sizes& sizes) {
    Integer all = 1;
    for (const std::int64_t size : sizes) all *= size;
    return all;
}

std::int64_t root_of(std::int64_t square) {
    std::int64_t root = 0;
    while (root < 4096 && (root + 1) * (root + 1) <= square) ++root;
    return root * root == square ? root : 0;
}

std::string in_words(const Sizes& sizes) {
    std::string words;
    for (const std::int64_t size : sizes) words += (words.empty() ? "" : " × ") + plain(size);
    return words.empty() ? "one number" : words;
}

/// Step, padding and spacing of a window along one dimension.
struct Window {
    std::int64_t stride, padding, dilation;
    bool operator==(const Window&) const = default;
};

/// Those that make `out` of `in`, small ones first; padding stays below the window.
std::vector<Window> windows_of(std::int64_t in, std::int64_t out, std::int64_t kernel, bool is_pool) {
    constexpr std::int64_t kMost = std::int64_t{1} << 40;  // what is computed below stays far from 64 bits
    std::vector<Window> found;
    if (in < 0 || in > kMost || out < 1 || out > kMost || kernel < 1) return found;
    if (kernel > 2 * in + 1) return found;  // nobody's window is mostly padding
    if (in == 1 && out == 1 && kernel == 1) return {{1, 0, 1}};
    if (in == 1 && out == 1 && kernel % 2 == 1 && !is_pool) return {{1, kernel / 2, 1}};  // any step does the same
    for (std::int64_t dilation = 1; dilation <= (is_pool || kernel == 1 ? 1 : 4); ++dilation) {
        const std::int64_t span = dilation * (kernel - 1), most = is_pool ? kernel / 2 : span;
        // (in + 2 · padding − span − 1) / stride + 1 is `out`, rounded down: that bounds the padding on both sides.
        for (std::int64_t stride = 1; stride <= std::max<std::int64_t>(kernel, 4) && stride <= 64; ++stride) {
            const std::int64_t left = (out - 1) * stride - (in - span - 1);  // for the padding of both ends
            const std::int64_t least = left > 0 ? (left + 1) / 2 : 0;
            for (std::int64_t padding = least; padding <= most && 2 * padding < left + stride; ++padding)
                found.push_back({stride, padding, dilation});
        }
        if (found.size() >= kMostWindows) break;
    }
    return found;
}

/// How unlike what people write: sides that differ, long kernels, groups, spacing. Orders what is offered, no more.
std::int64_t oddness(const Arguments& arguments) {
    std::int64_t odd = 0;
    for (const Argument& argument : arguments) {
        const Value::List* items = argument.value.list();
        if (argument.name == "kernel_size") {
            if (items != nullptr) odd += 4;
            std::int64_t longest = argument.value.integer() != nullptr ? *argument.value.integer() : 0;
            for (std::size_t i = 0; items != nullptr && i < items->size(); ++i)
                if (const std::int64_t* side = (*items)[i].integer()) longest = std::max(longest, *side);
            odd += longest > 64 ? 30 : longest > 13 ? 3 : 0;
            odd += longest % 2 == 0 && longest > 4 ? 1 : 0;
            odd += longest == 1 && !names(arguments, "out_channels") ? 12 : 0;  // a pool of single elements
        } else if (argument.name == "groups") {
            odd += 8;
        } else if (argument.name == "dilation") {
            odd += 6;
        } else if (argument.name == "stride" && items != nullptr) {
            odd += 2;
        }
    }
    return odd;
}

class Solver {
 public:
    Solver(Module& root, const Answers& answers, Open open) : root_(root), answers_(answers), open_(open) {}

    Solved take() {
        if (!answers_.inputs.empty())
            current_ = answers_.inputs.front().second;
        else if (root_.input && !root_.input->empty())
            current_ = Sizes(root_.input->begin() + 1, root_.input->end());
        walk(root_);
        return std::move(result_);
    }

 private:
    struct Seen {
        std::string label;
        Sizes sizes;
        std::string class_name;
    };

    static Sizes item(const Sizes& sizes) { return sizes.empty() ? Sizes() : Sizes(sizes.begin() + 1, sizes.end()); }

    void walk(Module& module) {
        const bool is_root = &module == &root_;
        if (module.input && !module.input->empty()) current_ = item(*module.input);
        const LayerType* type = module_type(module.class_name);
        if (type != nullptr && (module.children.empty() || type->op == "MultiheadAttention")) {
            solve(module, *type);
        } else if (module.children.empty() && !is_root) {
            unknown(module);
        } else {
            tell_apart(module);
            for (Module& child : module.children) walk(child);
        }
        if (module.outputs.empty()) return;
        current_ = item(module.outputs.front());
        if (!is_root) seen_.push_back({module.label, *current_, module.class_name});
    }

    /// Modules of one class that hold others in another order are asked about apart.
    void tell_apart(Module& module) {
        std::string inside;
        for (const Module& child : module.children) inside += child.class_name + ",";
        std::vector<std::string>& known = variants_[module.class_name];
        const auto at = std::find(known.begin(), known.end(), inside);
        const std::int64_t number = at - known.begin();
        if (at == known.end()) known.push_back(inside);
        if (number > 0) module.variant = module.class_name + "-" + plain(number + 1);
    }

    /// A class that is not torch.nn's and shows nothing inside it.
    void unknown(Module& module) {
        const bool hands_on = module.outputs.size() == 1 && current_ && item(module.outputs.front()) == *current_;
        module.taken = current_;
        // torchsummary prints a container after what is inside it.
        if (is_flat() && hands_on && module.parameters == 0)
            module.is_block = true;
        else
            module.is_stand_in = open_ == Open::first_option && !answered(module);
    }
    bool answered(const Module& module) const { return answer_to(answers_, "forward/" + module.kind()) != nullptr; }

    [[nodiscard]] bool is_flat() const { return root_.line == 0; }

    // ── one module
    void solve(Module& module, const LayerType& type) {
        if (module.is_repeated) return ask_shared(module);
        std::vector<Arguments> options = cached(module, type, current_);
        module.taken = current_;
        if (is_flat() && current_) {
            const std::vector<Sizes> in = operands(module, type, options);
            if (in.size() == 1) {
                module.taken = in.front();
                options = cached(module, type, in.front());
            } else if (in.size() > 1) {
                // What it reads comes first: only what is so for each of them is known before.
                options.clear();
                for (const Sizes& sizes : in)
                    for (Arguments& one : cached(module, type, sizes)) options.push_back(std::move(one));
                module.arguments = common_of(options);
                return;
            }
        }
        const auto try_on = [&](const Sizes& in) {
            options = cached(module, type, in);
            if (!options.empty()) module.taken = in;
        };
        if (options.empty() && current_) {
            for (const std::string_view function : hidden_functions(type.op))
                if (const std::optional<Sizes> in = made(function, *current_); in && options.empty()) try_on(*in);
            for (std::size_t i = seen_.size(); options.empty() && i-- > 0 && seen_.size() - i < 64;)
                try_on(seen_[i].sizes);
        }
        if (options.empty()) return ask_missing(module, type);
        const Arguments common = common_of(options);
        module.arguments = common;
        if (options.size() > 1) choose(module, common, options);
        if (!attributes_of(type, module.arguments).missing.empty() && options.size() == 1) ask_missing(module, type);
    }

    /// What all of several values have.
    static Arguments common_of(const std::vector<Arguments>& options) {
        Arguments common;
        if (options.empty()) return common;
        for (const Argument& argument : options.front())
            if (std::all_of(options.begin(), options.end(), [&](const Arguments& one) { return has(one, argument); }))
                common.push_back(argument);
        return common;
    }

    /// One of several values: as answered, or asked for once for all modules that leave the same choice.
    void choose(Module& module, const Arguments& common, const std::vector<Arguments>& options) {
        std::vector<Arguments> rest;
        std::string key = module.class_name + ":";
        for (const Arguments& option : options) {
            Arguments differing;
            for (const Argument& argument : option)
                if (!has(common, argument)) differing.push_back(argument);
            // What only the others have is said here as PyTorch's default.
            for (const Default& one : kDefaults)
                if (!names(option, one.name) &&
                    std::any_of(options.begin(), options.end(),
                                [&](const Arguments& other) { return names(other, one.name); }))
                    differing.push_back({std::string(one.name), one.value()});
            key += text_of(differing) + ";";
            rest.push_back(std::move(differing));
        }
        const auto at = groups_.emplace(key, Group{module.label, std::nullopt}).first;
        const std::string id = "attributes/" + at->second.label;
        if (const std::string* answer = answer_to(answers_, id)) {
            result_.used.insert(id);
            Arguments given = common;
            for (Argument& argument : arguments_of(*answer)) {
                std::erase_if(given, [&](const Argument& one) { return one.name == argument.name; });
                given.push_back(std::move(argument));
            }
            module.arguments = std::move(given);
            return check_answer(module, id);
        }
        if (open_ == Open::first_option) {
            module.arguments.insert(module.arguments.end(), rest.front().begin(), rest.front().end());
            return;
        }
        if (!at->second.question) {
            at->second.question = result_.questions.size();
            Asked& asked = result_.questions.emplace_back();
            Question& question = asked.question;
            question.id = id;
            question.class_name = module.class_name;
            std::string fields;
            std::vector<std::string_view> named;
            for (const Arguments& option : rest)
                for (const Argument& argument : option) {
                    if (std::find(named.begin(), named.end(), argument.name) != named.end()) continue;
                    named.push_back(argument.name);
                    fields += (fields.empty() ? "" : ", ") + argument.name;
                }
            if (!named.empty()) question.field = named.front();
            question.message = "Several values of " + fields + " give the numbers that are printed for " +
                               module.label + " (" + line_words(module.line) + "). Which are they?";
            for (const Arguments& option : rest)
                question.options.push_back({text_of(option), "gives the printed numbers"});
            question.example = question.options.front().answer;
        }
        result_.questions[*at->second.question].modules.push_back(&module);
    }

    /// What must be given and no number tells.
    void ask_missing(Module& module, const LayerType& type) {
        std::vector<std::string> missing = attributes_of(type, module.arguments).missing;
        const std::string key = module.class_name + "?";
        std::string fields;
        for (const std::string& name : missing) fields += (fields.empty() ? "" : ", ") + name;
        if (missing.empty()) return;
        const auto at = groups_.emplace(key + fields, Group{module.label, std::nullopt}).first;
        const std::string id = "attributes/" + at->second.label;
        if (const std::string* answer = answer_to(answers_, id)) {
            result_.used.insert(id);
            for (Argument& argument : arguments_of(*answer)) module.arguments.push_back(std::move(argument));
            return;
        }
        if (open_ == Open::first_option) {
            module.is_stand_in = true;
            return;
        }
        if (!at->second.question) {
            at->second.question = result_.questions.size();
            Question& question = result_.questions.emplace_back().question;
            question.id = id;
            question.class_name = module.class_name;
            question.field = missing.front();
            question.message =
                "The print does not tell " + fields + " of " + module.label + " (" + line_words(module.line) + ").";
            for (const std::string& name : missing)
                question.example += (question.example.empty() ? "" : ", ") + name + "=3";
        }
        result_.questions[*at->second.question].modules.push_back(&module);
    }

    void check_answer(const Module& module, const std::string& id) {
        if (!current_ || !checked_.insert(id).second) return;
        const std::optional<Trial> trial = try_call(module, "", *current_);
        if (trial && agrees(*trial, module)) return;
        result_.wrong
            .error("contradiction", "the answer to " + id + " does not give the numbers that are printed for " +
                                        module.label + " (" + line_words(module.line) + ")")
            .field = id;
    }

    void ask_shared(Module& module) {
        const std::string id = "shares/" + module.label;
        std::vector<std::string> labels;
        for (const Seen& seen : seen_)
            if (seen.class_name == module.class_name) labels.push_back(seen.label);
        if (const std::string* answer = answer_to(answers_, id)) {
            result_.used.insert(id);
            module.shares = *answer;
            if (std::find(labels.begin(), labels.end(), *answer) == labels.end())
                result_.wrong.error("unknown-name", "the answer to " + id + " names no row above of that class").field =
                    id;
            return;
        }
        if (labels.size() == 1 || (open_ == Open::first_option && !labels.empty())) {
            module.shares = labels.front();
            return;
        }
        Asked& asked = result_.questions.emplace_back();
        asked.question.id = id;
        asked.question.class_name = module.class_name;
        asked.question.field = "shares";
        asked.question.message = "The print says that " + module.label + " (" + line_words(module.line) +
                                 ") calls a module again. Which one?";
        for (const std::string& label : labels)
            if (asked.question.options.size() < kMostOptions)
                asked.question.options.push_back({label, "is called again"});
        asked.modules.push_back(&module);
    }

    /// Whether a convolution is what people write: all channels together, or each alone.
    static bool is_plain(const Arguments& arguments) {
        for (const Argument& argument : arguments) {
            if (argument.name != "groups") continue;
            return std::any_of(arguments.begin(), arguments.end(), [&](const Argument& other) {
                return other.name == "in_channels" && same(other.value, argument.value);
            });
        }
        return true;
    }

    /// Of a flat table: what a row may read where it is not, or not likely, the row above: functions of that, or an
    /// earlier row. Empty: the row above.
    std::vector<Sizes> operands(Module& module, const LayerType& type, const std::vector<Arguments>& from_above) {
        const std::string id = "inputs/" + module.label;
        if (const std::string* answer = answer_to(answers_, id)) {
            result_.used.insert(id);
            const std::optional<Sizes> in = take_operand(module, *answer);
            if (in && !cached(module, type, *in).empty()) return {*in};
            result_.wrong
                .error("contradiction", "the answer to " + id + " does not give the numbers that are printed for " +
                                            module.label + " (" + line_words(module.line) + ")")
                .field = id;
            return {};
        }
        const bool fits = !from_above.empty();
        if (fits && is_plain(from_above.front())) return {};
        struct Found {
            Option option;
            Sizes sizes;
        };
        std::vector<Found> found;
        if (!fits)
            for (const std::string_view function : hidden_functions(type.op))
                if (const std::optional<Sizes> in = made(function, *current_); in && !cached(module, type, *in).empty())
                    found.push_back({{std::string(function), "of the row above"}, *in});
        std::vector<Sizes> tried;
        for (std::size_t i = seen_.size(); i-- > 0 && found.size() < kMostOptions && seen_.size() - i < 64;) {
            const Seen& seen = seen_[i];
            if (seen.sizes == *current_ || std::find(tried.begin(), tried.end(), seen.sizes) != tried.end()) continue;
            tried.push_back(seen.sizes);
            const std::vector<Arguments> options = cached(module, type, seen.sizes);
            if (!options.empty() && (!fits || is_plain(options.front())))
                found.push_back({{seen.label, "gives " + in_words(seen.sizes)}, seen.sizes});
        }
        if (fits && found.empty()) return {};
        if (fits && !seen_.empty())
            found.push_back({{seen_.back().label, "the row above, which gives " + in_words(*current_)}, *current_});
        if (open_ == Open::first_option) {
            module.is_stand_in = found.empty();
            if (found.empty()) return {};
            const std::optional<Sizes> in = take_operand(module, found.front().option.answer);
            return in ? std::vector<Sizes>{*in} : std::vector<Sizes>();
        }
        Asked& asked = result_.questions.emplace_back();
        asked.question.id = id;
        asked.question.class_name = module.class_name;
        asked.question.field = "inputs";
        asked.question.message =
            "The row above " + module.label + " (" + line_words(module.line) + ") gives " + in_words(*current_) +
            (fits ? ", which it could take only in groups of channels" : ", which is not what it takes") +
            ". What does it read?";
        asked.question.example = seen_.empty() ? "flatten(1)" : seen_.front().label + ", flatten(1)";
        asked.modules.push_back(&module);
        std::vector<Sizes> sizes;
        for (Found& one : found) {
            asked.question.options.push_back(std::move(one.option));
            if (std::find(sizes.begin(), sizes.end(), one.sizes) == sizes.end()) sizes.push_back(std::move(one.sizes));
        }
        return sizes;
    }

    /// "flatten(1)", "Conv2d-3", "Conv2d-3, flatten(1)".
    std::optional<Sizes> take_operand(Module& module, std::string_view answer) {
        std::optional<Sizes> in = current_;
        const std::string_view first = trimmed(answer.substr(0, answer.find(',')));
        for (const Seen& seen : seen_) {
            if (seen.label != first) continue;
            module.reads = first;
            in = seen.sizes;
            answer.remove_prefix(std::min(answer.size(), answer.find(',')));
            if (answer.starts_with(',')) answer.remove_prefix(1);
            break;
        }
        answer = trimmed(answer);
        module.before = answer;
        return answer.empty() || !in ? in : made(answer, *in);
    }

    /// What functions make of sizes.
    std::optional<Sizes> made(std::string_view functions, const Sizes& in) {
        if (++trials_ > kMostTrialsInAll) return std::nullopt;
        return made_by(functions, in);
    }

    // ── values that give the numbers
    bool agrees(const Trial& trial, const Module& module) const {
        if (trial.outputs.size() < module.outputs.size()) return false;
        for (std::size_t i = 0; i < module.outputs.size(); ++i) {
            // torchsummary writes over dimension 0, whatever it is.
            if (trial.outputs[i] != item(module.outputs[i])) return false;
        }
        const std::int64_t owned = is_flat() ? trial.weight_and_bias : trial.parameters;
        return owned == module.parameters.value_or(0);
    }

    std::vector<Arguments> cached(const Module& module, const LayerType& type, const std::optional<Sizes>& in) {
        if (module.outputs.empty() || trials_ > kMostTrialsInAll) return {};
        std::string key = std::string(type.op) + (in ? in_words(*in) : "?") + ">";
        for (const Sizes& sizes : module.outputs) key += in_words(item(sizes)) + ";";
        key += plain(module.parameters.value_or(0)) + ">" + in_words(module.kernel);
        const auto found = cache_.find(key);
        if (found != cache_.end()) return found->second;
        std::vector<Arguments> good;
        std::vector<Arguments> tried = candidates(module, type, in);
        std::vector<std::pair<std::int64_t, std::size_t>> order;
        for (std::size_t i = 0; i < tried.size(); ++i) order.emplace_back(oddness(tried[i]), i);
        std::sort(order.begin(), order.end());
        for (std::size_t k = 0; k < order.size() && k < kMostTrials && good.size() < kMostOptions; ++k) {
            const std::size_t i = order[k].second;
            if (!in) {
                good.push_back(std::move(tried[i]));
                continue;
            }
            if (++trials_ > kMostTrialsInAll) break;
            Module trial = module;
            trial.children.clear();
            trial.arguments = tried[i];
            const std::optional<Trial> made_of = try_call(trial, "", *in);
            if (made_of && agrees(*made_of, module)) good.push_back(std::move(tried[i]));
        }
        return cache_[key] = good;
    }

    /// What could have been written, likely ones first. Without an input only what the output and the parameters tell.
    std::vector<Arguments> candidates(const Module& module, const LayerType& type,
                                      const std::optional<Sizes>& in) const {
        const Sizes out = item(module.outputs.front());
        const std::int64_t count = module.parameters.value_or(0);
        const std::string_view op = type.op;
        if (out.empty() && op != "Flatten") return {Arguments()};
        if (op == "Linear") return linear(out, count, in);
        if (op == "Embedding") {
            if (out.back() < 1 || count % out.back() != 0) return {};
            return {{whole("num_embeddings", count / out.back()), whole("embedding_dim", out.back())}};
        }
        if (op.starts_with("BatchNorm") || op.starts_with("InstanceNorm")) return channel_norm(op, count, in);
        if (op == "LayerNorm" || op == "RMSNorm") return layer_norm(op, out, count);
        if (op == "PReLU") return {{whole("num_parameters", count)}};
        if (op == "Flatten") return flattens(in);
        if (op.starts_with("Adaptive")) return {{several("output_size", spatial(out, op))}};
        if (op.starts_with("ConvTranspose")) return transposed(module, out, count, in, op);
        if (op.starts_with("Conv")) return convolution(module, out, count, in, op);
        if (op.starts_with("MaxPool") || op.starts_with("AvgPool")) return pool(module, out, in, op);
        if (op == "Upsample" && in && in->size() == out.size()) return upsample(out, *in);
        if (op == "PixelShuffle" && in && in->size() == 3 && out.size() == 3)
            return {{whole("upscale_factor", out[2] / std::max<std::int64_t>(1, (*in)[2]))}};
        if (op == "PixelUnshuffle" && in && in->size() == 3 && out.size() == 3)
            return {{whole("downscale_factor", (*in)[2] / std::max<std::int64_t>(1, out[2]))}};
        if (op == "GroupNorm" && in && !in->empty()) return group_norm(in->front());
        return {Arguments()};
    }

    static std::size_t rank_of(std::string_view op) {
        const char digit = op.size() > 1 ? op[op.size() - 2] : '0';
        return digit >= '1' && digit <= '3' ? static_cast<std::size_t>(digit - '0') : 0;
    }
    static Sizes spatial(const Sizes& sizes, std::string_view op) {
        const std::size_t rank = std::min(rank_of(op), sizes.size());
        return {sizes.end() - static_cast<std::ptrdiff_t>(rank), sizes.end()};
    }

    static std::vector<Arguments> linear(const Sizes& out, std::int64_t count, const std::optional<Sizes>& in) {
        std::vector<Arguments> options;
        const std::int64_t features = out.back();
        for (const std::int64_t bias : {1, 0}) {
            if (features < 1 || count % features != 0) break;
            const std::int64_t reads = count / features - bias;
            if (reads < 0 || (in && (in->empty() || in->back() != reads))) continue;
            Arguments option = {whole("in_features", reads), whole("out_features", features)};
            if (bias == 0) option.push_back({"bias", Value(false)});
            options.push_back(std::move(option));
        }
        return options;
    }

    static std::vector<Arguments> channel_norm(std::string_view op, std::int64_t count,
                                               const std::optional<Sizes>& in) {
        const bool batch = op.starts_with("Batch");
        const Value yes(true), no(false);
        std::vector<Arguments> options = {Arguments()};
        options.push_back({{"affine", batch ? no : yes}});
        options.push_back({{"affine", yes}, {"bias", no}});
        if (in && !in->empty()) {
            for (Arguments& option : options) option.insert(option.begin(), whole("num_features", in->front()));
            return options;
        }
        // Without the input: the parameters are two for each channel.
        if (count == 0) return {options[batch ? 1 : 0]};
        return {{whole("num_features", count / 2)}};
    }

    static std::vector<Arguments> layer_norm(std::string_view op, const Sizes& out, std::int64_t count) {
        std::vector<Arguments> options;
        for (std::size_t dims = 1; dims <= out.size(); ++dims) {
            const Sizes last(out.end() - static_cast<std::ptrdiff_t>(dims), out.end());
            const Integer n = product(last);
            const Argument shape = several("normalized_shape", dims == 1 ? last : Sizes());
            Value::List items;
            for (const std::int64_t size : last) items.emplace_back(size);
            const Argument sizes = dims == 1 ? shape : Argument{"normalized_shape", Value(std::move(items))};
            if (op == "RMSNorm" ? n == count : n * 2 == count)
                options.push_back({sizes});
            else if (op == "LayerNorm" && n == count)
                options.push_back({sizes, {"bias", Value(false)}});
            else if (count == 0)
                options.push_back({sizes, {"elementwise_affine", Value(false)}});
        }
        return options;
    }

    static std::vector<Arguments> group_norm(std::int64_t channels) {
        std::vector<Arguments> options;
        for (const std::int64_t groups : {32, 16, 8, 4, 2, 1})
            if (channels % groups == 0)
                options.push_back({whole("num_groups", groups), whole("num_channels", channels)});
        return options;
    }

    static std::vector<Arguments> flattens(const std::optional<Sizes>& in) {
        std::vector<Arguments> options = {Arguments()};
        const std::int64_t rank = in ? static_cast<std::int64_t>(in->size()) : 0;
        for (std::int64_t first = 2; first < rank && rank < 8; ++first) options.push_back({whole("start_dim", first)});
        for (std::int64_t last = 2; last < rank && rank < 8; ++last) options.push_back({whole("end_dim", last)});
        return options;
    }

    static std::vector<Arguments> upsample(const Sizes& out, const Sizes& in) {
        const Sizes target(out.begin() + 1, out.end());
        std::vector<Arguments> options;
        if (!in.empty() && in.back() > 0 && out.back() % in.back() == 0) {
            const std::int64_t factor = out.back() / in.back();
            options.push_back({{"scale_factor", Value(static_cast<double>(factor))}});
        }
        options.push_back({several("size", target)});
        return options;
    }

    /// Kernels that the print gives, or that a number of elements allows: equal sides first.
    static std::vector<Sizes> kernels(const Module& module, std::int64_t elements, std::size_t rank) {
        if (module.kernel.size() == rank) return {module.kernel};
        if (module.kernel.size() == 1) return {Sizes(rank, module.kernel.front())};
        std::vector<Sizes> found;
        if (elements < 1 || elements > 100'000) return found;
        if (rank == 1) return {{elements}};
        if (rank == 3) {
            for (std::int64_t side = 1; side * side * side <= elements; ++side)
                if (side * side * side == elements) found.push_back({side, side, side});
            return found;
        }
        if (const std::int64_t side = root_of(elements)) found.push_back({side, side});
        for (std::int64_t first = 1; first <= elements && first < 64; ++first)
            if (elements % first == 0 && first * first != elements) found.push_back({first, elements / first});
        for (std::int64_t second = 1; second < 64 && second <= elements; ++second)
            if (elements % second == 0 && elements / second >= 64) found.push_back({elements / second, second});
        return found;
    }

    /// Adds what windows of these kernels could be: equal ones along all dimensions first.
    static void add_windows(const Arguments& begin, const Sizes& kernel, const Sizes& in, const Sizes& out,
                            bool is_pool, std::vector<Arguments>& options) {
        std::vector<std::vector<Window>> along;
        for (std::size_t i = 0; i < kernel.size(); ++i) {
            along.push_back(windows_of(in[i], out[i], kernel[i], is_pool));
            if (along.back().empty()) return;
        }
        const auto add = [&](const std::vector<Window>& chosen) {
            Sizes stride, padding, dilation;
            for (const Window& window : chosen) {
                stride.push_back(window.stride);
                padding.push_back(window.padding);
                dilation.push_back(window.dilation);
            }
            Arguments option = begin;
            const auto differs = [](const Sizes& sizes, std::int64_t from) {
                return std::any_of(sizes.begin(), sizes.end(), [&](std::int64_t size) { return size != from; });
            };
            if (is_pool || differs(stride, 1)) option.push_back(several("stride", stride));
            if (differs(padding, 0)) option.push_back(several("padding", padding));
            if (differs(dilation, 1)) option.push_back(several("dilation", dilation));
            options.push_back(std::move(option));
        };
        const std::size_t before = options.size();
        for (const Window& window : along.front())
            if (std::all_of(along.begin(), along.end(), [&](const std::vector<Window>& one) {
                    return std::find(one.begin(), one.end(), window) != one.end();
                }))
                add(std::vector<Window>(kernel.size(), window));
        if (options.size() > before) return;
        std::vector<Window> first;
        first.reserve(along.size());
        for (const std::vector<Window>& one : along) first.push_back(one.front());
        add(first);
        for (std::size_t i = 0; i < along.size(); ++i)
            for (std::size_t k = 1; k < along[i].size() && k < 3; ++k) {
                std::vector<Window> other = first;
                other[i] = along[i][k];
                add(other);
            }
    }

    static std::vector<Arguments> convolution(const Module& module, const Sizes& out, std::int64_t count,
                                              const std::optional<Sizes>& in, std::string_view op) {
        const std::size_t rank = rank_of(op);
        std::vector<Arguments> options;
        if (rank == 0 || out.size() != rank + 1) return options;
        const std::int64_t filters = out.front();
        if (!in || in->size() != rank + 1 || filters < 1) {
            if (in) return options;
            return {{whole("out_channels", filters)}};
        }
        const std::int64_t channels = in->front();
        if (channels < 1) return options;
        Sizes divisions = {1};
        if (channels > 1) divisions.push_back(channels);
        for (const std::int64_t groups : {2, 4, 8, 16, 32, 64})
            if (groups < channels) divisions.push_back(groups);
        for (const std::int64_t bias : {1, 0}) {
            if (count % filters != 0) break;
            const std::int64_t of_filter = count / filters - bias;  // elements of one filter
            for (const std::int64_t groups : divisions) {
                if (of_filter < 1 || channels % groups != 0 || filters % groups != 0 ||
                    of_filter % (channels / groups) != 0)
                    continue;
                const std::int64_t elements = of_filter / (channels / groups);
                for (const Sizes& kernel : kernels(module, elements, rank)) {
                    if (product(kernel) != elements) continue;
                    Arguments begin = {whole("in_channels", channels), whole("out_channels", filters),
                                       several("kernel_size", kernel)};
                    if (groups > 1) begin.push_back(whole("groups", groups));
                    if (bias == 0) begin.push_back({"bias", Value(false)});
                    add_windows(begin, kernel, spatial(*in, op), spatial(out, op), false, options);
                    if (options.size() > kMostCandidates) return options;
                }
            }
        }
        return options;
    }

    static std::vector<Arguments> transposed(const Module& module, const Sizes& out, std::int64_t count,
                                             const std::optional<Sizes>& in, std::string_view op) {
        const std::size_t rank = rank_of(op);
        std::vector<Arguments> options;
        if (rank == 0 || out.size() != rank + 1 || !in || in->size() != rank + 1) return options;
        const std::int64_t filters = out.front(), channels = in->front();
        const Integer maps = Integer(channels) * filters;
        if (channels < 1 || filters < 1 || maps.overflowed()) return options;
        for (const std::int64_t bias : {1, 0}) {
            const std::int64_t weights = count - bias * filters;
            if (weights < 1 || weights % maps.value() != 0) continue;
            for (const Sizes& kernel : kernels(module, weights / maps.value(), rank))
                for (std::int64_t stride = 1; stride <= 4; ++stride)
                    for (std::int64_t padding = 0; padding < kernel.front() && padding < 16; ++padding)
                        for (std::int64_t more = 0; more < stride; ++more) {
                            if ((Integer(in->back()) - 1) * stride - 2 * padding + kernel.back() + more != out.back())
                                continue;
                            Arguments option = {whole("in_channels", channels), whole("out_channels", filters),
                                                several("kernel_size", kernel)};
                            if (stride != 1) option.push_back(whole("stride", stride));
                            if (padding != 0) option.push_back(whole("padding", padding));
                            if (more != 0) option.push_back(whole("output_padding", more));
                            if (bias == 0) option.push_back({"bias", Value(false)});
                            options.push_back(std::move(option));
                        }
        }
        return options;
    }

    static std::vector<Arguments> pool(const Module& module, const Sizes& out, const std::optional<Sizes>& in,
                                       std::string_view op) {
        const std::size_t rank = rank_of(op);
        std::vector<Arguments> options;
        if (!in || rank == 0 || in->size() != out.size() || out.size() < rank) return options;
        std::vector<Sizes> sides;
        if (!module.kernel.empty())
            sides = kernels(module, 0, rank);
        else
            for (const std::int64_t side : {2, 3, 4, 5, 7, 8, 1}) sides.emplace_back(rank, side);
        const Sizes from = spatial(*in, op), to = spatial(out, op);
        const auto add = [&](const Sizes& kernel) {
            // Nobody pools over a dimension of one, unless the print says so.
            for (std::size_t i = 0; i < rank; ++i)
                if (module.kernel.empty() && from[i] == 1 && kernel[i] > 1) return;
            add_windows({several("kernel_size", kernel)}, kernel, from, to, true, options);
        };
        for (const Sizes& kernel : sides) add(kernel);
        // One long dimension, as a pool over time.
        for (const std::int64_t side : {2, 3, 4})
            if (module.kernel.empty() && rank == 2) {
                add({1, side});
                add({side, 1});
            }
        return options;
    }

    struct Group {
        std::string label;                    // of the first module
        std::optional<std::size_t> question;  // its index
    };

    Module& root_;
    const Answers& answers_;
    Open open_;
    Solved result_;
    std::optional<Sizes> current_;  // what the row above gives, without the batch
    std::vector<Seen> seen_;
    std::map<std::string, std::vector<std::string>> variants_;
    std::map<std::string, Group> groups_;
    std::map<std::string, std::vector<Arguments>> cache_;
    std::set<std::string> checked_;
    std::size_t trials_ = 0;
};

}  // namespace

Solved solve(Module& root, const Answers& answers, Open open) { return Solver(root, answers, open).take(); }

}  // namespace footprint::prints
