// Ref: a counted reference to an object that counts its references itself. When the last goes, the object goes: that
// moment is an event of the program being recorded, so it must be exact, as in PyTorch's intrusive_ptr.
#pragma once

#include <cstdint>
#include <utility>

namespace footprint::aten {

struct Counted {
    std::int32_t references = 0;
};

template <class T>
class Ref {
 public:
    Ref() = default;
    explicit Ref(T* object) : object_(object) { hold(); }
    Ref(const Ref& other) : object_(other.object_) { hold(); }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() {
        if (object_ != nullptr) release(object_);
    }

    [[nodiscard]] T* get() const { return object_; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }
    explicit operator bool() const { return object_ != nullptr; }

 private:
    // Not inline: it is called at every brace, and GCC 12 takes what it inlines for a use after the delete.
    [[gnu::noinline]] static void release(T* object) {
        if (--object->references == 0) delete object;
    }
    void hold() {
        if (object_ != nullptr) ++object_->references;
    }

    T* object_ = nullptr;
};

}  // namespace footprint::aten
