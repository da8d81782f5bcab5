#include "prints/builder.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/number.hpp"
#include "model/model.hpp"
#include "prints/text.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kDeepestCall = 200;

/// Classes that other libraries give to what torch.nn has.
struct Alias {
    std::string_view class_name, op;
};
constexpr Alias kAliases[] = {{"NonDynamicallyQuantizableLinear", "Linear"},
                              {"GELUActivation", "GELU"},
                              {"PytorchGELUTanh", "GELU"},
                              {"SiLUActivation", "SiLU"}};

constexpr std::string_view kManySizes[] = {"permute", "view", "reshape", "repeat", "expand", "tile"};

std::string joined(std::string_view path, std::string_view name) {
    if (path.empty()) return std::string(name);
    return std::string(path).append(".").append(name);
}

/// permute(0, 2, 1) is permute([0, 2, 1]).
Arguments gathered(std::string_view op, Arguments arguments) {
    if (std::find(std::begin(kManySizes), std::end(kManySizes), op) == std::end(kManySizes)) return arguments;
    Value::List sizes;
    Arguments rest;
    for (Argument& argument : arguments) {
        if (argument.name.empty() && argument.value.integer() != nullptr)
            sizes.push_back(std::move(argument.value));
        else
            rest.push_back(std::move(argument));
    }
    if (!sizes.empty()) rest.insert(rest.begin(), Argument{"", Value(std::move(sizes))});
    return rest;
}

class Builder {
 public:
    Builder(const Module& root, const Answers& answers, const NotSame& not_same)
        : root_(root), answers_(answers), not_same_(not_same) {}

    Built take() {
        name_inputs();
        Refs in;
        in.push_back({true, 0});
        static_cast<void>(call(root_, "", in, {}, false, 0));
        return std::move(built_);
    }

 private:
    void name_inputs() {
        for (const auto& [name, sizes] : answers_.inputs) {
            built_.inputs.push_back(name.empty() ? "input" : name);
            built_.shapes.emplace_back(sizes);
        }
        if (!built_.inputs.empty()) return;
        built_.inputs.emplace_back("input");
        if (root_.input && !root_.input->empty())
            built_.shapes.emplace_back(Sizes(root_.input->begin() + 1, root_.input->end()));
        else
            built_.shapes.emplace_back();
    }

    // ── rows
    std::size_t add(Draft draft) {
        if (built_.rows.size() >= kMostRows) {
            built_.too_long = true;
            return built_.rows.size() - 1;
        }
        built_.rows.push_back(std::move(draft));
        return built_.rows.size() - 1;
    }

    /// Calls a module. `again`: it, or what holds it, has been called before.
    Refs call(const Module& module, const std::string& path, Refs in, const Arguments& more, bool again,
              std::size_t depth) {
        if (built_.too_long || depth > kDeepestCall) return in;
        if (const auto read = labels_.find(module.reads); !module.reads.empty() && read != labels_.end())
            in = {{false, read->second}};
        if (!module.before.empty()) in = functions(module.before, path, in);
        const Refs out = called(module, path, in, more, again, depth);
        if (!module.label.empty() && out.size() == 1 && !out.front().is_input)
            labels_.emplace(module.label, out.front().index);
        return out;
    }

    Refs called(const Module& module, const std::string& path, const Refs& in, const Arguments& more, bool again,
                std::size_t depth) {
        if (module.is_stand_in) return stand_in(module, path, in);
        const LayerType* type = module_type(module.class_name);
        const bool is_attention = module.class_name == "MultiheadAttention";
        if (type != nullptr && (module.children.empty() || is_attention))
            return leaf(module, *type, path, in, more, again);
        if (is_transparent(module) && !module.children.empty()) return sequence(module, path, in, again, depth);
        if (module.is_block) return block(module, path, in, in, again);
        return container(module, path, in, again, depth);
    }

    /// Functions of an answer, between a row and what reads it.
    Refs functions(const std::string& program, const std::string& path, const Refs& in) {
        const Module none;
        const std::size_t dot = path.rfind('.');
        const std::string scope = dot == std::string::npos ? "" : path.substr(0, dot);
        const Result<std::vector<Step>> steps = program_of(program);
        if (steps.ok()) return run(none, scope, steps.value(), in, false, 0, program);
        wrong_answer(program, steps.reason().message);
        return in;
    }

