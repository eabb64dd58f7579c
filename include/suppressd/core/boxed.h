// A value that is missing more often than not, kept outside of its owner.
//
// Like std::optional, but takes one pointer while it is missing. Copies are deep. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace suppressd {

template <typename Value>
class Boxed {
 public:
  Boxed() = default;
  Boxed(Value value) : box_(std::make_unique<Value>(std::move(value))) {}
  Boxed(std::nullopt_t) {}
  Boxed(const Boxed& other) : box_(other.box_ ? std::make_unique<Value>(*other.box_) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) {
    if (this != &other) box_ = other.box_ ? std::make_unique<Value>(*other.box_) : nullptr;
    return *this;
  }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  bool has_value() const { return box_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  Value& operator*() { return *box_; }
  const Value& operator*() const { return *box_; }
  Value* operator->() { return box_.get(); }
  const Value* operator->() const { return box_.get(); }
  void reset() { box_.reset(); }

 private:
  std::unique_ptr<Value> box_;
};

}  // namespace suppressd
