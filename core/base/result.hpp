// Result<T>: a value or the reason there is none. The core throws nothing.
#pragma once

#include <utility>
#include <variant>

#include "base/diagnostic.hpp"

namespace footprint {

template <class T>
class [[nodiscard]] Result {
 public:
    Result(T value) : state_(std::move(value)) {}             // implicit, so a function can `return value;`
    Result(Diagnostic reason) : state_(std::move(reason)) {}  // implicit, so a function can `return reason;`

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// The value. Only when ok().
    [[nodiscard]] const T& value() const& { return *std::get_if<0>(&state_); }
    [[nodiscard]] T&& value() && { return std::move(*std::get_if<0>(&state_)); }
    /// Why there is none. Only when not ok().
    [[nodiscard]] const Diagnostic& reason() const { return *std::get_if<1>(&state_); }

 private:
    std::variant<T, Diagnostic> state_;
};

}  // namespace footprint
