#include "prints/program.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/number.hpp"
#include "prints/attributes.hpp"
#include "prints/text.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kMostProgram = 20'000;

constexpr Forward kForwards[] = {
#define FORWARD(class_name, program, source) {class_name, program, source},
#include "prints/forwards.def"
#undef FORWARD
};

// Of torchvision. Those whose children are numbered, and those whose children have names.
constexpr std::string_view kNumbered[] = {"ConvNormActivation",
                                          "Conv2dNormActivation",
                                          "Conv3dNormActivation",
                                          "ConvBNActivation",
                                          "ConvBNReLU",
                                          "MLP",
                                          "MLPBlock",
                                          "SimpleStemIN",
                                          "R2Plus1dStem",
                                          "BasicStem",
                                          "Conv2Plus1D",
                                          "ASPPConv",
                                          "DeepLabHead",
                                          "FCNHead"};
constexpr std::string_view kNamed[] = {"Sequential", "_Transition", "AnyStage", "BottleneckTransform"};

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

std::size_t name_length(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && is_name_character(text[i])) ++i;
    return i;
}

Diagnostic wrong(std::string_view step, std::string_view why) {
    Diagnostic diagnostic;
    diagnostic.code = "unknown-word";
    diagnostic.field = "answers";
    diagnostic.message = "the step " + quoted(step) + " " + std::string(why);
    return diagnostic;
}

/// "name", "name?", "name(…)", "name?(…)" from the front of `text`; false where there is no name.
bool take_call(std::string_view& text, Step& step, std::string& name) {
    const std::size_t length = name_length(text);
    if (length == 0) return false;
    name = text.substr(0, length);
    text.remove_prefix(length);
    if (text.starts_with('?')) {
        step.where_present = true;
        text.remove_prefix(1);
    }
    if (!text.starts_with('(')) return true;
    const std::size_t end = closing(text, 0);
    if (end == std::string_view::npos) return false;
    step.operand_is_call = true;
    for (Argument& argument : arguments_of(text.substr(1, end - 1))) {
        // A bare word by position is a tensor.
        if (argument.name.empty() && argument.value.text() != nullptr)
            step.reads.push_back(*argument.value.text());
        else
            step.arguments.push_back(std::move(argument));
    }
    text.remove_prefix(end + 1);
    return true;
}

struct Sign {
    std::string_view sign, op;
    bool inplace;
};
constexpr std::array<Sign, 6> kSigns = {{{"+=", "add", true},
                                         {"*=", "mul", true},
                                         {"-=", "sub", true},
                                         {"+", "add", false},
                                         {"*", "mul", false},
                                         {"-", "sub", false}}};

const Sign* sign_of(std::string_view text) {
    for (const Sign& sign : kSigns)
        if (text.starts_with(sign.sign)) return &sign;
    return nullptr;
}

std::optional<Diagnostic> read_step(std::string_view whole, std::vector<Step>& steps) {
    std::string_view text = trimmed(whole);
    Step step;
    if (text.starts_with("same?")) {
        step.where_same = true;
        text = trimmed(text.substr(5));
    }
    if (const Sign* sign = sign_of(text)) {
        step.kind = Step::Kind::join;
        step.name = sign->op;
        step.inplace = sign->inplace;
        text = trimmed(text.substr(sign->sign.size()));
        if (!take_call(text, step, step.operand)) return wrong(whole, "joins nothing: write + x, or + child(x)");
    } else {
        if (!take_call(text, step, step.name)) return wrong(whole, "begins with no name of a child or a function");
        text = trimmed(text);
        if (const Sign* after = sign_of(text)) {
            // "x + it": the kept value stands first.
            const std::string_view rest = trimmed(text.substr(after->sign.size()));
            const std::size_t length = name_length(rest);
            if (after->inplace || rest.substr(0, length) != "it" || step.operand_is_call)
                return wrong(whole, "is no sum of a kept value and it");
            step.kind = Step::Kind::join;
            step.operand = "<" + step.name;
            step.name = after->op;
            text = rest.substr(length);
        }
    }
    text = trimmed(text);
    if (text.starts_with('=')) {
        text = trimmed(text.substr(1));
        const std::size_t length = name_length(text);
        if (length == 0) return wrong(whole, "keeps its value under no name");
        step.keep = text.substr(0, length);
        text = trimmed(text.substr(length));
    }
    if (!text.empty()) return wrong(whole, "has more than can be read: a comma stands between steps");
    steps.push_back(std::move(step));
    return std::nullopt;
}

}  // namespace

Result<std::vector<Step>> program_of(std::string_view text) {
    if (text.size() > kMostProgram) return wrong(text, "is too long");
    std::vector<Step> steps;
    for (const std::string_view part : split_at(text, ',')) {
        if (trimmed(part).empty()) continue;
        if (std::optional<Diagnostic> reason = read_step(part, steps)) return std::move(*reason);
    }
    if (steps.empty()) return wrong(text, "is no step: write x where the input is handed on");
    return steps;
}

