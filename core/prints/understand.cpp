#include "prints/understand.hpp"

#include <algorithm>
#include <map>

#include "base/number.hpp"
#include "prints/builder.hpp"
#include "prints/reconcile.hpp"
#include "prints/solve.hpp"
#include "prints/text.hpp"
#include "prints/trial.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kMostPassed = 200'000;  // rows, over all passes
constexpr std::size_t kLongestAnswer = 4'000;
constexpr std::size_t kLongestExample = 400;
constexpr std::size_t kMostInsertions = 4;

std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::size_t dot = path.find('.');
        parts.emplace_back(path.substr(0, dot));
        path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return parts;
}

/// The containers around a row's call, outermost first.
std::vector<std::string> around(const Draft& draft) {
    std::vector<std::string> parts = parts_of(draft.path);
    if (draft.module != nullptr && !parts.empty()) parts.pop_back();
    return parts;
}

/// The sizes without the batch.
std::optional<Sizes> item_sizes(const Shape& shape) {
    Sizes sizes;
    for (std::size_t i = 1; i < shape.size(); ++i) {
        if (shape[i].overflowed() || shape[i].value() < 1) return std::nullopt;
        sizes.push_back(shape[i].value());
    }
    return sizes;
}

const Module* module_at(const Module& root, const std::vector<std::string>& parts) {
    const Module* at = &root;
    for (const std::string& part : parts) {
        at = at->child(part);
        if (at == nullptr) return nullptr;
    }
    return at;
}

/// A place where what arrives is not what a row takes, and the functions that would make it so.
struct Hidden {
    std::size_t row = 0;
    std::string class_name;  // of the container in which the call stands
    std::string child;       // of it, before which the functions would stand
    std::vector<std::string> functions;
};

class Understanding {
 public:
    Understanding(const Subject& subject, const Answers& answers, Import& import)
        : subject_(subject), answers_(answers), import_(import), root_(*subject.root) {}

    void run() {
        if (subject_.table != nullptr) solved_ = solve(root_, answers_);
        Built built = settled(root_, answers_, not_same_);
        if (built.too_long) {
            import_.diagnostics.error("too-many-rows", "the network has more than " +
                                                           plain(static_cast<std::int64_t>(kMostRows)) +
                                                           " calls, the most that a document can have");
            return;
        }
        if (built.rows.empty()) {
            say_wrong_answers(built);
            if (import_.diagnostics.has_errors()) return;
            import_.diagnostics.error("wrong-format", root_.class_name + " holds no modules: there is nothing to read");
            return;
        }
        Inferred inferred = infer_rows(built, name(), source());
        say_wrong_answers(built);
        ask_input(built);
        ask_attributes(built);
        if (subject_.table == nullptr) say_what_is_never_printed(built);
        ask_forwards(built, inferred);
        ask_numbers(built);
        drop_inferred(built, inferred);
        if (subject_.table != nullptr) compare(built);
        import_.model = built.document(name(), source());
    }

 private:
    std::string name() const { return root_.line == 0 ? "network" : root_.class_name; }
    std::string source() const { return import_.kind == "repr" ? "print(model)" : "a print of " + import_.kind; }

    /// Rows for the answers, once it is known where "same?" is false.
    static Built settled(const Module& root, const Answers& answers, NotSame& not_same) {
        for (std::size_t pass = 0;; ++pass) {
            Built built = build(root, answers, not_same);
            if (built.too_long || pass * built.rows.size() >= kMostPassed) return built;
            const bool tests = std::any_of(built.rows.begin(), built.rows.end(),
                                           [](const Draft& draft) { return draft.is_same_test; });
            if (!tests) return built;
            const Inferred inferred = infer_rows(built);
            bool changed = false;
            for (std::size_t i = 0; i < built.rows.size() && inferred.is_inferred; ++i) {
                const auto& in = inferred.inference.rows[i].inputs;
                if (!built.rows[i].is_same_test || in.size() != 2 || in[0]->shape == in[1]->shape) continue;
                changed = not_same.insert(built.rows[i].path).second || changed;
            }
            // A sum of other sizes fails before its inputs are kept: they are looked up by where they come from.
            for (std::size_t i = 0; i < built.rows.size() && inferred.is_inferred && !changed; ++i) {
                const Draft& draft = built.rows[i];
                if (!draft.is_same_test || draft.inputs.size() != 2) continue;
                const Shape* a = shape_of(inferred, draft.inputs[0]);
                const Shape* b = shape_of(inferred, draft.inputs[1]);
                if (a != nullptr && b != nullptr && *a != *b) changed = not_same.insert(draft.path).second;
            }
            if (!changed) return built;
        }
    }

