// torch.nn.Module.__repr__: a class, its extra_repr in parentheses, its children each on lines of their own.
// "(0-11): 12 x Layer(" stands for twelve equal children of a ModuleList or a Sequential.
#include "prints/repr.hpp"

#include <unordered_set>

#include "base/number.hpp"
#include "model/model.hpp"
#include "prints/text.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kDeepestModule = 128;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How much of a text is a class's name: letters, digits, dots.
std::size_t class_length(std::string_view text) {
    if (text.empty() || !is_letter(text.front())) return 0;
    std::size_t i = 1;
    while (i < text.size() && (is_letter(text[i]) || is_digit(text[i]) || text[i] == '.')) ++i;
    return i;
}

/// What people paste around a print: prompts, fences.
bool is_around(std::string_view line) {
    return line.empty() || line.starts_with(">>>") || line.starts_with("```") || line.starts_with("In [");
}

std::string_view without_prompt(std::string_view line) {
    if (line.starts_with("Out[")) {
        const std::size_t end = line.find("]:");
        if (end != std::string_view::npos) return trimmed(line.substr(end + 2));
    }
    return line;
}

Diagnostic wrong(std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = "wrong-format";
    diagnostic.message = std::move(message);
    return diagnostic;
}

std::size_t count_of(const Module& module) {
    std::size_t count = 1;
    for (const Module& child : module.children) count += count_of(child);
    return count;
}

/// Reads the lines with a stack of the containers that are open.
class Reader {
 public:
    explicit Reader(std::string_view text) : lines_(lines_of(text)) {}

    Result<Module> read() {
        for (const Line& line : lines_) {
            const std::string_view words = trimmed(line.text);
            if (open_.empty() && is_around(words)) continue;
            if (words.empty()) continue;
            if (done_)
                return wrong(line_words(line.number) + ": the print has ended, but here stands " + quoted(words) +
                             ": paste one model's print alone");
            if (std::optional<Diagnostic> reason = take(line, words)) return std::move(*reason);
        }
        if (!open_.empty())
            return wrong("the print ends inside " + path() + ", which begins at " + line_words(open_.back().line) +
                         ": paste it to its last parenthesis");
        if (!done_) return wrong("there is no module in the text");
        return std::move(root_);
    }

 private:
    using Wrong = std::optional<Diagnostic>;

    std::string path() const {
        std::string words;
        for (std::size_t i = 1; i < open_.size(); ++i) words += (words.empty() ? "" : ".") + open_[i].name;
        return words.empty() ? open_.front().class_name : words;
    }

    Wrong take(const Line& line, std::string_view words) {
        if (words == ")") return close(line);
        Module module;
        module.line = line.number;
        copies_ = 1;
        if (!open_.empty()) {
            const std::size_t end = words.find("): ");
            if (words.front() != '(' || end == std::string_view::npos) return add_arguments(line, words);
            module.name = words.substr(1, end - 1);
            words = trimmed(words.substr(end + 3));
            if (Wrong reason = repeated(line, words, module.name)) return reason;
        } else {
            words = without_prompt(words);
        }
        if (words == "None") return std::nullopt;  // a child that was set to None
        if (words.starts_with("Parameter containing:"))
            return wrong(line_words(line.number) + ": the list " + path() +
                         " holds parameters, which no row of a document can own: leave these lines out and list "
                         "them under parameters");
        const std::size_t length = class_length(words);
        if (length == 0 || length >= words.size() || words[length] != '(')
            return wrong(line_words(line.number) + ": a class and its parentheses are wanted, but here stands " +
                         quoted(words));
        module.class_name = words.substr(0, length);
        if (length + 1 == words.size()) {
            if (open_.size() >= kDeepestModule)
                return wrong(line_words(line.number) + ": the modules are nested more than " +
                             plain(static_cast<std::int64_t>(kDeepestModule)) + " deep");
            open_.push_back(std::move(module));
            names_.emplace_back();
            copies_of_.push_back(copies_);
            return std::nullopt;
        }
        const std::size_t end = closing(words, length);
        if (end + 1 != words.size())
            return wrong(line_words(line.number) + ": the parenthesis after " + module.class_name + " does not close" +
                         (end == std::string_view::npos ? "" : " at the end of the line") + ": paste whole lines");
        module.arguments = arguments_of(words.substr(length + 1, end - length - 1));
        return add(std::move(module), copies_);
    }