    /// A call that makes what the print says, whatever it is.
    Refs stand_in(const Module& module, const std::string& path, const Refs& in) {
        Value::List outputs;
        for (const Sizes& sizes : module.outputs) {
            Value::List shape;
            for (std::size_t i = 0; i < sizes.size(); ++i) {
                if (i == 0)
                    shape.emplace_back(Value::Object{{"batch", Value(std::int64_t{1})}});
                else
                    shape.emplace_back(sizes[i]);
            }
            outputs.emplace_back(Value::Object{{"shape", Value(std::move(shape))}});
        }
        Draft draft;
        draft.op = "opaque";
        draft.path = path;
        draft.module = &module;
        draft.inputs = in;
        draft.attributes.given = {{"function", Value(module.class_name)}, {"outputs", Value(std::move(outputs))}};
        return {{false, add(std::move(draft))}};
    }

    /// The row at the end of a container's call.
    Refs block(const Module& module, const std::string& path, const Refs& in, const Refs& out, bool again) {
        Draft draft;
        draft.path = path;
        draft.module = &module;
        draft.inputs = out;
        draft.op = "Block";
        draft.is_container = true;
        const auto first = first_calls_.find(path);
        if (again && first != first_calls_.end()) {
            draft.shares = path;
        } else {
            draft.class_name = module.class_name;
            draft.name = path;
        }
        if (in.size() > 1 || lists_.contains(path)) draft.called_with = "list";
        if (out.size() > 1) draft.returns = "list";
        const std::size_t row = add(std::move(draft));
        first_calls_.emplace(path, row);
        return {{false, row}};
    }

    Refs leaf(const Module& module, const LayerType& type, const std::string& path, const Refs& in,
              const Arguments& more, bool again) {
        Draft draft;
        draft.op = type.op;
        draft.path = path;
        draft.inputs = in;
        draft.module = &module;
        if (again && first_calls_.contains(path)) {
            draft.shares = path;
            return {{false, add(std::move(draft))}};
        }
        if (const auto other = labels_.find(module.shares); !module.shares.empty() && other != labels_.end()) {
            draft.shares = built_.rows[other->second].path;
            return {{false, add(std::move(draft))}};
        }
        if (module.class_name != type.op) draft.class_name = module.class_name;
        draft.name = path;
        Arguments arguments = module.arguments;
        if (type.op == "MultiheadAttention") arguments = attention(module);
        for (const Argument& argument : more) {
            std::erase_if(arguments, [&](const Argument& one) { return one.name == argument.name; });
            arguments.push_back(argument);
        }
        draft.attributes = attributes_of(type, arguments);
        take_answers(type, module, path, arguments, draft.attributes);
        if (path.empty()) draft.prints = 0;
        const std::size_t row = add(std::move(draft));
        first_calls_.emplace(path, row);
        return {{false, row}};
    }

    /// What the projection at the end of an attention says of it.
    static Arguments attention(const Module& module) {
        Arguments arguments = module.arguments;
        const Module* projection = module.child("out_proj");
        if (projection == nullptr) return arguments;
        for (const Argument& argument : projection->arguments) {
            if (argument.name == "out_features") arguments.push_back({"embed_dim", argument.value});
            if (argument.name == "bias") arguments.push_back({"bias", argument.value});
        }
        return arguments;
    }

    /// Answers for attributes that the print does not have: of this module, or of its class.
    void take_answers(const LayerType& type, const Module& module, const std::string& path, Arguments arguments,
                      Attributes& attributes) {
        bool changed = false;
        for (const auto& [id, text] : answers_.answers) {
            constexpr std::string_view kPrefix = "attribute/";
            if (!id.starts_with(kPrefix)) continue;
            const std::size_t slash = id.rfind('/');
            const std::string of = slash > kPrefix.size() ? id.substr(kPrefix.size(), slash - kPrefix.size()) : "";
            const std::string field = id.substr(slash + 1);
            const bool is_missing =
                std::find(attributes.missing.begin(), attributes.missing.end(), field) != attributes.missing.end();
            if (of != path && !(of == module.class_name && is_missing)) continue;
            const Arguments value = arguments_of(field + "=" + text);
            if (value.size() != 1) {
                wrong_answer(id, "wants one value, as 12 or [3, 3]");
                continue;
            }
            std::erase_if(arguments, [&](const Argument& one) { return one.name == field; });
            arguments.push_back(value.front());
            built_.used.insert(id);
            changed = true;
        }
        if (changed) attributes = attributes_of(type, arguments);
    }

