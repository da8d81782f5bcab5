// The native half of the comparison with the WebAssembly module: answers calls from standard input, one a line.
//
//     describe
//     estimate<TAB>REQUEST
//     step<TAB>REQUEST
//     explain<TAB>PATH<TAB>REQUEST
//     import<TAB>FILE<TAB>ANSWERS           of the text in that file
#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "footprint.hpp"

namespace {

/// Takes the text up to the next tab off the front.
std::string_view next_field(std::string_view& line) {
    const std::size_t tab = line.find('\t');
    const std::string_view field = line.substr(0, tab);
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
    return field;
}

std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        std::string_view rest = line;
        const std::string_view call = next_field(rest);
        if (call == "describe") {
            std::cout << footprint::describe() << '\n';
        } else if (call == "estimate") {
            std::cout << footprint::estimate(rest) << '\n';
        } else if (call == "step") {
            std::cout << footprint::step(rest) << '\n';
        } else if (call == "explain") {
            const std::string_view path = next_field(rest);
            std::cout << footprint::explain(rest, path) << '\n';
        } else if (call == "import") {
            const std::string file(next_field(rest));
            std::cout << footprint::import(text_of(file), rest) << '\n';
        } else {
            std::cerr << "no such call: " << call << '\n';
            return 1;
        }
    }
    return 0;
}
