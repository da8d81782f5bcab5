// SmallVector: a list that lies in the object itself while it is short, as LLVM's and PyTorch's (c10::SmallVector), so
// that the sizes of a tensor cost no allocation.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace footprint {

/// Of plain values; up to `kFew` lie in the object, more of them in memory of their own. The interface is
/// std::vector's.
template <class T, std::size_t kFew>
class SmallVector {
    static_assert(std::is_trivially_copyable_v<T>);

 public:
    using value_type = T;
    using size_type = std::size_t;
    using reference = T&;
    using const_reference = const T&;
    using difference_type = std::ptrdiff_t;
    using iterator = T*;
    using const_iterator = const T*;
    using reverse_iterator = std::reverse_iterator<iterator>;
    using const_reverse_iterator = std::reverse_iterator<const_iterator>;

    SmallVector() = default;
    SmallVector(std::initializer_list<T> values) : SmallVector(values.begin(), values.end()) {}
    explicit SmallVector(std::size_t count, T value = T()) { resize(count, value); }
    template <std::forward_iterator It>
    SmallVector(It first, It last) {
        assign(first, last);
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T* data() { return size_ <= kFew ? few_.data() : many_.data(); }
    [[nodiscard]] const T* data() const { return size_ <= kFew ? few_.data() : many_.data(); }
    [[nodiscard]] iterator begin() { return data(); }
    [[nodiscard]] iterator end() { return data() + size_; }
    [[nodiscard]] const_iterator begin() const { return data(); }
    [[nodiscard]] const_iterator end() const { return data() + size_; }
    [[nodiscard]] reverse_iterator rbegin() { return reverse_iterator(end()); }
    [[nodiscard]] reverse_iterator rend() { return reverse_iterator(begin()); }
    [[nodiscard]] const_reverse_iterator rbegin() const { return const_reverse_iterator(end()); }
    [[nodiscard]] const_reverse_iterator rend() const { return const_reverse_iterator(begin()); }
    [[nodiscard]] T& operator[](std::size_t i) { return data()[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const { return data()[i]; }
    [[nodiscard]] T& front() { return *begin(); }
    [[nodiscard]] const T& front() const { return *begin(); }
    [[nodiscard]] T& back() { return data()[size_ - 1]; }
    [[nodiscard]] const T& back() const { return data()[size_ - 1]; }

    template <std::forward_iterator It>
    void assign(It first, It last) {
        set_size(static_cast<std::size_t>(std::distance(first, last)));
        std::copy(first, last, begin());
    }
    void assign(std::size_t count, T value) {
        set_size(count);
        std::fill(begin(), end(), value);
    }
    void clear() { set_size(0); }
    void resize(std::size_t count, T value = T()) {
        const std::size_t before = size_;
        set_size(count);
        if (count > before) std::fill(begin() + before, end(), value);
    }
    void push_back(T value) {
        set_size(size_ + 1);
        back() = value;
    }
    template <class... Parts>
    T& emplace_back(Parts&&... parts) {
        push_back(T{std::forward<Parts>(parts)...});
        return back();
    }
    void pop_back() { set_size(size_ - 1); }
    iterator insert(const_iterator before, T value) {
        const auto at = before - begin();
        push_back(value);
        std::rotate(begin() + at, end() - 1, end());
        return begin() + at;
    }
    iterator insert(const_iterator before, std::size_t count, T value) {
        const auto at = before - begin();
        resize(size_ + count, value);
        std::rotate(begin() + at, end() - count, end());
        return begin() + at;
    }
    template <std::forward_iterator It>
    iterator insert(const_iterator before, It first, It last) {
        const auto at = before - begin();
        const std::size_t old = size_;
        set_size(old + static_cast<std::size_t>(std::distance(first, last)));
        std::copy(first, last, begin() + old);
        std::rotate(begin() + at, begin() + old, end());
        return begin() + at;
    }
    iterator erase(const_iterator at) { return erase(at, at + 1); }
    iterator erase(const_iterator first, const_iterator last) {
        const auto at = first - begin();
        std::copy(last, const_iterator(end()), begin() + at);
        set_size(size_ - static_cast<std::size_t>(last - first));
        return begin() + at;
    }

    friend bool operator==(const SmallVector& a, const SmallVector& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

 private:
    /// Keeps the values that stay; those beyond them may be anything.
    void set_size(std::size_t count) {
        if (count > kFew) {
            if (size_ <= kFew) many_.assign(few_.begin(), few_.begin() + size_);
            many_.resize(count);
        } else if (size_ > kFew) {
            std::copy(many_.begin(), many_.begin() + static_cast<std::ptrdiff_t>(count), few_.begin());
        }
        size_ = count;
    }

    std::size_t size_ = 0;
    std::array<T, kFew> few_{};
    std::vector<T> many_;  // all of them, where there are more than few
};

}  // namespace footprint