    Refs sequence(const Module& module, const std::string& path, const Refs& in, bool again, std::size_t depth) {
        Refs current = in;
        for (const Module& child : module.children)
            current = call(child, joined(path, child.name), current, {}, again, depth + 1);
        return current;
    }

    Refs container(const Module& module, const std::string& path, const Refs& in, bool again, std::size_t depth) {
        std::string id = "forward/" + (path.empty() ? module.kind() : path);
        const std::string* answer = answer_to(answers_, id);
        if (answer == nullptr) answer = answer_to(answers_, id = "forward/" + module.kind());
        Refs out = in;
        bool is_open = answer == nullptr;
        if (!is_open) {
            built_.used.insert(id);
            if (*answer == "Sequential") return sequence(module, path, in, again, depth);
            if (module.children.empty())
                if (const std::optional<Refs> known = as_op(module, path, in, again, *answer)) return *known;
            if (*answer == kAsPrinted) {
                is_open = module.children.empty();
                out = sequence(module, path, in, again, depth);
            } else if (const Result<std::vector<Step>> steps = program_of(*answer); steps.ok()) {
                out = run(module, path, steps.value(), in, again, depth, id);
            } else {
                wrong_answer(id, steps.reason().message);
                is_open = true;
                out = sequence(module, path, in, again, depth);
            }
        } else {
            out = sequence(module, path, in, again, depth);
        }
        std::vector<std::size_t>* rows = nullptr;
        if (is_open) {
            rows = &built_.open[module.kind()];
            built_.examples.emplace(module.kind(), &module);
        }
        if (!module.children.empty() || !is_open) {
            if (path.empty()) return out;
            const Refs end = block(module, path, in, out, again);
            if (rows != nullptr) rows->push_back(end.front().index);
            return end;
        }
        Draft draft;
        draft.op = module.class_name;
        draft.name = draft.path = path;
        draft.module = &module;
        draft.inputs = out;
        draft.is_known = false;
        for (const Argument& argument : module.arguments)
            if (!argument.name.empty() && argument.name != "inputs")
                draft.attributes.given.emplace_back(argument.name, argument.value);
        const std::size_t row = add(std::move(draft));
        rows->push_back(row);
        return {{false, row}};
    }

    /// An answer that names a module of torch.nn: "GELU", "Identity", "Linear(10, 20)".
    std::optional<Refs> as_op(const Module& module, const std::string& path, const Refs& in, bool again,
                              const std::string& answer) {
        const std::size_t bracket = answer.find('(');
        const std::string_view op = trimmed(std::string_view(answer).substr(0, bracket));
        const LayerType* type = module_type(op);
        if (type == nullptr) return std::nullopt;
        Module known = module;
        if (bracket != std::string::npos) {
            const std::size_t end = closing(answer, bracket);
            if (end == std::string_view::npos) return std::nullopt;
            known.arguments = arguments_of(std::string_view(answer).substr(bracket + 1, end - bracket - 1));
        } else {
            // Only what the operation has: a drop probability is none of Identity's.
            const Attributes all = attributes_of(*type, module.arguments);
            std::erase_if(known.arguments, [&](const Argument& one) {
                return one.name.empty() ||
                       std::find(all.unknown.begin(), all.unknown.end(), one.name) != all.unknown.end();
            });
        }
        const Refs out = leaf(known, *type, path, in, {}, again);
        if (!out.front().is_input) built_.rows[out.front().index].module = &module;
        return out;
    }

    // ── a forward in the words of an answer
    struct Frame {
        const Module& module;
        const std::string& path;
        const std::string& id;
        std::map<std::string, Refs, std::less<>> kept;
        std::set<std::string> called;  // children, in this call
        bool again;
        std::size_t depth;
    };

    static const Module* child_at(const Module& module, std::string_view path) {
        if (const Module* own = module.child(path)) return own;
        const std::size_t dot = path.find('.');
        if (dot == std::string_view::npos) return nullptr;
        const Module* next = module.child(path.substr(0, dot));
        return next == nullptr ? nullptr : child_at(*next, path.substr(dot + 1));
    }

    Refs run(const Module& module, const std::string& path, const std::vector<Step>& steps, const Refs& in, bool again,
             std::size_t depth, const std::string& id) {
        Frame frame{module, path, id, {}, {}, again, depth};
        frame.kept["x"] = in;
        if (path.empty())
            for (std::size_t i = 0; i < built_.inputs.size(); ++i) frame.kept[built_.inputs[i]] = {{true, i}};
        Refs current = in;
        for (const Step& step : steps) {
            if (step.where_same && not_same_.contains(path)) continue;
            if (step.kind == Step::Kind::join)
                join(frame, step, current);
            else
                current = evaluate(frame, step, current);
            if (!step.keep.empty()) frame.kept[step.keep] = current;
        }
        return current;
    }