    static const Shape* shape_of(const Inferred& inferred, const Ref& ref) {
        if (!inferred.is_inferred) return nullptr;
        if (ref.is_input)
            return ref.index < inferred.inference.inputs.size() ? &inferred.inference.inputs[ref.index].shape : nullptr;
        if (!inferred.knows(ref.index) || inferred.inference.rows[ref.index].outputs.empty()) return nullptr;
        return &inferred.inference.rows[ref.index].outputs.front().shape;
    }

    void say_wrong_answers(const Built& built) {
        for (const Diagnostic& diagnostic : built.wrong.list())
            import_.diagnostics.error(diagnostic.code, diagnostic.message).field = diagnostic.field;
        for (const Diagnostic& diagnostic : solved_.wrong.list())
            import_.diagnostics.error(diagnostic.code, diagnostic.message).field = diagnostic.field;
        for (const auto& [id, answer] : answers_.answers) {
            const bool used = built.used.contains(id) || solved_.used.contains(id);
            if (used) import_.answered.emplace_back(id, answer);
            if (!used && built.wrong.list().empty())
                import_.diagnostics.error("unknown-name", "the print leaves no question " + quoted(id) + " open")
                    .field = "answers";
        }
    }

    Question& ask(std::string id, std::string message) {
        Question& question = import_.questions.emplace_back();
        question.id = std::move(id);
        question.message = std::move(message);
        return question;
    }

    // ── the input
    void ask_input(const Built& built) {
        for (std::size_t i = 0; i < built.inputs.size(); ++i) {
            if (built.shapes[i]) continue;
            std::string message = "The print does not say what size the input has.";
            if (const std::string first = first_reader(built); !first.empty()) message += " " + first;
            Question& question = ask("input/" + built.inputs[i], message);
            question.input = built.inputs[i];
            question.field = "shape";
            question.example = "3,224,224";
        }
    }

    /// What the first row takes, where it says so.
    static std::string first_reader(const Built& built) {
        const Draft& draft = built.rows.front();
        for (const auto& [attribute, value] : draft.attributes.given) {
            if (attribute != "in_channels" && attribute != "in_features" && attribute != "num_features") continue;
            return "Its first module" + (draft.name.empty() ? "" : ", " + draft.name + ",") + " has " + attribute +
                   " " + in_python(value) + ".";
        }
        if (draft.op.starts_with("Embedding")) return "Its first module is an Embedding, which takes token numbers.";
        return {};
    }

    // ── attributes that must be given and are not printed
    /// A number that the module could have been made with: of heads, as many as divide its width.
    static std::string example_of(std::string_view field, const Value::Object& given) {
        if (field != "num_heads") return "12";
        for (const auto& [name, value] : given)
            if (name == "embed_dim" && value.integer() != nullptr)
                for (const std::int64_t heads : {12, 8, 4, 2})
                    if (*value.integer() % heads == 0) return plain(heads);
        return "1";
    }

