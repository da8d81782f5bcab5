// Sizes: a tensor's sizes or strides. As PyTorch's DimVector they lie in the object itself while there are few, so that
// a tensor costs no allocation for them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace footprint::aten {

class Sizes {
 public:
    using value_type = std::int64_t;
    using iterator = std::int64_t*;
    using const_iterator = const std::int64_t*;

    Sizes() = default;
    Sizes(std::initializer_list<std::int64_t> values) : Sizes(values.begin(), values.end()) {}
    explicit Sizes(std::size_t count, std::int64_t value = 0) {
        grow(count);
        std::fill(begin(), end(), value);
    }
    template <std::forward_iterator It>
    Sizes(It first, It last) {
        grow(static_cast<std::size_t>(std::distance(first, last)));
        std::copy(first, last, begin());
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] iterator begin() { return size_ <= kFew ? few_.data() : many_.data(); }
    [[nodiscard]] iterator end() { return begin() + size_; }
    [[nodiscard]] const_iterator begin() const { return size_ <= kFew ? few_.data() : many_.data(); }
    [[nodiscard]] const_iterator end() const { return begin() + size_; }
    std::int64_t& operator[](std::size_t i) { return begin()[i]; }
    const std::int64_t& operator[](std::size_t i) const { return begin()[i]; }
    [[nodiscard]] std::int64_t& back() { return begin()[size_ - 1]; }
    [[nodiscard]] const std::int64_t& back() const { return begin()[size_ - 1]; }

    void push_back(std::int64_t value) {
        grow(size_ + 1);
        back() = value;
    }
    void insert(const_iterator before, std::int64_t value) {
        const auto at = before - begin();
        push_back(value);
        std::rotate(begin() + at, end() - 1, end());
    }
    void erase(const_iterator at) {
        std::copy(at + 1, const_iterator(end()), begin() + (at - begin()));
        if (size_ == kFew + 1) std::copy(many_.begin(), many_.begin() + kFew, few_.begin());
        --size_;
        if (size_ > kFew) many_.pop_back();
    }

    friend bool operator==(const Sizes& a, const Sizes& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

 private:
    static constexpr std::size_t kFew = 6;

    /// To so many, those beyond the present ones with any value.
    void grow(std::size_t count) {
        if (count > kFew) {
            if (size_ <= kFew) many_.assign(few_.begin(), few_.begin() + size_);
            many_.resize(count);
        }
        size_ = count;
    }

    std::size_t size_ = 0;
    std::array<std::int64_t, kFew> few_{};
    std::vector<std::int64_t> many_;  // all of them, where there are more
};

}  // namespace footprint::aten
