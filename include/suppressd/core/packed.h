// Values behind each other in a string, each as short as it is: for what is held by the hundred thousand.
//
// Numbers take seven bits to a byte (LEB128, signed ones in zigzag order), a text its size and its bytes,
// what is missing one byte. For memory only: what was packed is unpacked by the same program, field by field
// in the same order. A text that is unpacked as a view lies in the packed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "suppressd/base/time.h"

namespace suppressd {

/// Appends to a string.
class Packer {
 public:
  explicit Packer(std::string& bytes) : bytes_(bytes) {}

  template <typename... Fields>
  void operator()(const Fields&... fields) {
    (write(fields), ...);
  }

 private:
  void write_number(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_.push_back(static_cast<char>(number | 0x80));
    bytes_.push_back(static_cast<char>(number));
  }
  template <typename Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void write(Number value) {
    const auto number = static_cast<std::int64_t>(value);
    write_number(static_cast<std::uint64_t>(number) << 1 ^ (number < 0 ? ~std::uint64_t{0} : 0));
  }
  void write(Time at) { write(to_unix(at)); }
  void write(Duration span) { write(static_cast<std::int64_t>(span.count())); }
  void write(std::string_view text) {
    write_number(text.size());
    bytes_.append(text);
  }
  template <typename Value>
  void write(const std::optional<Value>& value) {
    write(value.has_value());
    if (value) write(*value);
  }

  std::string& bytes_;
};

/// Reads what a Packer has written.
class Unpacker {
 public:
  explicit Unpacker(const char* bytes) : place_(bytes) {}

  template <typename... Fields>
  void operator()(Fields&... fields) {
    (read(fields), ...);
  }

 private:
  std::uint64_t read_number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto digit = static_cast<unsigned char>(*place_++);
      number |= static_cast<std::uint64_t>(digit & 0x7F) << shift;
      if (digit < 0x80) return number;
    }
  }
  template <typename Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void read(Number& value) {
    const std::uint64_t number = read_number();
    value = static_cast<Number>(static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1)));
  }
  void read(Time& at) {
    std::int64_t seconds = 0;
    read(seconds);
    at = from_unix(seconds);
  }
  void read(Duration& span) {
    std::int64_t seconds = 0;
    read(seconds);
    span = Duration(seconds);
  }
  void read(std::string_view& text) {
    const auto size = static_cast<std::size_t>(read_number());
    text = {place_, size};
    place_ += size;
  }
  void read(std::string& text) {
    std::string_view bytes;
    read(bytes);
    text = bytes;
  }
  template <typename Value>
  void read(std::optional<Value>& value) {
    bool there = false;
    read(there);
    if (there)
      read(value.emplace());
    else
      value.reset();
  }

  const char* place_;
};

}  // namespace suppressd
