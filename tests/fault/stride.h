// How many of the operations fail in turn: SUPPRESSD_FAULT_STRIDE (1: all of them), or SUPPRESSD_FAULT_AT
// alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "faults.h"

namespace suppressd::fault {

inline std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::stoull(text) : otherwise;
}

/// There are many more allocations than operations of the disk. `times`: how many times smaller the stride
/// is, for a short program.
inline std::uint64_t stride(Kind kind, std::uint64_t times = 1) {
  const std::uint64_t usual = kind == Kind::memory ? 149 : 7;
  return number_from("SUPPRESSD_FAULT_STRIDE", std::max<std::uint64_t>(1, usual / times));
}
inline bool only_one_operation() {
  return std::getenv("SUPPRESSD_FAULT_AT") != nullptr;
}
inline std::uint64_t first_operation() {
  return number_from("SUPPRESSD_FAULT_AT", 1);
}

}  // namespace suppressd::fault
