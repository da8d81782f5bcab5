#include "prints/tables.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/number.hpp"
#include "model/model.hpp"
#include "prints/text.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kDeepestLevel = 128;

Diagnostic wrong(std::size_t line, const std::string& why) {
    Diagnostic diagnostic;
    diagnostic.code = "wrong-format";
    diagnostic.message = (line > 0 ? line_words(line) + ": " : "") + why;
    return diagnostic;
}

Diagnostic cut(const std::vector<Line>& lines, std::string_view what) {
    return wrong(0, "the print ends at " + line_words(lines.empty() ? 0 : lines.back().number) + ", before its " +
                        std::string(what) + ": paste it to its last line");
}

bool is_rule(std::string_view text) {
    return text.size() >= 10 && (text.find_first_not_of('-') == std::string_view::npos ||
                                 text.find_first_not_of('=') == std::string_view::npos);
}

/// A token from the front: a bracketed one whole, else up to a blank.
std::string_view token(std::string_view& text) {
    text = trimmed(text);
    std::size_t end = 0;
    if (text.starts_with('[') || text.starts_with('('))
        end = std::min(closing(text, 0), text.size() - 1) + 1;
    else
        end = std::min(text.find(' '), text.size());
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(end);
    return found;
}

std::optional<Sizes> sizes_of(const Value& value) {
    if (value.list() == nullptr || value.list()->size() > kMostDimensions) return std::nullopt;
    Sizes sizes;
    for (const Value& item : *value.list()) {
        if (item.integer() == nullptr) return std::nullopt;
        sizes.push_back(*item.integer());
    }
    return sizes;
}

/// "[2, 64]" or "[[2, 64], [2, 8]]".
std::optional<std::vector<Sizes>> shapes_of(std::string_view text) {
    const Arguments read = arguments_of(text);
    if (read.size() != 1 || read.front().value.list() == nullptr) return std::nullopt;
    if (std::optional<Sizes> one = sizes_of(read.front().value)) return std::vector<Sizes>{std::move(*one)};
    std::vector<Sizes> shapes;
    for (const Value& item : *read.front().value.list()) {
        std::optional<Sizes> one = sizes_of(item);
        if (!one) return std::nullopt;
        shapes.push_back(std::move(*one));
    }
    return shapes;
}

std::optional<Total> total_of(const Line& line) {
    const std::string_view text = trimmed(line.text);
    const std::size_t colon = text.rfind(": ");
    if (colon == std::string_view::npos) return std::nullopt;
    return Total{line.number, std::string(text.substr(0, colon)), std::string(trimmed(text.substr(colon + 2)))};
}

bool has_total(const Table& table, std::string_view name) {
    return std::any_of(table.totals.begin(), table.totals.end(),
                       [&](const Total& total) { return total.name == name; });
}

/// Whether the last total is there, and after it a rule as long as the one under the header.
bool is_complete(const Table& table, const std::vector<Line>& lines) {
    if (!has_total(table, "Estimated Total Size (MB)") || lines.size() < 2) return false;
    return std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
        return line.number > table.totals.back().line && is_rule(trimmed(line.text)) &&
               trimmed(line.text).size() == trimmed(lines[1].text).size();
    });
}

/// The lines from the rule above the header on.
std::vector<Line> from_header(std::string_view text, std::string_view header) {
    std::vector<Line> lines = lines_of(text);
    const auto at = std::find_if(lines.begin(), lines.end(),
                                 [&](const Line& line) { return trimmed(line.text).starts_with(header); });
    lines.erase(lines.begin(), at);
    return lines;
}

bool has_header(std::string_view text, std::string_view begin, std::string_view more) {
    for (const Line& line : lines_of(text)) {
        const std::string_view words = trimmed(line.text);
        if (words.starts_with(begin) && words.find("Param #") != std::string_view::npos)
            return words.find(more) != std::string_view::npos;
    }
    return false;
}

constexpr std::string_view kSummaryHeader = "Layer (type)";
constexpr std::string_view kInfoHeader = "Layer (type";