std::vector<Forward> forwards_of(std::string_view class_name) {
    std::vector<Forward> found;
    for (const Forward& forward : kForwards)
        if (forward.class_name == class_name) found.push_back(forward);
    return found;
}

std::string numbered(const Forward& forward, std::size_t children) {
    const Result<std::vector<Step>> steps = program_of(forward.program);
    if (!steps.ok()) return {};
    std::set<std::string> kept = {"x", "it"};
    std::vector<std::string> optional;  // children that only some have
    const auto is_child = [&](const Step& step) {
        if (step.kind == Step::Kind::join) return step.operand_is_call;
        const bool is_function = step.operand_is_call && step.reads.empty();
        return !is_function && !kept.contains(step.name);
    };
    std::size_t calls = 0, optionals = 0;
    for (const Step& step : steps.value()) {
        if (step.name == "dense") return std::string(forward.program);
        if (is_child(step)) {
            ++calls;
            optionals += step.where_present ? 1U : 0U;
        }
        if (!step.keep.empty()) kept.insert(step.keep);
    }
    const bool with_optionals = children == calls;
    if (!with_optionals && children != calls - optionals) return {};
    std::string program;
    std::size_t number = 0;
    kept = {"x", "it"};
    for (const Step& step : steps.value()) {
        std::string text;
        const auto child = [&] { return plain(static_cast<std::int64_t>(number++)); };
        const auto call = [&](const std::string& name) {
            std::string inside;
            for (const std::string& read : step.reads) inside += (inside.empty() ? "" : ", ") + read;
            for (const Argument& argument : step.arguments)
                inside += (inside.empty() ? "" : ", ") + (argument.name.empty() ? "" : argument.name + "=") +
                          in_python(argument.value);
            return name + (step.operand_is_call ? "(" + inside + ")" : "");
        };
        const bool present = !step.where_present || with_optionals;
        if (step.kind == Step::Kind::join) {
            const Sign* sign = &*std::find_if(kSigns.begin(), kSigns.end(), [&](const Sign& one) {
                return one.op == step.name && one.inplace == step.inplace;
            });
            const bool first = step.operand.starts_with('<');
            std::string operand = first ? step.operand.substr(1) : step.operand;
            if (is_child(step)) operand = present ? call(child()) : step.reads.empty() ? "it" : step.reads.front();
            text = first ? operand + " " + std::string(sign->sign) + " it" : std::string(sign->sign) + " " + operand;
        } else if (is_child(step)) {
            if (!present) continue;
            text = call(child());
        } else {
            text = call(step.name);
        }
        if (step.where_same) text = "same? " + text;
        if (!step.keep.empty()) {
            text += " = " + step.keep;
            kept.insert(step.keep);
        }
        program += (program.empty() ? "" : ", ") + text;
    }
    return program;
}

std::vector<Forward> forwards_of(std::string_view class_name, const std::vector<std::string>& children) {
    std::vector<Forward> found;
    const std::size_t dot = class_name.rfind('.');
    if (dot != std::string_view::npos) class_name.remove_prefix(dot + 1);
    const auto has = [&](const std::string& name) {
        return std::find(children.begin(), children.end(), name) != children.end();
    };
    for (const Forward& forward : kForwards) {
        if (forward.class_name != class_name) continue;
        const Result<std::vector<Step>> steps = program_of(forward.program);
        if (!steps.ok()) continue;
        // Every child must be named, so that a class of the same name and other children is not taken for it.
        std::size_t named = 0;
        bool dense = false;
        for (const Step& step : steps.value()) dense = dense || step.name == "dense";
        for (const std::string& child : children)
            named += std::any_of(steps.value().begin(), steps.value().end(),
                                 [&](const Step& step) { return step.name == child || step.operand == child; })
                         ? 1U
                         : 0U;
        // What it names first tells the class: a child that is missing there makes it another.
        const Step& first = steps.value().front();
        const bool begins = first.name == "x" || first.name == "cat" || dense || has(first.name);
        if (dense || (named == children.size() && begins)) found.push_back(forward);
    }
    return found;
}

bool is_sequential(std::string_view class_name, const std::vector<std::string>& children) {
    if (std::find(std::begin(kNamed), std::end(kNamed), class_name) != std::end(kNamed)) return true;
    for (std::size_t i = 0; i < children.size(); ++i)
        if (children[i] != plain(static_cast<std::int64_t>(i))) return false;
    return std::find(std::begin(kNumbered), std::end(kNumbered), class_name) != std::end(kNumbered);
}

}  // namespace footprint::prints
