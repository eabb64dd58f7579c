// The addresses of the benchmarks' lists, so that who fills a list and who asks about it mean the same ones.
//
// entry(i) < entry(i + 1) bytewise, for i below ten thousand million: a list can be filled in the order of
// its key. absent(i) stands beside entry(i) in that order, and on no list.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace bench {

inline std::string address(std::uint64_t number, const char* suffix) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "user%010llu%s@d%03llu.example",
                                   static_cast<unsigned long long>(number), suffix,
                                   static_cast<unsigned long long>(number % 1000));
  return {text, static_cast<std::size_t>(length)};
}

inline std::string entry(std::uint64_t number) {
  return address(number, "");
}

inline std::string absent(std::uint64_t number) {
  return address(number, "x");
}

}  // namespace bench
