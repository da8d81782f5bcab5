// A table for people: columns as wide as their longest cell, numbers to the right.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace footprint::cli {

enum class Align { left, right };

/// A document's text for a terminal: control characters, which could move its cursor or colour it, become U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

class Table {
 public:
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void add(const std::vector<std::string>& cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    void print(std::ostream& out) const;

 private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace footprint::cli