// ── torchinfo
enum class Column : std::uint8_t { input, output, parameters, percent, kernel, mult_adds, trainable };
struct Title {
    std::string_view title;
    Column column;
};
constexpr Title kTitles[] = {{"Input Shape", Column::input},   {"Output Shape", Column::output},
                             {"Param #", Column::parameters},  {"Param %", Column::percent},
                             {"Kernel Shape", Column::kernel}, {"Mult-Adds", Column::mult_adds},
                             {"Trainable", Column::trainable}};

/// The columns in the order of the header.
std::vector<Column> columns_of(std::string_view header) {
    std::vector<std::pair<std::size_t, Column>> found;
    for (const Title& title : kTitles)
        if (const std::size_t at = header.find(title.title); at != std::string_view::npos)
            found.emplace_back(at, title.column);
    std::sort(found.begin(), found.end());
    std::vector<Column> columns;
    columns.reserve(found.size());
    for (const auto& one : found) columns.push_back(one.second);
    return columns;
}

/// Takes the branches in front of a row and says how deep it is.
std::size_t take_branches(std::string_view& text) {
    std::size_t depth = 0;
    constexpr std::string_view kStem = "│", kFork = "├", kEnd = "└", kDash = "─";
    for (bool more = true; more;) {
        more = true;
        if (text.starts_with(kStem) || text.starts_with(kFork) || text.starts_with(kEnd)) {
            ++depth;
            text.remove_prefix(kStem.size());
        } else if (text.starts_with(kDash)) {
            text.remove_prefix(kDash.size());
        } else if (text.starts_with(' ')) {
            text.remove_prefix(1);
        } else {
            more = false;
        }
    }
    return depth;
}

/// Reads a torchinfo row into a module. An error is a sentence.
std::optional<Diagnostic> read_row(const Line& line, const std::vector<Column>& columns, Module& module,
                                   std::size_t& depth, std::int64_t& index) {
    std::string_view text = line.text;
    const std::size_t branches = take_branches(text);
    depth = branches;
    index = 0;
    module.line = line.number;
    std::string_view word = token(text);
    if (word.ends_with(':')) word.remove_suffix(1);
    module.class_name = word;
    bool has_index = line.text.find(std::string(word) + ": ") != std::string_view::npos;
    text = trimmed(text);
    if (text.starts_with('(') && !text.starts_with("(recursive)")) {
        std::string_view name = token(text);
        has_index = text.starts_with(':') || name.ends_with(':');
        if (text.starts_with(':')) text.remove_prefix(1);
        if (name.size() > 2) module.name = name.substr(1, name.size() - 2);
    }
    module.label = module.class_name;
    if (has_index && branches > 0) {
        const std::string_view place = token(text);
        const std::size_t dash = place.find('-');
        const std::optional<std::int64_t> level = integer_of(place.substr(0, dash));
        const std::optional<std::int64_t> number =
            dash == std::string_view::npos ? std::nullopt : integer_of(place.substr(dash + 1));
        if (!level || !number || *level < 1 || *level > static_cast<std::int64_t>(kDeepestLevel))
            return wrong(line.number, "after " + module.class_name +
                                          " its depth and number are wanted, as 1-2, but here stands " + quoted(place));
        depth = static_cast<std::size_t>(*level);
        index = *number;
        module.label += ": " + std::string(place);
    }
    for (const Column column : columns) {
        const std::string_view cell = token(text);
        if (cell.empty())
            return wrong(line.number, "the row" + (module.label.empty() ? "" : " of " + module.label) +
                                          " ends before its last column: paste whole lines");
        if (cell == "--") continue;
        const auto unread = [&](std::string_view what) {
            return wrong(line.number, quoted(cell) + " is no " + std::string(what) + " of " + module.label);
        };
        if (column == Column::input || column == Column::output) {
            const std::optional<std::vector<Sizes>> shapes = shapes_of(cell);
            if (!shapes) return unread("shape");
            if (column == Column::output)
                module.outputs = *shapes;
            else if (!shapes->empty())
                module.input = shapes->front();
        } else if (column == Column::parameters) {
            module.is_repeated = cell == "(recursive)";
            std::string_view digits = cell;
            if (digits.starts_with('(') && digits.ends_with(')'))
                digits = digits.substr(1, digits.size() - 2);  // frozen
            module.parameters = integer_of(digits);
            if (!module.parameters && !module.is_repeated) return unread("number of parameters");
        } else if (column == Column::kernel) {
            const Arguments kernel = arguments_of(cell);
            if (kernel.size() != 1) return unread("kernel");
            if (const std::int64_t* one = kernel.front().value.integer())
                module.kernel = {*one};
            else if (const std::optional<Sizes> sizes = sizes_of(kernel.front().value))
                module.kernel = *sizes;
            else
                return unread("kernel");
        }
    }
    if (!trimmed(text).empty())
        return wrong(line.number, "after the row of " + module.label + " stands " + quoted(trimmed(text)));
    return std::nullopt;
}