    void ask_attributes(const Built& built) {
        if (subject_.table != nullptr) return;  // solve() asks
        std::map<std::string, std::size_t> asked;
        for (std::size_t i = 0; i < built.rows.size(); ++i) {
            const Draft& draft = built.rows[i];
            if (draft.module == nullptr || !draft.is_known || draft.is_container || !draft.shares.empty()) continue;
            for (const std::string& field : draft.attributes.missing) {
                const std::string id = "attribute/" + draft.module->class_name + "/" + field;
                const auto found = asked.find(id);
                if (found != asked.end()) {
                    import_.questions[found->second].rows.push_back(i + 1);
                    continue;
                }
                asked.emplace(id, import_.questions.size());
                Question& question =
                    ask(id, "The print of " + draft.module->class_name + " does not say its " + field + ".");
                question.rows = {i + 1};
                question.class_name = draft.module->class_name;
                question.field = field;
                question.example = example_of(field, draft.attributes.given);
            }
        }
    }

    /// Attributes that change sizes or order and that PyTorch leaves out of a module's print, whatever they are.
    void say_what_is_never_printed(const Built& built) {
        struct Unprinted {
            std::string_view op, field;
        };
        static constexpr Unprinted kUnprinted[] = {{"AvgPool1d", "ceil_mode"},
                                                   {"AvgPool2d", "ceil_mode"},
                                                   {"AvgPool3d", "ceil_mode"},
                                                   {"MultiheadAttention", "batch_first"}};
        for (const Unprinted& unprinted : kUnprinted)
            for (std::size_t i = 0; i < built.rows.size(); ++i) {
                if (built.rows[i].module == nullptr || built.rows[i].op != unprinted.op) continue;
                Diagnostic& diagnostic = import_.diagnostics.warning(
                    "assumed", "a print of " + std::string(unprinted.op) + " never says " +
                                   std::string(unprinted.field) + ": PyTorch's default, False, is taken");
                diagnostic.row = static_cast<std::int64_t>(i) + 1;
                diagnostic.field = unprinted.field;
                break;  // once for all of them
            }
    }

    // ── forwards
    void ask_forwards(const Built& built, const Inferred& inferred) {
        std::map<std::string, std::vector<std::string>> found = fitting_programs(built, inferred);
        std::vector<std::pair<std::string, std::vector<std::size_t>>> open(built.open.begin(), built.open.end());
        // In the order of the rows; the network itself last.
        std::stable_sort(open.begin(), open.end(), [](const auto& a, const auto& b) {
            const auto first = [](const auto& rows) { return rows.empty() ? SIZE_MAX : rows.front(); };
            return first(a.second) < first(b.second);
        });
        for (const auto& one : open) {
            const Module& module = *built.examples.at(one.first);
            const bool is_leaf = module.children.empty();
            Question& question =
                ask("forward/" + one.first, is_leaf ? leaf_message(module) : container_message(module));
            question.class_name = module.class_name;
            for (const std::size_t row : one.second) question.rows.push_back(row + 1);
            if (const auto at = unfitting_.find(one.first); at != unfitting_.end()) {
                question.message += " " + at->second.message + ".";
                if (question.rows.empty()) question.rows.push_back(static_cast<std::size_t>(at->second.row));
            }
            if (is_leaf)
                offer_to_leaf(question, built, inferred, one.second, module);
            else
                offer_to_container(question, built, inferred, one, module, found[one.first]);
        }
    }

    static void offer(Question& question, std::string answer, std::string message) {
        if (answer.size() > kLongestAnswer) return;
        for (const Option& option : question.options)
            if (option.answer == answer) return;
        question.options.push_back({std::move(answer), std::move(message)});
    }

