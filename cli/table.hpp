// A table for people: columns as wide as their longest cell, numbers to the right.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace footprint::cli {

enum class Align { left, right };

class Table {
 public:
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    void print(std::ostream& out) const;

 private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace footprint::cli