/// Names children that have none by their place, and marks what has no children at the deepest level.
void name_children(Module& module, std::size_t depth, std::size_t deepest) {
    module.is_closed = module.children.empty() && depth == deepest;
    std::unordered_set<std::string> taken;
    for (std::size_t i = 0; i < module.children.size(); ++i) {
        Module& child = module.children[i];
        const std::string place = plain(static_cast<std::int64_t>(i));
        if (child.name.empty() || child.name.find('.') != std::string::npos || !taken.insert(child.name).second)
            child.name = place;
        name_children(child, depth + 1, deepest);
    }
}

}  // namespace

bool is_torchsummary(std::string_view text) {
    return has_header(text, kSummaryHeader, "Output Shape") && !is_torchinfo(text);
}

bool is_torchinfo(std::string_view text) {
    for (const Line& line : lines_of(text)) {
        const std::string_view words = trimmed(line.text);
        if (!words.starts_with(kInfoHeader)) continue;
        if (words.starts_with("Layer (type:depth-idx)") || words.starts_with("Layer (type (var_name)")) return true;
    }
    return false;
}

Result<Table> read_torchsummary(std::string_view text) {
    const std::vector<Line> lines = from_header(text, kSummaryHeader);
    Table table;
    table.root.class_name = "Sequential";  // rows on rows: the print shows no container around them
    std::size_t rules = 0;
    bool has_batch = false;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const Line& line = lines[i];
        std::string_view words = trimmed(line.text);
        if (words.empty() || words.starts_with("```")) continue;
        if (is_rule(words)) {
            ++rules;
            continue;
        }
        if (has_total(table, "Estimated Total Size (MB)")) {
            if (words.starts_with(">>>")) continue;
            return wrong(line.number,
                         "the print has ended, but here stands " + quoted(words) + ": paste one print alone");
        }
        if (rules >= 2) {
            std::optional<Total> total = total_of(line);
            if (!total || (!decimal_of(total->value) && !integer_of(total->value)))
                return wrong(line.number, "a total is wanted, but here stands " + quoted(words));
            table.totals.push_back(std::move(*total));
            continue;
        }
        Module module;
        module.line = line.number;
        module.label = token(words);
        const std::size_t dash = module.label.rfind('-');
        const std::optional<std::int64_t> number =
            dash == std::string::npos ? std::nullopt : integer_of(std::string_view(module.label).substr(dash + 1));
        if (!number || dash == 0)
            return wrong(line.number,
                         "a layer and its number are wanted, as Conv2d-1, but here stands " + quoted(module.label));
        const std::int64_t wanted = static_cast<std::int64_t>(table.root.children.size()) + 1;
        if (*number != wanted)
            return wrong(line.number, "row " + plain(wanted) + " is missing: after it stands " + module.label +
                                          ": paste the whole print");
        module.class_name = module.label.substr(0, dash);
        module.name = module.label;
        const std::string_view shape = token(words);
        const std::optional<std::vector<Sizes>> shapes = shapes_of(shape);
        if (!shapes) return wrong(line.number, quoted(shape) + " is no output shape of " + module.label);
        module.outputs = *shapes;
        const std::string_view count = token(words);
        module.parameters = integer_of(count);
        if (!module.parameters || *module.parameters < 0 || !trimmed(words).empty())
            return wrong(line.number, "a number of parameters of " + module.label + " is wanted, but here stands " +
                                          quoted(std::string(count) + std::string(words)));
        if (!has_batch && module.outputs.size() == 1 && !module.outputs.front().empty()) {
            table.batch = module.outputs.front().front();
            has_batch = true;
        }
        if (table.root.children.size() >= kMostRows)
            return wrong(line.number, "the print has more rows than a document can have");
        table.root.children.push_back(std::move(module));
    }
    if (!is_complete(table, lines)) return cut(lines, rules < 2 ? "totals" : "last line");
    if (table.root.children.empty()) return wrong(0, "the print has no rows");
    return table;
}

