#include <iostream>

#include "application.hpp"

int main(int count, char** values) {
    return footprint::cli::run({values + 1, values + count}, std::cin, std::cout, std::cerr);
}