    void offer_to_container(Question& question, const Built& built, const Inferred& inferred,
                            const std::pair<std::string, std::vector<std::size_t>>& open, const Module& module,
                            const std::vector<std::string>& programs) const {
        offer(question, std::string(kAsPrinted), "in the order of the print, nothing between");
        for (const Forward& forward : forwards_of(module.class_name, all_children(module.class_name)))
            offer(question, std::string(forward.program), std::string(forward.source));
        if (subject_.table != nullptr)
            for (const Forward& forward : forwards_of(module.class_name))
                if (std::string program = numbered(forward, module.children.size()); !program.empty())
                    offer(question, std::move(program), std::string(forward.source));
        for (const std::string& program : programs)
            offer(question, program, "with a function that makes the sizes fit");
        const std::string plainly = in_order(module);
        if (keeps_size(built, inferred, open.second) && module.children.size() > 1) {
            offer(question, plainly + ", + x", "in the order of the print, then the input is added");
            const Module& last = module.children.back();
            const LayerType* type = module_type(last.class_name);
            if (type != nullptr && type->family == "activation")
                offer(question, plainly.substr(0, plainly.size() - last.name.size()) + "+ x, " + last.name,
                      "the input is added before the last " + last.class_name);
        }
        question.example = plainly.size() <= kLongestExample ? plainly : module.children.front().name + ", …";
    }

    void offer_to_leaf(Question& question, const Built& built, const Inferred& inferred,
                       const std::vector<std::size_t>& rows, const Module& module) const {
        question.example = "permute(0, 2, 3, 1)";
        if (module.is_closed) return;  // print it deeper
        std::vector<std::string_view> functions = prints::hidden_functions("");
        bool hands_on = true;
        std::size_t judged = 0;
        for (const std::size_t row : rows) {
            const Module& called = *built.rows[row].module;
            if (called.outputs.size() == 1 && called.taken) {
                // A table prints what comes out.
                const Sizes out(called.outputs.front().begin() + (called.outputs.front().empty() ? 0 : 1),
                                called.outputs.front().end());
                hands_on = hands_on && *called.taken == out && called.parameters.value_or(0) == 0;
                std::erase_if(functions,
                              [&](std::string_view function) { return made_by(function, *called.taken) != out; });
                ++judged;
                continue;
            }
            // In a repr the next row tells what it takes.
            if (row + 1 >= built.rows.size() || built.rows[row].inputs.size() != 1) continue;
            const Draft& next = built.rows[row + 1];
            const Shape* arrives = shape_of(inferred, built.rows[row].inputs.front());
            if (arrives == nullptr || next.module == nullptr || !next.module->children.empty() || !next.is_known ||
                next.is_container || next.inputs != Refs{{false, row}})
                continue;
            const std::optional<Sizes> sizes = item_sizes(*arrives);
            if (!sizes || try_call(*next.module, "", *sizes)) continue;
            ++judged;
            std::erase_if(functions,
                          [&](std::string_view function) { return !try_call(*next.module, function, *sizes); });
        }
        if (hands_on)
            for (const Forward& forward : forwards_of(module.class_name, {}))
                offer(question, std::string(forward.program), std::string(forward.source));
        for (std::size_t i = 0; judged > 0 && i < functions.size(); ++i)
            offer(question, std::string(functions[i]), "it makes the sizes fit");
        if (hands_on) offer(question, "Identity", "it hands on what it is given and owns no parameters");
    }

    std::string container_message(const Module& module) const {
        if (subject_.table != nullptr)
            return "The print shows which modules " + module.class_name + " (" + line_words(module.line) +
                   ") calls, but not the functions between them, such as a sum. What does its forward do?";
        return "The print does not say in which order " + module.class_name +
               " calls its modules, nor which functions it calls between them: its rows stand in the order of the "
               "print. What does its forward do?";
    }
    std::string leaf_message(const Module& module) const {
        if (module.is_closed)
            return "The print does not open " + module.class_name + " (" + line_words(module.line) +
                   "): print it deeper, as torchinfo.summary(model, depth=9), or say what it does.";
        return module.class_name + " (" + line_words(module.line) +
               ") is no module of torch.nn. What does it do, or which module is it?";
    }

    /// The children of all modules of a class.
    std::vector<std::string> all_children(const std::string& class_name) const {
        std::vector<std::string> names;
        collect(root_, class_name, names);
        return names;
    }
    static void collect(const Module& module, const std::string& class_name, std::vector<std::string>& names) {
        if (module.class_name == class_name)
            for (const Module& child : module.children)
                if (std::find(names.begin(), names.end(), child.name) == names.end()) names.push_back(child.name);
        for (const Module& child : module.children) collect(child, class_name, names);
    }