    Refs evaluate(Frame& frame, const Step& step, const Refs& current) {
        if (step.name == "dense" && frame.module.child("dense") == nullptr) return dense(frame, current);
        if (child_at(frame.module, step.name) != nullptr)
            return call_child(frame, step.name, read(frame, step.reads, current), step.arguments);
        if (const auto kept = frame.kept.find(step.name); kept != frame.kept.end() && !step.operand_is_call)
            return kept->second;
        if (step.name == "it" || step.where_present) return current;
        const LayerType* type = find_layer(step.name);
        if (type == nullptr || type->kind != Kind::function) {
            wrong_answer(frame.id, called_words(frame) + " has no child " + quoted(step.name) +
                                       ", nothing was kept under that name, and there is no such function; where only "
                                       "some have it, write " +
                                       step.name + "?");
            return current;
        }
        Draft draft;
        draft.op = type->op;
        draft.scope = draft.path = frame.path;
        draft.inputs = read(frame, step.reads, current);
        draft.attributes = attributes_of(*type, gathered(type->op, step.arguments));
        return {{false, add(std::move(draft))}};
    }

    Refs call_child(Frame& frame, const std::string& name, const Refs& in, const Arguments& arguments) {
        const bool again = frame.again || !frame.called.insert(name).second;
        return call(*child_at(frame.module, name), joined(frame.path, name), in, arguments, again, frame.depth + 1);
    }

    Refs dense(Frame& frame, const Refs& in) {
        Refs all = in;
        for (const Module& child : frame.module.children) {
            lists_.insert(joined(frame.path, child.name));
            const Refs out = call_child(frame, child.name, all, {});
            all.insert(all.end(), out.begin(), out.end());
            if (built_.too_long) break;
        }
        return all;
    }

    Refs read(const Frame& frame, const std::vector<std::string>& names, const Refs& current) {
        if (names.empty()) return current;
        Refs refs;
        for (const std::string& name : names) {
            const auto kept = frame.kept.find(name);
            if (kept == frame.kept.end() && name != "it") {
                wrong_answer(frame.id, "nothing was kept under " + quoted(name) + " before it is read");
                continue;
            }
            const Refs& found = name == "it" ? current : kept->second;
            refs.insert(refs.end(), found.begin(), found.end());
        }
        return refs;
    }

    void join(Frame& frame, const Step& step, Refs& current) {
        Refs other;
        const bool first = step.operand.starts_with('<');
        const std::string operand = first ? step.operand.substr(1) : step.operand;
        if (!first && child_at(frame.module, operand) != nullptr) {
            other = call_child(frame, operand, read(frame, step.reads, current), step.arguments);
        } else if (step.where_present) {
            other = read(frame, step.reads, current);
        } else {
            other = read(frame, {operand}, current);
        }
        if (other.empty() || current.empty()) return;
        Draft draft;
        draft.op = step.name;
        draft.scope = draft.path = frame.path;
        draft.inputs = first ? Refs{other.front(), current.front()} : Refs{current.front(), other.front()};
        draft.attributes.inplace = step.inplace;
        draft.is_same_test = step.where_same;
        current = {{false, add(std::move(draft))}};
    }

    static std::string called_words(const Frame& frame) {
        return frame.path.empty() ? frame.module.class_name : frame.module.class_name + " at " + frame.path;
    }

    void wrong_answer(const std::string& id, const std::string& why) {
        if (!said_.insert(id + why).second) return;
        built_.wrong.error("unknown-word", "the answer to " + id + " cannot be taken: " + why).field = id;
    }

    const Module& root_;
    const Answers& answers_;
    const NotSame& not_same_;
    Built built_;
    std::unordered_map<std::string, std::size_t> first_calls_;  // by path
    std::unordered_map<std::string, std::size_t> labels_;       // rows of a table by the labels that it prints
    std::set<std::string> lists_;                               // paths of what is called with a list
    std::set<std::string> said_;
};

}  // namespace

const LayerType* module_type(std::string_view class_name) {
    for (const Alias& alias : kAliases)
        if (alias.class_name == class_name) class_name = alias.op;
    const LayerType* type = find_layer(class_name);
    return type != nullptr && type->kind == Kind::module && type->op != "Block" ? type : nullptr;
}