    /// "12 x Layer(" after "(0-11): ".
    Wrong repeated(const Line& line, std::string_view& words, std::string& name) {
        const std::size_t x = words.find(" x ");
        const std::size_t dash = name.find('-');
        if (x == std::string_view::npos || dash == std::string::npos) return std::nullopt;
        const std::optional<std::int64_t> count = integer_of(words.substr(0, x));
        const std::optional<std::int64_t> first = integer_of(std::string_view(name).substr(0, dash));
        const std::optional<std::int64_t> last = integer_of(std::string_view(name).substr(dash + 1));
        if (!count || !first || !last) return std::nullopt;
        if (*count < 1 || *last - *first + 1 != *count || *count > static_cast<std::int64_t>(kMostRows))
            return wrong(line_words(line.number) + ": " + name + " does not number " + plain(*count) + " modules");
        copies_ = *count;
        name = plain(*first);
        words = trimmed(words.substr(x + 3));
        return std::nullopt;
    }

    Wrong add_arguments(const Line& line, std::string_view words) {
        if (words.front() == ')')
            return wrong(line_words(line.number) + ": after the parenthesis stands " + quoted(words.substr(1)));
        for (Argument& argument : arguments_of(words)) open_.back().arguments.push_back(std::move(argument));
        return std::nullopt;
    }

    Wrong close(const Line& line) {
        if (open_.empty()) return wrong(line_words(line.number) + ": a parenthesis closes that none opened");
        Module module = std::move(open_.back());
        const std::int64_t copies = copies_of_.back();
        open_.pop_back();
        names_.pop_back();
        copies_of_.pop_back();
        return add(std::move(module), copies);
    }

    Wrong add(Module module, std::int64_t copies) {
        if (open_.empty()) {
            root_ = std::move(module);
            done_ = true;
            return std::nullopt;
        }
        std::vector<Module>& siblings = open_.back().children;
        if (!names_.back().insert(module.name).second)
            return wrong(line_words(module.line) + ": " + path() + " has two children called " + module.name);
        modules_ += copies * static_cast<std::int64_t>(copies > 1 ? count_of(module) : 1);
        if (modules_ > static_cast<std::int64_t>(kMostRows)) {
            Diagnostic reason = wrong("the print has more than " + plain(static_cast<std::int64_t>(kMostRows)) +
                                      " modules, the most that a document can have");
            reason.code = "too-many-rows";
            return reason;
        }
        const std::int64_t first = copies > 1 ? integer_of(module.name).value_or(0) : 0;
        for (std::int64_t i = 1; i < copies; ++i) {
            siblings.push_back(module);
            siblings.back().name = plain(first + i - 1);
        }
        if (copies > 1) module.name = plain(first + copies - 1);
        siblings.push_back(std::move(module));
        return std::nullopt;
    }

    std::vector<Line> lines_;
    std::vector<Module> open_;
    std::vector<std::unordered_set<std::string>> names_;  // of the children of each open one
    std::vector<std::int64_t> copies_of_;                 // of each open one
    std::int64_t copies_ = 1;                             // of the one being read
    std::int64_t modules_ = 0;
    Module root_;
    bool done_ = false;
};

}  // namespace

bool begins_repr(std::string_view line) {
    line = without_prompt(trimmed(line));
    const std::size_t length = class_length(line);
    return length > 0 && length < line.size() && line[length] == '(';
}

Result<Module> read_repr(std::string_view text) { return Reader(text).read(); }

}  // namespace footprint::prints