    /// Whether what the calls of a class return has the size of what they are given.
    bool keeps_size(const Built& built, const Inferred& inferred, const std::vector<std::size_t>& rows) const {
        for (const std::size_t row : rows) {
            const Shape* out = shape_of(inferred, {false, row});
            // The first row inside it reads what it is given.
            std::size_t first = row;
            const std::string prefix = built.rows[row].path + ".";
            while (first > 0 && built.rows[first - 1].path.starts_with(prefix)) --first;
            if (out == nullptr || built.rows[first].inputs.size() != 1) continue;
            const Shape* in = shape_of(inferred, built.rows[first].inputs.front());
            if (in != nullptr) return *in == *out;
        }
        return false;
    }

    struct Insertion {
        std::string child;
        std::vector<std::string> functions;
    };

    /// The children in order, functions inserted before some.
    static std::string program_with(const Module& module, const std::vector<Insertion>& insertions) {
        std::string program;
        for (const Module& child : module.children) {
            for (const Insertion& insertion : insertions)
                if (insertion.child == child.name)
                    program += (program.empty() ? "" : ", ") + insertion.functions.front();
            program += (program.empty() ? "" : ", ") + child.name;
        }
        return program;
    }

    /// For each open class the programs that would make what arrives fit.
    std::map<std::string, std::vector<std::string>> fitting_programs(const Built& built, const Inferred& inferred) {
        std::map<std::string, std::vector<std::string>> programs;
        std::map<std::string, std::vector<Insertion>> insertions;
        Answers trial = answers_;
        Built at = built;
        Inferred of;
        const Inferred* looked_at = &inferred;
        NotSame not_same = not_same_;
        for (std::size_t pass = 0; pass < kMostInsertions; ++pass) {
            std::optional<Hidden> hidden = find_hidden(at, *looked_at, built.open, pass == 0);
            if (!hidden) break;
            insertions[hidden->class_name].push_back({hidden->child, hidden->functions});
            const Module& module = *built.examples.at(hidden->class_name);
            const std::string id = "forward/" + hidden->class_name;
            std::erase_if(trial.answers, [&](const auto& answer) { return answer.first == id; });
            trial.answers.emplace_back(id, program_with(module, insertions[hidden->class_name]));
            at = settled(root_, trial, not_same);
            of = infer_rows(at);
            looked_at = &of;
        }
        for (auto& one : insertions) {
            const Module& module = *built.examples.at(one.first);
            std::vector<Insertion> chosen = one.second;
            for (const std::string& function : one.second.front().functions) {
                chosen.front().functions = {function};
                programs[one.first].push_back(program_with(module, chosen));
            }
        }
        return programs;
    }

    /// The first row that cannot take what arrives, where a container that is asked about stands between the two.
    std::optional<Hidden> find_hidden(const Built& built, const Inferred& inferred,
                                      const std::map<std::string, std::vector<std::size_t>>& open, bool first) {
        if (!inferred.is_inferred) return std::nullopt;
        for (const Diagnostic& diagnostic : inferred.diagnostics.list()) {
            if (diagnostic.row == 0 || (diagnostic.code != "shape-mismatch" && diagnostic.code != "wrong-rank"))
                continue;
            const std::size_t row = static_cast<std::size_t>(diagnostic.row) - 1;
            const Draft& draft = built.rows[row];
            if (draft.inputs.size() != 1 || draft.module == nullptr) continue;
            const Shape* arrives = shape_of(inferred, draft.inputs.front());
            if (arrives == nullptr || arrives->empty()) continue;
            std::vector<std::string> here = around(draft);
            const std::vector<std::string> there = draft.inputs.front().is_input
                                                       ? std::vector<std::string>()
                                                       : around(built.rows[draft.inputs.front().index]);
            std::size_t common = 0;
            while (common < here.size() && common < there.size() && here[common] == there[common]) ++common;
            const std::vector<std::string> path = parts_of(draft.path);
            if (common >= path.size()) continue;
            const Module* container =
                module_at(root_, {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(common)});
            if (container == nullptr || is_transparent(*container) || !open.contains(container->kind())) continue;
            Hidden hidden{row, container->kind(), path[common], {}};
            if (first) unfitting_.emplace(container->kind(), Unfitting{diagnostic.row, sentence(draft, diagnostic)});
            const std::optional<Sizes> sizes = item_sizes(*arrives);
            if (!sizes || !draft.module->children.empty()) continue;
            for (const std::string_view function : prints::hidden_functions(draft.op))
                if (try_call(*draft.module, function, *sizes)) hidden.functions.emplace_back(function);
            if (!hidden.functions.empty()) return hidden;
        }
        return std::nullopt;
    }