std::vector<std::string> names_of(const Module& module) {
    std::vector<std::string> names;
    for (const Module& child : module.children) names.push_back(child.name);
    return names;
}

std::string in_order(const Module& module) {
    std::string words;
    for (const Module& child : module.children) words += (words.empty() ? "" : ", ") + child.name;
    return words;
}

const std::string* answer_to(const Answers& answers, std::string_view id) {
    for (const auto& [question, answer] : answers.answers)
        if (question == id) return &answer;
    return nullptr;
}

bool is_transparent(const Module& module) {
    return module.class_name == "ModuleList" || module.class_name == "ModuleDict" ||
           is_sequential(module.class_name, names_of(module));
}

Built build(const Module& root, const Answers& answers, const NotSame& not_same) {
    return Builder(root, answers, not_same).take();
}

Value Built::document(std::string_view name, std::string_view source) const {
    // Rows that others refer to have a name; so have modules, by their path.
    std::unordered_set<std::string> taken;
    for (const Draft& draft : rows) taken.insert(draft.name);
    std::vector<std::string> input_names;
    for (const std::string& input : inputs) {
        std::string unique = input;
        while (!taken.insert(unique).second) unique += '_';
        input_names.push_back(std::move(unique));
    }
    std::vector<std::string> row_names;
    for (const Draft& draft : rows) row_names.push_back(draft.name);
    const auto follows = [&](std::size_t row) {
        const Refs& in = rows[row].inputs;
        if (in.size() != 1) return false;
        return row == 0 ? in[0].is_input && in[0].index == 0 : !in[0].is_input && in[0].index + 1 == row;
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (follows(i)) continue;
        for (const Ref& ref : rows[i].inputs) {
            if (ref.is_input || !row_names[ref.index].empty()) continue;
            const Draft& read = rows[ref.index];
            const std::string base = read.shares.empty() ? joined(read.scope, read.op) : read.shares;
            std::string unique = base;
            for (std::int64_t k = read.shares.empty() ? 1 : 2; !taken.insert(unique).second; ++k)
                unique = base + "_" + plain(k);
            row_names[ref.index] = std::move(unique);
        }
    }

    Value::List input_list, row_list;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Value::Object input;
        input.emplace_back("name", Value(input_names[i]));
        if (shapes[i]) {
            Value::List sizes;
            for (const std::int64_t size : *shapes[i]) sizes.emplace_back(size);
            input.emplace_back("shape", Value(std::move(sizes)));
        }
        // An embedding reads whole numbers.
        const bool tokens = std::any_of(rows.begin(), rows.end(), [&](const Draft& draft) {
            return draft.op.starts_with("Embedding") && draft.inputs == Refs{{true, i}};
        });
        if (tokens) input.emplace_back("dtype", Value(std::string("int64")));
        input_list.emplace_back(std::move(input));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Draft& draft = rows[i];
        Value::Object row;
        row.emplace_back("op", Value(draft.op));
        if (!draft.class_name.empty()) row.emplace_back("class", Value(draft.class_name));
        if (!row_names[i].empty()) row.emplace_back("name", Value(row_names[i]));
        if (!draft.shares.empty()) row.emplace_back("shares", Value(draft.shares));
        if (!follows(i)) {
            Value::List names;
            for (const Ref& ref : draft.inputs)
                names.emplace_back(ref.is_input ? input_names[ref.index] : row_names[ref.index]);
            row.emplace_back("inputs", Value(std::move(names)));
        }
        for (const auto& member : draft.attributes.given) row.push_back(member);
        if (draft.attributes.inplace && draft.shares.empty()) row.emplace_back("inplace", Value(true));
        if (!draft.scope.empty()) row.emplace_back("scope", Value(draft.scope));
        if (!draft.returns.empty()) row.emplace_back("returns", Value(draft.returns));
        if (!draft.called_with.empty()) row.emplace_back("called_with", Value(draft.called_with));
        if (draft.prints) row.emplace_back("prints", Value(*draft.prints));
        row_list.emplace_back(std::move(row));
    }
    Value::Object document;
    document.emplace_back("format", Value(std::string("footprint/model")));
    document.emplace_back("version", Value(std::int64_t{1}));
    document.emplace_back("name", Value(std::string(name)));
    document.emplace_back("source", Value(std::string(source)));
    document.emplace_back("inputs", Value(std::move(input_list)));
    document.emplace_back("layers", Value(std::move(row_list)));
    return Value(std::move(document));
}

}  // namespace footprint::prints