Result<Table> read_torchinfo(std::string_view text) {
    const std::vector<Line> lines = from_header(text, kInfoHeader);
    Table table;
    const std::vector<Column> columns = columns_of(lines.front().text);
    table.has_inputs = std::find(columns.begin(), columns.end(), Column::input) != columns.end();
    table.has_kernels = std::find(columns.begin(), columns.end(), Column::kernel) != columns.end();
    std::vector<Module> open;  // the path to the row being read
    std::map<std::size_t, std::int64_t> numbers;
    std::size_t rules = 0, deepest = 0, rows = 0;
    bool is_numbered = true;
    const auto close_to = [&](std::size_t depth) {
        while (open.size() > depth) {
            Module done = std::move(open.back());
            open.pop_back();
            open.back().children.push_back(std::move(done));
        }
    };
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const Line& line = lines[i];
        const std::string_view words = trimmed(line.text);
        if (words.empty() || words.starts_with("```")) continue;
        if (is_rule(words)) {
            ++rules;
            continue;
        }
        if (has_total(table, "Estimated Total Size (MB)")) {
            if (words.starts_with(">>>")) continue;
            return wrong(line.number,
                         "the print has ended, but here stands " + quoted(words) + ": paste one print alone");
        }
        if (rules >= 2) {
            std::optional<Total> total = total_of(line);
            if (!total || (!decimal_of(total->value) && !integer_of(total->value)))
                return wrong(line.number, "a total is wanted, but here stands " + quoted(words));
            table.totals.push_back(std::move(*total));
            continue;
        }
        Module module;
        std::size_t depth = 0;
        std::int64_t number = 0;
        if (std::optional<Diagnostic> reason = read_row(line, columns, module, depth, number))
            return std::move(*reason);
        if (depth > open.size() || depth > kDeepestLevel || (depth == 0 && !open.empty()))
            return wrong(line.number, "the row that holds " + module.label + " is missing: paste the whole print");
        if (++rows > kMostRows) return wrong(line.number, "the print has more rows than a document can have");
        if (depth > 0) {
            is_numbered = is_numbered && number > 0;
            const std::int64_t wanted = ++numbers[depth];
            if (is_numbered && number != wanted)
                return wrong(line.number, "row " + plain(static_cast<std::int64_t>(depth)) + "-" + plain(wanted) +
                                              " is missing before " + module.label + ": paste the whole print");
            close_to(depth);
        }
        deepest = std::max(deepest, depth);
        open.push_back(std::move(module));
    }
    if (!is_complete(table, lines)) return cut(lines, rules < 2 ? "totals" : "last line");
    if (open.empty()) return wrong(0, "the print has no rows");
    close_to(1);
    table.root = std::move(open.front());
    name_children(table.root, 0, deepest);
    if (table.root.input && !table.root.input->empty())
        table.batch = table.root.input->front();
    else if (!table.root.outputs.empty() && !table.root.outputs.front().empty())
        table.batch = table.root.outputs.front().front();
    return table;
}

}  // namespace footprint::prints