    // ── what the numbers of a table leave open
    void ask_numbers(const Built& built) {
        std::map<const Module*, std::size_t> rows;
        for (std::size_t i = 0; i < built.rows.size(); ++i)
            if (built.rows[i].module != nullptr) rows.emplace(built.rows[i].module, i + 1);
        for (Asked& asked : solved_.questions) {
            for (const Module* module : asked.modules)
                if (const auto row = rows.find(module); row != rows.end()) asked.question.rows.push_back(row->second);
            import_.questions.push_back(std::move(asked.question));
        }
    }

    /// Where a question is open, every answer that it offers gives the print's numbers: the first stands in, and what
    /// nobody knows makes what is printed.
    void compare(const Built& built) {
        Module filled = *subject_.root;
        Answers assumed = answers_;
        for (const Question& question : import_.questions) {
            if (!question.id.starts_with("forward/")) continue;
            for (const Option& option : question.options)
                if (option.answer != kAsPrinted) {
                    assumed.answers.emplace_back(question.id, option.answer);
                    break;
                }
        }
        static_cast<void>(solve(filled, assumed, Open::first_option));
        NotSame not_same;
        const Built whole = settled(filled, assumed, not_same);
        const Inferred inferred = infer_rows(whole);
        reconcile(*subject_.table, filled, whole, inferred, import_);
        // Rows as the document has them, without the functions that were assumed.
        std::map<std::size_t, std::size_t> rows;
        for (std::size_t i = 0; i < built.rows.size(); ++i)
            if (built.rows[i].module != nullptr) rows.emplace(built.rows[i].module->line, i + 1);
        for (Comparison& line : import_.lines) {
            const Module* module = line.row > 0 ? whole.rows[line.row - 1].module : nullptr;
            const auto found = rows.find(module == nullptr ? 0 : module->line);
            line.row = found == rows.end() ? 0 : found->second;
        }
    }

    /// What the incoming shape settles is left out where it agrees.
    static void drop_inferred(Built& built, const Inferred& inferred) {
        for (std::size_t i = 0; i < built.rows.size(); ++i) {
            if (!inferred.knows(i)) continue;
            Attributes& attributes = built.rows[i].attributes;
            std::erase_if(attributes.given, [&](const auto& member) {
                return std::find(attributes.inferred.begin(), attributes.inferred.end(), member.first) !=
                       attributes.inferred.end();
            });
        }
    }

    struct Unfitting {
        std::int64_t row = 0;
        std::string message;
    };
    static std::string sentence(const Draft& draft, const Diagnostic& diagnostic) {
        return "At row " + plain(diagnostic.row) + (draft.name.empty() ? "" : " (" + draft.name + ")") + " " +
               diagnostic.message;
    }

    std::map<std::string, Unfitting> unfitting_;  // by container: where what arrives does not fit
    const Subject& subject_;
    const Answers& answers_;
    Import& import_;
    Module root_;  // with what its numbers tell
    Solved solved_;
    NotSame not_same_;
};

}  // namespace

void understand(const Subject& subject, const Answers& answers, Import& import) {
    Understanding(subject, answers, import).run();
}

}  // namespace footprint::prints
